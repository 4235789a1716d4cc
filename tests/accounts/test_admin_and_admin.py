"""What one admin can do about another in the admin pages: look, end access; never become them."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.apps import apps
from django.contrib import admin as django_admin
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from fluxboard.accounts.models import Link, User
from fluxboard.accounts.one_time_links import welcome_link
from tests.accounts.conftest import asked_again, signed_in
from tests.cast import person

PEOPLE = "/admin/accounts/user/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
FIELDS = {
    "name": "Kenji Mori",
    "email": "priya+kenji@example.com",
    "handle": "kenji",
    "hue": 7,
    "time_zone": "UTC",
    "work_days": [1],
    "work_start": "09:00",
    "work_end": "17:00",
    "is_staff": "on",
    "is_superuser": "on",
    "is_active": "on",
    "password": "md5$x$y",
    "password1": "a brand new phrase",
    "password2": "a brand new phrase",
    "usable_password": "true",
    "session_epoch": "7",
    "last_login": "2026-01-01",
    "uid": "00000000-0000-0000-0000-000000000001",
    "groups": "1",
    "user_permissions": "1",
}


@pytest.fixture
def other(db: None) -> User:
    """Kenji, an admin with a second factor."""
    kenji = person("kenji", is_staff=True, is_superuser=True)
    totp.TOTP.activate(kenji, SECRET)
    RecoveryCodes.activate(kenji)
    return kenji


def everything_of(who: User) -> dict[str, Any]:
    """All that is kept of a person and of how they sign in."""
    rows = User.objects.filter(pk=who.pk).values().get()
    kept = {model: list(model.objects.filter(user=who).values()) for model in (EmailAddress, Authenticator)}
    return rows | {model.__name__: found for model, found in kept.items()}


def admin_pages(**named: Any) -> list[str]:
    """Every address of the admin, with this person's id where it takes one."""
    pages = []
    patterns = [one for one in get_resolver().url_patterns if getattr(one, "namespace", "") == "admin"]
    inside: list[Any] = [*patterns[0].url_patterns]
    while inside:
        one = inside.pop()
        if hasattr(one, "url_patterns"):
            inside += one.url_patterns
            continue
        for words in ({}, {"object_id": named["pk"]}, {"app_label": "accounts"}):
            try:
                pages.append(reverse(f"admin:{one.name}", kwargs=words))
            except NoReverseMatch:
                continue
    return sorted(set(pages) - {reverse("admin:logout")})


def test_the_admin_shows_these_models_and_no_others() -> None:
    """Whoever adds one here has thought about what one admin could read or change of another."""
    assert {model._meta.label for model in django_admin.site._registry} == {
        "accounts.User",
        "activity.Activity",
        "boards.Board",
        "boards.Invitation",
        "boards.Membership",
    }


@pytest.mark.parametrize("model", [EmailAddress, Authenticator, "auth.Group", "sessions.Session", Link])
def test_what_a_package_registers_by_itself_stays_out(admin: User, model: Any) -> None:
    model = apps.get_model(model) if isinstance(model, str) else model
    django_admin.site.register(model)
    assert not django_admin.site.is_registered(model)
    name = f"{model._meta.app_label}/{model._meta.model_name}"
    assert signed_in(admin).get(f"/admin/{name}/").status_code == 404


def test_no_page_of_the_admin_shows_a_secret_of_another_admin(admin: User, other: User) -> None:
    client = asked_again(admin)
    pages = admin_pages(pk=other.pk)
    assert f"{PEOPLE}{other.pk}/change/" in pages and len(pages) > 15
    for page in [*pages, "/accounts/2fa/", "/me/"]:
        text = client.get(page, follow=True).text
        for secret in (SECRET, other.password, "recovery_codes", "session_epoch"):
            assert secret not in text, page


def test_no_page_of_the_admin_takes_a_change_of_another_admin(admin: User, other: User) -> None:
    client, before = asked_again(admin), everything_of(other)
    for page in admin_pages(pk=other.pk):
        if page == f"{PEOPLE}add/":
            continue
        for _ in ("_save", "_saveasnew", "_continue"):
            client.post(page, FIELDS | {_: "1"})
        assert everything_of(other) == before, page
    assert client.post(f"{PEOPLE}{other.pk}/change/", FIELDS).status_code == 403
    assert client.post(f"{PEOPLE}add/", FIELDS | {"email": other.email, "handle": "k2"}).status_code == 200
    assert everything_of(other) == before


@pytest.mark.parametrize("action", [*django_admin.site.get_model_admin(User).actions])
def test_no_action_lets_an_admin_in_as_another(admin: User, other: User, action: str) -> None:
    client = asked_again(admin)
    page = client.post(PEOPLE, {"action": action, "_selected_action": [other.pk]}, follow=True).text
    assert "/accounts/welcome/" not in page and not Link.objects.exists()
    after = User.objects.get(pk=other.pk)
    assert (after.email, after.is_staff, after.is_superuser) == (other.email, True, True)
    assert all(message.to == [other.email] for message in mail.outbox)
    has_factor = Authenticator.objects.filter(user=other).exists()
    assert has_factor or not after.has_usable_password(), "a known password alone would open it"


@pytest.mark.parametrize(
    "query",
    [
        "password__startswith=md5",
        "session_epoch=0",
        "authenticator__data__seed__startswith=J",
        "emailaddress__email__startswith=k",
        "links__digest__startswith=0",
    ],
)
def test_no_filter_reads_a_secret_letter_by_letter(admin: User, other: User, query: str) -> None:
    assert signed_in(admin).get(f"{PEOPLE}?{query}").status_code == 400


@pytest.mark.parametrize(
    ("page", "way"),
    [
        ("/admin/boards/membership/", "user"),
        ("/admin/boards/board/", "members"),
        ("/admin/boards/invitation/", "invited_by"),
        ("/admin/activity/activity/", "actor"),
    ],
)
def test_nor_does_one_of_what_belongs_to_them(admin: User, other: User, page: str, way: str) -> None:
    for field in ("password__startswith=md5", "authenticator__data__seed__startswith=J"):
        assert signed_in(admin).get(f"{page}?{way}__{field}").status_code == 400


def test_a_session_alone_changes_nobody_in_the_admin(admin: User, ana: User) -> None:
    client = signed_in(admin)
    before = everything_of(ana)
    actions = django_admin.site.get_model_admin(User).actions
    tried = [(PEOPLE, {"action": action, "_selected_action": [ana.pk]}) for action in actions]
    tried += [(f"{PEOPLE}{ana.pk}/change/", FIELDS), (f"{PEOPLE}add/", FIELDS)]
    for path, typed in tried:
        assert client.post(path, typed)["Location"].startswith("/accounts/reauthenticate/"), (path, typed)
    assert everything_of(ana) == before
    assert not Link.objects.exists() and User.objects.count() == 2


def test_an_admin_goes_on_with_what_they_were_doing_once_they_were_asked(admin: User, ana: User) -> None:
    client = signed_in(admin)
    client.post(PEOPLE, {"action": "sign_out_people", "_selected_action": [ana.pk]})
    answer = client.post("/accounts/reauthenticate/", {"password": "priya", "next": PEOPLE}, follow=True)
    assert "Ana Duarte is signed out everywhere." in answer.text and answer.request["PATH_INFO"] == PEOPLE


def test_an_admins_own_address_is_not_changed_here(admin: User) -> None:
    client = asked_again(admin)
    answer = client.post(f"{PEOPLE}{admin.pk}/change/", FIELDS | {"name": "Priya N", "handle": "priya"})
    assert answer.status_code == 302
    admin.refresh_from_db()
    assert (admin.name, admin.email) == ("Priya N", "priya@example.com")


def test_a_link_of_before_does_not_open_the_admin_whom_one_has_made(admin: User, ana: User) -> None:
    link = welcome_link(ana, "http://testserver").removeprefix("http://testserver")
    promoted = FIELDS | {"name": ana.name, "email": ana.email, "handle": "ana"}
    assert asked_again(admin).post(f"{PEOPLE}{ana.pk}/change/", promoted).status_code == 302
    ana.refresh_from_db()
    assert ana.is_superuser
    assert Client().get(link).status_code == 410


def test_the_admins_own_password_is_changed_on_the_house_page(admin: User) -> None:
    assert (
        signed_in(admin).post("/admin/password_change/", FIELDS)["Location"] == "/accounts/password/change/"
    )


# ---- a second factor that was lost ------------------------------------------------------------------------


def remove_factor(admin: User, who: User) -> str:
    chosen = {"action": "remove_factors", "_selected_action": [who.pk]}
    return asked_again(admin).post(PEOPLE, chosen, follow=True).text


def test_who_lost_their_phone_signs_in_with_the_password_and_is_told(admin: User, ana: User) -> None:
    totp.TOTP.activate(ana, SECRET)
    RecoveryCodes.activate(ana)
    before = signed_in(ana)
    assert "without a second factor now" in remove_factor(admin, ana)
    assert not Authenticator.objects.filter(user=ana).exists()
    assert before.get("/me/").status_code == 302
    client = Client()
    client.post("/accounts/login/", {"login": ana.email, "password": "ana"})
    assert client.get("/me/").status_code == 200
    assert [message.to for message in mail.outbox] == [[ana.email]]
    assert "Priya Nair removed your second factor" in mail.outbox[0].body
    assert LogEntry.objects.get().change_message == "Second factor removed."
    assert "has no second factor" in remove_factor(admin, ana)


def test_another_admin_comes_back_through_their_mailbox_only(admin: User, other: User) -> None:
    assert "chooses a new password by mail" in remove_factor(admin, other)
    client = Client()
    client.post("/accounts/login/", {"login": other.email, "password": "kenji"})
    assert client.get("/me/").status_code == 302
    assert [message.to for message in mail.outbox] == [[other.email]]
    assert "http://localhost:8000/accounts/password/reset/" in mail.outbox[0].body


def test_an_admins_own_factor_is_removed_on_their_profile(other: User) -> None:
    client = signed_in(other)
    client.post("/accounts/reauthenticate/", {"password": "kenji"})
    page = client.post(PEOPLE, {"action": "remove_factors", "_selected_action": [other.pk]}, follow=True)
    assert "Your own stands on your profile" in page.text
    assert Authenticator.objects.filter(user=other).exists()


def test_rights_are_given_and_taken_on_the_server(admin: User, ana: User) -> None:
    call_command("admin_rights", "ana@example.com", "--give")
    assert set(User.objects.admins()) == {admin, ana}
    call_command("admin_rights", "priya@example.com", "--take")
    assert set(User.objects.admins()) == {ana}
    with pytest.raises(CommandError, match="last admin"):
        call_command("admin_rights", "ana@example.com", "--take")
    with pytest.raises(CommandError, match="nobody here"):
        call_command("admin_rights", "eve@example.com", "--give")


def test_a_placeholder_becomes_no_admin(admin: User) -> None:
    """Whoever claims a person without an address would come into the admin pages with it."""
    ghost = User.objects.create_user(None, name="Noor", handle="noor")
    typed = FIELDS | {"name": "Noor", "handle": "noor", "email": ""}
    answer = asked_again(admin).post(f"{PEOPLE}{ghost.pk}/change/", typed)
    assert "Give the person an email address first." in answer.text
    ghost.refresh_from_db()
    assert not ghost.is_staff
