"""Where the embedded PostgreSQL lives and how it is reached."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

OTHERS_FOLDER = "run"

PROJECT = Path(__file__).resolve().parents[3]
DATABASE = "fluxboard"
SUPERUSER, OWNER, APP = "postgres", "fluxboard_owner", "fluxboard"
SOCKET_PATH_LIMIT = 107  # sun_path of unix(7) without its final NUL
SOCKET_NAME = ".s.PGSQL.5432"


class DatabaseProblem(Exception):
    """The server cannot be run. The message is one line that a person can act on."""


@dataclass(frozen=True)
class Addresses:
    """Where the server is, as libpq URLs, for each of its three roles."""

    app: str
    owner: str
    superuser: str

    def environment(self) -> dict[str, str]:
        """The two variables that `fluxboard.settings` reads."""
        return {"DATABASE_URL": self.app, "FLUXBOARD_MIGRATE_DATABASE_URL": self.owner}


def var_folder() -> Path:
    """The folder for everything that an installation writes: FLUXBOARD_VAR, else `var` in the project."""
    return (PROJECT / os.environ.get("FLUXBOARD_VAR", "var")).resolve()


def addresses(var: Path | None = None) -> Addresses:
    """The server's URLs under `var`, from its files alone: nothing is started or written.

    Before the first start there are no passwords yet, so these URLs then sign nobody in.
    """
    home = home_of(var)
    try:
        passwords = json.loads((home / "passwords.json").read_text())
    except OSError:
        passwords = {}
    if fits_a_socket(home):
        place, query = "", f"?host={quote(str(socket_folder(home)), safe='')}"
    else:
        port = (home / "port").read_text().strip() if (home / "port").exists() else "5432"
        place, query = f"127.0.0.1:{port}", ""

    def url(role: str) -> str:
        return f"postgresql://{role}:{passwords.get(role, '')}@{place}/{DATABASE}{query}"

    return Addresses(app=url(APP), owner=url(OWNER), superuser=url(SUPERUSER))


def was_made(var: Path | None = None) -> bool:
    """Whether there is a cluster under `var` that this user may start, by its files alone."""
    home = home_of(var)
    return (home / "passwords.json").exists() and os.access(home.parent, os.W_OK)


def home_of(var: Path | None) -> Path:
    return (var or var_folder()).resolve() / "postgres"


def fits_a_socket(home: Path) -> bool:
    return len(os.fsencode(socket_folder(home) / SOCKET_NAME)) <= SOCKET_PATH_LIMIT


def socket_folder(home: Path) -> Path:
    """Where the socket is: `run`, when the server runs as somebody who may not write beside the passwords."""
    return home / OTHERS_FOLDER if (home / OTHERS_FOLDER).is_dir() else home
