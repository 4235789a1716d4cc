"""Reading settings from the environment: words, flags, the secret key, a database address."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict


def flag(name: str, *, default: bool) -> bool:
    """True for 1, true, yes, on (any case); False for anything else that is set."""
    value = os.environ.get(name)
    return default if value is None else value.strip().lower() in {"1", "true", "yes", "on"}


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
        var.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()


def database_from_url(url: str) -> dict[str, Any]:
    """Django's settings for a libpq address, `postgresql://user:password@host:port/name?sslmode=require`.

    A socket's folder goes in as `?host=/folder`. Raises ImproperlyConfigured, without the password in its
    message, when the address cannot be read.
    """
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise ImproperlyConfigured(f"DATABASE_URL is not a PostgreSQL address: {error}") from None
    if urlsplit(url).scheme not in {"postgres", "postgresql"} or not parts.get("dbname"):
        raise ImproperlyConfigured("DATABASE_URL must look like postgresql://user:password@host:5432/name")
    known = {name: str(parts.pop(name, "") or "") for name in ("dbname", "user", "password", "host", "port")}
    options = dict(parts) | {
        "options": f"{parts.get('options', '')} -c lock_timeout=3s".strip(),
        "connect_timeout": int(parts.get("connect_timeout") or 5),
        "pool": {"min_size": 0, "max_size": 10, "timeout": 10},
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": known["dbname"],
        "USER": known["user"],
        "PASSWORD": known["password"],
        "HOST": known["host"],
        "PORT": known["port"],
        "OPTIONS": options,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
    }
