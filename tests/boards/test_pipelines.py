"""Statements that go to the database together: in order, however much goes either way, and never for ever."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from activity.log.record import By
from boards.actions.base import writing
from boards.models import Board
from fluxboard.accounts.models import User
from fluxboard.core.postgres.deadlines import deadlines
from fluxboard.core.postgres.statements import Statement, changed_together, one_row, rows_together
from tests.activity.sse import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

LATE = Statement("SELECT pg_sleep(%(seconds)s)", {"seconds": 0.2})
ECHO = "SELECT length(%(text)s::text), %(text)s::text"
LONG = os.environ.get("FLUXBOARD_LONG") == "1"


@pytest.fixture(autouse=True)
def fresh_connection() -> Iterator[None]:
    yield
    connection.close()


def narrow_the_way(size: int = 32_768) -> None:
    """The connection's buffers in this machine hold no more than about `size` bytes."""
    connection.ensure_connection()
    with socket.socket(fileno=os.dup(connection.connection.fileno())) as line:
        for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            line.setsockopt(socket.SOL_SOCKET, buffer, size)


@pytest.mark.parametrize("megabytes", [0.2, 1.2, 5, 20])
def test_large_values_go_there_and_back_through_a_narrow_way(megabytes: float) -> None:
    text = "ü" * int(megabytes * 500_000)
    with deadlines.within(600):  # so that what hangs is an error
        for _ in range(20 if LONG else 1):
            narrow_the_way()
            answers = rows_together([Statement(ECHO, {"text": text}), LATE, Statement(ECHO, {"text": text})])
            assert answers == [[(len(text), text)], [("",)], [(len(text), text)]]


def test_a_large_value_is_written_and_read_by_one_statement_as_well() -> None:
    text = "x" * 5_000_000
    with deadlines.within(600):
        narrow_the_way()
        assert one_row(ECHO, {"text": text}) == (len(text), text)


@contextmanager
def somebody_else() -> Iterator[psycopg.Connection]:
    """Another session of the application's role."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
        yield other


def state_of(other: psycopg.Connection, pid: int) -> tuple[str, str] | None:
    """What a session does and what it waits for; None when it has ended."""
    found = other.execute("SELECT state, wait_event FROM pg_stat_activity WHERE pid = %s", [pid])
    return found.fetchone()


def says_nothing() -> None:
    """As a process that was stopped right behind its lock."""


def owes_the_rest() -> None:
    """As a process that was stopped in the middle of a message: to PostgreSQL the session is active."""
    line = connection.connection.pgconn
    line.send_query_params(b"SELECT $1", [b"x" * 8_000_000])


@pytest.mark.parametrize(
    ("hangs", "seen"),
    [(says_nothing, ("idle in transaction", "ClientRead")), (owes_the_rest, ("active", "ClientRead"))],
)
def test_a_board_is_free_soon_whatever_its_writer_does(
    board: Board, ana: User, settings: object, hangs: Callable[[], None], seen: tuple[str, str]
) -> None:
    settings.PAGE_SECONDS = 1.0  # type: ignore[attr-defined]
    with (
        somebody_else() as other,
        pytest.raises(DatabaseError, match=r"transaction timeout|closed|in progress"),
        writing(board, By(ana)),
    ):
        pid = connection.connection.info.backend_pid
        hangs()
        wait_for(lambda: state_of(other, pid) == seen, 5, "the writer to hang")
        other.execute("SET lock_timeout = '30s'")
        other.execute("UPDATE boards_board SET name = 'Free' WHERE id = %s", [board.pk])
        wait_for(lambda: state_of(other, pid) is None, 30, "the writer's session to be gone")
        Board.objects.count()
    connection.close()
    assert Board.objects.get(pk=board.pk).name == "Free"


def test_a_change_has_its_own_time_also_where_the_session_has_less_or_more(board: Board, ana: User) -> None:
    def limit() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_timeout")
            return str(cursor.fetchone()[0])

    assert limit() == "1h"
    with writing(board, By(ana)):
        assert limit() == "20s"
    assert limit() == "1h"
    with transaction.atomic(), writing(board, By(ana)):
        assert limit() == "1h", "a part of something larger, such as an import"


def test_they_are_done_in_order_and_answer_each_for_itself(board: Board) -> None:
    rename = "UPDATE boards_board SET name = name || %(more)s WHERE id = %(board)s"
    both = [Statement(rename, {"more": more, "board": board.pk}) for more in (" one", " two")]
    nobody = Statement(rename, {"more": " three", "board": 0})
    assert changed_together([*both, nobody]) == [1, 1, 0]
    names = Statement("SELECT name FROM boards_board WHERE id = %(board)s", {"board": board.pk})
    assert rows_together([names, LATE, names]) == [
        [(f"{board.name} one two",)],
        [("",)],
        [(f"{board.name} one two",)],
    ]


def test_the_first_error_is_raised_and_nothing_is_left_behind(board: Board) -> None:
    twice = Statement("UPDATE boards_board SET uid = NULL WHERE id = %(board)s", {"board": board.pk})
    for _ in range(2):
        with pytest.raises(IntegrityError):
            rows_together([LATE, twice, LATE])
        assert Board.objects.get(pk=board.pk) == board
