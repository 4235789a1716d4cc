"""Every kind of answer is guarded, whoever makes it: a page, the stream, the server itself, gunicorn."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from boards import actions
from boards.models import Board
from tests.browser.conftest import make_people
from tests.live import LiveApp
from tests.raw import RawAnswer, answers, head, talk

SECURE = "X-Forwarded-Proto: https"
CLOSE = "Connection: close"


def missing(headers: Any) -> list[str]:
    """What an answer lacks of what keeps it from being framed, sniffed, kept, run or told on."""
    policy = headers.get("content-security-policy", "")
    wanted = {
        "nosniff": headers.get("x-content-type-options") == "nosniff",
        "frames": headers.get("x-frame-options") == "DENY" and "frame-ancestors 'none'" in policy,
        "scripts": "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy,
        "base": "base-uri 'none'" in policy and "form-action 'self'" in policy,
        "referrer": headers.get("referrer-policy") == "same-origin",
        "opener": headers.get("cross-origin-opener-policy") == "same-origin",
        "caches": bool(headers.get("cache-control")),
    }
    return [name for name, holds in wanted.items() if not holds]


def ask(*lines: str, first: str, host: str = "localhost") -> str:
    return head(SECURE, *lines, first=first, host=host)


SCRIPT = "/static/admin/js/vendor/jquery/jquery.js"
ANSWERS = {
    "a page": (200, ask(first="GET /accounts/login/ HTTP/1.1")),
    "a page's head": (200, ask(first="HEAD /accounts/login/ HTTP/1.1")),
    "a redirect": (302, ask(first="GET / HTTP/1.1")),
    "to HTTPS": (301, head(first="GET /accounts/login/ HTTP/1.1")),
    "a slash that lacks": (301, ask(first="GET /accounts/login HTTP/1.1")),
    "nothing there": (404, ask(first="GET /nothing/ HTTP/1.1")),
    "a forged form": (403, ask("Content-Length: 3", first="POST /accounts/login/ HTTP/1.1") + "a=b"),
    "options": (302, ask(first="OPTIONS /search/ HTTP/1.1")),
    "a static file": (200, ask(first=f"GET {SCRIPT} HTTP/1.1")),
    "a static file's head": (200, ask(first=f"HEAD {SCRIPT} HTTP/1.1")),
    "a part of a static file": (206, ask("Range: bytes=0-9", first=f"GET {SCRIPT} HTTP/1.1")),
    "no such part": (416, ask("Range: bytes=9999999-", first=f"GET {SCRIPT} HTTP/1.1")),
    "another method on a static file": (405, ask("Content-Length: 0", first=f"POST {SCRIPT} HTTP/1.1")),
    "no static file": (404, ask(first="GET /static/nothing.js HTTP/1.1")),
    "it lives": (200, ask(first="GET /healthz HTTP/1.1")),
    "it lives, head": (200, ask(first="HEAD /healthz HTTP/1.1")),
    "it lives, options": (405, ask(first="OPTIONS /healthz HTTP/1.1")),
    "it is ready": (200, ask(first="GET /readyz HTTP/1.1")),
    "it is ready, without HTTPS": (200, head(first="GET /readyz HTTP/1.1")),
    "no stream for nobody": (404, ask(first="GET /b/FLX/live/ HTTP/1.1")),
    "a stream's head": (405, ask(first="HEAD /b/FLX/live/ HTTP/1.1")),
    "a stream is not posted to": (405, ask("Content-Length: 0", first="POST /b/FLX/live/ HTTP/1.1")),
    "a bad id of an event": (400, ask("Last-Event-ID: x", first="GET /b/FLX/live/ HTTP/1.1")),
    "no events for nobody": (404, ask(first="GET /b/FLX/events/ HTTP/1.1")),
    "a bad id for events": (400, ask("Last-Event-ID: x", first="GET /b/FLX/events/ HTTP/1.1")),
    "a body for events": (413, ask("Content-Length: 9", first="GET /b/FLX/events/ HTTP/1.1")),
    "a body for a stream": (413, ask("Content-Length: 9", first="GET /b/FLX/live/ HTTP/1.1")),
    "a large body of nobody": (413, ask("Content-Length: 99999999", first="POST /import/ HTTP/1.1")),
    "a slow body": (408, ask("Content-Length: 9", first="POST /accounts/login/ HTTP/1.1")),
    "a compressed body": (415, ask("Content-Encoding: gzip", first="GET / HTTP/1.1")),
    "a compressed transfer": (
        501,
        ask("Transfer-Encoding: gzip, chunked", first="POST / HTTP/1.1") + "0\r\n\r\n",
    ),
    "a tunnel": (405, ask(first="CONNECT elsewhere.example:443 HTTP/1.1")),
    "an echo": (405, ask(first="TRACE / HTTP/1.1")),
    "no request": (400, "hello\r\n\r\n"),
    "a small method": (400, ask(first="get / HTTP/1.1")),
    "no version": (400, ask(first="GET / HTTP/9.9")),
    "two lengths": (400, ask("Content-Length: 1", "Content-Length: 1", first="POST / HTTP/1.1")),
    "a length that is too long": (400, ask(f"Content-Length: {'9' * 5000}", first="POST / HTTP/1.1")),
    "an unknown transfer": (501, ask("Transfer-Encoding: x", first="POST / HTTP/1.1")),
    "a chunk that is none": (
        400,
        ask("Transfer-Encoding: chunked", first="POST /accounts/login/ HTTP/1.1") + "x\r\n",
    ),
    "a long line": (414, ask(first=f"GET /{'a' * 9000} HTTP/1.1")),
    "a long header": (431, ask(f"X-A: {'a' * 9000}", first="GET / HTTP/1.1")),
    "many headers": (431, ask(*[f"X-{n}: b" for n in range(99)], first="GET / HTTP/1.1")),
    "a socket": (
        403,
        ask(
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            first="GET /b/FLX/live/ HTTP/1.1",
        ),
    ),
    "a socket of another version": (
        426,
        ask("Connection: Upgrade", "Upgrade: websocket", first="GET / HTTP/1.1"),
    ),
}


@pytest.mark.browser
@pytest.mark.parametrize("case", ANSWERS)
def test_every_answer_has_all_headers(case: str, impatient_app: LiveApp):
    status, said = ANSWERS[case]
    answer = only_answer(impatient_app, said)
    assert (answer.status, missing(answer.headers)) == (status, [])


def only_answer(app: LiveApp, said: str) -> RawAnswer:
    (answer,) = answers(talk(app, said, seconds=30))
    return answer


@pytest.mark.browser
def test_a_stream_and_the_moved_and_a_poll_have_them_too(impatient_app: LiveApp):
    ana = make_people()["ana"]
    number = Board.objects.count()
    board = actions.create_board("Streamed", by=ana, key=f"NOW{number}", starter=False)
    actions.rekey_board(board, f"NEW{number}", by=ana)
    cookie = f"Cookie: sessionid={impatient_app.cookies_for(ana)['sessionid']}"
    for status, key in {200: f"NEW{number}", 307: f"NOW{number}"}.items():
        for stream in ("live/", "live/?ids=1", "live/?poll=1", "events/"):
            answer = only_answer(impatient_app, ask(cookie, first=f"GET /b/{key}/{stream} HTTP/1.1"))
            assert (answer.status, missing(answer.headers)) == (status, [])


@pytest.mark.browser
@pytest.mark.parametrize(
    "path", ["/accounts/login/", SCRIPT, "/healthz", "/readyz", "/b/FLX/live/", "/b/FLX/events/", "/nothing/"]
)
def test_browsers_are_told_to_insist_on_https_where_it_is_spoken(path: str, impatient_app: LiveApp):
    answer = only_answer(impatient_app, ask(first=f"GET {path} HTTP/1.1"))
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    plain = only_answer(impatient_app, head(first=f"GET {path} HTTP/1.1"))
    assert "strict-transport-security" not in plain.headers


# ---- the host ---------------------------------------------------------------------------------------------

PATHS = [
    "/",
    "/accounts/login/",
    SCRIPT,
    "/healthz",
    "/readyz",
    "/b/FLX/live/",
    "/b/FLX/events/",
    "/nothing/",
]
HOSTS = [
    "elsewhere.example",
    "localhost.elsewhere.example",
    "localhost@elsewhere.example",
    "a, localhost",
    "",
]


@pytest.mark.browser
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_is_not_ours_is_a_400_everywhere(path: str, host: str, impatient_app: LiveApp):
    answer = only_answer(impatient_app, ask(first=f"GET {path} HTTP/1.1", host=host))
    assert (answer.status, missing(answer.headers)) == (400, [])


@pytest.mark.browser
@pytest.mark.parametrize("path", PATHS)
def test_a_host_is_named_once(path: str, impatient_app: LiveApp):
    none = f"GET {path} HTTP/1.1\r\n{SECURE}\r\n\r\n"
    two = ask("Host: localhost", first=f"GET {path} HTTP/1.1")
    other = ask(first=f"GET http://elsewhere.example{path} HTTP/1.1")
    disguised = ask(first=f"GET http://localhost@elsewhere.example{path} HTTP/1.1")
    neither = ask(first=f"GET http://elsewhere.example{path} HTTP/1.1", host="elsewhere.example")
    foreign = ask(first=f"GET ftp://localhost{path} HTTP/1.1")
    for said in (none, two, other, disguised, neither, foreign):
        answer = only_answer(impatient_app, said)
        assert (answer.status, missing(answer.headers)) == (400, []), said


@pytest.mark.browser
def test_a_whole_address_of_ours_is_the_page(impatient_app: LiveApp):
    for target in ("http://localhost/accounts/login/", "https://LOCALHOST/accounts/login/?next=/me/"):
        assert only_answer(impatient_app, ask(first=f"GET {target} HTTP/1.1")).status == 200
    assert only_answer(impatient_app, ask(first="GET http://localhost HTTP/1.1")).status == 302


@pytest.mark.browser
def test_a_probe_may_name_an_address_in_digits_and_nothing_else_may(impatient_app: LiveApp):
    for host in ("10.1.2.3:8000", "[2001:db8::1]:8000"):
        assert only_answer(impatient_app, head(first="GET /readyz HTTP/1.1", host=host)).status == 200
        assert only_answer(impatient_app, ask(first="GET /accounts/login/ HTTP/1.1", host=host)).status == 400


# ---- before there is a server: Django's own way in --------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_django_alone_does_the_same(path: str, client: Client):
    assert client.get(path, headers={"host": "elsewhere.example"}).status_code == 400
    for host in ("elsewhere.example", "localhost"):
        answer = client.get(path, headers={"host": host})
        assert missing({name.lower(): value for name, value in answer.items()}) == []
