"""bin/serve up, down and after a crash: one command, one port, nothing lost, nothing left behind."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from fluxboard.features.demo import team
from tests.installation import Installation
from tests.live import PATIENCE

STOPS_WITHIN = 10  # seconds that are promised; in a tenth of it where nobody else is at work
PASSWORD = "a long enough secret"
ADMIN = {"DJANGO_SUPERUSER_EMAIL": "ada@example.org", "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
MAKE_BOARD = """
from boards.actions import create_board
from fluxboard.accounts.models import User
answer = create_board("Field notes", by=User.objects.get(), key="FLD").key
"""
BOARDS = "from boards.models import Board; answer = sorted(board.name for board in Board.objects.all())"


@pytest.mark.faults
def test_from_the_first_start_to_a_second_one_after_a_crash(installation: Installation) -> None:
    said = installation.start()
    assert said[-1] == f"Fluxboard is ready at {installation.url}/"
    assert any(f"{installation.url}/accounts/" in line for line in said[:-1]), "the first account's link"
    assert installation.answers("/healthz")
    assert installation.answers("/readyz")

    assert installation.manage("createsuperuser", "--noinput", **ADMIN).returncode == 0
    assert installation.shell(MAKE_BOARD) == "FLD"
    client = installation.sign_in(ADMIN["DJANGO_SUPERUSER_EMAIL"], PASSWORD)
    streams = [client.open(f"{installation.url}/b/FLD/live/", timeout=PATIENCE) for _ in range(3)]
    assert all(stream.status == 200 and stream.readline() for stream in streams)

    assert installation.stop() < 3 * STOPS_WITHIN, "SIGTERM with open streams"
    assert installation.process is not None
    assert installation.process.returncode == 0
    assert installation.nothing_left(0), installation.processes()

    assert installation.start() == [f"Fluxboard is ready at {installation.url}/"], "somebody can sign in now"
    installation.kill_everything()
    assert installation.start("--demo")[0] == "There are people here already, so the demo was left out."
    assert installation.shell(BOARDS) == ["Field notes"]
    installation.sign_in(ADMIN["DJANGO_SUPERUSER_EMAIL"], PASSWORD)

    before = installation.running("gunicorn")
    installation.process.send_signal(signal.SIGUSR2)
    until = time.monotonic() + PATIENCE
    while len(before & installation.running("gunicorn")) != 1 and time.monotonic() < until:
        time.sleep(0.1)
    assert len(before & installation.running("gunicorn")) == 1, "gunicorn itself stays, its workers are new"
    assert installation.answers()

    installation.kill_database()
    assert installation.answers(seconds=PATIENCE), "the keeper starts a database that died"

    installation.stop(signal.SIGKILL)
    assert installation.nothing_left(), f"after kill -9 of bin/serve alone: {installation.processes()}"


@pytest.mark.faults
def test_a_command_starts_the_database_and_stops_it_again(installation: Installation) -> None:
    assert installation.manage("migrate", "--verbosity=0").returncode == 0
    assert installation.nothing_left(0), installation.processes()
    assert oct((installation.var / "secret_key").stat().st_mode)[-3:] == "600"
    assert oct((installation.var / "postgres" / "passwords.json").stat().st_mode)[-3:] == "600"
    assert oct((installation.var / "postgres").stat().st_mode)[-3:] == "700"


@pytest.mark.faults
def test_commands_work_before_anything_was_served(installation: Installation) -> None:
    early = installation.manage("seed_demo")
    assert early.returncode == 2
    assert early.stderr.strip().splitlines()[-1].endswith("run bin/manage migrate first")
    assert "Traceback" not in early.stderr
    assert installation.manage("migrate", "--verbosity=0").returncode == 0
    assert installation.manage("createsuperuser", "--noinput", **ADMIN).returncode == 0
    assert installation.shell(MAKE_BOARD) == "FLD", "cards are drawn for the stream without collected files"
    assert not (installation.var / "static").exists()


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"PORT": "eighty"}, "PORT must be a number"),
        ({"WEB_CONCURRENCY": "0"}, "WEB_CONCURRENCY must be a number"),
        ({"FLUXBOARD_VAR": "/proc/nowhere"}, "cannot be written"),
        ({"FLUXBOARD_VAR": "/dev/null"}, "cannot be written"),
        ({"DATABASE_URL": "mysql://ada@localhost/board"}, "postgresql://"),
        ({"DATABASE_URL": "postgresql://ada@localhost:notaport/board"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://ada:secret@127.0.0.1:1/board"}, "leads to no database"),
        ({"DATABASE_URL": "postgresql:///board?host=/nowhere"}, "leads to no database"),
    ],
)
def test_what_cannot_work_is_one_line(
    installation: Installation, environment: dict[str, str], words: str
) -> None:
    installation.environment |= environment
    assert_one_line(installation, words)


def test_a_taken_port_is_one_line(installation: Installation) -> None:

    with socket.socket() as other:
        other.bind(("127.0.0.1", installation.port))
        other.listen()
        assert_one_line(installation, f"port {installation.port} on 127.0.0.1 is taken")


def test_too_old_a_python_is_one_line(installation: Installation, tmp_path: Path) -> None:
    """A fresh clone where neither a new enough Python nor a uv that can fetch one is at hand."""
    clone, tools = tmp_path / "clone", tmp_path / "tools"
    for folder in (clone / "bin", tools):
        folder.mkdir(parents=True)
    project = Path(__file__).parents[2]
    for name in ("bin/serve", "bin/environment.sh", "uv.lock", "pyproject.toml", ".python-version"):
        (clone / name).write_bytes((project / name).read_bytes())
    (clone / "bin" / "serve").chmod(0o755)
    old, uv = tools / "python3", tools / "uv"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 && exit\nexit 1\n')
    uv.write_text(
        "#!/bin/sh\n[ \"$1\" = --version ] && exit\necho 'error: No interpreter found' >&2\nexit 2\n"
    )
    for name in ("python3.12", "python3.13", "python3.14"):
        (tools / name).symlink_to(old)
    for tool in (old, uv):
        tool.chmod(0o755)
    installation.environment |= {"PATH": f"{tools}:/usr/bin:/bin", "HOME": str(tmp_path)}
    assert_one_line(installation, "Python 3.12 or newer is needed", program=clone / "bin" / "serve")


def assert_one_line(installation: Installation, words: str, program: Path | None = None) -> None:

    serve = program or Path(__file__).parents[2] / "bin" / "serve"
    done = subprocess.run(
        [str(serve)],
        env=installation.environment,
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        check=False,
    )
    lines = done.stderr.strip().splitlines()
    assert (done.returncode, len(lines), done.stdout) == (2, 1, ""), done.stderr
    assert lines[0].startswith("fluxboard: ")
    assert words in lines[0]
    assert "secret" not in lines[0]


def is_written_to(installation: Installation) -> bool:
    """Is a transaction of the application under way that has changed something?"""
    try:
        with psycopg.connect(installation.database_url) as connection:
            writing = "backend_xid IS NOT NULL AND pid <> pg_backend_pid() AND usename = current_user"
            found = connection.execute(f"SELECT 1 FROM pg_stat_activity WHERE {writing}")
            return found.fetchone() is not None
    except psycopg.OperationalError:
        return False


@pytest.mark.faults
def test_a_demo_that_was_cut_off_is_whole_after_the_next_start(installation: Installation) -> None:
    installation.begin("--demo")
    until = time.monotonic() + 3 * PATIENCE
    while not is_written_to(installation) and time.monotonic() < until:
        time.sleep(0.05)
    seeding = installation.running("seed_demo")
    installation.stop(signal.SIGKILL)
    assert seeding, "it was not cut off in the middle"
    assert any("ready at" in line for line in installation.start("--demo"))
    assert not seeding & installation.running("seed_demo")
    assert installation.shell(BOARDS) == ["Checkout rebuild", "Mobile app", "Newsletter", "Support"]
    installation.sign_in(team.email("kenji"), team.password("kenji"))
