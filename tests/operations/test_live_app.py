"""The fixtures that other tests drive the real server with."""

from __future__ import annotations

import os
import signal
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth import get_user_model

from tests.live import PATIENCE, LiveApp

if TYPE_CHECKING:
    from playwright.sync_api import Page


def get(url: str) -> int:
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        return int(answer.status)


@pytest.mark.faults
def test_a_killed_worker_is_replaced(live_app: LiveApp) -> None:
    before = live_app.procs
    assert len(before) == 3
    killed = live_app.kill_worker()
    until = time.monotonic() + PATIENCE
    while (len(live_app.procs) < 3 or killed in live_app.procs) and time.monotonic() < until:
        time.sleep(0.1)
    assert len(live_app.procs) == 3
    assert get(f"{live_app.url}/readyz") == 200


def ask_again_and_again(app: LiveApp, stop: threading.Event) -> list[float]:
    """Ask on a new connection each time; how long each answer took. Raises what a refused one raises."""
    took = []
    while not stop.is_set():
        began = time.monotonic()
        assert get(f"{app.url}/readyz") == 200
        took.append(time.monotonic() - began)
        time.sleep(0.02)
    return took


@pytest.mark.faults
def test_workers_are_rolled_and_somebody_answers_all_the_time(live_app: LiveApp) -> None:
    """SIGHUP, as bin/serve sends it for a new release: new workers first, then the old ones end."""
    server, *old = live_app.procs
    stop = threading.Event()
    with ThreadPoolExecutor() as crew:
        asked = [crew.submit(ask_again_and_again, live_app, stop) for _ in range(2)]
        began, until = time.monotonic(), time.monotonic() + 2 * PATIENCE
        os.kill(server, signal.SIGHUP)
        while (len(live_app.procs) != 3 or {*old} & {*live_app.procs}) and time.monotonic() < until:
            time.sleep(0.1)
        rolled = time.monotonic() - began
        stop.set()
        longest = max(took for answers in asked for took in answers.result())
    assert len(live_app.procs) == 3
    assert not {*old} & {*live_app.procs}
    assert longest < rolled / 2, "loading the application takes most of a roll; nobody waits for that"


@pytest.mark.faults
def test_a_release_that_does_not_load_leaves_the_workers_of_before(
    transactional_db: None, static_root: str, tmp_path: Path
) -> None:
    key = tmp_path / "secret_key"
    key.write_text("a key that is there at first")
    app = LiveApp(os.environ["DATABASE_URL"], static_root, FLUXBOARD_VAR=str(tmp_path), SECRET_KEY="")
    try:
        before = app.procs
        key.unlink()
        key.mkdir()
        os.kill(before[0], signal.SIGHUP)
        until = time.monotonic() + 2 * PATIENCE
        while "does not load" not in app.log and time.monotonic() < until:
            time.sleep(0.1)
        assert "does not load" in app.log
        assert get(f"{app.url}/readyz") == 200
        time.sleep(0.5)
        assert app.procs == before
    finally:
        app.kill()


@pytest.mark.browser
def test_a_person_made_here_is_signed_in_there(shared_app: LiveApp, page_for: Callable[..., Page]) -> None:
    ada = get_user_model().objects.create_user("ada@example.org", "correct horse", name="Ada Byron")
    page = page_for(ada)
    page.goto("/accounts/password/change/")
    assert page.url == f"{shared_app.url}/accounts/password/change/"
    assert page_for().goto("/healthz").status == 200
