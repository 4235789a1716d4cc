"""Who has an account, and which boards there are, is told to nobody who may not know: in words or in work."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import get_hasher
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boards.actions import create_board, create_card
from boards.invitations import invite
from comments.actions import post_comment
from fluxboard.accounts import allauth_adapter
from tests.cast import person
from tests.quick_password import OneRound

LOGIN = "/accounts/login/"


def plain(answer: Any, *names: str) -> str:
    """A page without what differs each time, and without the name that was asked for."""
    text = re.sub(r'(value|nonce|data-csrf|data-at)="[^"]*"', "", answer.text)
    for name in names:
        text = text.replace(name, "NAME")
    return text


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed: each costs as much time as all the rest of a sign-in."""
    done: list[str] = []
    real = OneRound.encode

    def encode(self: Any, password: str, *rest: Any) -> str:
        done.append(password)
        return real(self, password, *rest)

    monkeypatch.setattr(OneRound, "encode", encode)
    assert isinstance(get_hasher(), OneRound)
    return done


@pytest.mark.parametrize("who", ["ana", "eve", "old", "carried"])
def test_a_wrong_sign_in_costs_one_hash_whoever_is_meant(who: str, ana: Any, hashed: list[str]):
    """Known, unknown, deactivated, and somebody who has no password."""
    person("old", is_active=False)
    placeholder = person("carried")
    placeholder.set_unusable_password()
    placeholder.save()
    hashed.clear()
    email = f"{who}@example.com"
    answer = Client().post(LOGIN, {"login": email, "password": "guessed wrong"})
    assert len(hashed) == 1
    nobody = {"login": "nobody@example.com", "password": "guessed wrong"}
    assert plain(answer, email) == plain(Client().post(LOGIN, nobody), nobody["login"])


ASKED_BY_ANYONE = ["/accounts/password/reset/", "/accounts/login/code/"]


@pytest.mark.parametrize("path", ASKED_BY_ANYONE)
def test_a_mail_that_is_sent_or_not_looks_the_same(path: str, ana: Any):
    pages = []
    for email in (ana.email, "eve@example.com"):
        client = Client()
        first = client.post(path, {"email": email})
        then = client.get(first["Location"])
        pages.append((first.status_code, first["Location"], plain(then, email)))
    assert pages[0] == pages[1]
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("path", ASKED_BY_ANYONE)
def test_nobody_waits_for_the_mail_server(
    path: str, ana: Any, monkeypatch: pytest.MonkeyPatch, settings: Any, caplog: Any
):
    """Neither its slowness nor its faults are in the answer; a mail that could not go out is in the log."""
    begun: list[Any] = []

    class Later:
        def __init__(self, target: Any, args: Any, **_: Any) -> None:
            self.run = lambda: target(*args)

        def start(self) -> None:
            begun.append(self.run)

    def broken(*_: Any) -> None:
        raise ConnectionRefusedError("no mail server")

    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend"}}
    monkeypatch.setattr(allauth_adapter.threading, "Thread", Later)
    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", broken)
    assert [
        Client().post(path, {"email": email}).status_code for email in (ana.email, "eve@example.com")
    ] == [302] * 2
    assert len(begun) == 1
    begun[0]()
    assert "could not be sent" in caplog.text


def test_signing_up_tells_nothing(ana: Any):
    pages = []
    for email in (ana.email, "eve@example.com"):
        answer = Client().post("/accounts/signup/", {"email": email, "password1": "a brand new phrase"})
        pages.append((answer.status_code, plain(answer, email)))
    assert pages[0] == pages[1]


NOT_MINE = ["/b/{}/", "/b/{}/settings/", "/b/{}/at/?seq=1", "/c/{}-1/", "/c/{}-1/history/", "/b/{}/live/"]


def queries_of(client: Client, path: str) -> tuple[int, str, list[str]]:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = client.get(path)
    return answer.status_code, answer.text, [one["sql"] for one in captured.captured_queries]


@pytest.mark.parametrize("path", NOT_MINE)
def test_a_board_that_is_not_mine_is_like_one_that_is_not(path: str, board: Any, card: Any, sam: Any):
    """Byte by byte, and by the number of queries."""
    client = Client()
    client.force_login(sam)
    answers = []
    for key in ("FLX", "NOP"):
        client.get(path.format(key))  # whatever is kept by the process is kept for both
        status, text, queries = queries_of(client, path.format(key))
        text = re.sub(r'(value|nonce|data-csrf)="[^"]*"', "", text).replace(key, "KEY")
        answers.append((status, text, len(queries)))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


def test_a_former_key_tells_strangers_nothing(board: Any, ana: Any, sam: Any):
    from boards.actions import rekey_board

    rekey_board(board, "NEW", by=ana)
    client = Client()
    client.force_login(sam)
    assert client.get("/b/FLX/").status_code == client.get("/b/NOP/").status_code == 404


def test_a_key_that_is_taken_is_told_to_who_wants_it_and_no_title(board: Any, sam: Any):
    """Keys are one namespace of the house, and that one is taken has to be said; nothing more is."""
    client = Client()
    client.force_login(sam)
    answer = client.post("/b/new/", {"name": "Mine", "key": "FLX"})
    assert answer.status_code == 422 and board.name not in answer.text


def test_an_invitation_tells_the_board_and_nothing_of_it(board: Any, card: Any, ana: Any, kenji: Any):
    _, token = invite(board, by=ana, role="viewer", days=7, now=timezone.now())
    page = Client().get(f"/join/{token}/").text
    assert board.name in page and ana.name in page
    assert card.title not in page and kenji.name not in page and ana.email not in page


def test_a_preview_of_an_import_tells_only_of_whom_one_works_with(ana: Any, kenji: Any, sam: Any, board: Any):
    """Which of a file's addresses have accounts here is not told: it would be a way to ask."""
    from fluxboard.features.board_export.people import Match
    from fluxboard.features.board_export.views import shown_to

    lines = [{"name": one.name, "email": one.email} for one in (kenji, sam)]
    matches = [Match(lines[0], kenji, "email"), Match(lines[1], sam, "email")]
    assert [one["here"] for one in shown_to(ana, matches)] == [kenji.name, ""]
    assert [one["here"] for one in shown_to(sam, matches)] == ["", sam.name]


def test_titles_of_boards_that_are_not_mine_are_nowhere(board: Any, card: Any, ana: Any, sam: Any):
    secret = create_board("Hiring plans", by=sam, key="HIR", starter=False)
    create_card(secret.columns.first(), "Let somebody go", by=sam)
    client = Client()
    client.force_login(ana)
    post_comment(card, "HIR-1 and http://testserver/c/HIR-1/ and HIR-1#c-1", by=ana)
    searches = [f"/search/?q={query}" for query in ("somebody", "in:hiring", "HIR-1")]
    for path in ("/c/FLX-1/", "/decisions/", "/", *searches):
        text = client.get(path).text
        assert "Hiring plans" not in text and "Let somebody go" not in text, path
