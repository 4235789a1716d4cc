"""Connections that say nothing, or read nothing, leave their place to others."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from fluxboard.server import limits
from fluxboard.server.connections import Crowd
from tests.live import IMPATIENT, LiveApp
from tests.raw import head, line_to, statuses, talk, until_closed

SECURE = "X-Forwarded-Proto: https"
PLACES = int(IMPATIENT["FLUXBOARD_CONNECTIONS"])
AHEAD = 24 * limits.MB
PAGE = head(SECURE, first="GET /accounts/login/ HTTP/1.1")


@pytest.mark.browser
def test_the_silent_give_way_to_who_asks(impatient_app: LiveApp):
    """Heads have a minute here: it is not time that lets them go."""
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(line_to(impatient_app)) for _ in range(2 * PLACES)]
        assert statuses(talk(impatient_app, PAGE)) == [200]
        (worker,) = impatient_app.procs[1:]
        sockets = [one for one in Path(f"/proc/{worker}/fd").iterdir() if is_socket(one)]
        assert len(sockets) < PLACES + 20, "its own, the database's, and no more"
        assert until_closed(silent[0]) == b""


def is_socket(file: Path) -> bool:
    with contextlib.suppress(OSError):
        return str(file.readlink()).startswith("socket:")
    return False


@pytest.mark.browser
def test_who_reads_nothing_is_let_go(impatient_app: LiveApp):
    """Ten megabytes are asked for, and only what fits between the two is ever sent."""
    script = head(SECURE, first="GET /static/admin/js/vendor/jquery/jquery.js HTTP/1.1")
    whole = len(talk(impatient_app, script))
    assert whole > 250_000
    with line_to(impatient_app, seconds=60, receive_buffer=4096) as line:
        line.sendall(script.encode() * 60)
        gone = head(SECURE, first="GET /accounts/login/ HTTP/1.1")
        while is_held(impatient_app, line.getsockname()[1]):
            assert statuses(talk(impatient_app, gone)) == [200]  # others are served meanwhile
        heard = until_closed(line)
    assert len(heard) < 60 * whole


@pytest.mark.browser
def test_requests_sent_ahead_of_their_answers_do_not_pile_up(impatient_app: LiveApp):
    """What lies between the two takes some megabytes; the server itself reads on once it has answered.

    Whoever has them all answered still gets as many answers as there were requests.
    """
    asked = head(SECURE, first="GET /healthz HTTP/1.1").encode()
    with line_to(impatient_app) as line:
        line.settimeout(1)
        sent, until = 0, time.monotonic() + 6
        with contextlib.suppress(TimeoutError, ConnectionError):
            while sent < AHEAD and time.monotonic() < until:
                sent += line.send(asked * 1_000)
    assert sent < AHEAD, "as much as anybody likes is held"
    few = 12_000  # more than gunicorn holds before it pauses
    with line_to(impatient_app) as line:
        sender = threading.Thread(target=line.sendall, args=(asked * few,))
        sender.start()
        answers, rest = 0, b""
        while answers < few:
            part = line.recv(1_000_000)
            assert part, f"closed after {answers} answers"
            answers += (rest + part).count(b"HTTP/1.1 200 OK")
            rest = (rest + part)[-14:]  # one byte less than what is counted
        sender.join()


def is_held(app: LiveApp, port: int) -> bool:
    """Whether the server's end of the connection from `port` is still established."""
    wanted = f":{app.port:04X}", f":{port:04X}"
    for row in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, here, there, state, *_ = row.split()
        if here.endswith(wanted[0]) and there.endswith(wanted[1]) and state == "01":
            return True
    return False


@pytest.mark.browser
def test_a_slow_reader_who_reads_gets_all_of_it(impatient_app: LiveApp):
    script = head(SECURE, "Connection: close", first="GET /static/admin/js/vendor/jquery/jquery.js HTTP/1.1")
    heard = b""
    with line_to(impatient_app, receive_buffer=4096) as line:
        line.sendall(script.encode())
        while part := line.recv(1024):
            heard += part
    size = int(heard.partition(b"Content-Length: ")[2].split()[0])
    assert len(heard.partition(b"\r\n\r\n")[2]) == size


# ---- who goes first ---------------------------------------------------------------------------------------


class End:
    """A transport, and a line on it."""

    def __init__(self, unread: int = 0) -> None:
        self.unread = unread
        self.transport: Any = self
        self.is_cut = False

    def abort(self) -> None:
        self.is_cut = True


def test_the_silent_go_first_then_who_still_sends_and_never_who_is_answered():
    crowd: Any = Crowd()
    answered, sending, silent = (End() for _ in range(3))
    for line in (answered, sending, silent):
        assert crowd.has_room(3)
        crowd.enter(line)
    crowd.asks(answered)
    crowd.asks(sending)
    crowd.works(answered)
    for gone in (silent, sending):
        assert crowd.has_room(3)
        assert [line.is_cut for line in (answered, gone)] == [False, True]
        crowd.enter(late := End())
        crowd.asks(late)
        crowd.works(late)
    assert not crowd.has_room(3)
    crowd.rests(answered)
    assert crowd.has_room(3)
    assert answered.is_cut
    assert list(crowd.all) == [line for line in crowd.all if not line.is_cut]


def test_where_too_much_is_unread_the_longest_blocked_go():
    crowd: Any = Crowd()
    third = limits.UNREAD_BUDGET // 3
    lines = [End(third) for _ in range(3)]
    for line in lines:
        crowd.enter(line)
        crowd.is_blocked(line)
    assert not any(line.is_cut for line in lines)
    last = End(third)
    crowd.enter(last)
    crowd.is_blocked(last)
    assert [line.is_cut for line in (*lines, last)] == [True, False, False, False]
