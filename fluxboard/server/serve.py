"""`bin/serve`: from an installed project to one that answers, and back down cleanly.

    python -m fluxboard.server.serve [--demo]

In order: look whether it can work at all, and whether it runs here already; start the embedded PostgreSQL,
or reach the one of DATABASE_URL; migrate as the tables' owner; collect static files; start gunicorn; print
the address once `/readyz` answers. Of two that start at once on one installation the second waits for the
first to prepare it.
SIGTERM and Ctrl-C end all of it within 10 seconds; SIGUSR2 goes over to the release that stands in the folder
now, worker by worker, without a pause. What cannot work is one line on stderr and exit status 2.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from fluxboard.core.postgres import OLDEST_POSTGRES
from fluxboard.server.embedded_postgres import cluster
from fluxboard.server.embedded_postgres.cluster import PROJECT, DatabaseProblem
from fluxboard.server.one_start import NotAlone, alone_on, turn_to_prepare

OLDEST_PYTHON = (3, 12)
READY_SECONDS = 120
STOP_SECONDS = 7  # for gunicorn; the embedded database needs under one more
DIGEST_SECONDS = 60
DIGEST_STOP_SECONDS = 1.5
PR_SET_PDEATHSIG = 1
MANAGE = [sys.executable, str(PROJECT / "manage.py")]


class Problem(Exception):
    """Serving cannot begin. The message is one line that a person can act on."""


class TooOld(Problem):
    """The database is of a version that Fluxboard cannot use."""


class Stopped(BaseException):
    """SIGTERM or Ctrl-C came."""


def main(words: list[str] | None = None) -> int:
    """Serve until a signal comes. Returns 0 after a signal, 1 when the server died, 2 when it cannot work."""
    parser = argparse.ArgumentParser(prog="bin/serve", description="Serve Fluxboard on one port.")
    parser.add_argument("--demo", action="store_true", help="fill an empty installation with a demo team")
    given = parser.parse_args(words)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        return serve(demo=given.demo)
    except (Problem, DatabaseProblem, NotAlone) as problem:
        sys.stderr.write(f"fluxboard: {problem}\n")
        return 2
    except Stopped:
        return 0


def serve(*, demo: bool) -> int:
    """All of it, from the first look to the last process gone."""
    if sys.version_info < OLDEST_PYTHON:
        raise Problem(f"Python {sys.version.split()[0]} is too old; Fluxboard needs 3.12 or newer")
    host, port = os.environ.get("HOST", "127.0.0.1"), _number("PORT", "8000", 65535)
    _number("WEB_CONCURRENCY", "2", 1000)
    address = os.environ.get("FLUXBOARD_URL", "").rstrip("/") or f"http://{_shown(host)}:{port}"
    _check_var()
    with contextlib.ExitStack() as stack:
        stack.enter_context(alone_on(cluster.var_folder(), port))
        _wait_for_port(host, port)
        link = _prepared(stack, address, demo=demo)
        server = stack.enter_context(_Gunicorn(host, port))
        server.wait_until_ready()
        if sends_digests():
            stack.enter_context(_Digests(address))
        if link and not demo:
            _say(f"Nobody has an account yet. Make the first one here, once: {link}")
        signal.signal(signal.SIGUSR2, lambda *_: _roll(server, address))
        _say(f"Fluxboard is ready at {address}/")
        return server.wait()


def _prepared(stack: contextlib.ExitStack, address: str, *, demo: bool) -> str | None:
    """Database, static files and demo, one start under this folder at a time; the first account's link."""
    with turn_to_prepare(cluster.var_folder()):
        if not os.environ.get("DATABASE_URL"):
            preparing = _prepare_meanwhile(stack, address)
        else:
            check_database("FLUXBOARD_MIGRATE_DATABASE_URL")
            check_database("DATABASE_URL")
            preparing = stack.enter_context(_Preparing(address))
        people, link = preparing.finish()
        if demo and people:
            _say("There are people here already, so the demo was left out.")
        elif demo:
            _run([*MANAGE, "seed_demo", "--if-empty"], "the demo could not be made")
    return link


def _prepare_meanwhile(stack: contextlib.ExitStack, address: str) -> _Preparing:
    """Start the embedded database; where it has been before, the code is loaded at the same time."""
    expected = cluster.addresses()
    begun = None
    if cluster.was_made():
        begun = stack.enter_context(_Preparing(address, expected.environment()))
    lease = stack.enter_context(cluster.ensure())
    os.environ.update(lease.addresses.environment())
    if begun is not None and lease.addresses == expected:
        return begun
    if begun is not None:
        begun.end()
    return stack.enter_context(_Preparing(address))


def _roll(server: _Gunicorn, address: str) -> None:
    """Go over to the release that stands here now, without a pause; when it cannot, go on as before."""
    try:
        with _Preparing(address) as preparing:
            preparing.finish()
    except Problem as problem:
        sys.stderr.write(f"fluxboard: {problem}\n")
    else:
        server.process.send_signal(signal.SIGHUP)


# --- before the start --------------------------------------------------------------------------------------


def _number(name: str, default: str, largest: int) -> int:
    word = os.environ.get(name) or default
    if not word.isdecimal() or not 0 < int(word) <= largest:
        raise Problem(f"{name} must be a number from 1 to {largest}, not {word!r}")
    return int(word)


def _wait_for_port(host: str, port: int) -> None:
    """Raise Problem when the port is taken; wait for what a killed server of ours left to go."""
    mark = cluster.var_folder() / f"serving-{port}.json"
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
            raise Problem(f"port {port} may not be used by this user; set PORT to one above 1023") from error
        except OSError as error:
            if time.monotonic() > until:
                raise Problem(
                    f"port {port} on {host} is taken or out of reach; set PORT to another"
                ) from error
        time.sleep(0.2)


def _check_var() -> None:
    var = cluster.var_folder()
    try:
        var.mkdir(parents=True, exist_ok=True)
        probe = var / ".writable"
        probe.write_text("")
        probe.unlink(missing_ok=True)  # of another start, which looks at the same moment
    except OSError as error:
        words = error.strerror or error
        raise Problem(f"{var} cannot be written ({words}); make it writable or set FLUXBOARD_VAR") from error


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
        raise Problem(str(error).replace("DATABASE_URL", name, 1)) from error
    except psycopg.Error as error:
        first = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise Problem(f"{name} leads to no database: {first}") from error
    if version < OLDEST_POSTGRES:
        raise TooOld(f"{name} is a PostgreSQL {version}; Fluxboard needs {OLDEST_POSTGRES} or newer")


class _Preparing:
    """Migrating and collecting static files, in a process that loads the code while the database starts."""

    def __init__(self, address: str, environment: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fluxboard.server.prepare", address],
            cwd=PROJECT,
            env=os.environ | (environment or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            preexec_fn=_die_with_parent,
        )

    def __enter__(self) -> _Preparing:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Nothing has been changed unless `finish` was called; that ran to its end."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def finish(self) -> tuple[int, str | None]:
        """Do it, now that the database is there; the number of people, and the first link."""
        said, _ = self.process.communicate(b"go\n")
        if self.process.returncode != 0:
            raise Problem("the database or the static files could not be prepared (the reason stands above)")
        facts = json.loads(said.splitlines()[-1])
        return facts["people"], facts["link"]


def _run(words: list[str], failed: str) -> None:
    """A step before the start. It ends with this program: a second start never meets it half done."""
    done = subprocess.run(
        words,
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        preexec_fn=_die_with_parent,
    )
    if done.returncode != 0:
        raise Problem(f"{failed} (the reason stands above)")


# --- the server --------------------------------------------------------------------------------------------


class _Gunicorn:
    """gunicorn with its workers, in a process group of its own. Leaving the block stops it."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.mark = cluster.var_folder() / f"serving-{port}.json"

    def __enter__(self) -> _Gunicorn:
        self.process = start_gunicorn(f"{self.host}:{self.port}")
        self.mark.write_text(json.dumps({"supervisor": os.getpid(), "gunicorn": self.process.pid}))
        return self

    def __exit__(self, *_: object) -> None:
        stop_gunicorn(self.process)
        self.mark.unlink(missing_ok=True)

    def wait_until_ready(self) -> None:
        """Return once `/readyz` says 200; raise Problem when gunicorn ends first or two minutes pass."""
        if not is_ready(self.process, _reachable(self.host), self.port, READY_SECONDS):
            raise Problem("the server did not come up (the reason stands above)")

    def wait(self) -> int:
        self.process.wait()
        sys.stderr.write("fluxboard: the server ended by itself; the reason stands above\n")
        return 1


class _Digests:
    """`send_digests` once a minute, in a process of its own that is started anew when it ends.

    Leaving the block lets the mail that is under way go out, and ends it.
    """

    def __init__(self, address: str) -> None:
        self.environment = os.environ | {"FLUXBOARD_URL": address}
        self.environment.pop("FLUXBOARD_MIGRATE_DATABASE_URL", None)
        self.ended = threading.Event()
        self.keeper = threading.Thread(target=self._keep, name="digests", daemon=True)

    def __enter__(self) -> _Digests:
        self.process = self._start()
        self.keeper.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.keeper.join(DIGEST_STOP_SECONDS)
        for stop in (self.process.terminate, self.process.kill):
            stop()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(DIGEST_STOP_SECONDS)
                return

    def _keep(self) -> None:
        while not self.ended.wait(DIGEST_SECONDS if self.process.poll() is not None else 1):
            if self.process.poll() is not None:
                self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*MANAGE, "send_digests", f"--every={DIGEST_SECONDS}"],
            cwd=PROJECT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )


def sends_digests() -> bool:
    """Whether this server mails digests: by FLUXBOARD_DIGESTS, else when it knows a mail server."""
    from fluxboard.server.environment import flag

    knows_a_server = bool(os.environ.get("EMAIL_URL") or os.environ.get("EMAIL_HOST"))
    return flag("FLUXBOARD_DIGESTS", default=knows_a_server)


def start_gunicorn(
    bind: str, environment: dict[str, str] | None = None, output: int | None = None
) -> subprocess.Popen[bytes]:
    """Start gunicorn on `host:port`, to end when this process does.

    What it prints goes to the file number `output`, else where this process prints.
    """
    env = dict(os.environ if environment is None else environment)
    env.pop("FLUXBOARD_MIGRATE_DATABASE_URL", None)  # the server never signs in as the owner
    env["FLUXBOARD_DATABASE_IS_KNOWN"] = "1"
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--config=python:fluxboard.server.gunicorn_conf",
            "--no-control-socket",
            "--forwarded-allow-ips=",  # what a proxy says is Django's to judge: FLUXBOARD_TRUST_PROXY
            f"--bind={bind}",
            "fluxboard.asgi:application",
        ],
        cwd=PROJECT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        preexec_fn=_die_with_parent,
    )


def stop_gunicorn(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, and after STOP_SECONDS the end of whatever is left of its process group."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def is_ready(process: subprocess.Popen[bytes], host: str, port: int, seconds: float) -> bool:
    """Wait for a 200 from `/readyz`; False when the process ends or the time runs out first."""
    until = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(host, port, timeout=5)
            try:
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    return True
            finally:
                connection.close()
        time.sleep(0.1)
    return False


def _die_with_parent() -> None:
    """Linux tells a child to stop when this supervisor is killed; workers watch gunicorn themselves."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104


def _shown(host: str) -> str:
    shown = _reachable(host)
    return f"[{shown}]" if ":" in shown else shown


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _stop(number: int, frame: FrameType | None) -> None:
    for other in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)  # once is enough; the way down is not interrupted
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())
