"""No template sends a query: what a page shows is loaded before it is drawn.

Every page that a link or the URL configuration leads to is drawn with the database's door watched.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.template import Context, Template
from django.template.base import Node
from django.test import Client
from django.utils.functional import SimpleLazyObject

from activity.feed.read_marker import has_unread
from fluxboard.accounts.models import User
from tests.cast import person
from tests.contracts.crawl import Reached, addresses, crawl
from tests.contracts.world import World, made


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setattr(settings, "VAR_DIR", tmp_path_factory.mktemp("var"))
        patch.setattr("fluxboard.features.uploads.jobs.begin_job", lambda *args: None)
        with transaction.atomic():
            yield made()
            transaction.set_rollback(True)


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """Within it, what templates ask: `template: tag`, and the statement's beginning."""
    asked: set[str] = set()
    draw, depth = Template.render, 0

    def told(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if depth:
            asked.add(f"{_place()}  {' '.join(str(sql).split())[:90]}")
        return execute(sql, params, many, context)

    def render(template: Template, context: Any) -> Any:
        nonlocal depth
        depth += 1
        try:
            return draw(template, context)
        finally:
            depth -= 1

    monkeypatch.setattr(Template, "render", render)
    with connection.execute_wrapper(told):
        yield asked


def _place() -> str:
    """The innermost tag that is being drawn."""
    frame = sys._getframe()
    while frame is not None:
        node = frame.f_locals.get("self")
        if issubclass(type(node), Node) and getattr(node, "token", None) is not None:  # not of a lazy one
            origin = getattr(node.origin, "template_name", "?")
            return f"{origin}:{node.token.lineno} {node.token.contents[:60]}"
        frame = frame.f_back
    return "?"


def signed_in(who: Any, **headers: str) -> Client:
    client = Client(headers=headers)
    client.force_login(who)
    return client


@pytest.mark.django_db
def test_the_watch_sees_a_lazy_list_and_a_prepared_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    ana = person("ana")
    shown = {"people": User.objects.all(), "unread": SimpleLazyObject(lambda: has_unread(ana, [1]))}
    with watched(monkeypatch) as asked:
        Template("{% for one in people %}{{ one }}{% endfor %}").render(Context(shown))
        Template("{% if unread %}new{% endif %}").render(Context(shown))
        list(User.objects.all())
    assert len(asked) == 2


@pytest.mark.parametrize("who", ["ana", "kenji", "priya"])
def test_no_page_asks_while_it_is_drawn(world: World, monkeypatch: pytest.MonkeyPatch, who: str) -> None:
    with transaction.atomic():
        client = signed_in(User.objects.get(handle=who))
        if who == "ana":
            assert client.post("/accounts/reauthenticate/", {"password": "ana"}).status_code == 302
            trello = Path(__file__).parent.parent / "data" / "trello" / "bakery.json"
            upload = SimpleUploadedFile("b.json", trello.read_bytes())
            assert client.post("/import/", {"file": upload}).status_code == 303
        first = ["/", *world.pages, *dict.fromkeys(path for path, _ in addresses(world.values))]
        with watched(monkeypatch) as asked:
            reached = crawl(client, first, Reached())
        transaction.set_rollback(True)
    assert len(reached.pages) > 50
    assert not asked, "\n".join(sorted(asked))


@pytest.mark.parametrize("header", ["HX-Request", "X-Flux-Panel"])
def test_nor_does_a_part(world: World, monkeypatch: pytest.MonkeyPatch, header: str) -> None:
    client = signed_in(world.ana, **{header: "true"})
    with watched(monkeypatch) as asked:
        for path in dict.fromkeys([*world.pages, *(path for path, _ in addresses(world.values))]):
            client.get(path)
    assert not asked, "\n".join(sorted(asked))


def test_nor_does_a_page_that_says_what_went_wrong(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(world.ana)
    with watched(monkeypatch) as asked:
        answers = [client.get("/nothing/"), client.post(f"/b/{world.board.key}/cards/new/", {"title": ""})]
    assert [answer.status_code for answer in answers] == [404, 422]
    assert not asked, "\n".join(sorted(asked))


def test_nor_does_one_of_a_guest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with watched(monkeypatch) as asked:
        crawl(Client(), world.doors, Reached())
    assert not asked, "\n".join(sorted(asked))
