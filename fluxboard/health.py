"""`/healthz`: the process lives. `/readyz`: it reaches its database too.

Answered before anything else, so that a probe needs no session, no host name and no HTTPS.
"""

from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse

Answer = Callable[[HttpRequest], HttpResponse]


def health_middleware(get_response: Answer) -> Answer:
    """Answer the two probes; hand everything else on."""
    probes = {"/healthz": healthz, "/readyz": readyz}

    def middleware(request: HttpRequest) -> HttpResponse:
        return probes.get(request.path, get_response)(request)

    return middleware


def healthz(request: HttpRequest) -> HttpResponse:
    """200, without a look at the database."""
    return _plain("ok")


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when a statement reaches the database, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return _plain("the database does not answer", status=503)
    return _plain("ok")


def _plain(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(
        f"{text}\n", content_type="text/plain", status=status, headers={"Cache-Control": "no-store"}
    )
