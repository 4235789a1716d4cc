"""The log's one pen: lock the board, number what happens, write it once, tell the open pages.

Order inside a change's transaction: the board's lock and next seq (first statement), the request looked up,
checks, changes, then each activity inserted once and complete. `NOTIFY` follows the commit: inside the
transaction it would make all commits of the database wait for one another.
"""

from __future__ import annotations

import functools
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg.errors
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction

from activity.errors import Busy, Refused, Repeated, RequestReused
from activity.log.hashing import GENESIS
from activity.log.lock_queue import lines
from activity.log.record import By, Log, Opening, Render, table_of
from activity.models import Activity, ActivityContent, Request
from fluxboard.core.postgres.statements import Prefetch, Statement, answer_together, made_of

ATTEMPTS = 4

# What a change has to know once its board is locked: the hash to chain on, what its writer is there, and
# whether the very request was done before.
OPENING = """
    SELECT
        (SELECT hash FROM activity_activity
          WHERE board_id = %(board)s AND seq = (SELECT seq - 1 FROM boards_board WHERE id = %(board)s)),
        (SELECT role FROM boards_membership WHERE board_id = %(board)s AND user_id = %(user)s::bigint),
        known.board_id, known.first_seq, known.last_seq, known.fingerprint
    FROM (SELECT) AS always
    LEFT JOIN activity_request AS known
        ON known.actor_id = %(user)s::bigint AND known.request_id = %(request)s::uuid
"""


@functools.cache
def _locking(*, limited: bool) -> str:
    fields = apps.get_model("boards.Board")._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    # Switched off, then on: PostgreSQL changes no timeout whose clock is running.
    off, on = (f", set_config('transaction_timeout', {value}, true)" for value in ("'0'", "%(limit)s"))
    limit = off + on if limited else ""
    table = table_of("boards.Board")
    return f"UPDATE {table} SET seq = seq + 1 WHERE id = %(board)s RETURNING {columns}{limit}"  # noqa: S608


def _opened(by: By, board_id: int, limit: float, prefetches: Sequence[Prefetch[Any]] = ()) -> Log:
    """A log of a board that is locked until the transaction ends; answers `prefetches` as of then.

    The board's `seq` is one higher than the last activity's. `limit` seconds after it was locked (0: whenever
    the outer transaction ends) the database gives the transaction up, whatever its process does: it may have
    gone without a word, or hang. Raises `Busy` where the lock was waited for in vain before, `Repeated` and
    `RequestReused` when this request was done before.
    """
    values = {"board": board_id, "user": getattr(by.user, "pk", None), "request": by.request_id}
    locking = Statement(_locking(limited=limit > 0), {"board": board_id, "limit": f"{limit * 1000:.0f}"})
    with lines.waiting(board_id):
        locked, (looked,) = answer_together([locking, Statement(OPENING, values)], prefetches)
    if not locked:
        raise Refused("This board is no longer there.")
    last, role, *known = looked
    _refuse_repeat(by, *known)
    board, _ = made_of(apps.get_model("boards.Board"), locked[0])
    opening = Opening(bytes(last) if last is not None else GENESIS, role)
    return Log(board, by, opening)


def _refuse_repeat(
    by: By, board_id: int | None, first_seq: int, last_seq: int, fingerprint: bytes | None
) -> None:
    if board_id is None:
        return
    if bytes(fingerprint or b"") != by.fingerprint:
        raise RequestReused
    raise Repeated(board_id, first_seq, last_seq)


def done_before(by: By) -> Request | None:
    """The outcome kept under this request's id, if any.

    Raises `RequestReused` when the body was another.
    """
    if by.request_id is None:
        return None
    known = Request.objects.filter(actor=by.user, request_id=by.request_id).first()
    if known is not None and bytes(known.fingerprint) != by.fingerprint:
        raise RequestReused
    return known


def refuse_repeat(by: By) -> None:
    """Raise `Repeated` when this request was done before."""
    known = done_before(by)
    if known is not None:
        raise Repeated(known.board_id, known.first_seq, known.last_seq)


@contextmanager
def _joining(logs: Iterable[Log]) -> Iterator[None]:
    were = [(log, log.is_joined) for log in logs]
    for log, _ in were:
        log.is_joined = True
    try:
        yield
    finally:
        for log, was in were:
            log.is_joined = was


_open: ContextVar[dict[int, Log]] = ContextVar("_open")


@contextmanager
def change(
    by: By, *board_ids: int, render: Render, prefetches: Sequence[Prefetch[Any]] = ()
) -> Iterator[list[Log]]:
    """One transaction's change of one or more boards: a log for each, in the order given.

    Locks in id order. Raises `Repeated`, `RequestReused`, and whatever the body raises; then nothing is left.
    Within an open change of the same boards it is a part of that one: an undo is made of whole actions.
    `prefetches` are answered as of behind the last lock, and sent together with it.
    """
    joined = _open.get(None)
    if joined and joined.keys() >= set(board_ids):
        if prefetches:
            answer_together([], prefetches)
        with _joining(joined.values()):
            yield [joined[board_id] for board_id in board_ids]
        return
    limit = 0 if connection.in_atomic_block else settings.PAGE_SECONDS
    by.done.last_seq, by.done.frames = 0, []
    with transaction.atomic():
        *earlier, final = sorted(set(board_ids))
        opened = [_opened(by, board_id, limit) for board_id in earlier]
        opened.append(_opened(by, final, limit, prefetches))
        of_board = {log.board.pk: log for log in opened}
        logs = [of_board[board_id] for board_id in board_ids]
        token = _open.set(of_board)
        try:
            yield logs
        finally:
            _open.reset(token)
        written = next((log for log in logs if log.activities), None)
        for log in opened:
            log.close(render, answers=log is written)


def carry_in(activities: list[Activity], contents: list[ActivityContent], batch: int = 1000) -> None:
    """Write down rows that were recorded in another installation, with the hashes that they have there.

    For a board that is not here yet, within the transaction that makes it; whoever calls this proves the
    chain before that ends (`fluxboard.features.verification.verify`). A content that is here by another
    board stays.
    """
    ActivityContent.objects.bulk_create(contents, ignore_conflicts=True, batch_size=batch)
    Activity.objects.bulk_create(activities, batch_size=batch)


PASSING = (
    psycopg.errors.LockNotAvailable,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
)


def persistently[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Do it again, with jitter, when locks got in the way; `Busy` after the last attempt.

    Also settles the race of two equal requests that stood on different locks: the second finds the first.
    Inside a larger transaction it is done just once, since that one must be begun again as a whole.
    """

    @functools.wraps(function)
    def perform(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            return function(*args, **kwargs)
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(random.uniform(0.01, 0.08) * 2**attempt)  # noqa: S311
            try:
                return function(*args, **kwargs)
            except OperationalError as problem:
                if not isinstance(problem.__cause__, PASSING):
                    raise
            except IntegrityError as problem:
                if "one_outcome_a_request" not in str(problem):
                    raise
        raise Busy

    return perform
