"""Where somebody may be sent on to: a page of this place, whatever a request asks for."""

from __future__ import annotations

import re

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def way_on(request: HttpRequest, to: str) -> str:
    """`to` where it is a page of the host that was asked; else empty. Never raises."""
    if not to or _CONTROL.search(to):
        return ""
    return to if url_has_allowed_host_and_scheme(to, {request.get_host()}, request.is_secure()) else ""
