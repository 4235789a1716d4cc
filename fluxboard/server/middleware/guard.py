"""Django's outermost middleware: the host is ours on every address, and every answer has its headers."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

from fluxboard.server.answers import HEADERS
from fluxboard.server.hosts import is_for_us


def guard_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """400 for a host that is not served; what an answer lacks of HEADERS is added."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_for_us(request):
            response = get_response(request)
        else:
            words = "There is nothing here under that host name.\n"
            response = HttpResponseBadRequest(words, content_type="text/plain; charset=utf-8")
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware
