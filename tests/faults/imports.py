"""Many imports of a large Trello export in a row, each by its own `bin/manage import_trello` (T22).

An export becomes larger by repeating its cards, checklists and actions under ids of their own. On the
embedded PostgreSQL, which is reached by a socket of this machine, and on an outside one by TCP.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from fluxboard.server import processes
from fluxboard.server.embedded_postgres import binaries, cluster
from fluxboard.server.embedded_postgres.addresses import PROJECT
from tests.databases import PREFIX, Server
from tests.live import free_port

BAKERY = PROJECT / "tests" / "data" / "trello" / "bakery.json"
ID = re.compile(r'(?<=")[0-9a-f]{24}(?=")')
WAITED_TOO_LONG = 60.0  # seconds in which nothing goes either way, inside a transaction
OWNER = "ana.duarte@example.com"
# Sessions whose client owes the rest of a message, or takes nothing; and those that are idle with locks.
STUCK = """
    SELECT pid, state, wait_event FROM pg_stat_activity
    WHERE datname = %s AND application_name <> 'watcher'
        AND (state = 'active' AND wait_event IN ('ClientRead', 'ClientWrite')
             OR state = 'idle in transaction' AND state_change < clock_timestamp() - interval '60 seconds')
"""


def multiplied(source: Path, megabytes: float, run: str) -> bytes:
    """An export of about so many megabytes, made of `source`; another `run` is another Trello board."""
    data = json.loads(source.read_text())
    shared = {data["id"]} | {
        one["id"] for kind in ("lists", "labels", "members") for one in data.get(kind, [])
    }
    many = ("cards", "checklists", "actions")
    size = len(json.dumps(data, ensure_ascii=False).encode())
    copies = max(1, round(megabytes * 1e6 / size))

    def renamed(value: Any, copy: int) -> Any:
        def name(match: re.Match[str]) -> str:
            own = run if match[0] in shared else f"{run} {copy}"
            return hashlib.sha256(f"{own} {match[0]}".encode()).hexdigest()[:24]

        return json.loads(ID.sub(name, json.dumps(value)))

    whole = renamed({kind: value for kind, value in data.items() if kind not in many}, 0)
    for kind in many:
        whole[kind] = [one for n in range(copies) for one in renamed(data.get(kind, []), n)]
    return json.dumps(whole, ensure_ascii=False).encode()


class Watch:
    """Looks once a second whether a session of the database waits for its client, and for how long."""

    def __init__(self, superuser: str, database: str) -> None:
        self.longest = 0.0
        self._ended = threading.Event()
        self._since: dict[int, float] = {}
        self._thread = threading.Thread(target=self._look, args=[superuser, database], daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(10)

    def _look(self, superuser: str, database: str) -> None:
        with psycopg.connect(superuser, autocommit=True, application_name="watcher") as session:
            while not self._ended.wait(1):
                now = time.monotonic()
                waiting = {row[0] for row in session.execute(STUCK, [database]).fetchall()}
                self._since = {pid: self._since.get(pid, now) for pid in waiting}
                self.longest = max([self.longest, *(now - since for since in self._since.values())])


def in_a_row(
    server: Server, times: int, megabytes: float, within: float, source: Path = BAKERY
) -> dict[str, float]:
    """So many imports of other boards, one after the other, on a database of its own. None takes longer than
    `within` seconds, none fails, and no session waits for its client."""
    name = f"{PREFIX}_{os.getpid()}_imports"
    urls = server.clone(name)
    environment = os.environ | {"DATABASE_URL": urls.app}
    environment.pop("FLUXBOARD_MIGRATE_DATABASE_URL", None)
    add = [*processes.MANAGE, "add_person", OWNER, "--name", "Ana Duarte"]
    subprocess.run(add, env=environment, check=True, capture_output=True)
    took, cards, size = [], 0, 0
    with Watch(urls.superuser, name) as watch, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "board.json"
        for n in range(times):
            size = file.write_bytes(multiplied(source, megabytes, f"{name} {n}"))
            began = time.monotonic()
            words = [*processes.MANAGE, "import_trello", str(file), "--owner", OWNER, "--json"]
            done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=within + 60)
            took.append(time.monotonic() - began)
            assert done.returncode == 0, (n, done.stderr[-2000:])
            cards = json.loads(done.stdout)["cards"]
    told = {
        "imports": float(times),
        "megabytes": size / 1e6,
        "cards": float(cards),
        "slowest_import": max(took),
        "slow_import_median": statistics.median(took),
        "slowest_wait_for_the_client": watch.longest,
    }
    server.drop(name)
    assert max(took) < within, told
    assert watch.longest < WAITED_TOO_LONG, told
    return told


def on_both(server: Server, folder: Path, times: int) -> dict[str, float]:
    """So many of 1 MB and of 10 MB, on the embedded `server` and on an outside one; each within five minutes
    and half an hour. Of the export that FLUXBOARD_TRELLO_EXPORT names, else of a made-up one."""
    source = Path(os.environ.get("FLUXBOARD_TRELLO_EXPORT") or BAKERY)
    told = {}
    with outside(folder, server) as other:
        for place, where in (("embedded", server), ("outside", other)):
            for megabytes, within in ((1, 300), (10, 1800)):
                found = in_a_row(where, times, megabytes, within, source)
                told |= {f"{key}_{megabytes}_mb_{place}": value for key, value in found.items()}
    return told


@contextlib.contextmanager
def outside(folder: Path, like: Server | None = None) -> Iterator[Server]:
    """A PostgreSQL that somebody else runs, by TCP with a password only."""
    programs, port, password = binaries.binaries(), free_port(), "a password for tests"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "password").write_text(password)
    runner = binaries.runner_for(folder)
    data = folder / "data"
    words = [f"--pgdata={data}", "--username=postgres", f"--pwfile={folder / 'password'}"]
    words += ["--auth=scram-sha-256", "--encoding=UTF8", *cluster.LOCALE, "--no-instructions"]
    initdb = [*runner.command, str(programs / "initdb"), *words]
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder, **runner.arguments)
    settings = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": ""}
    words = [
        "-D",
        str(data),
        *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
    ]
    with (folder / "log").open("wb") as log:
        postgres = subprocess.Popen(
            [*runner.command, str(programs / "postgres"), *words],
            stdout=log,
            stderr=log,
            cwd=folder,
            **runner.arguments,
        )
    url = f"postgresql://postgres:{password.replace(' ', '%20')}@127.0.0.1:{port}/postgres"
    before = os.environ.get("FLUXBOARD_TEST_SERVER")
    try:
        until = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(url, connect_timeout=2).close()
                break
            except psycopg.OperationalError:
                assert time.monotonic() < until, (folder / "log").read_text()
                time.sleep(0.1)
        os.environ["FLUXBOARD_TEST_SERVER"] = url
        yield Server(like=like)
    finally:
        os.environ.pop("FLUXBOARD_TEST_SERVER")
        if before is not None:
            os.environ["FLUXBOARD_TEST_SERVER"] = before
        postgres.terminate()
        postgres.wait(20)
