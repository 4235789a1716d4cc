"""The processes of a running installation: preparation, gunicorn and the digests."""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time

from fluxboard.server.checks import STOP_SECONDS, StartProblem
from fluxboard.server.embedded_postgres import addresses
from fluxboard.server.embedded_postgres.addresses import PROJECT

_READY_SECONDS = 120
WORK_SECONDS = 60
WORK_STOP_SECONDS = 1.5
PR_SET_PDEATHSIG = 1
MANAGE = [sys.executable, str(PROJECT / "manage.py")]


class Preparing:
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

    def __enter__(self) -> Preparing:
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
            raise StartProblem(
                "the database or the static files could not be prepared (the reason stands above)"
            )
        facts = json.loads(said.splitlines()[-1])
        return facts["people"], facts["link"]


def run_processes(words: list[str], failed: str) -> None:
    """A step before the start. It ends with this program: a second start never meets it half done."""
    done = subprocess.run(
        words,
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        preexec_fn=_die_with_parent,
    )
    if done.returncode != 0:
        raise StartProblem(f"{failed} (the reason stands above)")


class Gunicorn:
    """gunicorn with its workers, in a process group of its own. Leaving the block stops it."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.mark = addresses.var_folder() / f"serving-{port}.json"

    def __enter__(self) -> Gunicorn:
        self.process = start_gunicorn(f"{self.host}:{self.port}")
        self.mark.write_text(json.dumps({"supervisor": os.getpid(), "gunicorn": self.process.pid}))
        return self

    def __exit__(self, *_: object) -> None:
        stop_gunicorn(self.process)
        self.mark.unlink(missing_ok=True)

    def wait_until_ready(self) -> None:
        """Return once `/readyz` says 200; raise Problem when gunicorn ends first or two minutes pass."""
        if not server_is_ready(self.process, _reachable(self.host), self.port, _READY_SECONDS):
            raise StartProblem("the server did not come up (the reason stands above)")

    def wait(self) -> int:
        self.process.wait()
        sys.stderr.write("fluxboard: the server ended by itself; the reason stands above\n")
        return 1


class Worker:
    """`work` once a minute, in a process of its own that is started anew when it ends: cards and mails.

    `with_mail`: it sends the mails that are due. Leaving the block lets what is under way be finished, and
    ends it.
    """

    def __init__(self, address: str, *, with_mail: bool) -> None:
        self.words = ["work", f"--every={WORK_SECONDS}", *([] if with_mail else ["--no-mail"])]
        self.environment = os.environ | {"FLUXBOARD_URL": address}
        self.environment.pop("FLUXBOARD_MIGRATE_DATABASE_URL", None)
        self.ended = threading.Event()
        self.keeper = threading.Thread(target=self._keep, name="work", daemon=True)

    def __enter__(self) -> Worker:
        self.process = self._start()
        self.keeper.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.keeper.join(WORK_STOP_SECONDS)
        for stop in (self.process.terminate, self.process.kill):
            stop()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(WORK_STOP_SECONDS)
                return

    def _keep(self) -> None:
        while not self.ended.wait(1):
            if self.process.poll() is not None and not self.ended.wait(WORK_SECONDS):
                self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*MANAGE, *self.words],
            cwd=PROJECT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )


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


def server_is_ready(process: subprocess.Popen[bytes], host: str, port: int, seconds: float) -> bool:
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


def told_address(host: str) -> str:
    shown = _reachable(host)
    return f"[{shown}]" if ":" in shown else shown
