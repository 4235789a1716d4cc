"""Processes, locks and ports of the embedded PostgreSQL."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from fluxboard.server.embedded_postgres.addresses import SOCKET_NAME, DatabaseProblem, socket_folder
from fluxboard.server.embedded_postgres.binaries import data_folder

TURN_SECONDS = 300  # for another process that makes or starts it


def clean_environment() -> dict[str, str]:
    """This environment without libpq's own variables, which would redirect the server's tools."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def keeper_pid(home: Path) -> int | None:
    """The keeper's process id, or None when none runs. A lock, not the number, tells that it lives."""
    try:
        lock = (home / "keeper.lock").open("r")
    except FileNotFoundError:
        return None
    with lock:
        if try_lock(lock, fcntl.LOCK_SH):
            return None
        written = lock.read().strip()
    return int(written) if written.isdigit() else None


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or would be if its parent asked after it."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (ProcessLookupError, PermissionError):
        return True
    except OSError:
        return False


def postmaster_line(home: Path, number: int) -> str | None:
    """One line of postmaster.pid (0 the process id, 7 the state); None when there is none."""
    try:
        return (data_folder(home) / "postmaster.pid").read_text().splitlines()[number].strip()
    except (OSError, IndexError):
        return None


def running_postmaster(home: Path) -> int | None:
    pid = postmaster_line(home, 0)
    return int(pid) if pid and pid.isdigit() and is_postgres(home, int(pid)) else None


def is_postgres(home: Path, pid: int) -> bool:
    """Is that process this folder's server? After a crash or in a new container its number may be another's.

    Linux tells by `/proc`: the name, the state and the working folder. Elsewhere `ps` gives the name.
    """
    process = Path("/proc") / str(pid)
    if Path("/proc/self/stat").exists():
        try:
            name, _, rest = (process / "stat").read_text().partition("(")[2].rpartition(")")
            works_in = (process / "cwd").readlink()
        except OSError:
            return False
        return name == "postgres" and not rest.startswith(" Z") and works_in == data_folder(home)
    said = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True)  # noqa: S607
    return "postgres" in said.stdout


def remove_stale_locks(home: Path) -> None:
    """Remove what a killed server left; PostgreSQL would take a reused process id for a live server."""
    sockets = socket_folder(home)
    for path in (
        data_folder(home) / "postmaster.pid",
        sockets / f"{SOCKET_NAME}.lock",
        sockets / SOCKET_NAME,
    ):
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        if not wait_until(lambda: try_lock(file, fcntl.LOCK_EX), TURN_SECONDS):
            raise DatabaseProblem(f"another process starts the database in {path.parent} and does not end")
        yield


def wait_until(true: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def last_words(text: str) -> str:
    """The line of a program's output that tells most: its last error, else its last line."""
    passing = ("starting up", "not yet accepting", "shutting down", "in recovery mode")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.endswith(passing)]
    telling = [line for line in lines if "FATAL" in line or "error:" in line or "ERROR" in line]
    return (telling or lines or ["no message"])[-1]


def try_lock(file: IO[str], kind: int) -> bool:
    """Take flock's `kind` on `file` at once; False while another process holds it."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
