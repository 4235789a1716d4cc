"""Statements that go to the database together."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from boards.models import Board
from fluxboard.postgres.compiled import Asking, changed_together, rows_together

pytestmark = pytest.mark.django_db(transaction=True)

LIMIT = Asking(
    "SELECT set_config('idle_in_transaction_session_timeout', %(limit)s, true)", {"limit": "300ms"}
)
LATE = Asking("SELECT pg_sleep(%(seconds)s)", {"seconds": 0.2})


@pytest.fixture(autouse=True)
def fresh_connection() -> Iterator[None]:
    yield
    connection.close()


@pytest.mark.parametrize("asked", [[LIMIT], [LIMIT, LATE], [LATE, LIMIT]], ids=["at once", "late", "later"])
def test_whoever_says_nothing_more_is_given_up(asked: list[Asking]) -> None:
    """Also where an answer was late. The database's clock is what frees the board of a process that hangs."""
    with pytest.raises(DatabaseError, match=r"idle-in-transaction|closed"), transaction.atomic():
        rows_together(asked)
        time.sleep(1.5)
        Board.objects.count()


def test_they_are_done_in_order_and_answer_each_for_itself(board: Board) -> None:
    rename = "UPDATE boards_board SET name = name || %(more)s WHERE id = %(board)s"
    both = [Asking(rename, {"more": more, "board": board.pk}) for more in (" one", " two")]
    nobody = Asking(rename, {"more": " three", "board": 0})
    assert changed_together([*both, nobody]) == [1, 1, 0]
    names = Asking("SELECT name FROM boards_board WHERE id = %(board)s", {"board": board.pk})
    assert rows_together([names, LATE, names]) == [
        [(f"{board.name} one two",)],
        [("",)],
        [(f"{board.name} one two",)],
    ]


def test_the_first_error_is_raised_and_nothing_is_left_behind(board: Board) -> None:
    twice = Asking("UPDATE boards_board SET uid = NULL WHERE id = %(board)s", {"board": board.pk})
    for _ in range(2):
        with pytest.raises(IntegrityError):
            rows_together([LATE, twice, LATE])
        assert Board.objects.get(pk=board.pk) == board
