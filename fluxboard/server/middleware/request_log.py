"""One JSON line a request: who asked for what, how it was answered, how long it took.

Query strings, bodies and addresses of people stay out: they hold search words, tokens and one-time links.
"""

import json
import logging
import re
import time
import traceback
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse

logger = logging.getLogger("fluxboard.requests")

QUIET = ("/static/", "/healthz", "/readyz")
GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
SECRET_PART = re.compile(r"(?<=/)[A-Za-z0-9_:-]{24,}(?=/|$)")

Answer = Callable[[HttpRequest], HttpResponse]


def request_log_middleware(get_response: Answer) -> Answer:
    """Log each request but probes and static files, under an id that the answer carries as X-Request-ID.

    An id that a proxy sends is kept when it looks like one.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        given = request.headers.get("X-Request-ID", "")
        request_id = given if GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        response = get_response(request)
        response["X-Request-ID"] = request_id
        if not request.path.startswith(QUIET):
            _write(request, response, request_id, time.perf_counter() - started)
        return response

    return middleware


def _write(request: HttpRequest, response: HttpResponse, request_id: str, seconds: float) -> None:
    user = getattr(
        request, "_cached_user", None
    )  # set when the page asked who is there; never a query of ours
    logger.log(
        logging.ERROR if response.status_code >= 500 else logging.INFO,
        "request",
        extra={
            "facts": {
                "id": request_id,
                "method": request.method,
                "path": SECRET_PART.sub("…", request.path),
                "status": response.status_code,
                "ms": round(seconds * 1000, 1),
                "user": user.pk if user is not None and user.is_authenticated else None,
                "htmx": request.headers.get("HX-Request") == "true",
            }
        },
    )


def log_refusal(method: str, path: str, status: int) -> None:
    """A request that the server refused before Django saw it."""
    facts = {"method": method, "path": SECRET_PART.sub("…", path), "status": status}
    logger.info("refused", extra={"facts": facts})


class JsonFormatter(logging.Formatter):
    """A log record as one line of JSON: at, level, logger, message, its `facts`, the error's trace."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["trace"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)
