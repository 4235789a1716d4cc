"""No address leads elsewhere because somebody asks it to, and no mail carries a host that somebody named."""

from __future__ import annotations

import itertools
import re
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pytest
from django.core import mail
from django.http import HttpResponse
from django.test import Client

from fluxboard.accounts.models import Link
from fluxboard.accounts.one_time_links import make_link
from fluxboard.core.public_url import public_url

ELSEWHERE = [
    "https://elsewhere.example/",
    "//elsewhere.example",
    "///elsewhere.example",
    "////elsewhere.example",
    "\\\\elsewhere.example",
    "/\\elsewhere.example",
    "/\\/elsewhere.example",
    "https:elsewhere.example",
    "https:/elsewhere.example",
    "http:///elsewhere.example",
    " //elsewhere.example",
    "/\t/elsewhere.example",
    "\x08//elsewhere.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "//testserver@elsewhere.example",
    "https://testserver.elsewhere.example/",
    "http://[",
    "/%0d%0aSet-Cookie:a=b",
    "/\r\nSet-Cookie: a=b",
]
HEADERS = ("Referer", "HX-Current-URL")


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def stays_here(answer: Any) -> bool:
    """Where a browser goes from this answer is on this host."""
    assert answer.status_code < 500
    to = answer.get("Location", "")
    assert "\r" not in to and "\n" not in to
    shown = re.sub(r"[\t\r\n]", "", to).replace("\\", "/").strip("\x00\x08 ")
    parts = urlsplit(shown)
    return parts.scheme in ("", "http") and parts.netloc in ("", "testserver")


@pytest.mark.parametrize("away", ELSEWHERE)
def test_nothing_that_asks_where_to_go_next_leads_away(away: str, board: Any, card: Any, ana: Any):
    ana.is_staff = ana.is_superuser = True
    ana.save()
    client, query = signed_in(ana), f"?next={quote(away)}"
    clock = {"time_zone": "lisbon", "work_start": "10:00", "work_end": "18:00"}
    answers = {
        "the admin's door": client.get(f"/admin/login/{query}"),
        "signed in already": client.get(f"/accounts/login/{query}"),
        "a card": client.post("/c/FLX-1/do/retitled/", {"title": away[:20] + "x", "next": away}),
        "a column": client.post("/b/FLX/do/renamed/", {"name": "Another", "next": away}),
        "standup": client.post("/standup/read/", {"next": away, "upto": ""}),
        "catch-up": client.post("/catch-up/", {"next": away}),
        "watching": client.post("/b/FLX/watch/", {"next": away, "watching": "1"}),
        "the first step": client.post(f"/me/start/{query}", clock),
        "asked again": client.post(f"/accounts/reauthenticate/{query}", {"password": "ana"}),
        "out": client.post(f"/accounts/logout/{query}", {"next": away}),
    }
    visitor = Client()
    answers["sign-in"] = visitor.post(
        "/accounts/login/", {"login": ana.email, "password": "ana", "next": away}
    )
    wrong = {what: answer["Location"] for what, answer in answers.items() if not stays_here(answer)}
    assert not wrong


@pytest.mark.parametrize("path", ["/me/", "/b/FLX/do/renamed/", "/standup/read/"])
def test_whoever_is_signed_out_comes_back_to_a_page_of_ours(path: str, board: Any):
    """What a request says of its page is not trusted, neither in the address nor in what a script shows."""
    for away in (one for one in ELSEWHERE if not re.search(r"[\n\x08]", one)):
        for header, script in itertools.product(HEADERS, ({}, {"HX-Request": "true"})):
            answer = Client().post(path, headers={header: away, **script})
            assert answer.status_code in {302, 303, 401}
            said = answer.get("Location") or answer.get("X-Flux-Login") or answer.text
            (to,) = re.findall(r"/accounts/login/\?next=([^\"]*)", said)
            assert stays_here(HttpResponse(headers={"Location": unquote(to)})), (header, away, to)
            assert unquote(to).startswith("/")


@pytest.mark.parametrize(
    "path", ["//elsewhere.example/..", "//elsewhere.example/b/FLX", "/%5celsewhere.example"]
)
def test_a_slash_that_is_added_leads_nowhere_else(path: str, ana: Any):
    assert stays_here(signed_in(ana).get(path))


def test_a_key_that_was_changed_leads_to_the_new_one_only(board: Any, ana: Any):
    from boards.actions import rekey_board

    rekey_board(board, "NEW", by=ana)
    answer = signed_in(ana).get("/b/FLX/?next=//elsewhere.example")
    assert answer["Location"] == "/b/NEW/?next=//elsewhere.example"


# ---- hosts ------------------------------------------------------------------------------------------------


HOSTS = ["elsewhere.example", "testserver.elsewhere.example", "testserver@elsewhere.example", "[::1"]
HOSTS += ["testserver:80:80", "testserver/elsewhere.example", "testserver\\elsewhere.example", "a" * 300]


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_is_not_ours_is_not_answered(host: str, ana: Any, settings: Any):
    settings.ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1", "[::1]"]
    for client in (Client(), signed_in(ana)):
        answer = client.get("/", headers={"host": host})
        assert answer.status_code == 400
        assert host not in answer.text
        assert "content-security-policy" in answer.headers
    Client().post("/accounts/password/reset/", {"email": ana.email}, headers={"host": host})
    assert not mail.outbox


FORWARDED = {
    "X-Forwarded-Host": "elsewhere.example",
    "X-Forwarded-Server": "elsewhere.example",
    "X-Host": "elsewhere.example",
    "X-Original-URL": "/admin/",
    "X-Rewrite-URL": "/admin/",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "//elsewhere.example",
    "Forwarded": "host=elsewhere.example;proto=https",
    "X-HTTP-Method-Override": "DELETE",
}


def test_what_a_proxy_would_say_counts_for_nothing(board: Any, ana: Any):
    client = signed_in(ana)
    plain, said = client.get("/b/FLX/"), client.get("/b/FLX/", headers=FORWARDED)
    assert said.status_code == 200
    for answer in (said, client.post("/b/FLX/invitations/new/", INVITED, headers=FORWARDED)):
        assert "elsewhere.example" not in answer.text + str(answer.headers)
    assert not said.wsgi_request.is_secure() and "strict-transport-security" not in plain.headers
    Client().post("/accounts/password/reset/", {"email": ana.email}, headers=FORWARDED)
    links = re.findall(r"https?://\S+", "".join(str(message.body) for message in mail.outbox))
    assert links and {urlsplit(link).netloc for link in links} == {"localhost:8000"}


INVITED = {"email": "eve@example.com", "role": "viewer", "days": "7"}
PUBLIC = "https://board.example.org"


def test_every_link_in_a_mail_is_of_the_public_address(
    board: Any, ana: Any, settings: Any, django_capture_on_commit_callbacks: Any
):
    """Whatever other name of this machine a request used."""
    settings.PUBLIC_URL = PUBLIC
    settings.ALLOWED_HOSTS = ["board.example.org", "localhost"]
    local = {"host": "localhost:8000"}
    client = signed_in(ana)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/b/FLX/invitations/new/", INVITED, headers=local)
    client.post("/accounts/reauthenticate/", {"password": "ana"}, headers=local)
    client.post("/accounts/email/", {"action_add": "", "email": "new@example.com"}, headers=local)
    for path in ("/accounts/password/reset/", "/accounts/login/code/"):
        Client().post(path, {"email": ana.email}, headers=local)
    assert len(mail.outbox) == 4
    text = "".join(f"{message.subject}\n{message.body}" for message in mail.outbox)
    assert "localhost" not in text and text.count(PUBLIC) >= 3
    assert {urlsplit(link)[:2] for link in re.findall(r"https?://\S+", text)} == {
        ("https", "board.example.org")
    }


@pytest.mark.parametrize(
    ("hosts", "environment", "there"),
    [
        (["localhost", "*"], {}, "http://localhost:8000"),
        (["localhost"], {"PORT": "8123"}, "http://localhost:8123"),
        (["*", ".example.org", "board.example.org"], {}, "http://board.example.org"),
        (["board.example.org"], {"HOST": "0.0.0.0", "PORT": "8123"}, "http://board.example.org:8123"),
        (["[::1]"], {}, "http://[::1]:8000"),
        (["*", ".example.org"], {}, None),
        ([], {}, None),
    ],
)
def test_without_a_public_address_the_first_host_that_is_allowed_is_it(
    settings: Any, monkeypatch: pytest.MonkeyPatch, hosts: list[str], environment: dict[str, str], there: Any
):
    settings.ALLOWED_HOSTS = hosts
    for name in ("HOST", "PORT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert public_url() == there


@pytest.mark.parametrize("host", ["testserver:9999", "TESTSERVER:1", "localhost:31337", "127.0.0.1:6"])
def test_no_mail_takes_its_host_or_port_from_a_request(
    host: str, board: Any, ana: Any, django_capture_on_commit_callbacks: Any
):
    client = signed_in(ana)
    client.post("/accounts/reauthenticate/", {"password": "ana"}, headers={"host": host})
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/b/FLX/invitations/new/", INVITED, headers={"host": host})
    client.post("/accounts/email/", {"action_add": "", "email": "new@example.com"}, headers={"host": host})
    for path in ("/accounts/password/reset/", "/accounts/login/code/"):
        Client().post(path, {"email": ana.email}, headers={"host": host})
    text = "".join(f"{message.subject}\n{message.body}" for message in mail.outbox)
    assert len(mail.outbox) == 4 and text.count("http://localhost:8000/") == 3
    assert host.lower() not in text.lower()


def test_where_nothing_says_what_the_address_is_no_mail_goes_out_and_the_page_says_so(
    board: Any, ana: Any, settings: Any, caplog: Any, django_capture_on_commit_callbacks: Any
):
    """The same to everybody, whether the address has an account or not."""
    settings.ALLOWED_HOSTS = ["*"]
    for path, email in itertools.product(
        ("/accounts/password/reset/", "/accounts/login/code/"), (ana.email, "eve@example.com")
    ):
        assert "FLUXBOARD_URL is not set" in Client().post(path, {"email": email}).text
    client = signed_in(ana)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/b/FLX/invitations/new/", INVITED)
    assert answer.status_code == 422 and "FLUXBOARD_URL is not set" in answer.text
    new = {"oldpassword": "ana", "password1": "a brand new phrase", "password2": "a brand new phrase"}
    assert client.post("/accounts/password/change/", new).status_code == 302
    assert not mail.outbox
    assert "no mail sent: set FLUXBOARD_URL" in caplog.text


def test_a_one_time_link_of_the_admin_is_of_the_public_address(ana: Any, kenji: Any, settings: Any):
    settings.PUBLIC_URL = PUBLIC
    ana.is_staff = ana.is_superuser = True
    ana.save()
    chosen = {"action": "print_links", "_selected_action": [kenji.pk]}
    client = signed_in(ana)
    client.post("/accounts/reauthenticate/", {"password": "ana"})
    answer = client.post("/admin/accounts/user/", chosen, follow=True)
    assert f"{PUBLIC}/accounts/welcome/" in answer.text and "testserver" not in answer.text


def test_a_mail_is_no_place_to_add_headers_or_lines(board: Any, ana: Any):
    """A name with line breaks is refused where it is typed, and one on one line stays in its header."""
    client = signed_in(ana)
    answer = client.post("/me/", {"name": "Ana\r\nBcc: eve@example.com"})
    ana.refresh_from_db()
    assert "\n" not in ana.name and "\r" not in ana.name, answer.status_code
    bad = "eve@example.com\r\nBcc: sam@example.com"
    assert client.post("/b/FLX/invitations/new/", INVITED | {"email": bad}).status_code == 422
    assert not mail.outbox


def test_a_welcome_link_is_not_told_by_a_referer(ana: Any):
    """A page with a secret in its address is told to no other site, and kept by no cache."""
    path = urlsplit(make_link(Link.Kind.WELCOME, "http://testserver", ana)).path
    answer = Client().get(path)
    assert answer["Referrer-Policy"] == "same-origin" and "no-store" in answer["Cache-Control"]
