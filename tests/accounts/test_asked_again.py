"""A session that somebody else got hold of does not become the account."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from django.urls import NoReverseMatch, reverse

from fluxboard.accounts.models import User
from tests.accounts.conftest import asked_again, signed_in
from tests.accounts.test_sign_in import code_of_now
from tests.contracts.test_addresses import names

ASKS = "/accounts/reauthenticate/"
# What a session may do without being asked again: it changes nothing about how somebody signs in.
FREE = {
    "account_change_password",  # asks for the present password itself
    "account_email",  # to look; its POST asks
    "account_email_verification_sent",
    "account_inactive",
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "account_request_login_code",
    "account_confirm_login_code",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_set_password",
    "account_signup",
    "mfa_authenticate",
    "mfa_index",
    "mfa_list_webauthn",
    "mfa_login_webauthn",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
}


@pytest.fixture
def with_factor(ana: User) -> str:
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(ana, secret)
    RecoveryCodes.activate(ana)
    return secret


def test_every_page_about_signing_in_asks_again(ana: User, with_factor: str) -> None:
    """Those of packages too, such as come with a newer release of one."""
    asked = set()
    for name in sorted(set(names())):
        if not name.startswith(("account_", "mfa_")) or name in FREE:
            continue
        try:
            path = reverse(name)
        except NoReverseMatch:
            path = ""
        for method in ("get", "post") if path else ():
            if name == "mfa_activate_totp":
                continue  # on already: it leads to turning it off
            answer = getattr(signed_in(ana), method)(path)
            asks = answer.status_code == 302 and answer["Location"].startswith(ASKS)
            assert asks or (method == "post" and answer.status_code == 405), (name, method)
        asked.add(name)
    assert {"mfa_generate_recovery_codes", "mfa_view_recovery_codes", "mfa_add_webauthn"} <= asked


def test_turning_a_factor_on_asks_again(ana: User) -> None:
    answer = signed_in(ana).post("/accounts/2fa/totp/activate/", {"code": "123456"})
    assert answer["Location"].startswith(ASKS)


def test_having_just_signed_in_is_not_having_been_asked(ana: User) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": ana.email, "password": "ana"})
    assert client.post("/accounts/email/", {"action_add": "", "email": "x@example.com"})[
        "Location"
    ].startswith(ASKS)


def test_a_password_cannot_be_set_by_a_session_of_who_has_none(ana: User) -> None:
    """Who came by a code in a mail has a mailbox to choose one through."""
    ana.set_unusable_password()
    ana.save()
    client = signed_in(ana)
    new = {"password1": "a brand new phrase", "password2": "a brand new phrase"}
    for path in ("/accounts/password/set/", "/accounts/password/change/", "/accounts/email/", ASKS):
        answer = client.post(path, new | {"action_add": "", "email": "x@example.com"})
        assert answer["Location"] == "/accounts/password/reset/", path
    for path in ("/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"):
        assert client.get(path)["Location"] == "/accounts/password/reset/", path
    ana.refresh_from_db()
    assert not ana.has_usable_password()
    assert "You have no password yet" in client.get("/accounts/password/reset/").text


def test_nor_can_an_admin_without_one_change_people(admin: User, ana: User) -> None:
    admin.set_unusable_password()
    admin.save()
    chosen = {"action": "print_links", "_selected_action": [ana.pk]}
    answer = signed_in(admin).post("/admin/accounts/user/", chosen)
    assert answer["Location"] == "/accounts/password/reset/"


@pytest.mark.parametrize("address", ["user/", "user/add/"])
def test_people_are_changed_in_the_admin_pages_by_who_was_asked_again(admin: User, address: str) -> None:
    answer = signed_in(admin).post(f"/admin/accounts/{address}", {"name": "Noor"})
    assert answer["Location"].startswith(ASKS)


@pytest.mark.parametrize("address", ["board/", "membership/", "membership/add/"])
def test_boards_as_well_since_an_admin_can_own_any(admin: User, address: str) -> None:
    answer = signed_in(admin).post(f"/admin/boards/{address}", {"action": "become_owner"})
    assert answer.status_code == 302
    assert answer["Location"].startswith(ASKS)


def in_two_places(ana: User) -> tuple[Client, Client]:
    return asked_again(ana), signed_in(ana)


def is_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["totp on", "totp off", "recovery codes", "password"])
def test_a_change_of_how_one_signs_in_ends_every_other_session(ana: User, what: str) -> None:
    if what in ("totp off", "recovery codes"):
        totp.TOTP.activate(ana, totp.generate_totp_secret())
        RecoveryCodes.activate(ana)
    here, elsewhere = in_two_places(ana)
    answer: Any
    if what == "totp on":
        secret = here.get("/accounts/2fa/totp/activate/").context["form"].secret
        answer = here.post("/accounts/2fa/totp/activate/", {"code": code_of_now(secret)})
        assert Authenticator.objects.filter(user=ana, type="totp").exists()
    elif what == "totp off":
        answer = here.post("/accounts/2fa/totp/deactivate/")
        assert not Authenticator.objects.filter(user=ana, type="totp").exists()
    elif what == "recovery codes":
        answer = here.post("/accounts/2fa/recovery-codes/generate/")
    else:
        new = {"password1": "a brand new phrase", "password2": "a brand new phrase"}
        answer = here.post("/accounts/password/change/", {"oldpassword": "ana"} | new)
    assert answer.status_code == 302
    assert is_in(here) and not is_in(elsewhere)


def test_the_present_password_cannot_be_guessed_at_on_the_page_that_changes_it(ana: User) -> None:
    """A session and five wrong guesses: the sixth is not looked at, though it is right."""
    client = signed_in(ana)
    new = {"password1": "a brand new phrase", "password2": "a brand new phrase"}
    for number in range(6):
        typed = "ana" if number == 5 else f"guess {number}"
        path = "/accounts/password/change/" if number != 2 else ASKS
        page = client.post(path, {"oldpassword": typed, "password": typed} | new)
    assert page.status_code in (200, 429)
    ana.refresh_from_db()
    assert ana.check_password("ana")
