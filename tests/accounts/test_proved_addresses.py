"""An address that somebody typed about themselves finds nobody until they prove it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from boards.actions import create_board
from boards.invitations import invite
from boards.models import Board
from fluxboard.accounts.email_addresses import is_proved, person_with_address
from fluxboard.accounts.first_start import first_link
from fluxboard.accounts.models import User
from fluxboard.features.digest.send import send_due
from tests.accounts.conftest import asked_again, link_in, signed_in
from tests.accounts.test_one_time_links import JOIN

CFO = "cfo@example.com"
PAGE = "/accounts/email/"


@pytest.fixture
def board(ana: User) -> Board:
    return create_board("Checkout rebuild", by=ana, key="FLX", starter=False)


def joined(board: Board, ana: User, *, typed: str = CFO, mailed: str = "") -> User:
    """Who came by an invitation to `board`, by mail or by a plain link."""
    _, token = invite(board, by=ana, role="viewer", days=7, now=timezone.now(), email=mailed)
    answer = Client().post(f"/join/{token}/", JOIN | {"email": typed, "name": "Eve Adams"})
    assert answer.status_code == 302, answer.text
    return User.objects.get(email=mailed or typed)


def test_who_joins_by_a_plain_link_is_not_found_by_the_address(board: Board, ana: User) -> None:
    eve = joined(board, ana)
    assert person_with_address(CFO) is None and not is_proved(eve)
    assert Client().login(email=CFO, password=JOIN["password"]), "they sign in with it all the same"


def test_who_joins_by_a_mailed_link_is(board: Board, ana: User) -> None:
    cfo = joined(board, ana, mailed=CFO)
    assert person_with_address("  CFO@example.com ") == cfo


def test_admins_commands_and_the_first_start_vouch(board: Board, ana: User, client: Client) -> None:
    call_command("add_person", "lena@example.com", "--name", "Lena")
    assert person_with_address("lena@example.com")
    User.objects.all().update(is_active=False)
    client.post(
        first_link("http://localhost").partition("localhost")[2], JOIN | {"email": "root@example.com"}
    )
    assert person_with_address("root@example.com")


def test_somebody_who_was_deactivated_is_not_found(ana: User) -> None:
    User.objects.filter(pk=ana.pk).update(is_active=False)
    assert person_with_address("ana@example.com") is None


def test_a_mailed_link_proves_it_for_who_is_signed_in_as_them(board: Board, ana: User) -> None:
    eve = joined(board, ana)
    client = signed_in(eve)
    assert "is not confirmed" in client.get(PAGE).text
    client.post("/accounts/reauthenticate/", {"password": JOIN["password"]})
    client.post(PAGE, {"action_prove": ""})
    assert mail.outbox[-1].to == [CFO]
    link = link_in(mail.outbox[-1])
    assert Client().post(link)["Location"].startswith("/accounts/login/")
    assert signed_in(ana).post(link).status_code == 410
    assert not is_proved(eve), "who reads that mailbox and is somebody else proves nothing"
    client.post(link)
    assert person_with_address(CFO) == eve


def test_a_new_password_by_mail_proves_it_and_ends_what_came_before(board: Board, ana: User) -> None:
    """Whoever has the mailbox takes the account that somebody made in their name."""
    thief = signed_in(joined(board, ana))
    Client().post("/accounts/password/reset/", {"email": CFO})
    client = Client()
    form = client.get(link_in(mail.outbox[-1]), follow=True)
    new = {"password1": "a brand new phrase", "password2": "a brand new phrase"}
    client.post(form.request["PATH_INFO"], new)
    assert person_with_address(CFO)
    assert thief.get("/me/").status_code == 302
    assert not Client().login(email=CFO, password=JOIN["password"])


def test_no_second_factor_stands_before_an_address_that_nobody_proved(board: Board, ana: User) -> None:
    client = signed_in(joined(board, ana))
    client.post("/accounts/reauthenticate/", {"password": JOIN["password"]})
    for path in ("/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"):
        assert client.get(path)["Location"] == "/accounts/2fa/"


def test_an_admin_confirms_it(board: Board, ana: User, admin: User) -> None:
    eve = joined(board, ana)
    chosen = {"action": "confirm_addresses", "_selected_action": [eve.pk]}
    browser = asked_again(admin)
    assert "Eve Adams" in browser.get("/admin/accounts/user/?address=typed").text
    page = browser.post("/admin/accounts/user/", chosen, follow=True).text
    assert f"{CFO} counts as theirs now" in page
    assert person_with_address(CFO) == eve
    assert "Address confirmed" in browser.get(f"/admin/accounts/user/{eve.pk}/history/").text


def test_a_command_does_not_take_them_for_that_person(board: Board, ana: User) -> None:
    joined(board, ana)
    with pytest.raises(CommandError, match="never confirmed"):
        call_command("add_person", CFO, "--name", "The CFO", "--board", "FLX:owner")
    call_command("confirm_address", CFO)
    call_command("add_person", CFO, "--board", "FLX:member")


def test_a_mailed_invitation_goes_out_though_somebody_typed_that_address(
    board: Board, ana: User, django_capture_on_commit_callbacks: Any
) -> None:
    joined(board, ana)
    typed = {"email": CFO, "role": "member", "days": "7"}
    with django_capture_on_commit_callbacks(execute=True):
        assert signed_in(ana).post("/b/FLX/invitations/new/", typed).status_code == 303
    assert mail.outbox[-1].to == [CFO]


def test_who_is_invited_by_mail_gets_at_an_account_that_somebody_made_in_their_name(
    board: Board, ana: User
) -> None:
    joined(board, ana)
    _, token = invite(board, by=ana, role="member", days=7, now=timezone.now(), email=CFO)
    page = Client().post(f"/join/{token}/", JOIN | {"name": "The CFO"})
    assert page.status_code == 422 and "who never confirmed it" in page.text


@pytest.mark.parametrize("is_mailed", [True, False])
def test_a_digest_goes_to_proved_addresses_only(
    board: Board, ana: User, monkeypatch: pytest.MonkeyPatch, is_mailed: bool
) -> None:
    asked: list[User] = []
    joined(board, ana, mailed=CFO if is_mailed else "")
    monkeypatch.setattr("activity.feed.digest_schedule.due", lambda people, now: asked.extend(people) or [])
    send_due(lambda: dt.datetime(2026, 10, 15, tzinfo=dt.UTC))
    assert (CFO in {person.email for person in asked}) is is_mailed


def test_an_address_stays_proved_or_not_whatever_else_is_saved(board: Board, ana: User) -> None:
    eve = joined(board, ana)
    for person, proved in ((eve, False), (ana, True)):
        fresh = User.objects.get(pk=person.pk)
        fresh.name = "Another Name"
        fresh.save()
        assert is_proved(fresh) is proved
    assert EmailAddress.objects.count() == 2
