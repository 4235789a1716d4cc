"""`/healthz`: the process lives. `/readyz`: it reaches its database too. And the pages for when not.

The probes are answered before anything but the look at the host (fluxboard.server.hosts), so that they need
no session and no HTTPS.
"""

import sys
from collections.abc import Callable

import psycopg.errors
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.csrf import requires_csrf_token

from fluxboard.accounts.unsaved_form import unsaved

GetResponse = Callable[[HttpRequest], HttpResponse]
# A server that may only be read, and one that has given a transaction up.
REFUSED = (
    psycopg.errors.ReadOnlySqlTransaction,
    psycopg.errors.TransactionTimeout,
    psycopg.errors.IdleInTransactionSessionTimeout,
)


def health_middleware(get_response: GetResponse) -> GetResponse:
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


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`: 503 with Retry-After when the database is away, else a fault of ours.

    Neither page asks the database for anything. A form that could not be saved stands on the page of the 503
    with all that was typed, under the same `request_id`: sent again, it is done once at most.
    """
    away = is_away(sys.exception())
    page = render_to_string("503_database.html", unsaved(request)) if away else render_to_string("500.html")
    response = HttpResponse(page, status=503 if away else 500, headers={"Cache-Control": "no-store"})
    if away:
        response["Retry-After"] = "3"
    return response


def is_away(problem: BaseException | None) -> bool:
    """Whether that error says that the database cannot be reached, or takes no change just now."""
    if isinstance(problem, InternalError):
        return isinstance(problem.__cause__, REFUSED)
    return isinstance(problem, OperationalError | InterfaceError)


def _plain(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(
        f"{text}\n", content_type="text/plain", status=status, headers={"Cache-Control": "no-store"}
    )
