"""Without a mail server no page says that a mail is on its way; each says what to do instead."""

from __future__ import annotations

import re
import smtplib
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from boards.models import Board, Invitation
from fluxboard.accounts import email_addresses
from fluxboard.accounts.email_addresses import is_proved
from fluxboard.accounts.models import User
from fluxboard.accounts.signup import JoinForm
from fluxboard.core.mail import Mail
from tests.accounts.conftest import asked_again, signed_in
from tests.accounts.test_address_change import CONSOLE

pytestmark = pytest.mark.django_db

NEW, MEMBERS = "/b/FLX/invitations/new/", "/b/FLX/settings/members/"
JOIN = {
    "name": "Noor Haddad",
    "password": "three quiet lanterns",
    "time_zone": "Europe/Paris",
    "work_days": ["1"],
    "work_start": "09:00",
    "work_end": "17:00",
}
PROMISE = re.compile(
    r"on its way|look into your mail|we send|send me|email me|spam folder|has been sent|by mail instead", re.I
)
NOWHERE = "Ask an admin for a one-time link"


@pytest.fixture(autouse=True)
def no_mail_server(settings: Any) -> None:
    settings.MAILERS = CONSOLE


def invited(client: Client, email: str = "noor@example.com") -> tuple[str, str]:
    """Invite by the form; the members page, and the path of the link that stands there."""
    answer = client.post(NEW, {"role": "member", "days": "7", "email": email})
    assert answer.status_code == 303, answer.text
    page = client.get(MEMBERS).text
    found = re.search(r'value="http://testserver(/join/[^"]+)"', page)
    assert found, page
    return page, found[1]


def test_an_owner_who_invites_by_email_gets_the_link(board: Board, ana: User, capsys: Any) -> None:
    client = signed_in(ana)
    assert "This server sends no mail" in client.get(NEW).text
    page, path = invited(client)
    assert "No mail went to <b>noor@example.com</b>" in page and ">Copy</button>" in page
    assert "Invited noor" not in page and not PROMISE.search(page)
    assert "/join/" not in client.get(MEMBERS).text, "shown once"
    assert "/join/" not in capsys.readouterr().out, "and nowhere else"
    assert Client().post(path, JOIN).status_code in (302, 303)
    assert User.objects.get(name="Noor Haddad").email == "noor@example.com"
    assert Client().get(path).status_code == 410, "it works once"


def test_a_link_that_an_owner_saw_proves_nobodys_address(board: Board, ana: User) -> None:
    """They could have opened it themselves."""
    _, path = invited(signed_in(ana))
    Client().post(path, JOIN)
    assert not is_proved(User.objects.get(name="Noor Haddad"))


def test_an_admin_who_hands_the_link_on_vouches_for_the_address(board: Board, ana: User) -> None:
    ana.is_staff = ana.is_superuser = True
    ana.save()
    _, path = invited(signed_in(ana))
    Client().post(path, JOIN)
    assert is_proved(User.objects.get(name="Noor Haddad"))


def test_a_mail_server_that_is_out_of_reach_leaves_the_owner_with_the_link(
    board: Board, ana: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend"}}

    def fail(*_: Any) -> None:
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(Mail, "send", fail)
    page, _ = invited(signed_in(ana))
    assert "The mail to <b>noor@example.com</b> could not be sent" in page and "Invited noor" not in page
    assert Invitation.objects.get().was_shown


def test_with_a_mail_server_the_link_goes_to_the_mailbox_alone(
    board: Board, ana: User, settings: Any
) -> None:
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    client = signed_in(ana)
    client.post(NEW, {"role": "member", "days": "7", "email": "noor@example.com"})
    page = client.get(MEMBERS).text
    assert "Invited noor@example.com." in page and "/join/" not in page and len(mail.outbox) == 1


@pytest.mark.parametrize(
    "path, words",
    [
        ("/accounts/login/", "Sign in"),
        ("/accounts/password/reset/", NOWHERE),
        ("/accounts/password/reset/done/", "Any admin can make a one-time link"),
        ("/accounts/password/reset/key/1-set-password/", "Get a new one"),
        ("/accounts/login/code/", "ask an admin for a one-time link"),
        ("/accounts/confirm-email/", "Ask an admin to confirm it"),
    ],
)
@pytest.mark.parametrize("is_printed", [True, False], ids=["printed", "nowhere"])
def test_who_is_not_signed_in_is_promised_nothing(
    path: str, words: str, is_printed: bool, settings: Any, db: None
) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "testserver"] if is_printed else ["*"]
    page = Client().get(path)
    if page.status_code == 302:
        page = Client().get(page["Location"])
    assert page.status_code == 200 and words in page.text
    assert not PROMISE.search(page.text)


@pytest.mark.parametrize("email", ["ana@example.com", "eve@example.com"])
@pytest.mark.parametrize("path", ["/accounts/password/reset/", "/accounts/login/code/"])
def test_the_answer_says_where_it_was_printed_and_shows_no_secret(
    ana: User, path: str, email: str, capsys: Any
) -> None:
    """The same for somebody who is here and for somebody who is not."""
    page = Client().post(path, {"email": email}, follow=True)
    assert "printed where the server runs" in page.text
    assert not PROMISE.search(page.text)
    printed = capsys.readouterr().out
    assert bool(printed) is (email == ana.email)
    for secret in re.findall(r"/reset/key/\S+|^[A-Z0-9-]{6,}$", printed, re.M):
        assert secret not in page.text


def test_the_page_of_ones_address_promises_no_link(ana: User, settings: Any) -> None:
    client = asked_again(ana)
    client.post("/accounts/email/", {"action_add": "", "email": "new@example.com"})
    page = client.post("/accounts/email/", {"action_send": ""}, follow=True).text
    assert "An admin can confirm the address" in page and not PROMISE.search(page)
    email_addresses.agree(ana.address_change)
    assert not PROMISE.search(client.get("/accounts/email/").text)


def test_the_old_mailbox_agrees_and_an_admin_is_next(ana: User, settings: Any) -> None:
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    asked_again(ana).post("/accounts/email/", {"action_add": "", "email": "new@example.com"})
    link = re.search(r"http://[^/]+(/\S+)", mail.outbox[0].body)
    settings.MAILERS = CONSOLE
    assert link
    page = Client().post(link[1]).text
    assert "Once an admin confirms" in page and not PROMISE.search(page)


@pytest.mark.parametrize("path, switches", [("/me/", 2), ("/me/start/", 1)])
def test_the_switches_of_mails_say_that_none_come(ana: User, path: str, switches: int) -> None:
    page = signed_in(ana).get(path)
    assert page.status_code == 200, page
    assert page.text.count("This server sends no mail") == switches
    assert "No other mail interrupts you" not in page.text


def test_who_guessed_too_often_is_sent_to_an_admin(ana: User) -> None:
    for _ in range(8):
        page = Client().post("/accounts/login/", {"login": ana.email, "password": "nonsense"})
    assert "ask an admin for a one-time link" in page.text and not PROMISE.search(page.text)


def test_an_address_that_somebody_typed_first_is_got_at_by_an_admins_link(ana: User) -> None:
    User.objects.create_user("cfo@example.com", "a password of theirs", name="Eve", address_is_proved=False)
    said = str(JoinForm(JOIN, email="cfo@example.com").errors)
    assert "ask an admin for a one-time link" in said and "Forgot password" not in said


def test_an_admin_who_removes_a_factor_is_told_that_nobody_was_mailed(ana: User, kenji: User) -> None:
    from allauth.mfa.models import Authenticator

    ana.is_staff = ana.is_superuser = True
    ana.save()
    Authenticator.objects.create(user=kenji, type=Authenticator.Type.TOTP, data={"secret": "x"})
    chosen = {"action": "remove_factors", "_selected_action": [kenji.pk]}
    page = asked_again(ana).post("/admin/accounts/user/", chosen, follow=True).text
    assert "This server sends no mail: tell them yourself." in page and "has been told by mail" not in page
