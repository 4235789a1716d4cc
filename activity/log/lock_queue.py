"""A board whose lock does not come: one request of this process waits for it, the others are told soon.

Whoever holds it has perhaps gone without a word, and the database gives them up only after a while. A worker
has but a few threads; were each writer of that board to wait in one, nobody could even read another board.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg.errors
from django.db import OperationalError, connection

from activity.errors import Busy

_GLANCE = "200ms"


@dataclass
class _Line:
    """Those of this process who wait for one board."""

    waiting: int = 0
    came: int = 0  # how often the lock came meanwhile
    is_stuck: bool = False


class Lines:
    """The boards that are waited for, and those whose lock was waited for in vain.

    A board is stuck once a lock time-out has passed in which nobody here came by its lock, and until somebody
    does.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: dict[int, _Line] = {}

    @contextmanager
    def waiting(self, board_id: int) -> Iterator[None]:
        """The block takes the board's lock, in a transaction.

        Where the board is stuck, one waits for a lock time-out once, and the others for GLANCE; `Busy` then.
        """
        with self._lock:
            line = self._lines.setdefault(board_id, _Line())
            was_stuck, glances, came = line.is_stuck, line.is_stuck and line.waiting > 0, line.came
            line.waiting += 1
        try:
            if glances:
                _be_patient_for(f"'{_GLANCE}'")
            yield
            if glances:
                _be_patient_for("DEFAULT")
            line.came += 1
            line.is_stuck = False
        except OperationalError as problem:
            if not isinstance(problem.__cause__, psycopg.errors.LockNotAvailable) or line.came != came:
                raise
            line.is_stuck = True
            if was_stuck:
                raise Busy from problem
            raise
        finally:
            with self._lock:
                line.waiting -= 1
                if not line.waiting and not line.is_stuck:
                    self._lines.pop(board_id, None)


def _be_patient_for(time: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout TO {time}")


lines = Lines()
