"""What a mail server gets of each mail that Fluxboard sends, byte by byte."""

from __future__ import annotations

import ast
import datetime as dt
import email
import email.policy
import io
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core.mail.backends.console import EmailBackend as Console
from django.test import Client
from django.utils import timezone

from boards import actions as act
from boards.models import Board, Card
from comments.models import Ask
from comments.questions import ask_question
from fluxboard.accounts import working_hours
from fluxboard.accounts.models import User
from fluxboard.core.mail import Mail
from fluxboard.features.digest.mail import nudge_mail
from fluxboard.features.digest.send import send_due
from tests.live import free_port

pytestmark = pytest.mark.django_db

PROJECT = Path(__file__).parents[2]
LONG_URL = "https://boards.the-department-of-rather-long-names.example.org"
HOST = b"@boards.the-department-of-rather-long-names.example.org"
DAY = dt.timedelta(days=1)


class Inbox:
    """A mail server that keeps the bytes of what it gets."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.raw.append(envelope.original_content)
        return "250 OK"

    @property
    def heads(self) -> list[bytes]:
        return [raw.partition(b"\r\n\r\n")[0] for raw in self.raw]

    @property
    def mails(self) -> list[EmailMessage]:
        policy: Any = email.policy.default
        return [email.message_from_bytes(raw, policy=policy) for raw in self.raw]


@pytest.fixture
def inbox(settings: Any) -> Iterator[Inbox]:
    port = free_port()
    box = Inbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.PUBLIC_URL = LONG_URL
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": port, "timeout": 30},
        }
    }
    yield box
    controller.stop()


def header(head: bytes, name: str) -> bytes:
    """The raw value of one header, its folds included."""
    found = re.search(rb"(?im)^%s:(.*(?:\r\n[ \t].*)*)" % name.encode(), head)
    assert found, (name, head)
    return found[1].strip()


@pytest.fixture
def now() -> dt.datetime:
    return timezone.now()


@pytest.fixture
def reader(ana: User, kenji: User, priya: User, now: dt.datetime) -> User:
    """Ana, whose digest came due an hour ago, under a name that is not ASCII. The others get none."""
    User.objects.filter(pk__in=[kenji.pk, priya.pk]).update(digest_on=False)
    ana.name, ana.work_days, ana.joined_at = "Åna Dûarte", [1, 2, 3, 4, 5, 6, 7], now - 9 * DAY
    ana.digest_at = (
        working_hours.local(now - dt.timedelta(hours=1), ana.time_zone).time().replace(microsecond=0)
    )
    ana.save()
    return ana


def test_the_digest(inbox: Inbox, reader: User, card: Card, kenji: User, now: dt.datetime) -> None:
    for day in (0, 1):
        act.retitle_card(card, f"窯の記録 {day}", by=kenji, seen=None)
        assert send_due(lambda: now + day * DAY).sent == 1  # noqa: B023
    first, second = inbox.heads
    for head in (first, second):
        stop = header(head, "List-Unsubscribe")
        assert re.fullmatch(rb"<https://[!-~]+/digest/off/[!-~]+/>", stop), stop
        assert b"=?" not in stop
        assert len(stop) > 78, "short enough to be let alone in any case"
        assert header(head, "List-Unsubscribe-Post") == b"List-Unsubscribe=One-Click"
        assert header(head, "Auto-Submitted") == b"auto-generated"
        assert re.fullmatch(rb"<digest\.[0-9-]+\.[0-9a-f-]+@[a-z.-]+>", header(head, "Message-ID"))
    assert header(second, "In-Reply-To") == header(second, "References") == header(first, "Message-ID")
    assert b"In-Reply-To" not in first


def test_a_word_about_many_questions_keeps_its_name_whole(
    inbox: Inbox, reader: User, card: Card, kenji: User, now: dt.datetime
) -> None:
    for number in range(20):
        ask_question(card, f"Which oven, {number}?", [reader], by=kenji)
    asks = list(Ask.objects.select_related("comment__author", "comment__card__board"))
    nudge_mail(reader, asks, now).send()
    nudge_mail(reader, asks[:1], now).send()
    many, one = inbox.heads
    assert re.fullmatch(rb"<nudge\.[0-9.]+[0-9a-f-]+@[a-z.-]+>", header(many, "Message-ID"))
    assert re.fullmatch(rb"<question\.[0-9a-f-]+@[a-z.-]+>", header(one, "In-Reply-To"))
    for head in inbox.heads:
        assert b"=?" not in b"".join(header(head, name) for name in ("List-Unsubscribe", "Message-ID"))


def test_an_invitation_says_when_it_ends_on_a_clock_that_it_names(
    inbox: Inbox, board: Board, ana: User, kenji: User, django_capture_on_commit_callbacks: Any
) -> None:
    owner = Client()
    owner.force_login(ana)
    for address in ("new@example.com", kenji.email):
        act.remove_member(board, kenji, by=ana) if address == kenji.email else None
        with django_capture_on_commit_callbacks(execute=True):
            sent = owner.post(
                f"/b/{board.key}/invitations/new/", {"email": address, "role": "member", "days": "7"}
            )
        assert sent.status_code == 303, sent.content.decode()
    unknown, known = (mail.get_content() for mail in inbox.mails)
    invitation = board.invitations.get(email="new@example.com")
    local = invitation.expires_at.astimezone(ana.zone)
    assert f"{local:%H:%M}, Lisbon time ({invitation.expires_at:%H:%M} UTC)" in unknown
    local = board.invitations.get(email=kenji.email).expires_at.astimezone(kenji.zone)
    assert f"{local:%H:%M}, Tokyo time" in known
    assert "UTC" not in known
    for head in inbox.heads:
        assert header(head, "Auto-Submitted") == b"auto-generated"
        assert header(head, "Message-ID").endswith(HOST + b">")


def test_a_mail_of_the_sign_in_pages(inbox: Inbox, reader: User, wait_for_mail: Any) -> None:
    Client().post("/accounts/password/reset/", {"email": reader.email})
    wait_for_mail(inbox)
    (head,), (mail,) = inbox.heads, inbox.mails
    assert header(head, "Auto-Submitted") == b"auto-generated"
    assert header(head, "Message-ID").endswith(HOST + b">")
    assert f"{LONG_URL}/accounts/password/reset/key/" in mail.get_content()


@pytest.fixture
def wait_for_mail() -> Any:
    """Mails of the sign-in pages go out beside the answer; wait until the server has one."""
    import threading

    def wait(inbox: Inbox) -> None:
        for thread in threading.enumerate():
            if thread.name == "account-mail":
                thread.join(60)
        assert inbox.raw

    return wait


def test_a_link_is_whole_on_the_wire_and_on_the_console(inbox: Inbox) -> None:
    link = f"{LONG_URL}/join/{'k' * 120}/"
    for text in (f"Open this:\n\n{link}\n", f"窯の記録はこちら：\n\n{link}\n"):
        mail = Mail("Join", text, ["new@example.com"])
        mail.send()
        console = io.StringIO()
        Console(stream=console).send_messages([mail])
        assert link in console.getvalue()
        assert link.encode() in inbox.raw[-1]


def test_no_code_sends_a_mail_that_is_not_one_of_these() -> None:
    others = {"send_mail", "send_mass_mail", "EmailMessage", "EmailMultiAlternatives", "mail_admins"}
    found = []
    for folder in ("activity", "boards", "comments", "fluxboard"):
        for path in (PROJECT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in others:
                    found.append(f"{path.relative_to(PROJECT)}:{node.lineno}")
    assert found == []
