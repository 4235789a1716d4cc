"""Somebody whom one shares no board with is, in every form and filter, as somebody who does not exist."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from boards import actions as act
from boards.models import Board, Role
from comments.questions import ask_question
from fluxboard.accounts.models import User
from tests.attacks.site import PostForm, every_form, fill
from tests.attacks.test_telling import plain
from tests.cast import person
from tests.contracts.test_addresses import nothing_in_the_background  # noqa: F401

# The fields by which a form names a person, by id.
NAMING = {"assignee", "person", "ask", "decided_by", "claims"}
# Adds whoever has this handle or proved address to one's board: to be found by that is what they are for.
BY_HANDLE = "/members/new/"
MISSING = 999_999


@pytest.fixture(params=["", "viewer", "member"])
def forms(request: Any, board: Board, ana: User, kenji: User) -> tuple[Client, list[PostForm]]:
    """Every form of a board's pages that names a person, for its owner: closed, and open to everyone."""
    site = fill(board, ana, kenji)
    question = ask_question(site.card, "Which one?", [ana], by=kenji)
    act.add_member(board, User.objects.create_user(name="Lena of an import"), Role.VIEWER, by=ana)
    if request.param:
        act.open_board(board, request.param, by=ana)
    client = Client()
    client.force_login(ana)
    pages = [*site.pages, f"/c/{site.card.key}/edit/join/", f"/b/{board.key}/invitations/new/"]
    found = [form for form in every_form(client, pages) if form.names & NAMING]
    hand_on = f"/c/{site.card.key}/comments/{question.pk}/do/handed-on/"
    if not any(form.action == hand_on for form in found):
        found.append(PostForm("question.handed_on", hand_on, [], [("ask", "")], pages[0]))
    return client, [form for form in found if not form.action.endswith(BY_HANDLE)]


def still(answer: Any) -> str:
    """A page without what the next minute changes."""
    return re.sub(r"\b\d{2}:\d{2}\b|\b\d+ (h|min)\b", "", plain(answer))


def answer_of(client: Client, form: PostForm, field: str, who: Any) -> tuple[int, str, list[str]]:
    typed = form.filled(**{field: str(who), "text": "Some words", "title": "Some words", "reason": "Why"})
    typed |= {"decisions": "One", "items": "", "email": "", "role": "viewer", "days": "7"}
    typed.pop("request_id", None)
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(form.action, typed, headers={"HX-Request": "true"})
    text = still(answer).replace(str(who), "WHO")
    queries = [re.sub(r"_django_curs_\w+", "", one["sql"].split("WHERE")[0]) for one in asked]
    return answer.status_code, text, queries


def test_no_form_tells_a_stranger_from_nobody(forms: tuple[Client, list[PostForm]]):
    """Byte by byte, and by what the database is asked."""
    sam = person("sam", pk=888_888)  # a number that stands nowhere else
    client, naming = forms
    seen = set()
    for form in naming:
        for field in sorted(form.names & NAMING):
            answer_of(client, form, field, MISSING)  # whatever the process keeps is kept for both
            nobody = answer_of(client, form, field, MISSING)
            stranger = answer_of(client, form, field, sam.pk)
            # Looking for an answer changes nothing, and takes along what was typed as it was.
            refused = 200 if form.action.endswith("/answers/") else 422
            assert nobody[0] == refused, (form.action, field, nobody[:2])
            assert stranger[:2] == nobody[:2], (form.action, field)
            assert stranger[2] == nobody[2], (form.action, field, set(stranger[2]) ^ set(nobody[2]))
            assert "Okafor" not in stranger[1]
            seen.add((form.action.rsplit("/", 2)[-2], field))
    assert {field for _, field in seen} == NAMING, seen
    assert len(seen) >= 8, seen


def test_somebody_who_left_the_team_is_nobody_too(board: Board, card: Any, ana: User):
    """Whether an account is active is told of people whom one knows."""
    gone = person("gone", is_active=False, pk=888_888)
    client = Client()
    client.force_login(ana)
    texts = []
    for who in (gone.pk, MISSING):
        answer = client.post(f"/c/{card.key}/do/assigned/", {"assignee": who}, headers={"HX-Request": "true"})
        texts.append((answer.status_code, still(answer).replace(str(who), "WHO")))
    assert texts[0] == texts[1] and texts[0][0] == 422


FILTERS = [
    "/b/FLX/?assignee={pk}",
    "/b/FLX/erase/{pk}/",
    "/b/FLX/invitations/new/?claims={pk}",
    "/b/FLX/people.json?q={handle}",
    "/b/FLX/decisions/?by={handle}",
    "/decisions/?by={handle}",
    "/search/?q=by:{handle}",
    "/search/?q=owner:{handle}",
    "/search/?q={handle}",
    "/search/?q={name}",
    "/search/?q={email}",
    "/b/FLX/at/?seq=1&assignee={pk}",
    "/b/FLX/standup/?person={pk}",
    "/standup/?person={handle}",
    "/waiting/?person={pk}",
]


@pytest.mark.parametrize("path", FILTERS)
def test_no_filter_tells_a_stranger_from_nobody(path: str, board: Board, card: Any, ana: User):
    """The page is the same but for what was asked for."""
    sam = person("sam", pk=888_888)  # a number that stands nowhere else
    client = Client()
    client.force_login(ana)
    nobody = User(pk=MISSING, handle="zed", name="Zed Ohdear", email="zed@example.com")
    pages = []
    for who in (sam, nobody):
        said = {"pk": str(who.pk), "handle": who.handle, "name": who.name, "email": str(who.email)}
        answer = client.get(path.format(**said))
        text = re.sub(r'href="[^"]*"', "", still(answer))
        for word in sorted({*said.values(), who.name.split()[0], who.name.split()[1]}, key=len, reverse=True):
            text = re.sub(rf"\b{re.escape(word)}\b|{re.escape(word)}", "WHO", text, flags=re.IGNORECASE)
        pages.append((answer.status_code, text))
    assert pages[0] == pages[1]


def test_on_an_open_board_one_names_whom_one_works_with_elsewhere(
    board: Board, card: Any, ana: User, sam: User
):
    act.open_board(board, "member", by=ana)
    other = act.create_board("Hiring", by=sam, key="HIR", starter=False)
    client = Client()
    client.force_login(ana)
    assign = {"assignee": sam.pk}
    assert (
        client.post(f"/c/{card.key}/do/assigned/", assign, headers={"HX-Request": "true"}).status_code == 422
    )
    act.add_member(other, ana, Role.VIEWER, by=sam)
    assert (
        client.post(f"/c/{card.key}/do/assigned/", assign, headers={"HX-Request": "true"}).status_code == 200
    )
