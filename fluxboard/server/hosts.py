"""Which host a request is for: one of ALLOWED_HOSTS, said once, on every address.

RFC 9112, 3.2: HTTP/1.1 names its host exactly once; a whole address as the target names it too. A probe may
name an address in digits instead: whoever watches a host often knows no more, and digits cannot be rebound.
"""

from __future__ import annotations

import functools
import ipaddress
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host

from fluxboard.core.asgi_types import Scope
from fluxboard.server.answers import RequestRefused

PROBES = {"/healthz", "/readyz"}
METHODS = "GET, HEAD, POST, OPTIONS"


def is_served(host: str, path: str) -> bool:
    """Whether a request for `host` (with a port or without) is answered on `path`."""
    allowed = settings.ALLOWED_HOSTS or [".localhost", "127.0.0.1", "[::1]"]
    return _is_served(host, path in PROBES, tuple(allowed))


@functools.lru_cache(256)  # asked twice of each request, and of few hosts
def _is_served(host: str, is_probe: bool, allowed: tuple[str, ...]) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and (validate_host(domain, allowed) or (is_probe and _is_address(domain)))


def is_for_us(request: HttpRequest) -> bool:
    """The same of a request of Django's. Without a host it is for the address that it came to (HTTP/1.0)."""
    named = request.META.get("HTTP_HOST")
    return is_served(request.META.get("SERVER_NAME", "") if named is None else named, request.path)


def look_at_target(scope: Scope) -> Scope:
    """The scope with a plain path as its target. Raises Refused for a target or a host that is not ours."""
    if scope["method"] in ("CONNECT", "TRACE"):
        raise RequestRefused(405, "This method is not for here.", allow=METHODS)
    named = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    if len(named) > 1 or (not named and scope.get("http_version", "1.1") != "1.0"):
        raise RequestRefused(400, "A request names its host once.")
    host = named[0] if named else str((scope.get("server") or ("",))[0])
    if not scope["path"].startswith("/") and scope["path"] != "*":
        scope = _without_host(scope, host)
    if not is_served(host, scope["path"]):
        raise RequestRefused(400, "There is nothing here under that host name.")
    return scope


def _without_host(scope: Scope, host: str) -> Scope:
    try:
        parts = urlsplit(scope["raw_path"].decode("ascii"))
    except ValueError:
        raise RequestRefused(400, "The address cannot be read.") from None
    if parts.scheme.lower() not in ("http", "https") or parts.netloc.lower() != host.lower():
        raise RequestRefused(400, "The address and the Host header name different hosts.")
    path = parts.path or "/"
    return {**scope, "path": unquote(path), "raw_path": path.encode()}


def _is_address(domain: str) -> bool:
    try:
        ipaddress.ip_address(domain.strip("[]"))
    except ValueError:
        return False
    return True
