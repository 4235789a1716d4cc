"""How long a thread may wait for the database, wherever it waits.

The database, the way to it, or a lock may keep a statement for ever: neither PostgreSQL's own time-outs nor
TCP's count on a socket of this machine, or behind something that keeps the line up. So a thread that has
waited too long finds its connection shut, which is an `OperationalError` there.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connections

LOOK_EVERY = 0.5
log = logging.getLogger("fluxboard.database")


def hang_up(raw: Any) -> None:
    """Shut the socket of a connection on which somebody else waits; there it is an OperationalError.

    Shut, not closed: its number must not become another file's while that one still reads from it.
    """
    if raw is None or raw.closed:
        return
    log.warning("the database has not answered for too long; its connection is given up")
    with contextlib.suppress(Exception), socket.socket(fileno=os.dup(raw.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


@contextmanager
def shut_after(raw: Any, seconds: float) -> Iterator[None]:
    """Shut this connection of psycopg's, which is not one of Django's, when the block takes longer."""
    timer = threading.Timer(seconds, hang_up, [raw])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@dataclass(frozen=True)
class Deadline:
    """A moment of `time.monotonic`, and Django's connection that must have answered by then."""

    due: float
    connection: Any

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self.due


class Deadlines:
    """The threads of this process that may wait for the database for a limited time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[int, Deadline] = {}
        self._watch: threading.Thread | None = None

    @contextmanager
    def within(self, seconds: float) -> Iterator[Deadline]:
        """Shut this thread's connection when the block takes longer. An outer deadline holds as well."""
        thread = threading.get_ident()
        with self._lock:
            outer = self._running.get(thread)
            due = time.monotonic() + seconds
            inner = Deadline(min(due, outer.due) if outer else due, connections["default"])
            self._running[thread] = inner
            if self._watch is None:
                self._watch = threading.Thread(target=self._look, name="deadlines", daemon=True)
                self._watch.start()
        try:
            yield inner
        finally:
            with self._lock:
                if outer is None:
                    self._running.pop(thread, None)
                else:
                    self._running[thread] = outer

    def left(self) -> float | None:
        """The seconds that this thread still has; None where nothing limits it."""
        deadline = self._running.get(threading.get_ident())
        return None if deadline is None else max(0.0, deadline.due - time.monotonic())

    def _look(self) -> None:
        while True:
            time.sleep(LOOK_EVERY)
            with self._lock:  # held, so that the connection cannot become another request's meanwhile
                for deadline in self._running.values():
                    if deadline.is_over:
                        hang_up(deadline.connection.connection)


deadlines = Deadlines()
