"""A request that waits for the database too long is given up: 503, and its thread is free again.

The connection is shut under the statement that hangs, wherever it hangs; the request then ends as in any
outage. A worker has but a few threads for pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from fluxboard.core.postgres.deadlines import Deadlines, deadlines

__all__ = ["LONG_SECONDS", "Deadlines", "deadline_middleware", "seconds_for"]

LONG_SECONDS = 120.0
LONG = re.compile(r"/import/|/admin/|/b/[^/]+/(export|settings/record)/")  # whole boards at once
_READY_SECONDS = 5.0


def seconds_for(path: str) -> float:
    """How long a request for that path may wait for the database, in seconds."""
    if path == "/readyz":
        return min(_READY_SECONDS, settings.PAGE_SECONDS)
    return LONG_SECONDS if LONG.match(path) else float(settings.PAGE_SECONDS)


def deadline_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Give each request its time."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with deadlines.within(seconds_for(request.path)):
            return get_response(request)

    return middleware
