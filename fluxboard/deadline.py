"""A request that waits for the database too long is given up: 503, and its thread is free again.

The database, the way to it, or a lock may keep a statement for ever, and a worker has but a few threads for
pages. The connection is closed under the statement that hangs, wherever it hangs; the request then ends as in
any outage.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse

from activity.stream_database import hang_up

LONG_SECONDS = 120.0
LONG = re.compile(r"/import/|/admin/|/b/[^/]+/(export|settings/record)/")  # whole boards at once
LOOK_EVERY = 0.5


class Deadlines:
    """The requests under way in this process, and when each must have ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[int, tuple[float, Any]] = {}
        self._watch: threading.Thread | None = None

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Close this thread's connection when the block takes longer."""
        thread = threading.get_ident()
        with self._lock:
            self._running[thread] = (time.monotonic() + seconds, connections["default"])
            if self._watch is None:
                self._watch = threading.Thread(target=self._look, name="deadlines", daemon=True)
                self._watch.start()
        try:
            yield
        finally:
            with self._lock:
                self._running.pop(thread, None)

    def _look(self) -> None:
        while True:
            time.sleep(LOOK_EVERY)
            now = time.monotonic()
            with self._lock:  # held, so that the connection cannot become another request's meanwhile
                for due, connection in self._running.values():
                    if due < now:
                        hang_up(connection.connection)


deadlines = Deadlines()


def deadline_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Give each request its time."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with deadlines.within(LONG_SECONDS if LONG.match(request.path) else settings.PAGE_SECONDS):
            return get_response(request)

    return middleware
