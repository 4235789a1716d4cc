"""The process that keeps the embedded PostgreSQL while anybody uses it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from pathlib import Path

from fluxboard.server.embedded_postgres.addresses import fits_a_socket, socket_folder
from fluxboard.server.embedded_postgres.binaries import binaries, data_folder, runner_for
from fluxboard.server.embedded_postgres.processes import (
    is_postgres,
    postmaster_line,
    remove_stale_locks,
    running_postmaster,
    try_lock,
    wait_until,
)

POSTGRES_STOP_SECONDS = 6
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
# For tests. A killed process still loses nothing, and several test processes with their servers share one.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "max_connections": "400"}


class Keeper:
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
                was_ready = was_ready or postmaster_line(self.home, 7) == "ready"
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
        running = running_postmaster(self.home)
        if running is not None:
            return running
        remove_stale_locks(self.home)
        runner = runner_for(self.home)
        settings = dict(CONFIGURATION) | ({} if self.durable else NOT_DURABLE)
        if fits_a_socket(self.home):
            settings |= {"listen_addresses": "", "unix_socket_directories": str(socket_folder(self.home))}
        else:
            port = (self.home / "port").read_text()
            settings |= {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "port": port}
        self.child = subprocess.Popen(
            [
                *runner.command,
                str(binaries() / "postgres"),
                "-D",
                str(data_folder(self.home)),
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
        return is_postgres(self.home, pid)

    def _stop(self, postmaster: int) -> None:
        """Fast shutdown; what does not obey is made to, in two steps. Crash recovery mends the rest."""
        for number, seconds in (
            (signal.SIGINT, POSTGRES_STOP_SECONDS),
            (signal.SIGQUIT, 2),
            (signal.SIGKILL, 1),
        ):
            with contextlib.suppress(ProcessLookupError):
                os.kill(postmaster, number)
            if wait_until(lambda: not self._is_alive(postmaster), seconds):
                return
