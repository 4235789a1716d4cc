"""Every address, and one that answers with a constant through the same door and the same session check."""

import functools
import os
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.urls import path

from fluxboard.urls import handler500
from fluxboard.urls import urlpatterns as addresses

__all__ = ["handler500", "urlpatterns"]


def floor(request: HttpRequest, name: str) -> HttpResponse:
    """The constant of that name; only the middleware has looked at who asks."""
    response = HttpResponse(_constant(name))
    response["Content-Encoding"] = "gzip"
    response["Cache-Control"] = "no-store"
    return response


@functools.cache
def _constant(name: str) -> bytes:
    return (Path(os.environ["FLUXBOARD_BENCH_FLOORS"]) / Path(name).name).read_bytes()


urlpatterns = [path("bench/<slug:name>/", floor), *addresses]
