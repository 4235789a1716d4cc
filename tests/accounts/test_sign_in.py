"""Signing in: by password, by code, with a second factor; what strangers learn from it: nothing."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import urlencode

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.test import Client
from django.urls import reverse

from fluxboard.accounts.models import User
from tests.accounts.conftest import link_in, signed_in

LOGIN = "/accounts/login/"


def test_ana_signs_in_and_goes_where_she_wanted_to(client: Client, ana: User) -> None:
    answer = client.post(LOGIN, {"login": "ANA@example.com", "password": "ana", "next": "/me/"})
    assert (answer.status_code, answer["Location"]) == (302, "/me/")
    assert client.get("/me/").status_code == 200


def test_next_leads_nowhere_else(client: Client, ana: User) -> None:
    answer = client.post(LOGIN, {"login": ana.email, "password": "ana", "next": "https://evil.example/"})
    assert answer["Location"] == "/"


def test_a_wrong_password_and_an_unknown_address_look_alike(client: Client, ana: User) -> None:
    wrong = client.post(LOGIN, {"login": "ana@example.com", "password": "no"}).text
    unknown = client.post(LOGIN, {"login": "eve@example.com", "password": "no"}).text
    assert "do not belong together" in wrong

    def anonymous(page: str) -> str:
        return re.sub(r'value="[^"]*"|data-csrf="[^"]*"', "", page)

    assert anonymous(wrong) == anonymous(unknown)


def test_the_error_is_tied_to_the_fields_and_takes_the_focus(client: Client, ana: User) -> None:
    page = client.post(LOGIN, {"login": "ana@example.com", "password": "no"}).text
    assert re.search(r'id="form-errors" tabindex="-1" autofocus', page)
    assert page.count('aria-describedby="form-errors') == 2
    assert 'value="ana@example.com"' in page


def test_the_sixth_guess_at_a_password_is_not_looked_at(client: Client, ana: User) -> None:
    for _ in range(5):
        client.post(LOGIN, {"login": ana.email, "password": "no"})
    page = client.post(LOGIN, {"login": ana.email, "password": "ana"}).text
    assert "Too many attempts" in page


def test_a_deactivated_person_cannot_sign_in(client: Client, ana: User) -> None:
    User.objects.filter(pk=ana.pk).update(is_active=False)
    answer = client.post(LOGIN, {"login": ana.email, "password": "ana"}, follow=True)
    assert "This account is deactivated" in answer.text
    assert not answer.wsgi_request.user.is_authenticated


def test_nobody_signs_themselves_up(client: Client, db: None) -> None:
    assert "You join by invitation" in client.get("/accounts/signup/").text
    client.post("/accounts/signup/", {"email": "eve@example.com", "password1": "correct horse battery"})
    assert not User.objects.exists()


def test_a_page_sends_strangers_to_the_sign_in_and_back(client: Client, db: None) -> None:
    answer = client.get("/me/?a=1")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/me/%3Fa%3D1")


def test_a_script_without_a_sign_in_is_told_so_and_keeps_its_page(client: Client, db: None) -> None:
    answer = client.post("/me/", headers={"HX-Request": "true", "Referer": "http://testserver/b/FLX/"})
    assert answer.status_code == 401
    assert answer["X-Flux-Login"] == "/accounts/login/?next=/b/FLX/"


def test_a_form_without_a_sign_in_comes_back_to_its_page(client: Client, db: None) -> None:
    answer = client.post("/me/", headers={"Referer": "http://testserver/me/"})
    assert (answer.status_code, answer["Location"]) == (303, "/accounts/login/?next=/me/")


def test_ana_signs_in_by_a_code_from_her_mail(client: Client, ana: User) -> None:
    answer = client.post("/accounts/login/code/", {"email": ana.email}, follow=True)
    assert "Enter the code" in answer.text
    code = re.search(r"^\s*([A-Z0-9]+-[A-Z0-9]+)\s*$", str(mail.outbox[0].body), re.MULTILINE)
    assert code, mail.outbox[0].body
    client.post("/accounts/login/code/confirm/", {"code": code[1]})
    assert client.get("/me/").status_code == 200


def test_asking_a_code_for_a_stranger_looks_the_same_and_sends_nothing(client: Client, db: None) -> None:
    answer = client.post("/accounts/login/code/", {"email": "eve@example.com"}, follow=True)
    assert "Enter the code" in answer.text
    assert not mail.outbox


def test_a_forgotten_password_is_replaced_by_the_link_in_the_mail(client: Client, ana: User) -> None:
    answer = client.post("/accounts/password/reset/", {"email": ana.email}, follow=True)
    assert "Look into your mail" in answer.text
    form = client.get(link_in(mail.outbox[0]), follow=True)
    new = {"password1": "a brand new phrase", "password2": "a brand new phrase"}
    client.post(form.request["PATH_INFO"], new)
    assert Client().login(email=ana.email, password="a brand new phrase")


def test_a_reset_for_a_stranger_looks_the_same_and_sends_nothing(client: Client, db: None) -> None:
    answer = client.post("/accounts/password/reset/", {"email": "eve@example.com"}, follow=True)
    assert "Look into your mail" in answer.text
    assert not mail.outbox


def test_a_changed_password_ends_the_other_sessions_only(ana: User) -> None:
    here, elsewhere = signed_in(ana), signed_in(ana)
    change = {"oldpassword": "ana", "password1": "a brand new phrase", "password2": "a brand new phrase"}
    answer = here.post("/accounts/password/change/", change)
    assert answer["Location"] == "/me/"
    assert here.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302


def code_of_now(secret: str) -> str:
    """What an app shows: it is taken for another half minute."""
    _, now, _ = totp.yield_hotp_counters_from_time()
    return str(totp.format_hotp_value(totp.hotp_value(secret, now)))


def test_with_a_second_factor_the_password_is_only_half_the_way(client: Client, ana: User) -> None:
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(ana, secret)
    answer = client.post(LOGIN, {"login": ana.email, "password": "ana"})
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/me/").status_code == 302
    code = code_of_now(secret)
    client.post("/accounts/2fa/authenticate/", {"code": "000000" if code != "000000" else "111111"})
    assert client.get("/me/").status_code == 302
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert client.get("/me/").status_code == 200


def test_ana_turns_the_authenticator_app_on_and_gets_recovery_codes(ana: User) -> None:
    client = signed_in(ana)
    client.post("/accounts/reauthenticate/", {"password": "ana"})
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    code = code_of_now(secret)
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code}, follow=True)
    assert Authenticator.objects.filter(user=ana, type="totp").exists()
    assert answer.context["unused_codes"]


def test_whose_clock_nobody_set_is_asked_once_for_it(client: Client, db: None) -> None:
    root = User.objects.create_superuser("root@example.com", "root")
    sign_in = {"login": "root@example.com", "password": "root"}
    answer = client.post(f"{LOGIN}?next=/waiting/", sign_in)
    assert (answer.status_code, answer["Location"]) == (302, "/me/start/?next=%2Fwaiting%2F")
    page = client.get(answer["Location"]).text
    assert "Welcome, <bdi>root</bdi>" in page
    assert "data-guess" in page
    assert 'href="/waiting/">Not now' in page
    typed = {"time_zone": "tokyo", "work_days": [1, 2, 3], "work_start": "10:00", "work_end": "18:00"}
    assert client.post(answer["Location"], typed | {"time_zone": "nowhere"}).status_code == 422
    saved = client.post(answer["Location"], typed | {"digest_at": "11:30"})
    assert (saved.status_code, saved["Location"]) == (303, "/waiting/")
    root.refresh_from_db()
    assert (root.time_zone, root.work_days, root.work_end) == ("Asia/Tokyo", [1, 2, 3], dt.time(18))
    assert (root.digest_on, root.digest_at) == (False, dt.time(11, 30))
    assert root.is_superuser and root.check_password("root")
    client.post("/accounts/logout/")
    assert client.post(LOGIN, sign_in)["Location"] == "/"


def test_the_second_sign_in_asks_nothing_even_where_the_first_one_was_passed_over(
    client: Client, db: None
) -> None:
    User.objects.create_superuser("root@example.com", "root")
    sign_in = {"login": "root@example.com", "password": "root"}
    assert client.post(LOGIN, sign_in)["Location"] == "/me/start/?next=%2F"
    client.post("/accounts/logout/")
    assert client.post(LOGIN, sign_in)["Location"] == "/"


@pytest.mark.parametrize(
    "away", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""]
)
def test_the_first_step_leads_nowhere_else(ana: User, away: str) -> None:
    client = signed_in(ana)
    assert 'href="/">Not now' in client.get("/me/start/", {"next": away}).text
    typed = {"time_zone": "lisbon", "work_start": "10:00", "work_end": "18:00"}
    assert client.post(f"/me/start/?{urlencode({'next': away})}", typed)["Location"] == "/"


PAGES = [
    *("account_login", "account_logout", "account_reset_password", "account_reset_password_done"),
    *("account_request_login_code", "account_signup", "account_inactive", "account_change_password"),
    *("account_email", "account_email_verification_sent", "account_reauthenticate", "mfa_index"),
    *("mfa_list_webauthn", "mfa_add_webauthn", "mfa_activate_totp", "account_reset_password_from_key_done"),
]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_stands_in_our_frame_without_inline_script_or_style(name: str, ana: User) -> None:
    client = Client() if name in PAGES[:7] and name != "account_logout" else signed_in(ana)
    if client.session.session_key and name.startswith("mfa_"):
        client.post("/accounts/reauthenticate/", {"password": "ana"})
    answer = client.get(reverse(name), follow=True)
    page = answer.text
    assert answer.status_code == 200
    assert "css/fluxboard.css" in page
    assert not re.search(r"<script(?![^>]*(?:\bsrc=|application/json))", page)
    assert not re.search(r"""\s(?:style|on[a-z]+)\s*=\s*["']""", page)
    assert "default-src 'none'" in answer["Content-Security-Policy"]
