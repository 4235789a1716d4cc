"""The address that people use, for links that leave this server: in mails above all.

It never comes from a request. Whoever sends a request chooses its `Host` header, port included, and the
link in somebody else's mail would lead wherever they like.
"""

from __future__ import annotations

import os
from ipaddress import ip_address

from django.conf import settings

MISSING = "Mails with links cannot be sent from here: FLUXBOARD_URL is not set. Tell an admin."


def public_url() -> str | None:
    """`https://board.example.org`, without a slash at its end; None where nothing says what it is.

    `FLUXBOARD_URL`, else the first host of `ALLOWED_HOSTS` that is one name. That gets the port on which this
    server listens where people reach it directly: on this machine, or on every interface (`HOST`).
    """
    if settings.PUBLIC_URL:
        return str(settings.PUBLIC_URL)
    host = next(
        (host for host in settings.ALLOWED_HOSTS if host and "*" not in host and host[0] != "."), None
    )
    if host is None:
        return None
    direct = _is_this_machine(host) or not _is_this_machine(os.environ.get("HOST") or "127.0.0.1")
    return f"http://{host}" + (f":{os.environ.get('PORT') or 8000}" if direct else "")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
