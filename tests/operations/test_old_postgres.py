"""A PostgreSQL that is too old: one line and exit status 2, from whichever program meets it first."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fluxboard.server import checks, processes
from fluxboard.server.embedded_postgres import cluster
from fluxboard.server.embedded_postgres.addresses import PROJECT, DatabaseProblem
from tests.live import free_port
from tests.operations.old_server import old_server

TOO_OLD = "fluxboard: {name} is a PostgreSQL 16; Fluxboard needs 17 or newer\n"
SERVE = [sys.executable, "-m", "fluxboard.server.serve"]
GUNICORN = [
    sys.executable,
    "-m",
    "gunicorn",
    "--config=python:fluxboard.server.gunicorn_conf",
    "--bind=127.0.0.1:{port}",
    "fluxboard.asgi:application",
]
BACKUP = [sys.executable, "-m", "fluxboard.server.backup", "backup", "{folder}/backup.tar"]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with old_server() as address:
        yield address


@pytest.mark.parametrize(
    "words",
    [SERVE, GUNICORN, BACKUP, [*processes.MANAGE, "verify_log"], [*processes.MANAGE, "migrate"]],
    ids=["serve", "gunicorn", "backup", "verify_log", "migrate"],
)
def test_it_is_named_in_one_line(words: list[str], address: str, tmp_path: Path) -> None:
    port = str(free_port())
    environment = os.environ | {"DATABASE_URL": address, "FLUXBOARD_VAR": str(tmp_path), "PORT": port}
    environment.pop("FLUXBOARD_MIGRATE_DATABASE_URL", None)
    done = subprocess.run(
        [word.format(port=port, folder=tmp_path) for word in words],
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, "", TOO_OLD.format(name="DATABASE_URL"))


def test_the_owners_address_is_looked_at_too(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLUXBOARD_MIGRATE_DATABASE_URL", address)
    with pytest.raises(checks.TooOld, match="FLUXBOARD_MIGRATE_DATABASE_URL is a PostgreSQL 16;"):
        checks.check_database("FLUXBOARD_MIGRATE_DATABASE_URL")


def test_a_newer_one_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with old_server("17.0") as address:
        monkeypatch.setenv("DATABASE_URL", address)
        checks.check_database("DATABASE_URL")


def test_old_programs_for_the_embedded_one_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "postgres"
    program.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 16.14'\n")
    program.chmod(0o755)
    monkeypatch.setenv("FLUXBOARD_POSTGRES_BIN", str(tmp_path))
    with pytest.raises(DatabaseProblem, match="FLUXBOARD_POSTGRES_BIN is a PostgreSQL 16;"):
        cluster.ensure(tmp_path / "var")
