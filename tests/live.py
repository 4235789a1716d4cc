"""The real server for tests, started by the same code as bin/serve, and the Chromium that looks at it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from fluxboard.server import processes
from fluxboard.server.embedded_postgres.addresses import PROJECT
from tests.databases import VAR

PATIENCE = 60.0  # seconds for what comes in a blink, however busy the machine is; only what never comes fails

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


IMPATIENT = {
    "WEB_CONCURRENCY": "1",
    "FLUXBOARD_WINDOW_SECONDS": "1",
    "FLUXBOARD_READ_SECONDS": "1",
    "FLUXBOARD_HEAD_SECONDS": "60",
    "FLUXBOARD_CONNECTIONS": "24",
    "FLUXBOARD_SPOOL_MB": "50",
    "FLUXBOARD_URL": "https://localhost",
    "FLUXBOARD_TRUST_PROXY": "1",
}


class LiveApp:
    """gunicorn with two workers on a free port.

    `url` has no slash at its end; `database_url` is the application's; `procs` are the process ids,
    gunicorn's own first; what the server prints stands in `log`.
    """

    def __init__(self, database_url: str, static_root: str, **environment: str) -> None:
        self.database_url = database_url
        self.environment = os.environ | {
            "DATABASE_URL": database_url,
            "FLUXBOARD_STATIC_ROOT": static_root,
            "FLUXBOARD_VAR": os.environ.get("FLUXBOARD_VAR", str(VAR.parent)),
            "WEB_CONCURRENCY": "2",
            **environment,
        }
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = tempfile.NamedTemporaryFile(prefix="fluxboard-live-", suffix=".log")  # noqa: SIM115
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start on the same port and database (again), and return when it is ready."""
        self.process = processes.start_gunicorn(
            f"127.0.0.1:{self.port}", self.environment, output=self._log.fileno()
        )
        if not processes.server_is_ready(self.process, "127.0.0.1", self.port, 4 * PATIENCE):
            self.stop()
            pytest.fail(f"the server did not come up:\n{self.log}", pytrace=False)

    @property
    def log(self) -> str:
        return Path(self._log.name).read_text(errors="replace")

    @property
    def procs(self) -> list[int]:
        """The process ids: gunicorn's own, then its workers'."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]

    def kill_worker(self) -> int:
        """kill -9 the oldest worker; gunicorn starts another. Returns the process id of the dead."""
        worker = min(self.procs[1:])
        os.kill(worker, signal.SIGKILL)
        return worker

    def terminate(self) -> None:
        """SIGTERM, as at a deploy; does not wait."""
        assert self.process is not None
        self.process.terminate()

    def kill(self) -> None:
        """kill -9 gunicorn and its workers at once; also the quick way to clear up."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        """Stop it as bin/serve does; nothing of it is left afterwards."""
        if self.process is not None:
            processes.stop_gunicorn(self.process)

    def cookies_for(self, person: Any) -> dict[str, str]:
        """The cookies of a browser that is signed in as that person."""
        from django.test import Client

        client = Client()
        client.force_login(person)
        return {name: morsel.value for name, morsel in client.cookies.items()}


_ports_of_ours: list[socket.socket] = []


def free_port() -> int:
    """A port that nobody has, and that nobody gets by chance before the test takes it, however late.

    It lies below those that the system gives to whoever asks for any, as each connection and `bind` to port 0
    does. Other test processes leave it out while this one lives: a name that one process can have says so.
    """
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for port in [*range(20_000, lowest), 0]:
        ours = socket.socket(socket.AF_UNIX)
        try:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
                found = int(probe.getsockname()[1])
                ours.bind(f"\0fluxboard-test-port-{found}")
        except OSError:
            ours.close()
            continue
        _ports_of_ours.append(ours)
        return found
    raise RuntimeError("every port is taken")


def collect_static() -> Path:
    """Collect the static files where they have changed since the last time; the folder.

    Several processes and several test runs of one checkout may serve it at the same time.
    """
    VAR.mkdir(parents=True, exist_ok=True)
    folder = VAR / "static"
    collect = "import django; django.setup(); from fluxboard.server.assets.storage import collect; collect()"
    with (VAR / "static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "fluxboard.settings",
            "FLUXBOARD_STATIC_ROOT": str(folder),
        }
        subprocess.run([sys.executable, "-c", collect], cwd=PROJECT, env=environment, check=True)
    return folder


def chromium() -> str:
    """The path of Chromium: CHROMIUM, else by its usual names. Fails the test when there is none."""
    names = [
        os.environ.get("CHROMIUM", ""),
        "chromium-headless-shell",
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ]
    for name in filter(None, names):
        found = shutil.which(name)
        if found:
            return found
    pytest.fail(
        "the browser tests need Chromium: install the package chromium, or set CHROMIUM", pytrace=False
    )


def is_listening(url: str) -> bool:
    """Does anybody accept connections there?"""
    parts = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((str(parts.hostname), parts.port or 80)) == 0
