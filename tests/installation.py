"""An installation of its own, through bin/serve and bin/manage, with its own embedded PostgreSQL."""

from __future__ import annotations

import http.cookiejar
import json
import os
import queue
import re
import signal
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

from fluxboard.server.embedded_postgres import addresses
from fluxboard.server.embedded_postgres.addresses import PROJECT
from tests.live import PATIENCE, free_port

NOT_OURS = ("DATABASE_URL", "FLUXBOARD_", "PORT", "HOST", "ALLOWED_HOSTS", "DJANGO_", "WEB_CONCURRENCY")


class Installation:
    """`bin/serve` under one folder. `start()` it as often as needed; `url` is where it answers."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)
        } | {"FLUXBOARD_VAR": str(var), "PORT": str(self.port), "WEB_CONCURRENCY": "2"}
        self.process: subprocess.Popen[str] | None = None
        self.said: list[str] = []

    @property
    def database_url(self) -> str:
        """The application's address of its database (the owner's: `embedded_postgres.addresses(var)`)."""
        return addresses.addresses(self.var).app

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """Start it, and wait for nothing."""
        self.process = subprocess.Popen(
            [str(PROJECT / "bin" / "serve"), *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=(self.var.parent / "serve.stderr").open("a"),
            text=True,
            start_new_session=True,
        )
        return self.process

    def start(self, *words: str, seconds: float = 5 * PATIENCE) -> list[str]:
        """Start it and return what it said on stdout until it was ready."""
        stdout = self.begin(*words).stdout
        lines: queue.Queue[str] = queue.Queue()
        assert stdout is not None
        threading.Thread(target=lambda: [lines.put(line) for line in stdout], daemon=True).start()
        self.said = []
        until = time.monotonic() + seconds
        while not (self.said and "ready at" in self.said[-1]):
            try:
                self.said.append(lines.get(timeout=0.2).strip())
            except queue.Empty:
                errors = (self.var.parent / "serve.stderr").read_text()
                assert self.process is not None
                assert self.process.poll() is None, (
                    f"bin/serve ended with {self.process.returncode}: {errors}"
                )
                assert time.monotonic() < until, (
                    f"bin/serve was not ready in {seconds} s: {self.said} {errors}"
                )
        return self.said

    def stop(self, number: int = signal.SIGTERM, seconds: float = PATIENCE) -> float:
        """Send the signal to bin/serve alone, wait for its end, and return how long that took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(seconds)
        return time.monotonic() - began

    def manage(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run bin/manage to its end."""
        return subprocess.run(
            [str(PROJECT / "bin" / "manage"), *words],
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=5 * PATIENCE,
        )

    def processes(self) -> dict[int, str]:
        """Everything that runs with this folder in its environment: process id and command."""
        found = {}
        mark = f"FLUXBOARD_VAR={self.var}".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
                    found[int(folder.name)] = command or (folder / "comm").read_text().strip()
            except OSError:
                continue
        return found

    def running(self, word: str) -> set[int]:
        """The process ids of those whose command holds `word`."""
        return {pid for pid, command in self.processes().items() if word in command}

    def nothing_left(self, seconds: float = PATIENCE) -> bool:
        """Wait until none of its processes is left; False when some are still there after that time."""
        until = time.monotonic() + seconds
        while self.processes() and time.monotonic() < until:
            time.sleep(0.1)
        return not self.processes()

    def kill_everything(self) -> None:
        """kill -9 of all at once: bin/serve, gunicorn, its workers, the keeper, PostgreSQL."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def kill_database(self) -> int:
        """kill -9 of PostgreSQL's first process. The keeper starts it again. Returns the process id."""
        pid = int(next((self.var / "postgres").glob("data-*/postmaster.pid")).read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        return pid

    def answers(self, path: str = "/readyz", seconds: float = 0) -> bool:
        """Does that address say 200, now or within that time?"""
        until = time.monotonic() + seconds
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}{path}", timeout=PATIENCE) as answer:
                    return bool(answer.status == 200)
            except OSError:
                if time.monotonic() > until:
                    return False
                time.sleep(0.1)

    def sign_in(self, email: str, password: str) -> urllib.request.OpenerDirector:
        """An HTTP client that has signed in through the form."""
        jar = http.cookiejar.CookieJar()
        client = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        page = client.open(f"{self.url}/accounts/login/", timeout=PATIENCE).read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, page
        form = {"login": email, "password": password, "csrfmiddlewaretoken": token[1]}
        client.open(f"{self.url}/accounts/login/", urllib.parse.urlencode(form).encode(), timeout=PATIENCE)
        assert any(cookie.name == "sessionid" for cookie in jar), "the sign-in was refused"
        return client

    def shell(self, code: str) -> object:
        """Run Python in the installation's Django; what it puts into `answer`, by JSON."""
        done = self.manage("shell", "--no-imports", "-c", f"{code}\nimport json; print(json.dumps(answer))")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])
