"""Bodies that are parked or pile up: who may send how much, how slowly, and how much is held at once."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from fluxboard.features.uploads.views import upload_paths
from fluxboard.server import limits
from fluxboard.server.limits import MB
from fluxboard.server.request_bodies import Budget, Pace
from tests.browser.conftest import make_people
from tests.live import LiveApp
from tests.raw import first_answer, head, line_to, statuses, talk, until_closed

pytestmark = pytest.mark.browser  # a real server, though no browser

SECURE = "X-Forwarded-Proto: https"
UPLOAD = "POST /import/ HTTP/1.1"
FILE = "Content-Type: multipart/form-data; boundary=limit"
TEMPORARY = tempfile.gettempdir()
EVERYWHERE = ["/", "/nothing/", "/import/", "/import/board/", "/accounts/login/", "/b/FLX/", "/readyz"]


@pytest.fixture
def app(impatient_app: LiveApp) -> LiveApp:
    return impatient_app


@pytest.fixture
def session(app: LiveApp) -> str:
    """The Cookie header of somebody of their own who is signed in."""
    return f"Cookie: sessionid={app.cookies_for(make_people()['ana'])['sessionid']}"


def spooled(app: LiveApp) -> int:
    """How many bytes of files without a name the workers hold: bodies and uploads."""
    total = 0
    for pid in app.procs[1:]:
        for file in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                name = str(file.readlink())
                total += file.stat().st_size if name.startswith(TEMPORARY) and "(deleted)" in name else 0
    return total


def wait_until_nothing_is_held(app: LiveApp) -> None:
    until = time.monotonic() + 30
    while spooled(app) > MB and time.monotonic() < until:
        time.sleep(0.05)
    assert spooled(app) <= MB


# ---- who may send much ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("cookie", ["X-A: b", "Cookie: sessionid=nobodysnobodysnobodysnobodysnobo"])
def test_a_large_body_of_nobody_is_refused_before_it_is_read(path: str, cookie: str, app: LiveApp):
    said = head(SECURE, FILE, cookie, f"Content-Length: {100 * MB}", first=f"POST {path} HTTP/1.1")
    with line_to(app) as line:
        line.sendall(said.encode())
        answer = first_answer(line)  # though not a byte of the body was sent
    assert answer.status == 413
    assert f'"path": "{path}", "status": 413' in app.log
    assert b"igned in" in answer.body or path not in upload_paths()


def test_four_large_bodies_at_once_leave_nothing_on_disk(app: LiveApp):
    said = head(SECURE, FILE, f"Content-Length: {100 * MB}", first=UPLOAD).encode()
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(line_to(app)) for _ in range(4)]
        for line in lines:
            line.sendall(said)
            with contextlib.suppress(OSError):
                line.sendall(b"a" * 4 * MB)
        assert spooled(app) < MB
        assert [first_answer(line).status for line in lines] == [413] * 4


def test_a_body_in_chunks_is_refused_where_it_grows_too_large(app: LiveApp):
    with line_to(app) as line:
        line.sendall(head(SECURE, "Transfer-Encoding: chunked", first="POST /nothing/ HTTP/1.1").encode())
        with contextlib.suppress(OSError):
            for _ in range(40):
                line.sendall(b"4000\r\n" + b"a" * 0x4000 + b"\r\n")
        assert first_answer(line).status == 413


def test_a_page_whose_session_has_ended_is_told_so(app: LiveApp):
    """By the status that its script takes for it: what was typed stays where it is."""
    said = head(
        SECURE, "HX-Request: true", "Content-Length: 70000", first="POST /c/FLX-1/do/specified/ HTTP/1.1"
    )
    assert statuses(talk(app, said)) == [401]


@pytest.mark.parametrize("path", ["/me/", "/nothing/", "/search/", "/import/x/"])
def test_other_addresses_take_no_file_of_somebody_either(path: str, app: LiveApp, session: str):
    said = head(
        SECURE, FILE, session, f"Content-Length: {limits.FORM_BYTES + 1}", first=f"POST {path} HTTP/1.1"
    )
    assert statuses(talk(app, said)) == [413]


def test_an_uploads_address_takes_no_large_form(app: LiveApp, session: str):
    """Only what carries a file may be as large as a file."""
    kind = "Content-Type: application/x-www-form-urlencoded"
    assert statuses(talk(app, head(SECURE, kind, session, f"Content-Length: {8 * MB}", first=UPLOAD))) == [
        413
    ]


BAKERY = (Path(__file__).parents[1] / "data" / "trello" / "bakery.json").read_bytes()


def form_of(size: int, token: str = "") -> bytes:
    """An upload of `size` bytes: an export, and blanks behind it."""
    lines = [b"--limit", b'Content-Disposition: form-data; name="csrfmiddlewaretoken"', b"", token.encode()]
    lines += [b"--limit", b'Content-Disposition: form-data; name="file"; filename="a.json"']
    lines += [b"Content-Type: application/json", b"", BAKERY.ljust(size), b"--limit--", b""]
    return b"\r\n".join(lines)


@pytest.mark.parametrize("in_chunks", [False, True])
def test_a_file_of_somebody_arrives_whole(in_chunks: bool, app: LiveApp):
    person = make_people()["ana"]
    client = Client()
    client.force_login(person)
    page = client.get("/import/", headers={"host": "localhost"}, secure=True)
    cookies = "; ".join(f"{name}={one.value}" for name, one in client.cookies.items())
    body = form_of(3 * MB, str(page.context["csrf_token"]))
    lines = [SECURE, FILE, f"Cookie: {cookies}", "Referer: https://localhost/import/"]
    if in_chunks:
        pieces = [body[at : at + 0x10000] for at in range(0, len(body), 0x10000)]
        said = head(*lines, "Transfer-Encoding: chunked", first=UPLOAD).encode()
        said += b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    else:
        said = head(*lines, f"Content-Length: {len(body)}", first=UPLOAD).encode() + body
    with line_to(app) as line:
        line.sendall(said)
        answer = first_answer(line)
    assert (answer.status, answer.headers["location"][:8]) == (303, "/import/")
    wait_until_nothing_is_held(app)


# ---- how slowly -------------------------------------------------------------------------------------------


def test_a_fast_beginning_buys_no_time_for_a_trickle():
    pace = Pace(rate=100, longest=1_000, now=0)
    window = limits.WINDOW_SECONDS
    pace.came(5_000_000, now=0.5)
    assert pace.until == 0.5 + window
    pace.came(5_000_000 + int(100 * window) - 1, now=0.6)
    assert pace.until == 0.5 + window, "a byte too few for a new window"
    pace.came(5_000_000 + int(100 * window), now=0.7)
    assert pace.until == 0.7 + window


def test_a_steady_body_ends_too():
    pace = Pace(rate=100, longest=30, now=0)
    for second in range(29):
        pace.came((second + 1) * 10_000, now=second)
    assert pace.until == 30


def test_a_trickle_after_a_fast_beginning_is_given_up(app: LiveApp, session: str):
    with line_to(app) as line:
        line.sendall(head(SECURE, FILE, session, f"Content-Length: {20 * MB}", first=UPLOAD).encode())
        line.sendall(form_of(6 * MB)[:-20])
        line.settimeout(0.1)
        heard, until = b"", time.monotonic() + 60
        while b"\r\n\r\n" not in heard and time.monotonic() < until:
            try:
                heard += line.recv(4096)
            except TimeoutError:
                line.sendall(b"a")  # now and then, for as long as it is let
    assert statuses(heard) == [408]
    wait_until_nothing_is_held(app)


# ---- how much at once -------------------------------------------------------------------------------------


@contextlib.contextmanager
def begun(app: LiveApp, session: str, size: int, first: str = UPLOAD) -> Iterator[int]:
    """A body of `size` that is accepted, by `100 Continue`, or refused; the status."""
    with line_to(app) as line:
        lines = [SECURE, FILE, session, f"Content-Length: {size}", "Expect: 100-continue"]
        line.sendall(head(*lines, first=first).encode())
        yield int(line.recv(65_536).split()[1])


def test_a_worker_holds_so_many_bytes_of_files_and_says_when_to_come_back(app: LiveApp, session: str):
    others = f"Cookie: sessionid={app.cookies_for(make_people()['kenji'])['sessionid']}"
    with begun(app, session, 20 * MB) as one:
        assert one == 100
        with line_to(app) as line:
            line.sendall(head(SECURE, FILE, others, f"Content-Length: {20 * MB}", first=UPLOAD).encode())
            answer = first_answer(line)
        assert (answer.status, answer.headers["retry-after"]) == (503, "30")
        with begun(app, others, MB) as small:
            assert small == 100, "there was room for that"
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with begun(app, others, 20 * MB) as again:
            if again == 100:
                return
    pytest.fail("what was held is never given back")


def test_one_person_sends_so_much_at_once(app: LiveApp, session: str):
    with contextlib.ExitStack() as stack:
        sizes = [100_000] * (limits.LARGE_A_PERSON + 1)
        found = [stack.enter_context(begun(app, session, size, "POST /me/ HTTP/1.1")) for size in sizes]
    assert found == [100] * limits.LARGE_A_PERSON + [429]


def test_a_budget_gives_what_it_has():
    budget = Budget(10)
    assert budget.take(6)
    assert not budget.take(5)
    assert budget.take(4)
    budget.give_back(6)
    assert budget.take(6)
    assert budget.held == budget.limit


# ---- in what form -----------------------------------------------------------------------------------------


def test_who_waits_to_be_told_to_go_on_is_refused_without(app: LiveApp):
    lines = [SECURE, FILE, f"Content-Length: {50 * MB}", "Expect: 100-continue"]
    assert statuses(talk(app, head(*lines, first=UPLOAD))) == [413]


@pytest.mark.parametrize(
    ("line", "status"),
    [("Content-Encoding: gzip", 415), ("Content-Encoding: br", 415), ("Content-Encoding: identity", 403)],
)
def test_a_compressed_body_is_not_taken(line: str, status: int, app: LiveApp):
    assert statuses(talk(app, head(SECURE, line, "Content-Length: 3") + "a=b")) == [status]


@pytest.mark.parametrize("coding", ["gzip, chunked", "deflate, chunked", "identity, chunked"])
def test_a_compressed_transfer_is_not_taken(coding: str, app: LiveApp):
    assert statuses(talk(app, head(SECURE, f"Transfer-Encoding: {coding}") + "0\r\n\r\n")) == [501]


def test_a_body_of_crumbs_is_refused(app: LiveApp):
    said = head(SECURE, "Transfer-Encoding: chunked").encode() + b"1\r\na\r\n" * 5_000 + b"0\r\n\r\n"
    assert statuses(talk(app, said)) == [400]


@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=limit", 'Multipart/Form-Data; Boundary="limit"']
)
def test_a_form_of_a_hundred_thousand_parts_is_not_parsed(kind: str, app: LiveApp, session: str):
    body = b"--limit\r\n\r\n\r\n" * 100_000 + b"--limit--\r\n"
    lines = [SECURE, session, f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    with line_to(app) as line:
        line.sendall(head(*lines, first="POST /me/ HTTP/1.1").encode() + body)
        answer = first_answer(line)
    assert (answer.status, answer.body) == (400, b"It has too many parts.\n")


def test_trailers_without_end_are_ended(app: LiveApp):
    said = head(SECURE, "Transfer-Encoding: chunked").encode() + b"1\r\na\r\n0\r\n"
    assert statuses(talk(app, said + b"X-A: b\r\n" * 1_000)) == [431]
    with line_to(app) as line:
        line.sendall(said + b"X-A: b\r\n")  # and then nothing
        assert statuses(until_closed(line)) == [408]


@pytest.mark.parametrize("path", ["/healthz", "/b/FLX/live/", "/b/FLX/events/"])
def test_where_no_body_is_read_none_is_taken(path: str, app: LiveApp):
    said = head(SECURE, "Content-Length: 50000", first=f"GET {path} HTTP/1.1")
    assert statuses(talk(app, said)) == [413]
