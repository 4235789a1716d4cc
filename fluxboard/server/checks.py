"""What has to hold before a server starts: the versions, the port, the folder, the database."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path

from fluxboard.core.postgres import OLDEST_POSTGRES
from fluxboard.server.embedded_postgres import addresses

OLDEST_PYTHON = (3, 12)
STOP_SECONDS = 7  # for gunicorn; the embedded database needs under one more


class StartProblem(Exception):
    """Serving cannot begin. The message is one line that a person can act on."""


def number_from(name: str, default: str, largest: int) -> int:
    word = os.environ.get(name) or default
    if not word.isdecimal() or not 0 < int(word) <= largest:
        raise StartProblem(f"{name} must be a number from 1 to {largest}, not {word!r}")
    return int(word)


def wait_for_port(host: str, port: int) -> None:
    """Raise Problem when the port is taken; wait for what a killed server of ours left to go."""
    mark = addresses.var_folder() / f"serving-{port}.json"
    try:
        left = json.loads(mark.read_text())["supervisor"]
    except (OSError, ValueError, KeyError):
        left = None
    until = time.monotonic() + (STOP_SECONDS if left and not Path(f"/proc/{left}").exists() else 0)
    while True:
        try:
            family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(place)
            return
        except PermissionError as error:
            raise StartProblem(
                f"port {port} may not be used by this user; set PORT to one above 1023"
            ) from error
        except OSError as error:
            if time.monotonic() > until:
                raise StartProblem(
                    f"port {port} on {host} is taken or out of reach; set PORT to another"
                ) from error
        time.sleep(0.2)


def check_var() -> None:
    var = addresses.var_folder()
    try:
        var.mkdir(parents=True, exist_ok=True)
        probe = var / ".writable"
        probe.write_text("")
        probe.unlink(missing_ok=True)  # of another start, which looks at the same moment
    except OSError as error:
        words = error.strerror or error
        raise StartProblem(
            f"{var} cannot be written ({words}); make it writable or set FLUXBOARD_VAR"
        ) from error


def check_database(name: str) -> None:
    """Raise Problem when the address of that name cannot be read or reached, TooOld for too old a server."""
    import psycopg
    from django.core.exceptions import ImproperlyConfigured

    from fluxboard.server.environment import database_from_url

    url = os.environ.get(name)
    if not url:
        return
    try:
        database_from_url(url)
        with psycopg.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version // 10000
    except ImproperlyConfigured as error:
        raise StartProblem(str(error).replace("DATABASE_URL", name, 1)) from error
    except psycopg.Error as error:
        first = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise StartProblem(f"{name} leads to no database: {first}") from error
    if version < OLDEST_POSTGRES:
        raise TooOld(f"{name} is a PostgreSQL {version}; Fluxboard needs {OLDEST_POSTGRES} or newer")


class TooOld(StartProblem):
    """The database is of a version that Fluxboard cannot use."""
