"""Sessions cannot be planted, and one that has ended is dead everywhere; what every answer says of itself."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.backends import db
from django.test import Client
from django.urls import path as address

from tests.contracts.test_addresses import (  # noqa: F401
    BY_SECRET,
    TABLE,
    nothing_in_the_background,
    people,
    things,
)

LOGIN = "/accounts/login/"


def sign_in(client: Client, person: Any) -> Any:
    return client.post(LOGIN, {"login": person.email, "password": person.handle})


def key_of(client: Client) -> str:
    return client.cookies["sessionid"].value


def test_a_session_that_somebody_planted_is_not_the_one_signed_in_to(ana: Any, kenji: Any):
    """The key from before is worthless afterwards, whoever set it, also that of somebody signed in."""
    planted = Client()
    sign_in(planted, kenji)
    for before in (key_of(planted), "aplantedsessionkey0000000000000000"):
        client = Client()
        client.cookies["sessionid"] = before
        client.post("/accounts/logout/")
        sign_in(client, ana)
        assert key_of(client) != before
        thief = Client()
        thief.cookies["sessionid"] = before
        assert thief.get("/me/").status_code == 302
    assert client.get("/me/").status_code == 200


def test_the_token_for_forms_is_new_after_signing_in(ana: Any):
    client = Client()
    client.get(LOGIN)
    before = client.cookies["csrftoken"].value
    sign_in(client, ana)
    client.get("/me/")
    assert client.cookies["csrftoken"].value != before


def test_a_session_is_dead_after_its_sign_out(board: Any, ana: Any):
    """Also for whoever has copied its cookie, and for the stream's door."""
    from activity.live.admission import stream_reader

    client = Client()
    sign_in(client, ana)
    key = key_of(client)
    assert stream_reader(f"sessionid={key}") is not None
    client.post("/accounts/logout/")
    thief = Client()
    thief.cookies["sessionid"] = key
    assert thief.get("/b/FLX/").status_code == 302
    assert stream_reader(f"sessionid={key}") is None


def test_the_cookies_are_for_this_site_and_no_script(ana: Any, settings: Any):
    for secure in (False, True):
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = secure
        client = Client()
        client.get(LOGIN, secure=True)
        client.post(
            LOGIN,
            {"login": ana.email, "password": "ana"},
            secure=True,
            headers={"Referer": "https://testserver/"},
        )
        for name in ("sessionid", "csrftoken"):
            cookie = client.cookies[name]
            assert cookie["httponly"] and cookie["samesite"] == "Lax" and not cookie["domain"]
            assert bool(cookie["secure"]) is secure
    kept = import_module(django_settings.SESSION_ENGINE).SessionStore
    assert issubclass(kept, db.SessionStore)  # the cookie holds a key and nothing else


# ---- what every answer says -------------------------------------------------------------------------------


def boom(request: Any) -> Any:
    raise ZeroDivisionError("a fault of ours")


class Broken:
    """Addresses with one whose view fails."""

    from fluxboard.urls import handler429, handler500
    from fluxboard.urls import urlpatterns as _ours

    urlpatterns = [*_ours, address("boom/", boom)]


def is_guarded(answer: Any) -> list[str]:
    """What is missing of what keeps a page from being framed, sniffed, kept or told on."""
    policy = answer.get("content-security-policy", "")
    wanted = {
        "nosniff": answer.get("x-content-type-options") == "nosniff",
        "frames": "frame-ancestors 'none'" in policy,
        "scripts": "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy,
        "base": "base-uri 'none'" in policy and "form-action 'self'" in policy,
        "referer": answer.get("referrer-policy") in ("same-origin", "no-referrer"),
        "opener": answer.get("cross-origin-opener-policy") == "same-origin",
    }
    return [name for name, holds in wanted.items() if not holds]


def test_every_page_is_guarded_and_no_private_one_is_kept(things: Any, ana: Any):  # noqa: F811
    client, wrong = Client(), {}
    client.force_login(ana)
    paths = [row.path.format(**things) for row in TABLE.values() if row.get]
    for path in [*paths, *BY_SECRET.values(), LOGIN, "/accounts/password/change/", "/nothing/", "/admin/"]:
        answer = client.get(path)
        missing = is_guarded(answer)
        if "no-store" not in answer.get("cache-control", "") and answer.status_code == 200:
            missing.append("kept by caches")
        if missing:
            wrong[path] = answer.status_code, missing
    assert not wrong


@pytest.mark.parametrize("debug", [False])
def test_errors_are_guarded_too_and_tell_nothing(board: Any, ana: Any, settings: Any, debug: bool):
    settings.ROOT_URLCONF = Broken
    client = Client(raise_request_exception=False)
    client.force_login(ana)
    strict = Client(enforce_csrf_checks=True)
    answers = {
        400: client.get("/", headers={"host": "elsewhere.example"}),
        403: strict.post("/me/"),
        404: client.get("/nothing/"),
        405: client.post("/search/"),
        422: client.post("/me/", {"name": ""}),
        500: client.get("/boom/"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert not is_guarded(answer), (status, is_guarded(answer))
        assert (
            "Traceback" not in answer.text
            and "ZeroDivision" not in answer.text
            and "/site-packages" not in answer.text
        )
