"""What no browser sends, at the real server: requests in requests, odd paths, too much, too slow, cut off."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from collections.abc import Iterator

import pytest
from django.test import Client

from fluxboard.server import limits
from tests.browser.conftest import make_people
from tests.live import PATIENCE, LiveApp
from tests.raw import head, statuses, talk

pytestmark = pytest.mark.browser  # a real server, though no browser

INNER = "GET /accounts/login/?inner=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def server(shared_app: LiveApp) -> Iterator[LiveApp]:
    """The shared server, which has met no fault of its own when the test is over."""
    before = len(shared_app.log)
    yield shared_app
    faults = re.findall(r'^.*(?:"status": 5|Traceback|Error handling).*$', shared_app.log[before:], re.M)
    assert not faults, faults[0][:2000]


SMUGGLED = {
    "a length and chunks": head("Content-Length: 4", "Transfer-Encoding: chunked") + f"0\r\n\r\n{INNER}",
    "chunks and a length": head("Transfer-Encoding: chunked", "Content-Length: 4") + f"0\r\n\r\n{INNER}",
    "two lengths": head("Content-Length: 0", f"Content-Length: {len(INNER)}") + INNER,
    "a list of lengths": head(f"Content-Length: 0, {len(INNER)}") + INNER,
    "a signed length": head("Content-Length: +0") + INNER,
    "a length in words": head("Content-Length: 0x0") + INNER,
    "a negative length": head("Content-Length: -1") + INNER,
    "another coding": head("Transfer-Encoding: xchunked") + f"0\r\n\r\n{INNER}",
    "a coding twice": head("Transfer-Encoding: chunked", "Transfer-Encoding: identity") + f"0\r\n\r\n{INNER}",
    "a space before the colon": head("Transfer-Encoding : chunked") + f"0\r\n\r\n{INNER}",
    "a folded line": head("X-A: b", " Transfer-Encoding: chunked", "Content-Length: 0") + INNER,
    "a tab before the name": head("X-A: b", "\tContent-Length: 0") + INNER,
    "a chunk size that is none": head("Transfer-Encoding: chunked") + f"-1\r\n\r\n{INNER}",
    "a chunk size with more": head("Transfer-Encoding: chunked") + f"0;\n\r\n\r\n{INNER}",
    "a NUL in a name": head("X-\0A: b") + INNER,
    "a return in a value": head("X-A: b\rContent-Length: 0") + INNER,
    "chunks in HTTP/1.0": head("Transfer-Encoding: chunked", first="POST /accounts/login/ HTTP/1.0")
    + f"0\r\n\r\n{INNER}",
}


@pytest.mark.parametrize("case", SMUGGLED)
def test_a_request_in_a_request_is_answered_once_at_most(case: str, server: LiveApp):
    """Refused and closed: nothing after it on that connection is a request."""
    found = statuses(talk(server, SMUGGLED[case]))
    assert len(found) <= 1, found
    assert all(400 <= status < 600 for status in found), found


def test_two_honest_requests_on_one_connection_are_two_answers(server: LiveApp):
    """The counter-check of the above."""
    assert statuses(talk(server, INNER * 2, answers=2)) == [200, 200]


LIMITS = {
    "a long line": (head(first=f"GET /{'a' * 9000} HTTP/1.1"), {414}),
    "a long query": (head(first=f"GET /search/?q={'a' * 9000} HTTP/1.1"), {414}),
    "a long header": (head(f"X-A: {'a' * 9000}", first="GET / HTTP/1.1"), {431}),
    "many headers": (head(*[f"X-{n}: b" for n in range(200)], first="GET / HTTP/1.1"), {431}),
    "a cookie of many": (
        head(f"Cookie: {'a=b; ' * 1500}", first="GET /accounts/login/ HTTP/1.1"),
        {200, 431},
    ),
    "a body promised too large": (head("Content-Length: 99999999999"), {413}),
    "no host": ("GET / HTTP/1.1\r\n\r\n", {400}),
    "two hosts": (head("Host: elsewhere.example", first="GET / HTTP/1.1"), {400}),
    "an unknown version": (head(first="GET / HTTP/9.9"), {400, 505}),
    "an unknown method": (head(first="BREW / HTTP/1.1"), {400, 403, 405, 501}),
    "a small method": (head(first="get / HTTP/1.1"), {302, 400, 403, 405, 501}),
    "a tunnel": (head(first="CONNECT elsewhere.example:443 HTTP/1.1"), {400, 404, 405}),
    "all of it": (head(first="OPTIONS * HTTP/1.1"), {200, 302, 400, 404}),
    "a whole address": (head(first="GET http://elsewhere.example/ HTTP/1.1"), {400}),
}


@pytest.mark.parametrize("case", LIMITS)
def test_too_much_is_refused_at_once(case: str, server: LiveApp):
    said, fits = LIMITS[case]
    found = statuses(talk(server, said, seconds=30))
    assert found and set(found) <= fits, found


PATHS = [
    "/static/../../../../../../etc/passwd",
    "/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/static/..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/static/..%5c..%5c..%5cetc%5cpasswd",
    "/static/....//....//....//etc/passwd",
    "/static//etc/passwd",
    "/static/%2fetc%2fpasswd",
    "/static/css/..;/../../../var/secret_key",
    "/static/../secret_key",
    "/static/%2e%2e/secret_key",
    "/static/../../fluxboard/settings.py",
    "/static/staticfiles.json%00.css",
    "/static/%00",
    "/static/.",
    "/static/css",
    "/../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "//etc/passwd",
    "//elsewhere.example/%2e%2e",
    "/b/%2e%2e/admin/",
    "/b/FLX/../../admin/",
    "/%00",
    "/b/%00/",
    "/b/FLX%0d%0aSet-Cookie:%20a=b/",
    "/%ff%fe",
    "/%ed%a0%80",
    "/join/" + "a" * 4000 + "/",
    "/accounts/welcome/" + "%25" * 1000 + "/",
    "/b/FLX/live/%00",
    "/b/..%2fFLX/live/",
]


@pytest.mark.parametrize("path", PATHS)
def test_an_odd_path_finds_no_file_and_leads_nowhere_else(path: str, server: LiveApp):
    heard = talk(server, head("Connection: close", first=f"GET {path} HTTP/1.1"))
    (status,) = statuses(heard)
    assert status in {301, 302, 400, 404, 410}, status
    assert (
        b"root:" not in heard
        and b"SECRET" not in heard
        and b"staticfiles" not in heard.partition(b"\r\n\r\n")[2]
    )
    lines = heard.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    assert not [line for line in lines if line.lower().startswith("set-cookie: a=")]
    for line in lines:
        if line.lower().startswith("location:"):
            assert re.match(r"/(?![/\\])", line.partition(":")[2].strip()), line


# ---- slow, and cut off ------------------------------------------------------------------------------------


def test_who_is_slow_is_let_go_and_others_are_served_meanwhile(server: LiveApp):
    """Forty heads and ten bodies of a byte now and then are gone in bounded time; nobody waits for them."""
    began = time.monotonic()
    slow_head = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-"
    slow_body = head("Content-Length: 5000", "Content-Type: text/plain").encode()
    lines = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
    silent, heads, bodies = lines[:10], lines[10:40], lines[40:]
    for line in heads:
        line.sendall(slow_head)
    for line in bodies:
        line.sendall(slow_body)
    ended: dict[socket.socket, float] = {}
    answers: dict[socket.socket, bytes] = {}
    for line in lines:
        line.setblocking(False)
    patience = max(limits.HEAD_SECONDS, limits.WINDOW_SECONDS) + PATIENCE
    while len(ended) < len(lines) and time.monotonic() - began < patience:
        for line in set(lines) - ended.keys():
            try:
                part = line.recv(4096)
                answers[line] = answers.get(line, b"") + part
                if not part:
                    ended[line] = time.monotonic() - began
                    continue
            except BlockingIOError:
                pass
            except ConnectionError:
                ended[line] = time.monotonic() - began
                continue
            if line not in silent:
                with contextlib.suppress(ConnectionError, BlockingIOError):
                    line.send(b"a")
        assert statuses(talk(server, head("Connection: close", first="GET /accounts/login/ HTTP/1.1"))) == [
            200
        ]
        time.sleep(0.5)
    for line in lines:
        line.close()
    assert len(ended) == len(lines), f"{len(lines) - len(ended)} of {len(lines)} are still there"
    assert all(statuses(answers[line])[:1] == [408] for line in bodies), [answers[line] for line in bodies]


def test_a_form_that_is_cut_off_is_not_half_done(server: LiveApp):
    """Whatever of it arrives, no view sees it."""
    from boards import actions
    from boards.models import Board

    ana = make_people()["ana"]
    number = Board.objects.count()
    board = actions.create_board("Whole", by=ana, key=f"CUT{number}", starter=False)
    cookies = server.cookies_for(ana)
    client = Client()
    client.cookies["sessionid"] = cookies["sessionid"]
    page = client.get(f"/b/{board.key}/settings/", headers={"host": "localhost"})
    form = f"csrfmiddlewaretoken={page.context['csrf_token']}&name=Half&description="
    lines = [
        f"Cookie: sessionid={cookies['sessionid']}; csrftoken={client.cookies['csrftoken'].value}",
        "Content-Type: application/x-www-form-urlencoded",
    ]
    first = f"POST /b/{board.key}/do/renamed/ HTTP/1.1"
    for sent in (form, form[: len(form) // 2], ""):
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            line.sendall((head(*lines, f"Content-Length: {len(form) + 50}", first=first) + sent).encode())
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            chunk = f"{len(sent):x}\r\n{sent}\r\n" if sent else ""
            line.sendall((head(*lines, "Transfer-Encoding: chunked", first=first) + chunk).encode())
    time.sleep(0.5)
    board.refresh_from_db()
    assert board.name == "Whole"
    whole = head(*lines, f"Content-Length: {len(form)}", "Connection: close", first=first) + form
    assert statuses(talk(server, whole)) == [303]
    board.refresh_from_db()
    assert board.name == "Half"


def test_a_body_without_end_is_ended(server: LiveApp):
    """Chunk after chunk beyond the limit: 413 or a closed line, and the worker lives."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as line:
        line.sendall(head("Transfer-Encoding: chunked", "Content-Type: text/plain").encode())
        chunk = b"100000\r\n" + b"a" * 0x100000 + b"\r\n"
        sent = 0
        with contextlib.suppress(OSError):
            while sent < 200:
                line.sendall(chunk)
                sent += 1
        assert sent < 200, "more than the limit was taken"
    assert statuses(talk(server, INNER)) == [200]
