"""bin/serve's own worker: started anew when it ends, gone with the server, without mails by setting."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from fluxboard.server import processes, serve
from tests.live import PATIENCE

CHILD = """
import sys, time
with open({log!r}, "a") as log:
    print(*sys.argv[1:], file=log)
{then}
"""


def starts(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


def wait_for(log: Path, count: int) -> None:
    until = time.monotonic() + PATIENCE
    while len(starts(log)) < count and time.monotonic() < until:
        time.sleep(0.05)
    assert len(starts(log)) >= count


def child(monkeypatch: pytest.MonkeyPatch, log: Path, then: str) -> None:
    monkeypatch.setattr(processes, "MANAGE", [sys.executable, "-c", CHILD.format(log=str(log), then=then)])
    monkeypatch.setattr(processes, "WORK_SECONDS", 0.1)


def test_one_that_ends_is_started_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log = tmp_path / "log"
    child(monkeypatch, log, "sys.exit(1)")
    with processes.Worker("http://127.0.0.1:8000", with_mail=True):
        wait_for(log, 2)
    assert starts(log)[0] == "work --every=0.1"
    with processes.Worker("http://127.0.0.1:8000", with_mail=False):
        wait_for(log, len(starts(log)) + 1)
    assert starts(log)[-1] == "work --every=0.1 --no-mail"
    count = len(starts(log))
    time.sleep(0.5)
    assert len(starts(log)) == count, "none after the server"


@pytest.mark.parametrize("deaf", [False, True])
def test_it_goes_with_the_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, deaf: bool) -> None:
    log = tmp_path / "log"
    ignoring = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" if deaf else ""
    child(monkeypatch, log, f"{ignoring}time.sleep(600)")
    with processes.Worker("http://127.0.0.1:8000", with_mail=True) as worker:
        wait_for(log, 1)
        began = time.monotonic()
    assert worker.process.poll() is not None
    assert time.monotonic() - began < PATIENCE


@pytest.mark.parametrize(
    ("environment", "sends"),
    [
        ({}, False),
        ({"EMAIL_URL": "smtp://localhost"}, True),
        ({"EMAIL_HOST": "localhost"}, True),
        ({"EMAIL_URL": "smtp://localhost", "FLUXBOARD_DIGESTS": "off"}, False),
        ({"FLUXBOARD_DIGESTS": "on"}, True),
    ],
)
def test_it_is_on_where_there_is_a_mail_server_unless_told(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], sends: bool
) -> None:
    for name in ("EMAIL_URL", "EMAIL_HOST", "FLUXBOARD_DIGESTS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert serve.sends_digests() is sends
