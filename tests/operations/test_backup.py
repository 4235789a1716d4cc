"""bin/backup and bin/restore: a whole installation, into an empty one, checked against its own log."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fluxboard.server import backup
from fluxboard.server.embedded_postgres.addresses import PROJECT
from tests import databases
from tests.installation import Installation
from tests.live import PATIENCE

PEOPLE = """
from boards import actions
from boards.actions import create_board
from comments.actions import post_comment
from fluxboard.accounts.models import User
ana = User.objects.create_user("ana@example.org", "a long enough secret", name="Ana Duarte")
board = create_board("Field notes", by=ana, key="FLD")
card = actions.create_card(board.columns.first(), "Count the birds", by=ana, why="Because they move")
post_comment(card, "Forty-one this morning.", by=ana)
answer = board.key
"""
STATE = """
from django.db import connection
from dataclasses import asdict
from boards.models import Board
from fluxboard.features.verification.tables import state_of_tables
from fluxboard.features.verification.verify import verify
from activity.models import Activity
board = Board.objects.get(key="FLD")
cursor = connection.cursor()
cursor.execute("SELECT r, has_function_privilege(r, 'fluxboard_erase(bigint, bigint)', 'EXECUTE') "
               "FROM unnest(ARRAY['public', 'fluxboard']) r")
answer = [asdict(state_of_tables(board)), verify(board), cursor.fetchall(),
          [bytes(row).hex() for row in Activity.objects.order_by("seq").values_list("hash", flat=True)]]
"""


def run(installation: Installation, program: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROJECT / "bin" / program), *words],
        env=installation.environment,
        cwd=installation.var.parent,
        capture_output=True,
        text=True,
        timeout=5 * PATIENCE,
        check=False,
    )


def assert_refused(done: subprocess.CompletedProcess[str], words: str) -> None:
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("fluxboard: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert words in done.stderr


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Migrated, with a person, a board, and `kept.tar` beside it. Its database runs only for commands."""
    installation = Installation(tmp_path_factory.mktemp("full") / "var")
    assert installation.manage("migrate", "--verbosity=0").returncode == 0
    assert installation.shell(PEOPLE) == "FLD"
    done = run(installation, "backup", "kept.tar")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("kept.tar: 1 board, 1 person")
    return installation


@pytest.fixture
def outside(tmp_path: Path, postgres_server: databases.Server) -> Iterator[Callable[..., Installation]]:
    """Installations whose database is on a server that is not theirs; no PostgreSQL of their own."""
    made: list[str] = []

    def installation(name: str, *, filled: bool) -> Installation:
        made.append(f"{databases.PREFIX}_{os.getpid()}_{name}")
        where = (postgres_server.clone if filled else postgres_server.blank)(made[-1])
        one = Installation(tmp_path / name / "var")
        one.var.mkdir(parents=True)
        one.environment |= where.environment()
        return one

    yield installation
    for name in made:
        postgres_server.drop(name)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Installation]:
    second = Installation(tmp_path / "second" / "var")
    second.var.parent.mkdir()
    yield second
    second.kill_everything()


@pytest.mark.faults
def test_a_backup_fills_an_empty_installation_with_just_the_same(
    full: Installation, empty: Installation, tmp_path: Path
) -> None:
    kept = full.var.parent / "kept.tar"
    assert oct(kept.stat().st_mode)[-3:] == "600"
    assert [path.name for path in full.var.parent.glob(".*")] == []

    assert_refused(run(empty, "restore", str(cut_dump(kept, tmp_path))), "error")

    done = run(empty, "restore", str(kept))
    assert done.returncode == 0, done.stderr
    assert "1 board, each as its log says, and 1 person" in done.stdout
    before, after = full.shell(STATE), empty.shell(STATE)
    assert after == before
    assert after[1:3] == [[], [["public", False], ["fluxboard", True]]]  # type: ignore[index]
    assert (empty.var / "secret_key").read_text() == (full.var / "secret_key").read_text()
    empty.start()
    empty.sign_in("ana@example.org", "a long enough secret")
    assert_refused(run(empty, "restore", str(kept)), "is not empty")
    empty.stop()


@pytest.mark.faults
def test_a_backup_of_an_outside_database_fills_another_one(outside: Callable[..., Installation]) -> None:
    first, other = outside("first", filled=True), outside("other", filled=False)
    before = first.shell(PEOPLE + STATE)
    done = run(first, "backup", "kept.tar")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("kept.tar: 1 board, 1 person")
    kept = str(first.var.parent / "kept.tar")
    done = run(other, "restore", kept)
    assert done.returncode == 0, done.stderr
    assert "1 board, each as its log says, and 1 person" in done.stdout
    assert other.shell(STATE) == before
    assert_refused(run(first, "restore", kept), "is not empty")
    assert sorted(path.name for path in other.var.iterdir()) == ["secret_key"]


@pytest.mark.faults
def test_what_is_no_whole_backup_is_one_line_before_the_database_is_touched(
    full: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for source, words in damaged_backups(full.var.parent / "kept.tar", tmp_path):
        assert backup.main(["restore", str(source)]) == 2
        said = capsys.readouterr().err
        assert words in said
        assert said.startswith("fluxboard: ")
        assert said.count("\n") == 1


@pytest.mark.faults
def test_a_backup_of_an_older_release_is_brought_up_to_this_one(
    full: Installation, empty: Installation
) -> None:
    before = full.shell(STATE)
    assert full.manage("migrate", "boards", "0007", "--verbosity=0").returncode == 0
    done = run(full, "backup", "older.tar")
    assert full.manage("migrate", "--verbosity=0").returncode == 0
    assert done.returncode == 0, done.stderr
    done = run(empty, "restore", str(full.var.parent / "older.tar"))
    assert done.returncode == 0, done.stderr
    assert empty.shell(STATE) == before
    assert empty.manage("migrate", "--check").returncode == 0


def damaged_backups(kept: Path, folder: Path) -> Iterator[tuple[Path, str]]:
    """A file for each way in which a backup can be none, and what must be said of it."""
    whole = kept.read_bytes()
    with tarfile.open(kept) as archive:
        parts = {name: archive.extractfile(name).read() for name in archive.getnames()}  # type: ignore[union-attr]
    facts = json.loads(parts["backup.json"])

    def file(content: bytes) -> Path:
        path = folder / "damaged.tar"
        path.write_bytes(content)
        return path

    def without(name: str) -> Path:
        return file(packed({part: content for part, content in parts.items() if part != name}))

    def with_facts(**changed: object) -> Path:
        return file(packed(parts | {"backup.json": json.dumps(facts | changed).encode()}))

    yield folder / "nowhere.tar", "cannot be read"
    yield file(b"no archive"), "not a backup"
    yield file(whole[: len(whole) // 2]), "cut off"
    yield without("backup.json"), "backup.json is not in it"
    yield without("database.dump"), "database.dump is not in it"
    yield file(packed(parts | {"backup.json": b"{"})), "backup.json cannot be read"
    yield with_facts(format=2), "format 2 of another release"
    yield with_facts(migrations=[*facts["migrations"], "boards.9999_later"]), "newer release"


def cut_dump(kept: Path, folder: Path) -> Path:
    """A backup whose archive is whole, and whose dump is not."""
    with tarfile.open(kept) as archive:
        parts = {name: archive.extractfile(name).read() for name in archive.getnames()}  # type: ignore[union-attr]
    path = folder / "half.tar"
    dump = parts["database.dump"]
    path.write_bytes(packed(parts | {"database.dump": dump[: len(dump) // 2]}))
    return path


def packed(parts: dict[str, bytes]) -> bytes:
    told = io.BytesIO()
    with tarfile.open(fileobj=told, mode="w") as archive:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return told.getvalue()


@pytest.mark.faults
def test_nothing_to_back_up_and_nowhere_to_put_it_are_one_line(installation: Installation) -> None:
    assert_refused(run(installation, "backup", "kept.tar"), "nothing to back up")
    assert not (installation.var.parent / "kept.tar").exists()
    assert_refused(run(installation, "backup", "/proc/nowhere/kept.tar"), "cannot be written")
    assert [path.name for path in installation.var.parent.iterdir()] == ["var"]


def test_facts_that_no_backup_has_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "odd.tar"
    facts = {"format": 1, "migrations": [], "people": float("inf"), "boards": {}}
    path.write_bytes(packed({"backup.json": json.dumps(facts).encode(), "database.dump": b""}))
    assert backup.main(["restore", str(path)]) == 2
    assert "backup.json cannot be read" in capsys.readouterr().err


def test_the_password_is_in_no_list_of_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def run(words: list[str], **more: Any) -> Any:
        seen.append((words, more["env"]))
        return subprocess.CompletedProcess(words, 0, "", "")

    monkeypatch.setattr(backup.subprocess, "run", run)
    backup._run(["pg_dump"], "postgresql://flux:s%20ecret@db:5433/boards?sslmode=require")
    ((words, environment),) = seen
    assert environment["PGPASSWORD"] == "s ecret" and "ecret" not in " ".join(words)
    assert words[-1].startswith("--dbname=user=flux dbname=boards host=db port=5433 sslmode=require ")
    assert "connect_timeout=5" in words[-1]
