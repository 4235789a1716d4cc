"""The cuts of `cutting.py`, from a test or a benchmark (T2)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from boards.models import Board
from fluxboard.features.verification.verify import verify
from fluxboard.server.embedded_postgres.addresses import PROJECT
from tests.activity.sse import Audience, wait_for
from tests.faults.ground import Ground, Watcher, header, make_board, someone
from tests.faults.ledger import Client, Ledger
from tests.live import LiveApp

# Of a retitled card: at the lock, in the middle, and after the commit, at the notification.
CUT_POINTS = ("1", "4", "notify")


def at_every_statement(ground: Ground, deeds: Sequence[str] = (), rounds: int = 1) -> dict[str, float]:
    """Each of `deeds` (all: none named), cut before each of its statements and after the last."""
    environment = os.environ | {
        "DATABASE_URL": ground.urls.app,
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "FLUXBOARD_TEST_CUTTING": "1",
        "FLUXBOARD_STATIC_ROOT": ground.static_root,
        "LOG_LEVEL": "ERROR",
    }
    words = [sys.executable, "-m", "tests.faults.cutting", f"--rounds={rounds}", *deeds]
    done = subprocess.run(words, cwd=PROJECT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def in_a_worker(ground: Ground, times: int = 1, points: Sequence[str] = CUT_POINTS) -> dict[str, float]:
    """The same on the running server: the worker that takes a change is killed at the lock, in
    the middle, and after the commit, before anybody was told or answered.

    The form sent again, as a page does by itself, is done once; every open page gets it once.
    """
    folder = Path(tempfile.mkdtemp(prefix="fluxboard-cut-"))
    app = ground.another_app(FLUXBOARD_TEST_CUT=str(folder), DJANGO_SETTINGS_MODULE="tests.faults.settings")
    try:
        return _cut_workers(ground, app, folder, times, points)
    finally:
        app.kill()
        shutil.rmtree(folder)


def _cut_workers(
    ground: Ground, app: LiveApp, folder: Path, times: int, points: Sequence[str]
) -> dict[str, float]:
    owner = someone("Ana Duarte")
    board, card = make_board(owner)
    cookies = app.cookies_for(owner)
    client, ledger = Client(app.port, cookies), Ledger()
    path = f"/c/{card.key}/do/retitled/"
    watchers = [
        Watcher({}, [f"{app.url}/b/{board.key}/live/"], header(cookies), board.pk, board.seq)
        for _ in range(6)
    ]
    slowest, kills = 0.0, 0
    with Audience() as audience:
        audience.seat(*watchers)
        for _ in range(times):
            for at in points:
                wait_for(lambda: len(app.procs) == 3, 180, "two workers")
                before = set(app.procs)
                (folder / "unarmed").write_text(at)
                (folder / "unarmed").rename(folder / "at")
                entry = ledger.open(f"Cut at {at}, {uuid.uuid4()}")
                fields = {"title": entry.said, "request_id": entry.request_id}
                began = time.monotonic()
                while not entry.is_acknowledged:
                    entry.answers.append(client.try_to("POST", path, fields))
                    assert time.monotonic() - began < 180, entry
                slowest = max(slowest, time.monotonic() - began)
                assert entry.answers[0] == 0, f"the worker was not killed at {at}: {entry.answers}"
                kills += len(before - set(app.procs))
        head = Board.objects.values_list("seq", flat=True).get(pk=board.pk)
        wait_for(lambda: all(w.last == head for w in watchers), 180, "every page at head")
    told = ledger.audit() | {"kills": float(kills), "slowest_answer": slowest}
    assert not verify(board)
    assert head == board.seq + len(ledger.entries)
    assert told["acknowledged"] == len(ledger.entries) == len(points) * times
    assert not any(told[name] for name in ("lost", "altered", "twice")), told
    assert not any(w.tally.gaps or w.tally.twice for w in watchers)
    return told
