"""A database that stops reading, stops answering, is cut off or never greets: whoever waits for it, waits in
bounds, and is told so."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import Error, OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone
from psycopg_pool import PoolTimeout

from activity.live import database
from activity.live.database import DatabaseThread, FrameReader
from activity.live.relay import Relay
from activity.models import Activity
from boards.actions import retitle_card, specify_card
from boards.models import Board, Card
from fluxboard.accounts.models import User
from fluxboard.core.postgres import base
from fluxboard.core.postgres.base import DatabaseWrapper, Gate, connection_from
from fluxboard.core.postgres.deadlines import deadlines
from fluxboard.core.postgres.statements import Statement, rows_together
from fluxboard.features.digest import send as digest
from fluxboard.server import backup, processes
from fluxboard.server.embedded_postgres import addresses
from fluxboard.server.environment import database_from_url
from tests.conftest import connect_to
from tests.faults.ground import place_of, through
from tests.faults.proxy import Proxy

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

SECONDS = 0.3
AT_LATEST = 15.0  # on a machine that does much else
LONG = os.environ.get("FLUXBOARD_LONG") == "1"
FORM = "application/x-www-form-urlencoded"
LARGE = "x" * 4_000_000
ECHO = "SELECT %(text)s::text"


@pytest.fixture
def line(transactional_db: None) -> Iterator[Proxy]:
    """The way to this test's database, which its models take from now on."""
    url = os.environ["DATABASE_URL"]
    proxy = Proxy(place_of(url), buffer=16_384)
    connect_to(through(url, proxy.port))
    connection.ensure_connection()
    yield proxy
    proxy.cut()
    proxy.close()
    connect_to(url)


FAULTS: dict[str, Callable[[Proxy], object]] = {
    "stops reading": lambda line: line.freeze(back=False),
    "stops answering": lambda line: line.freeze(there=False),
    "falls silent": lambda line: line.freeze(),
    "is cut": lambda line: line.cut(),
}


def a_statement(board: Board) -> None:
    Board.objects.get(pk=board.pk)


def a_large_statement(board: Board) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s", [LARGE])


def several_at_once(board: Board) -> None:
    rows_together([Statement(ECHO, {"text": LARGE})] * 3)


def rows_by_and_by(board: Board) -> None:
    for _ in Activity.objects.iterator(chunk_size=1):
        pass


def a_transaction(board: Board) -> None:
    with transaction.atomic():
        Board.objects.filter(pk=board.pk).update(description="Other words")


DEEDS = [a_statement, a_large_statement, several_at_once, rows_by_and_by, a_transaction]


@pytest.mark.parametrize("fault", FAULTS)
def test_every_way_of_asking_ends(board: Board, line: Proxy, fault: str) -> None:
    for deed in DEEDS:
        deed(board)
        FAULTS[fault](line)
        began = time.monotonic()
        with deadlines.within(SECONDS), pytest.raises(Error):
            deed(board)
        assert time.monotonic() - began < AT_LATEST, deed
        connection.close()
        line.bury()
    a_statement(board)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_line_that_fails_before_the_commit_is_answered_leaves_all_or_nothing(
    board: Board, card: Card, ana: User, line: Proxy, fault: str
) -> None:
    with deadlines.within(SECONDS), pytest.raises(Error), transaction.atomic():
        retitle_card(card, "Other words", by=ana)
        FAULTS[fault](line)
    connection.close()
    line.bury()
    head = Board.objects.get(pk=board.pk).seq
    title = Card.objects.get(pk=card.pk).title
    assert (title == "Other words") == Activity.objects.filter(
        board=board, seq=head, verb="card.retitled"
    ).exists()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_request_is_a_503_that_keeps_what_was_typed(
    card: Card, ana: User, line: Proxy, fault: str, settings: Any
) -> None:
    settings.PAGE_SECONDS = SECONDS
    client = Client(raise_request_exception=False)
    client.force_login(ana)
    FAULTS[fault](line)
    began = time.monotonic()
    typed = {"what": "Typed, not lost", "request_id": str(uuid.uuid4())}
    answer = client.post(f"/c/{card.key}/do/specified/", urlencode(typed), FORM)
    assert time.monotonic() - began < AT_LATEST
    assert answer.status_code == 503
    assert "Typed, not lost" in answer.text
    assert client.get("/readyz").status_code == 503
    connection.close()
    assert client.get("/readyz").status_code == 200


def test_a_long_text_is_saved_through_a_slow_and_narrow_way(card: Card, ana: User, line: Proxy) -> None:
    line.delay = 0.001
    with deadlines.within(120):
        specify_card(card, "what", "ü" * 19_000, by=ana)
    assert Card.objects.get(pk=card.pk).what == "ü" * 19_000


# ---- the way to a connection ------------------------------------------------------------------------------


def pooled(seconds: float) -> Any:
    """A pool on this test's database as the server has it, but for its patience."""
    wanted = connection.settings_dict | database_from_url(os.environ["DATABASE_URL"])
    wanted["OPTIONS"]["pool"] |= {"timeout": seconds, "reconnect_timeout": 0.1}
    wanted["OPTIONS"]["connect_timeout"] = 1
    return DatabaseWrapper(wanted, "pooled").pool


@pytest.fixture
def pool(line: Proxy) -> Iterator[Any]:
    pool = pooled(1.0)
    pool.open()
    yield pool
    pool.close()
    DatabaseWrapper._connection_pools.pop("pooled")


def test_a_server_that_never_greets_is_given_up_while_connecting(line: Proxy, pool: Any) -> None:
    line.swallows = True
    began = time.monotonic()
    with pytest.raises(PoolTimeout):
        connection_from(pool, Gate())
    assert time.monotonic() - began < AT_LATEST
    line.swallows = False
    line.bury()
    pool.putconn(connection_from(pool, Gate()))


def test_one_that_greets_and_then_says_nothing_is_given_up_too(
    line: Proxy, pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(base, "TRY_SECONDS", 0.5)
    line.at_most = greeting(line)
    began = time.monotonic()
    with pytest.raises(PoolTimeout):
        connection_from(pool, Gate())
    assert time.monotonic() - began < AT_LATEST
    line.at_most = None
    line.bury()
    pool.putconn(connection_from(pool, Gate()))


def greeting(line: Proxy) -> int:
    """How many bytes the server says until it is ready for the first statement."""
    before = line.carried_back
    connection.close()
    connection.connect()
    return line.carried_back - before


def test_a_connection_is_told_how_long_a_transaction_may_take(line: Proxy, pool: Any) -> None:
    def limit() -> str:
        given = connection_from(pool, Gate())
        (found,) = given.execute("SHOW transaction_timeout").fetchone()
        pool.putconn(given)
        return str(found)

    assert limit() == "1h"
    with deadlines.within(600):
        assert 590_000 < milliseconds(limit()) <= 601_000
    assert limit() == "1h", "the one before has left nothing behind"


def milliseconds(words: str) -> int:
    number, unit = "".join(filter(str.isdigit, words)), "".join(filter(str.isalpha, words))
    return int(number) * {"ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000}[unit]


# ---- streams, mail, commands ------------------------------------------------------------------------------


def test_the_listener_gives_up_a_line_that_is_silent_from_the_start(
    line: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "DEAD_AFTER", 0.2)
    line.at_most = greeting(line) + 60
    began = time.monotonic()
    with pytest.raises(Exception, match=r"closed|lost|EOF"):
        asyncio.run(asyncio.wait_for(Relay()._listen(), AT_LATEST))
    assert time.monotonic() - began < AT_LATEST


@pytest.mark.parametrize("fault", FAULTS)
def test_streams_read_again_by_another_line(
    board: Board, line: Proxy, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "DEAD_AFTER", 0.5)

    async def story() -> None:
        reader, thread = FrameReader(), DatabaseThread("test-database")
        for read in (lambda: reader(board.pk, 0), lambda: thread(Board.objects.get, pk=board.pk)):
            assert await asyncio.wait_for(read(), AT_LATEST) is not None
            FAULTS[fault](line)
            assert await asyncio.wait_for(read(), AT_LATEST) is not None
        await reader.close()
        thread.close()

    asyncio.run(story())


def test_a_round_of_digests_ends(ana: User, line: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "PERSON_SECONDS", SECONDS)
    line.freeze()
    began = time.monotonic()
    with pytest.raises(OperationalError):
        digest.send_due(timezone.now)
    assert time.monotonic() - began < AT_LATEST
    connection.close()
    digest.send_due(timezone.now)


COMMANDS = {
    "verify_log": ["verify_log"],
    "export_board": ["export_board", "{key}", "--output", "{folder}/board.zip"],
    "import_board": ["import_board", "{folder}/board.zip", "--owner", "{email}"],
    "import_trello": ["import_trello", "tests/data/trello/bakery.json", "--owner", "{email}"],
    "add_person": ["add_person", "somebody@example.com", "--name", "Some Body"],
    "migrate": ["migrate"],
}


@pytest.mark.parametrize("name", COMMANDS if LONG else ["verify_log", "import_trello"])
def test_a_command_ends_with_one_line(
    name: str, board: Board, ana: User, line: Proxy, tmp_path: Path
) -> None:
    """The server greets, and then says nothing."""
    line.at_most = greeting(line)
    words = [word.format(key=board.key, folder=tmp_path, email=ana.email) for word in COMMANDS[name]]
    done = run_with_patience([*processes.MANAGE, *words])
    assert_told(done)


@pytest.mark.parametrize("is_silent_from_the_start", [True, False])
def test_a_backup_ends_with_one_line(line: Proxy, tmp_path: Path, is_silent_from_the_start: bool) -> None:
    line.at_most = None if is_silent_from_the_start else greeting(line) + 60
    line.swallows = is_silent_from_the_start
    words = [sys.executable, "-m", backup.__name__, "backup", str(tmp_path / "backup.tar")]
    done = run_with_patience(words)
    assert_told(done)
    assert not list(tmp_path.iterdir())


def assert_told(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 2, done.stderr
    assert done.stderr.splitlines()[-1].startswith("fluxboard: "), done.stderr
    assert "Traceback" not in done.stderr


def run_with_patience(words: list[str]) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"FLUXBOARD_COMMAND_SECONDS": "1"}
    environment.pop("FLUXBOARD_MIGRATE_DATABASE_URL", None)
    return subprocess.run(
        words,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=addresses.PROJECT,
    )
