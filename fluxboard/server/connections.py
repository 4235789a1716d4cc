"""gunicorn's connections with bounds: how many, how long without a request, how long with an answer unread.

gunicorn's asgi worker waits for ever for a connection's first head and for a reader that does not read, and
counts its connections without a limit. A web server in front does the same work; this holds for whoever
reaches the port.
"""

from __future__ import annotations

import contextlib
from asyncio import TimerHandle
from collections.abc import Callable, Iterator
from contextvars import ContextVar, copy_context
from typing import Any

from gunicorn.asgi.protocol import ASGIProtocol
from gunicorn.workers import gasgi

from fluxboard.server import limits
from fluxboard.server.answers import completed_head, raw_refusal

FULL = raw_refusal("503 Service Unavailable", "Too many connections; try again.", "Retry-After: 2")

STILL_SECONDS = 0.05  # no request has begun for so long, twice in a row: none is waiting
_LOOKS = 2

UNREADABLE = raw_refusal("400 Bad Request", "This cannot be read.")


class ClientConnection:
    """A connection's transport as gunicorn sees it: it also ends those who say nothing or read nothing.

    `requests` counts the requests that are being answered, `begun` all so far, `receiving` the bodies that
    are being read. What gunicorn writes outside of them, or while it parses, is an answer of its own (400,
    414, 431, …) and gets the headers that every answer has.
    """

    def __init__(self, transport: Any, loop: Any, crowd: Crowd) -> None:
        self.transport = transport
        self.loop = loop
        self.crowd = crowd
        self.requests = 0
        self.begun = 0
        self.receiving = 0
        self.is_parsing = False
        self._timers: dict[str, TimerHandle] = {}
        self._unread_before = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transport, name)

    # -- what gunicorn calls

    def write(self, data: bytes) -> None:
        if (self.is_parsing or not self.requests) and data.startswith(b"HTTP/1.1 "):
            data = completed_head(data)
        self.transport.write(data)

    def close(self) -> None:
        """Close when all is read, and in READ_SECONDS at the latest."""
        self.transport.close()
        self._in(limits.READ_SECONDS, "close", self.transport.abort)

    def pause_reading(self) -> None:
        self._forget("resume")
        self.transport.pause_reading()

    def resume_reading(self) -> None:
        """At once for the rest of a body; behind requests that are here already only when they are answered.

        gunicorn pauses when it holds too much, and goes on after each request, whatever it still holds: what
        is sent behind a request without waiting for the answer would pile up without end.
        """
        if self.receiving:
            self._forget("resume")
            self.transport.resume_reading()
        else:
            self._resume_when_still(self.begun, _LOOKS)

    def _resume_when_still(self, begun: int, looks: int) -> None:
        waits = self.begun == begun and (not self.requests or self.receiving > 0)
        if not waits:
            begun, looks = self.begun, _LOOKS
        elif not looks:
            self._forget("resume")
            self.transport.resume_reading()
            return
        self._in(STILL_SECONDS, "resume", lambda: self._resume_when_still(begun, looks - 1))

    # -- how it fares

    @property
    def unread(self) -> int:
        """Bytes of answers that wait here because the reader does not take them."""
        return int(self.transport.get_write_buffer_size())

    def opened(self) -> None:
        self.crowd.enter(self)
        self._in(limits.HEAD_SECONDS, "head", self.transport.close)

    def lost(self) -> None:
        self.crowd.leave(self)
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    @contextlib.contextmanager
    def request(self) -> Iterator[None]:
        """While a request of this connection is answered."""
        self.requests += 1
        self.begun += 1
        self._forget("head")
        self.crowd.asks(self)
        try:
            yield
        finally:
            self.requests -= 1
            if not self.requests:
                self.crowd.rests(self)

    def blocked(self) -> None:
        self._unread_before = self.unread
        self._in(limits.READ_SECONDS, "read", self._look)
        self.crowd.is_blocked(self)

    def flows(self) -> None:
        self._forget("read")
        self.crowd.flows(self)

    def _look(self) -> None:
        """The window is over: has enough been read in it?"""
        unread = self.unread
        if self._unread_before - unread < limits.READ_RATE * limits.READ_SECONDS:
            self.transport.abort()
        else:
            self._unread_before = unread
            self._in(limits.READ_SECONDS, "read", self._look)

    def _in(self, seconds: float, what: str, do: Callable[[], Any]) -> None:
        self._forget(what)
        self._timers[what] = self.loop.call_later(seconds, do)

    def _forget(self, what: str) -> None:
        timer = self._timers.pop(what, None)
        if timer is not None:
            timer.cancel()


class Crowd:
    """All connections of a worker, those first that have been as they are for longest."""

    def __init__(self) -> None:
        self.all: dict[ClientConnection, None] = {}
        self.resting: dict[ClientConnection, None] = {}  # no whole head has come
        self.asking: dict[ClientConnection, None] = {}  # a body is under way, and nobody has shown a session
        self.blocked: dict[ClientConnection, None] = {}

    def has_room(self, most: int) -> bool:
        """Whether one more may come: for it the one silent for longest goes, else who sends for longest."""
        if len(self.all) < most:
            return True
        last = next(iter(self.resting), None) or next(iter(self.asking), None)
        if last is None:
            return False
        self.leave(last)
        last.transport.abort()
        return True

    def enter(self, line: ClientConnection) -> None:
        self.all[line] = None
        self.resting[line] = None

    def leave(self, line: ClientConnection) -> None:
        for group in (self.all, self.resting, self.asking, self.blocked):
            group.pop(line, None)

    def asks(self, line: ClientConnection) -> None:
        if line in self.all:
            self.resting.pop(line, None)
            self.asking[line] = None

    def works(self, line: ClientConnection) -> None:
        self.asking.pop(line, None)

    def rests(self, line: ClientConnection) -> None:
        if line in self.all:
            self.asking.pop(line, None)
            self.resting[line] = None

    def is_blocked(self, line: ClientConnection) -> None:
        """Its reader does not read; where too much is unread in all, the longest blocked go."""
        self.blocked[line] = None
        unread = {one: one.unread for one in self.blocked}
        total = sum(unread.values())
        for one, size in unread.items():
            if total <= limits.UNREAD_BUDGET:
                return
            total -= size
            self.blocked.pop(one, None)
            one.transport.abort()

    def flows(self, line: ClientConnection) -> None:
        self.blocked.pop(line, None)


crowd = Crowd()
_line: ContextVar[ClientConnection | None] = ContextVar("line", default=None)


@contextlib.contextmanager
def answering() -> Iterator[ClientConnection | None]:
    """While a request is answered, told to the line that it came on; there is one in gunicorn's workers."""
    line = _line.get()
    with line.request() if line is not None else contextlib.nullcontext():
        yield line


@contextlib.contextmanager
def receiving() -> Iterator[None]:
    """While the body of this task's request is read."""
    line = _line.get()
    if line is None:
        yield
        return
    line.receiving += 1
    try:
        yield
    finally:
        line.receiving -= 1


def has_arrived() -> None:
    """The request of this task is here whole, or its sender known: it keeps its place until the answer."""
    line = _line.get()
    if line is not None:
        crowd.works(line)


class BoundedProtocol(ASGIProtocol):
    """gunicorn's protocol on a `ClientConnection`."""

    line: ClientConnection | None = None

    def connection_made(self, transport: Any) -> None:
        if not crowd.has_room(self.worker.worker_connections):
            transport.write(FULL)
            transport.close()
            self.worker.loop.call_later(limits.HEAD_SECONDS, transport.abort)
            return
        self.line = ClientConnection(transport, self.worker.loop, crowd)
        self.line.opened()
        context = copy_context()  # the tasks that gunicorn starts for this connection know its line
        context.run(_line.set, self.line)
        context.run(super().connection_made, self.line)

    def data_received(self, data: bytes) -> None:
        if self.line is None:
            return
        self.line.is_parsing = True
        try:
            super().data_received(data)
        except ValueError:  # a number that is too long to be one
            self.line.write(UNREADABLE)
            self.line.close()
        finally:
            self.line.is_parsing = False

    def eof_received(self) -> Any:
        return super().eof_received() if self.line is not None else False

    def connection_lost(self, exc: Exception | None) -> None:
        if self.line is not None:
            self.line.lost()
            super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.line is not None:
            self.line.blocked()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.line is not None:
            self.line.flows()


def begin() -> None:
    """Have this worker's connections be bounded; to be called before it opens its port."""
    gasgi.ASGIProtocol = BoundedProtocol
