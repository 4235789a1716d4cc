"""A form that another site sends, or that carries no token of ours, changes nothing: at any address."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLResolver, get_resolver, reverse

from tests.attacks.site import every_form, fill
from tests.attacks.test_methods import changes
from tests.contracts.test_addresses import (  # noqa: F401
    OF_PACKAGES,
    TABLE,
    names,
    nothing_in_the_background,
    people,
    things,
)

ELSEWHERE = "https://elsewhere.example"
# Taken without a token of ours, because a mail program sends it (RFC 8058); it checks a signature of its own.
EXEMPT = {"digest/off/<str:token>/"}


@pytest.fixture
def owner(ana: Any) -> Client:
    ana.is_staff = ana.is_superuser = True
    ana.save()
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana)
    return client


def posted() -> Iterator[str]:
    """The paths of TABLE that take a POST, the session's own end last."""
    yield from (row.path for row in TABLE.values() if row.post is not None)


def of_packages() -> Iterator[str]:
    for name in sorted(set(names())):
        if name.startswith(OF_PACKAGES):
            try:
                yield reverse(name)
            except NoReverseMatch:
                continue


def token_of(client: Client) -> str:
    return str(client.get("/me/").context["csrf_token"])


def forgeries(token: str) -> list[tuple[str, dict[str, Any], bool]]:
    """What is forged, the request's fields and headers, and whether it comes over HTTPS."""
    good = {"csrfmiddlewaretoken": token, "next": "/"}
    return [
        ("a token of nobody", {"data": good | {"csrfmiddlewaretoken": "a" * 64}}, False),
        ("another origin", {"data": good, "headers": {"Origin": ELSEWHERE}}, False),
        ("an origin that hides", {"data": good, "headers": {"Origin": "null"}}, False),
        ("a page elsewhere", {"data": good, "headers": {"Referer": f"{ELSEWHERE}/b/FLX/"}}, True),
        ("no page at all", {"data": good}, True),
    ]


def test_no_form_is_taken_that_another_site_could_send(things, owner):  # noqa: F811
    """Every address without a token; the other forgeries by turns, as one middleware looks at them all."""
    turns, wrong = itertools.cycle(forgeries(token_of(owner))), {}
    nothing = ("no token", {"data": {"next": "/"}}, False)
    for path in [*of_packages(), *(path.format(**things) for path in posted())]:
        for what, asked, secure in (nothing, next(turns)):
            with changes() as made:
                answer = owner.post(path, secure=secure, **asked)
            if answer.status_code not in {403, 405} or made:
                wrong[what, path] = answer.status_code, made[:1]
    assert not wrong, "\n".join(f"{where}: {what}" for where, what in wrong.items())


def test_the_same_form_with_its_token_is_taken(things, owner):  # noqa: F811
    """The counter-check: it is the token that was missing, nothing else."""
    said = {"csrfmiddlewaretoken": token_of(owner), "name": "Another name"}
    answer = owner.post("/b/FLX/do/renamed/", said, headers={"Origin": "http://testserver"})
    assert answer.status_code == 303
    assert owner.post("/b/FLX/do/renamed/", said | {"csrfmiddlewaretoken": ""}).status_code == 403


def test_a_refused_form_says_what_to_do(owner):
    answer = owner.post("/me/", {"name": "x"})
    assert answer.status_code == 403
    assert "data-stale-token" in answer.text


def test_every_form_of_every_page_carries_a_token_and_stays_here(board, ana, kenji):
    client = Client()
    client.force_login(ana)
    forms = every_form(client, fill(board, ana, kenji).pages)
    assert len(forms) > 60
    for form in forms:
        assert "csrfmiddlewaretoken" in form.names, (form.page, form.action)
        assert form.action.startswith("/") and not form.action.startswith("//"), (form.page, form.action)


def test_an_exempt_address_takes_nothing_without_its_signature(owner, ana):
    ana.refresh_from_db()
    for token in ("nonsense", f"{ana.pk}", f"{ana.pk}:abc", f"{ana.pk}:1abcde:{'a' * 43}"):
        with changes() as made:
            assert Client(enforce_csrf_checks=True).post(f"/digest/off/{token}/").status_code == 410
        assert not made


def test_no_other_view_is_exempt():
    def views(patterns: list[Any], before: str = "") -> Iterator[tuple[str, Any]]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from views(pattern.url_patterns, f"{before}{pattern.pattern}")
            else:
                yield f"{before}{pattern.pattern}", pattern.callback

    found = list(views(get_resolver().url_patterns))
    assert len(found) > 100
    assert {route for route, view in found if getattr(view, "csrf_exempt", False)} == EXEMPT
