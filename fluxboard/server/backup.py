"""`bin/backup [FILE]` and `bin/restore FILE`: the whole installation as one file, and back into an empty one.

The file is a tar archive, readable by its owner alone, with three members:

    backup.json     what is in it: format, time, migrations, and where each board stood (seq and head hash)
    database.dump   pg_dump's custom format
    secret_key      the key kept under `var/`, where the installation made one itself

Facts and dump come from one snapshot of the database, taken while people work on. A restore is one
transaction into a database without tables; then the release's own migrations run, and every board is checked
against its log and against the head hash in `backup.json`.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from fluxboard.core.counting import counted
from fluxboard.core.postgres import COMMAND_SECONDS
from fluxboard.core.postgres.deadlines import shut_after
from fluxboard.server import checks, processes
from fluxboard.server.checks import StartProblem
from fluxboard.server.embedded_postgres import addresses, binaries, cluster
from fluxboard.server.embedded_postgres.addresses import PROJECT, DatabaseProblem
from fluxboard.server.environment import PATIENCE

FORMAT = 1
FACTS, DUMP, KEY = "backup.json", "database.dump", "secret_key"
MOST_FACTS = 50_000_000  # bytes
# Prints the migrations of this release, without a database.
MIGRATIONS = [
    "-c",
    "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'fluxboard.settings'; import django; django.setup();"
    "from django.db.migrations.loader import MigrationLoader as L;"
    "print(*map('.'.join, L(None).disk_migrations))",
]
HEADS = """
    SELECT b.key, b.seq, coalesce(encode(a.hash, 'hex'), '')
    FROM boards_board b LEFT JOIN activity_activity a ON a.board_id = b.id AND a.seq = b.seq
    ORDER BY b.key
"""


def main(words: list[str]) -> int:
    """`backup [FILE]` or `restore FILE`. Returns 0, or 2 after one line about what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m fluxboard.server.backup")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("backup", prog="bin/backup").add_argument("file", nargs="?", type=Path)
    commands.add_parser("restore", prog="bin/restore").add_argument("file", type=Path)
    given = parser.parse_args(words)
    try:
        said = back_up(given.file or _default_name()) if given.command == "backup" else restore(given.file)
    except (StartProblem, DatabaseProblem) as problem:
        sys.stderr.write(f"fluxboard: {problem}\n")
        return 2
    sys.stdout.write(f"{said}\n")
    return 0


@contextlib.contextmanager
def _database() -> Iterator[str]:
    """The address of the database as its tables' owner: the embedded one, started when it does not run."""
    if os.environ.get("DATABASE_URL"):
        checks.check_database("FLUXBOARD_MIGRATE_DATABASE_URL")
        checks.check_database("DATABASE_URL")
        yield os.environ.get("FLUXBOARD_MIGRATE_DATABASE_URL") or os.environ["DATABASE_URL"]
        return
    with cluster.ensure() as lease:
        os.environ.update(lease.addresses.environment())
        yield lease.addresses.owner


def _default_name() -> Path:
    return Path(f"fluxboard-{dt.datetime.now(dt.UTC):%Y-%m-%dT%H%MZ}.tar")


# --- out ----------------------------------------------------------------------------------------------------


def back_up(target: Path) -> str:
    """Write the backup; the file is there whole or not at all. Returns a line about it. Raises Problem."""
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with (
            tempfile.TemporaryDirectory(dir=target.parent, prefix=".fluxboard-backup-") as scratch,
            open(unfinished, "wb", opener=_only_mine) as file,
            _database() as url,
        ):
            facts, dump = _facts_and_dump(url, Path(scratch))
            with tarfile.open(fileobj=file, mode="w") as archive:
                _put(archive, FACTS, json.dumps(facts, indent=1).encode())
                archive.add(dump, DUMP, recursive=False, filter=_plain)
                key = addresses.var_folder() / KEY
                if not os.environ.get("SECRET_KEY") and key.exists():
                    _put(archive, KEY, key.read_bytes())
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    except OSError as error:
        raise StartProblem(f"{target} cannot be written ({error.strerror or error})") from error
    finally:
        unfinished.unlink(missing_ok=True)
    size = target.stat().st_size / 1e6
    boards, people = counted(len(facts["boards"]), "board"), counted(facts["people"], "person", "people")
    return f"{target}: {boards}, {people}, {size:.1f} MB"


def _only_mine(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_EXCL, 0o600)


def _facts_and_dump(url: str, folder: Path) -> tuple[dict[str, Any], Path]:
    """What is in the database and its dump, from one snapshot."""
    dump = folder / DUMP
    try:
        with _connected(url) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            connection.execute(f"SET LOCAL transaction_timeout = {COMMAND_SECONDS * 1000:.0f}")
            (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
            facts = _facts(connection)
            program = _program("pg_dump", connection.info.server_version // 10000)
            words = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
            _run([program, *words, f"--file={dump}"], url)
    except psycopg.errors.UndefinedTable as error:
        raise StartProblem("there is nothing to back up: this database has no tables of Fluxboard") from error
    return facts, dump


def _facts(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    migrations = connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall()
    (people,) = connection.execute("SELECT count(*) FROM accounts_user").fetchone() or (0,)
    return {
        "format": FORMAT,
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "postgres": connection.info.server_version,
        "migrations": [f"{app}.{name}" for app, name in migrations],
        "people": people,
        "boards": {
            key: {"seq": seq, "head": head} for key, seq, head in connection.execute(HEADS).fetchall()
        },
    }


def _put(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, io.BytesIO(content))


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mode, member.uid, member.gid, member.uname, member.gname = 0o600, 0, 0, "", ""
    return member


# --- and back in --------------------------------------------------------------------------------------------


def restore(source: Path) -> str:
    """Fill an empty installation from a backup. Returns a line about it.

    Raises Problem, with nothing left in the database, when the file is no whole backup, comes from a newer
    release, or when there are tables already; and when a board is not what its log says.
    """
    try:
        with (
            source.open("rb") as file,
            _opened(file, source) as archive,
            tempfile.TemporaryDirectory(prefix="fluxboard-restore-") as scratch,
        ):
            facts = _read_facts(archive, source)
            dump = Path(scratch) / DUMP
            _take(archive, DUMP, dump, source)
            key = _read(archive, KEY, source) if KEY in archive.getnames() else None
            _refuse_newer(facts)
            with _database() as url:
                _fill(url, dump)
                if key is not None:
                    _keep_key(key)
                _manage("migrate", "--verbosity=0")
                _check(url, facts)
    except OSError as error:
        raise StartProblem(f"{source} cannot be read ({error.strerror or error})") from error
    boards, people = counted(len(facts["boards"]), "board"), counted(facts["people"], "person", "people")
    return f"{source} is restored: {boards}, each as its log says, and {people}"


@contextlib.contextmanager
def _opened(file: IO[bytes], source: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(fileobj=file, mode="r:") as archive:
            archive.getnames()
            yield archive
    except tarfile.TarError as error:
        raise StartProblem(f"{source} is not a backup of Fluxboard, or is cut off ({error})") from error


def _read(archive: tarfile.TarFile, name: str, source: Path) -> bytes:
    try:
        member = archive.getmember(name)
    except KeyError:
        raise StartProblem(f"{source} is not a backup of Fluxboard: {name} is not in it") from None
    content = archive.extractfile(member) if member.isreg() and member.size <= MOST_FACTS else None
    if content is None:
        raise StartProblem(f"{source} is damaged: {name} is not a file that a backup has")
    return content.read()


def _read_facts(archive: tarfile.TarFile, source: Path) -> dict[str, Any]:
    try:
        facts = json.loads(_read(archive, FACTS, source))
        known = int(facts["format"])
        heads = {key: (int(at["seq"]), str(at["head"])) for key, at in facts["boards"].items()}
        read = {"migrations": {str(name) for name in facts["migrations"]}, "people": int(facts["people"])}
    except (ValueError, OverflowError, KeyError, TypeError, AttributeError, RecursionError):
        raise StartProblem(f"{source} is damaged: {FACTS} cannot be read") from None
    if known != FORMAT:
        raise StartProblem(f"{source} has the format {known} of another release; restore it with that one")
    return read | {"boards": heads}


def _take(archive: tarfile.TarFile, name: str, target: Path, source: Path) -> None:
    try:
        member = archive.getmember(name)
    except KeyError:
        raise StartProblem(f"{source} is not a backup of Fluxboard: {name} is not in it") from None
    content = archive.extractfile(member) if member.isreg() else None
    if content is None:
        raise StartProblem(f"{source} is damaged: {name} is not a file that a backup has")
    with target.open("wb") as file:
        shutil.copyfileobj(content, file)
    if target.stat().st_size != member.size:
        raise StartProblem(f"{source} is cut off")


def _refuse_newer(facts: dict[str, Any]) -> None:
    """A database that has migrations which this release does not know comes from a newer one."""
    here = set(_python(*MIGRATIONS).split())
    unknown = sorted(facts["migrations"] - here)
    if unknown:
        raise StartProblem(f"this backup comes from a newer release (it has {unknown[-1]}); update first")


def _fill(url: str, dump: Path) -> None:
    with _connected(url) as connection:
        (tables,) = connection.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        ).fetchone() or (0,)
        version = connection.info.server_version // 10000
    if tables:
        raise StartProblem(
            "this installation is not empty; restore into a new one (another FLUXBOARD_VAR or database)"
        )
    program = _program("pg_restore", version)
    words = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    _run([program, *words, str(dump)], url)


def _keep_key(key: bytes) -> None:
    """The key that signs sessions. One that was here already has signed nothing: the database was empty."""
    kept = addresses.var_folder() / KEY
    kept.parent.mkdir(parents=True, exist_ok=True)
    fresh = kept.with_name(f".{KEY}.{os.getpid()}")
    with open(fresh, "wb", opener=_only_mine) as file:
        file.write(key)
    fresh.replace(kept)


def _check(url: str, facts: dict[str, Any]) -> None:
    with _connected(url) as connection:
        heads = {key: (seq, head) for key, seq, head in connection.execute(HEADS).fetchall()}
    if heads != facts["boards"]:
        wrong = sorted(
            key for key in heads.keys() | facts["boards"].keys() if heads.get(key) != facts["boards"].get(key)
        )
        raise StartProblem(f"restored, but {', '.join(wrong)} stands elsewhere than the backup says")
    _manage("verify_log", failed="restored, but a board is not what its log says")


# --- programs -----------------------------------------------------------------------------------------------


def _program(name: str, server: int) -> str:
    """PostgreSQL's program for a server of that major version: of the same version, else a newer one."""
    folders = [*os.environ.get("PATH", "").split(os.pathsep), f"/usr/lib/postgresql/{server}/bin"]
    found = [Path(folder) / name for folder in folders if folder] + [binaries.binaries() / name]
    newer = ""
    for program in found:
        if not os.access(program, os.X_OK):
            continue
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
        version = re.search(r"\b(\d+)\.", said)
        if version and int(version[1]) == server:
            return str(program)
        if version and int(version[1]) > server:
            newer = newer or str(program)
    if not newer:
        raise StartProblem(
            f"{name} {server} or newer is needed; install the package postgresql-client-{server}"
        )
    return newer


@contextlib.contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the database at `url`. Raises Problem when it breaks, or after COMMAND_SECONDS."""
    try:
        with (
            psycopg.connect(url, **_patient(url)) as connection,
            shut_after(connection, COMMAND_SECONDS),
        ):
            yield connection
    except psycopg.OperationalError as error:
        first = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise StartProblem(f"the database does not answer: {first}") from error


def _patient(url: str) -> dict[str, Any]:
    """What to connect with, so that a dead line is noticed; what the address itself says counts more."""
    own = conninfo_to_dict(url)
    return {name: own.get(name) or value for name, value in (PATIENCE | {"connect_timeout": 5}).items()}


def _run(words: list[str], url: str) -> None:
    """Run one of PostgreSQL's programs on the database at `url`; its password is in no list of processes.

    Raises Problem when it fails, or takes longer than COMMAND_SECONDS.
    """
    address: dict[str, Any] = conninfo_to_dict(url) | _patient(url)
    password = address.pop("password", None)
    try:
        done = subprocess.run(
            [words[0], f"--dbname={make_conninfo(**address)}", *words[1:]],
            env=os.environ | ({"PGPASSWORD": str(password)} if password else {}),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=COMMAND_SECONDS,
        )
    except subprocess.TimeoutExpired as slow:
        program = Path(words[0]).name
        raise StartProblem(
            f"{program} took longer than {COMMAND_SECONDS:g} s; FLUXBOARD_COMMAND_SECONDS allows more"
        ) from slow
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        telling = [line for line in lines if "error" in line.lower()] or lines or ["no reason given"]
        raise StartProblem(telling[0])


def _manage(*words: str, failed: str = "") -> None:
    _python(*processes.MANAGE[1:], *words, failed=failed or words[0])


def _python(*words: str, failed: str = "this release cannot be read") -> str:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=PROJECT,
        env={"SECRET_KEY": "not used by these commands"} | os.environ,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:
        lines = (done.stdout + done.stderr).strip().splitlines() or ["no reason given"]
        raise StartProblem(f"{failed}: {lines[-1]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
