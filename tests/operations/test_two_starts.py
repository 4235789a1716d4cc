"""Two starts at once in one checkout, on one installation: one prepares, the other waits."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fluxboard.server import one_start
from tests.installation import Installation
from tests.live import PATIENCE, free_port

PROJECT = Path(__file__).parents[2]
FILES = (
    "bin/serve",
    "bin/environment.sh",
    "uv.lock",
    "pyproject.toml",
    ".python-version",
    "package.json",
    "package-lock.json",
)
SH = (
    "sh",
    "cat",
    "cksum",
    "mktemp",
    "grep",
    "tail",
    "head",
    "rm",
    "mkdir",
    "sleep",
    "env",
    "ps",
    "dirname",
    "chmod",
)
UV = """#!/bin/sh
[ "$1" = --version ] && exit
echo begin >>"$ROOT/log"
until [ -e "$ROOT/go" ]; do sleep 0.05; done
mkdir -p "$ROOT/.venv/bin"
printf '#!/bin/sh\\n[ "$1" = -c ] || echo served >>"%s/log"\\n' "$ROOT" >"$ROOT/.venv/bin/python"
chmod +x "$ROOT/.venv/bin/python"
echo end >>"$ROOT/log"
"""
NPM = """#!/bin/sh
[ "$1" = --version ] && exit
mkdir -p "$ROOT/node_modules"
echo npm >>"$ROOT/log"
"""


def until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 2 * PATIENCE
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


class Clone:
    """A fresh checkout whose uv takes as long as the test wants."""

    def __init__(self, folder: Path, *, has_flock: bool) -> None:
        self.folder, tools = folder / "clone", folder / "tools"
        for made in (self.folder / "bin", tools):
            made.mkdir(parents=True)
        for name in FILES:
            shutil.copy(PROJECT / name, self.folder / name)
        for name, text in (("uv", UV), ("npm", NPM)):
            (tools / name).write_text(text)
            (tools / name).chmod(0o755)
        for name in (*SH, *(["flock"] if has_flock else [])):
            found = shutil.which(name)
            assert found, name
            (tools / name).symlink_to(found)
        self.environment = {"PATH": str(tools), "HOME": str(folder), "ROOT": str(self.folder)}
        self.errors = folder / "errors"
        self.started: list[subprocess.Popen[bytes]] = []

    def serve(self) -> subprocess.Popen[bytes]:
        self.started.append(
            subprocess.Popen(
                [str(self.folder / "bin" / "serve")],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stderr=self.errors.open("a"),
                start_new_session=True,
            )
        )
        return self.started[-1]

    def log(self) -> list[str]:
        path = self.folder / "log"
        return path.read_text().split() if path.exists() else []

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(params=[True, False], ids=["flock", "no flock"])
def clone(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clone]:
    made = Clone(tmp_path, has_flock=request.param)
    yield made
    for process in made.started:
        made.kill(process)


def test_the_second_first_start_waits_for_what_the_first_installs(clone: Clone) -> None:
    first = clone.serve()
    until(lambda: clone.log() == ["begin"], "the first one installs")
    second = clone.serve()
    until(lambda: "another start is installing here" in clone.errors.read_text(), "the second says so")
    assert clone.log() == ["begin"]
    (clone.folder / "go").touch()
    assert (first.wait(2 * PATIENCE), second.wait(2 * PATIENCE)) == (0, 0), clone.errors.read_text()
    said = clone.log()
    assert (said.count("begin"), said.count("npm"), said.count("served")) == (1, 1, 2), said
    assert clone.errors.read_text().count("another start") <= 2, "a line for each wait, not each second"


def test_a_first_start_that_was_killed_is_in_nobodys_way(clone: Clone) -> None:
    first = clone.serve()
    until(lambda: clone.log() == ["begin"], "the first one installs")
    clone.kill(first)
    (clone.folder / "go").touch()
    assert clone.serve().wait(2 * PATIENCE) == 0, clone.errors.read_text()
    assert clone.log() == ["begin", "begin", "end", "npm", "served"]


def test_the_wait_has_an_end_and_a_line(clone: Clone) -> None:
    script = clone.folder / "bin" / "environment.sh"
    script.write_text(script.read_text().replace("turn_minutes * 60", "turn_minutes - 14"))
    clone.serve()
    until(lambda: clone.log() == ["begin"], "the first one installs")
    assert clone.serve().wait(2 * PATIENCE) == 2
    assert "has been installing" in clone.errors.read_text().splitlines()[-1]


# ---- one installation -------------------------------------------------------------------------------------


@pytest.mark.faults
def test_a_second_start_on_the_same_port_is_one_line_from_the_first_moment_on(
    installation: Installation,
) -> None:
    first = installation.begin()
    until(lambda: (installation.var / f"serving-{installation.port}.lock").exists(), "the first one begins")
    second = start_beside(installation)
    assert (second.returncode, second.stderr.count("\n")) == (2, 1), second.stderr
    assert f"on port {installation.port} already" in second.stderr and f"process {first.pid}" in second.stderr


@pytest.mark.faults
def test_two_first_starts_on_two_ports_share_one_database(installation: Installation) -> None:
    """The second waits until the first has made it, then joins."""
    environment = installation.environment | {"PORT": str(free_port())}
    errors = (installation.var.parent / "second.stderr").open("w+")
    first = installation.begin("--demo")
    second = subprocess.Popen(
        [str(PROJECT / "bin" / "serve"), "--demo"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        start_new_session=True,
    )
    lines: list[str] = []
    try:
        for process in (first, second):
            reader = threading.Thread(
                target=lambda p=process: lines.extend(iter(p.stdout.readline, "")), daemon=True
            )
            reader.start()
        until_all = time.monotonic() + 10 * PATIENCE
        while sum("ready at" in line for line in lines) < 2 and time.monotonic() < until_all:
            assert (first.poll(), second.poll()) == (None, None), (lines, Path(errors.name).read_text())
            time.sleep(0.1)
        assert sum("the demo was left out" in line for line in lines) == 1, lines
    finally:
        second.terminate()
        second.wait(PATIENCE)


def test_a_turn_is_waited_for_and_given_up_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = f"process {os.getpid()}"
    with one_start.turn_to_prepare(tmp_path), pytest.raises(one_start.NotAlone, match=mine):
        one_start.turn_to_prepare(tmp_path, seconds=0).__enter__()
    assert capsys.readouterr().err.count("another start prepares") == 1
    with one_start.turn_to_prepare(tmp_path):
        pass


def test_each_port_is_held_by_itself(tmp_path: Path) -> None:
    refused = pytest.raises(one_start.NotAlone, match="on port 8000 already")
    with one_start.alone_on(tmp_path, 8000), one_start.alone_on(tmp_path, 8001), refused:
        one_start.alone_on(tmp_path, 8000).__enter__()
    with one_start.alone_on(tmp_path, 8000):
        pass


def start_beside(installation: Installation) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROJECT / "bin" / "serve")],
        env=installation.environment,
        capture_output=True,
        text=True,
        timeout=4 * PATIENCE,
        check=False,
    )
