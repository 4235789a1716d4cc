"""Is the record true? A board rebuilt from its log alone, beside its tables; and the chain of hashes.

One walk over the rows does both: it checks each row against its digest, its hash and its predecessor, and
folds it. It begins at the first row, unless asked to be quick: then at the newest snapshot, and what lies
before that is taken as it was found then.
"""

from __future__ import annotations

import datetime as dt
import gc
import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from activity.log import snapshots
from activity.log.card_counts import COUNTED, counts_of
from activity.log.erasure import ERASING
from activity.log.hashing import GENESIS, canonical, chained, content_digest
from activity.log.replay.state import State, digests_in, replay
from activity.log.snapshots import LogRow, log_rows
from activity.models import ActivityContent, Verification
from boards.imported_boards import people_here
from boards.models import Board, Card
from fluxboard.features.verification.tables import state_of_tables

_BATCH = 2000
MOST_KEPT = 100

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verdict:
    """What a look at a board's record found: up to which `seq` and `head` hash it read, and all `faults`.

    `began` is the seq of the snapshot that it began at; 0 for the first row.
    """

    seq: int
    head: bytes
    faults: list[str]
    began: int = 0

    @property
    def is_true(self) -> bool:
        return not self.faults


def verify(board: Board) -> list[str]:
    """All that is wrong with a board's record, a line each; empty when it is true."""
    return verdict(board).faults


def verdict(board: Board, *, quick: bool = False) -> Verdict:
    """The board's log, walked from the first row (`quick`: the newest snapshot), and its tables beside it.

    Reads everything in the transaction that it is called in; `as_of_one_moment` gives it a fitting one.
    """
    board = Board.objects.get(pk=board.pk)
    walk = LogCheck(board, people_here(board))
    if quick:
        walk.skip()
    walk.go()
    texts = walk.texts()
    told = walk.state.told_in_full(texts)
    faults = [*walk.faults, *_differ("", told.tables(), state_of_tables(board).tables())]
    return Verdict(walk.seq, walk.head, [*faults, *count_faults(board, told)], walk.began)


@contextmanager
def as_of_one_moment() -> Iterator[None]:
    """A transaction in which all reads see the same moment; within another one, that one as it is."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def verify_now(board: Board, by: Any, now: dt.datetime) -> Verification:
    """Verify the board and keep what was found as its last result; `by` is who asked, or None."""
    with as_of_one_moment():
        found = verdict(board)
    if found.faults:
        log.error("board %s differs from its log in %s places", board.key, len(found.faults))
    values = {
        "seq": found.seq,
        "hash": found.head,
        "at": now,
        "by": by,
        "count": len(found.faults),
        "faults": found.faults[:MOST_KEPT],
    }
    kept, _ = Verification.objects.update_or_create(board=board, defaults=values)
    return kept


def state_of_log(board: Board) -> State:
    """The board as its log tells it, texts in full."""
    return snapshots.state_in_full(replay(snapshots.events_of(board, people_here(board))))


@contextmanager
def without_collecting() -> Iterator[None]:
    """Don't look for cyclic garbage meanwhile: there is none in a log, and looking grows with what is kept.

    For a process that does nothing else.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


# ---- the walk over the log --------------------------------------------------------------------------------


@dataclass
class LogCheck:
    """One pass over a board's log: what is wrong with the chain, and the state that it tells."""

    board: Board
    people: dict[str, str]
    faults: list[str] = field(default_factory=list)
    state: State = field(default_factory=State)
    seq: int = 0
    head: bytes = GENESIS
    began: int = 0
    named: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)

    def skip(self) -> None:
        """Begin at the newest snapshot that can be believed, where there is one."""
        snapshot, state = snapshots.newest_believed(self.board, self.board.seq, self.people)
        if snapshot is not None:
            self.state, self.seq, self.head = state, snapshot.seq, bytes(snapshot.hash)
            self.began = snapshot.seq
            self.named.update(digest for table in vars(state).values() for digest in digests_in(table))

    def go(self) -> None:
        """Walk to the last row, past everything that is wrong."""
        for row in log_rows(self.board, self.began):
            self._check(row)
            self._fold(row)
            self.seq, self.head = row.seq, bytes(row.hash)
        if self.seq != self.board.seq:
            self.faults.append(f"{self.board.key} stands at {self.board.seq}, its log ends at {self.seq}")

    def _check(self, row: LogRow) -> None:
        where = f"{self.board.key}:{row.seq} {row.verb}"
        digest, previous, expected = bytes(row.digest), bytes(row.previous_hash), self.seq + 1
        if row.seq > expected:
            gone = str(expected) if row.seq == expected + 1 else f"{expected} to {row.seq - 1}"
            self.faults.append(f"{self.board.key}:{gone} is missing from the log")
        elif row.seq < expected:
            self.faults.append(f"{where} stands where none should")
        content = canonical(row, self.board.uid, row.recorded_actor, row.recorded_card)
        if hashlib.sha256(content).digest() != digest:
            self.faults.append(f"{where} is not what was recorded")
        if previous != self.head:
            self.faults.append(f"{where} does not follow on the activity before it")
        if chained(previous, digest) != bytes(row.hash):
            self.faults.append(f"{where} has a wrong hash")

    def _fold(self, row: LogRow) -> None:
        self.named.update(digests_in(row.before), digests_in(row.after))
        if row.verb == ERASING:
            self.erased.update(row.after.get("erased", ()))
        try:
            replay((row.event(self.board.uid, self.people),), self.state)
        except Exception as problem:  # whatever a forged row holds, the walk goes on
            where = f"{self.board.key}:{row.seq} {row.verb}"
            self.faults.append(f"{where} cannot have happened then ({type(problem).__name__}: {problem})")

    def texts(self) -> dict[str, str]:
        """The texts that the log names, each checked against its digest; notes what is wrong or gone."""
        here = Q(board=self.board) | Q(card__board=self.board)
        kept = ActivityContent.objects.values_list("digest", "salt", "text")
        texts: dict[str, str] = {}
        self._read(kept.filter(here), texts)
        missing = sorted(self.named - texts.keys())
        for begin in range(0, len(missing), _BATCH):
            self._read(kept.filter(digest__in=missing[begin : begin + _BATCH]), texts)
        for digest in sorted(self.named - texts.keys() - self.erased):
            self.faults.append(f"{self.board.key}: the text {digest[:12]} is gone, and no activity erased it")
        return texts

    def _read(self, kept: QuerySet[Any, Any], texts: dict[str, str]) -> None:
        for digest, salt, text in kept.iterator(_BATCH):
            texts[digest] = text
            if content_digest(salt, text) != digest:
                self.faults.append(f"{self.board.key}: the text {digest[:12]} is not what was recorded")


# ---- the tables beside it ---------------------------------------------------------------------------------


def _differ(path: str, told: Any, held: Any) -> Iterator[str]:
    if isinstance(told, dict) and isinstance(held, dict):
        for key in sorted(told.keys() | held.keys()):
            yield from _differ(f"{path}.{key}" if path else key, told.get(key), held.get(key))
    elif told != held:
        yield f"{path}: the log says {told!r}, the tables {held!r}"


def count_faults(board: Board, told: State) -> Iterator[str]:
    """Where a card's front counts otherwise than its log."""
    expected = counts_of(told)
    for uid, number, *counts in Card.objects.filter(board=board).values_list("uid", "number", *COUNTED):
        for name, count in zip(COUNTED, counts, strict=True):
            by_log = expected.get(str(uid), {}).get(name, count)
            if by_log != count:
                yield f"{board.key}-{number}: {name} is {by_log} by the log, {count} in the tables"
