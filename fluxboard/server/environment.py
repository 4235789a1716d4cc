"""Reading settings from the environment: words, flags, the secret key, a database address."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from fluxboard.core.postgres import COMMAND_SECONDS

# A transaction whose process hangs or has gone without a word must not keep what it locked. Requests have
# less, told with each connection (fluxboard.core.postgres.base), and a change less still
# (activity.log.transaction). And whoever waits for a lock or an answer of ours is noticed within seconds once
# nobody wants it any more.
_LIMITS = (
    f"-c lock_timeout=3s -c transaction_timeout={COMMAND_SECONDS * 1000:.0f}"
    " -c idle_in_transaction_session_timeout=600s -c client_connection_check_interval=2s"
)
# As Django would set it, by a statement for whose answer nobody looks at the clock.
ZONE = "-c timezone=UTC"
# Few statements are prepared (fluxboard.core.postgres.statements): planning them takes longer than answering.
PLANS = "-c plan_cache_mode=force_generic_plan"
# The other way: PostgreSQL notices in seconds that the machine at the other end has gone without a word.
SERVER_PATIENCE = (
    "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c tcp_user_timeout=10s"
)
PATIENCE = {
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def flag(name: str, *, default: bool) -> bool:
    """True for 1, true, yes, on (any case); False for anything else that is set; "" is not set."""
    value = os.environ.get(name)
    return default if not value else value.strip().lower() in {"1", "true", "yes", "on"}


def words(name: str, *, default: list[str]) -> list[str]:
    """A comma-separated list, blanks dropped."""
    value = os.environ.get(name)
    return default if value is None else [word.strip() for word in value.split(",") if word.strip()]


def secret_key(var: Path) -> str:
    """SECRET_KEY from the environment, else the one kept under `var/` (made once, mode 0600)."""
    given = os.environ.get("SECRET_KEY")
    if given:
        return given
    path = var / "secret_key"
    if not path.exists():
        try:
            var.mkdir(parents=True, exist_ok=True)
            _write_once(path, secrets.token_urlsafe(50))
        except OSError as error:
            words = f"{var} cannot be written ({error.strerror}); set FLUXBOARD_VAR"
            raise ImproperlyConfigured(words) from None
    return path.read_text().strip()


def _write_once(path: Path, text: str) -> None:
    """Make the file whole, mode 0600; of two processes that do it at once the first wins."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}-") as file:
        file.write(text)
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, path)


def mailers() -> dict[str, Any]:
    """Django's MAILERS: SMTP when EMAIL_URL or EMAIL_HOST is set, else every mail is printed on the console.

    EMAIL_URL is `smtp://user:password@host:587` (STARTTLS on port 587) or `smtps://…` (TLS from the start);
    otherwise EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_TLS and EMAIL_USE_SSL.
    """
    url = os.environ.get("EMAIL_URL", "")
    if url:
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ImproperlyConfigured("EMAIL_URL must look like smtp://user:password@host:587")
        ssl = parts.scheme == "smtps"
        port = parts.port or (465 if ssl else 25)
        host, user, password = parts.hostname, unquote(parts.username or ""), unquote(parts.password or "")
        tls = port == 587
    elif os.environ.get("EMAIL_HOST"):
        host, user = os.environ["EMAIL_HOST"], os.environ.get("EMAIL_HOST_USER", "")
        password = os.environ.get("EMAIL_HOST_PASSWORD", "")
        tls, ssl = flag("EMAIL_USE_TLS", default=False), flag("EMAIL_USE_SSL", default=False)
        port = int(os.environ.get("EMAIL_PORT") or (465 if ssl else 587 if tls else 25))
    else:
        return {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
    options = {"host": host, "port": port, "username": user, "password": password, "timeout": 10}
    return {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": options | {"use_tls": tls, "use_ssl": ssl},
        }
    }


def database_from_url(url: str) -> dict[str, Any]:
    """Django's settings for a libpq address, `postgresql://user:password@host:port/name?sslmode=require`.

    A socket's folder goes in as `?host=/folder`. Raises ImproperlyConfigured, without the password in its
    message, when the address cannot be read.
    """
    parts: dict[str, Any] = {}
    if url.startswith(("postgres://", "postgresql://")):
        with suppress(psycopg.ProgrammingError):  # its message would repeat the password
            parts = conninfo_to_dict(url)
    if not parts.get("dbname"):
        raise ImproperlyConfigured("DATABASE_URL must look like postgresql://user:password@host:5432/name")
    known = {name: str(parts.pop(name, "") or "") for name in ("dbname", "user", "password", "host", "port")}
    options = dict(parts) | {
        "options": f"{parts.get('options', '')} {_LIMITS} {ZONE} {SERVER_PATIENCE} {PLANS}".strip(),
        "connect_timeout": int(parts.get("connect_timeout") or 5),
        # A line that is dead without a word (a pulled cable, a forgotten NAT) is noticed in seconds.
        **{name: parts.get(name) or seconds for name, seconds in PATIENCE.items()},
        # After an outage no pool sleeps through a long back-off: it gives up soon and is asked again.
        # Whether a connection still answers is seen by `fluxboard.core.postgres`, which does not sleep over
        # it.
        "pool": {"min_size": 0, "max_size": 10, "timeout": 4, "reconnect_timeout": 3, "check": None},
    }
    return {
        "ENGINE": "fluxboard.core.postgres",
        "NAME": known["dbname"],
        "USER": known["user"],
        "PASSWORD": known["password"],
        "HOST": known["host"],
        "PORT": known["port"],
        "OPTIONS": options,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
    }
