"""One JSON line a request: who asked for what, how it was answered, how long it took.

Query strings, bodies and addresses of people stay out: they hold search words, tokens and one-time links.
"""

import logging
import re
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from pythonjsonlogger import json

logger = logging.getLogger("fluxboard.requests")

QUIET = ("/static/", "/healthz", "/readyz")
GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
SECRET_PART = re.compile(r"(?<=/)[A-Za-z0-9_:-]{24,}(?=/|$)")

GetResponse = Callable[[HttpRequest], HttpResponse]


def request_log_middleware(get_response: GetResponse) -> GetResponse:
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
                "user": getattr(request, "reader_id", None),  # once it was asked; never a query of ours
                "htmx": request.headers.get("HX-Request") == "true",
            }
        },
    )


def log_refusal(method: str, path: str, status: int) -> None:
    """A request that the server refused before Django saw it."""
    facts = {"method": method, "path": SECRET_PART.sub("…", path), "status": status}
    logger.info("refused", extra={"facts": facts})


class JsonFormatter(json.JsonFormatter):
    """A log record as one line of JSON: at, level, logger, message, its `facts`, the error's trace.

    Of what else a record carries nothing goes out: Django's have the whole request.
    """

    def __init__(self) -> None:
        super().__init__(json_ensure_ascii=False, json_default=str)

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        log_data["at"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data["level"] = record.levelname.lower()
        log_data["logger"] = record.name
        log_data["message"] = record.message
        log_data |= getattr(record, "facts", {})
        if "exc_info" in message_dict:
            log_data["trace"] = message_dict["exc_info"]
