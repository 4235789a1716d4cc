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
from activity.log.snapshots import Row, rows_of
from activity.models import ActivityContent, Verification
from boards.imported_boards import (
    SUPERSEDED_BY,
    blocked_by_elsewhere,
    named_elsewhere,
    people_here,
    promoted_elsewhere,
)
from boards.models import SPEC_FIELDS, Board, Card, Checklist, Item
from comments.models import Comment, Decision

BATCH = 2000
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
    walk = Walk(board, people_here(board))
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
    return snapshots.in_full(replay(snapshots.events_of(board, people_here(board))))


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
class Walk:
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
        for row in rows_of(self.board, self.began):
            self._check(row)
            self._fold(row)
            self.seq, self.head = row.seq, bytes(row.hash)
        if self.seq != self.board.seq:
            self.faults.append(f"{self.board.key} stands at {self.board.seq}, its log ends at {self.seq}")

    def _check(self, row: Row) -> None:
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

    def _fold(self, row: Row) -> None:
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
        for begin in range(0, len(missing), BATCH):
            self._read(kept.filter(digest__in=missing[begin : begin + BATCH]), texts)
        for digest in sorted(self.named - texts.keys() - self.erased):
            self.faults.append(f"{self.board.key}: the text {digest[:12]} is gone, and no activity erased it")
        return texts

    def _read(self, kept: QuerySet[Any, Any], texts: dict[str, str]) -> None:
        for digest, salt, text in kept.iterator(BATCH):
            texts[digest] = text
            if content_digest(salt, text) != digest:
                self.faults.append(f"{self.board.key}: the text {digest[:12]} is not what was recorded")


# ---- the tables beside it ---------------------------------------------------------------------------------


def _uid(thing: Any) -> str | None:
    return str(thing.uid) if thing is not None else None


def state_of_tables(board: Board) -> State:
    """What `state_of_log` tells, as the tables have it."""
    board = Board.objects.get(pk=board.pk)
    state = State(
        board={
            "key": board.key,
            "name": board.name,
            "description": board.description,
            "open_to": board.open_to,
            "wip_rule": board.wip_rule,
            "stale_after": board.stale_after,
            "answer_days": board.answer_days,
            "archived": board.is_archived,
        }
    )
    for membership in board.memberships.select_related("user"):
        state.members[str(membership.user.uid)] = membership.role
    for column in board.columns.all():
        state.columns[str(column.uid)] = {
            "name": column.name,
            "position": column.position,
            "wip_limit": column.wip_limit,
            "is_done": column.is_done,
            "archived": column.is_archived,
        }
    for label in board.labels.filter(removed_at=None):
        state.labels[str(label.uid)] = {"name": label.name, "hue": label.hue}
    for card in board.cards.for_fronts().select_related("column"):
        state.cards[str(card.uid)] = _card(card)
    lists = Checklist.objects.filter(card__board=board, removed_at=None).select_related("card")
    for checklist in lists:
        state.checklists[str(checklist.uid)] = {
            "card": str(checklist.card.uid),
            "name": checklist.name,
            "position": checklist.position,
        }
    items = Item.objects.filter(checklist__in=lists, removed_at=None)
    for item in items.select_related("checklist", "checked_by", "promoted_to"):
        state.items[str(item.uid)] = {
            "checklist": str(item.checklist.uid),
            "text": item.text,
            "position": item.position,
            "checked": item.is_checked,
            "checked_by": _uid(item.checked_by),
            "promoted_to": _uid(item.promoted_to),
        }
    comments = Comment.objects.filter(card__board=board).select_related("card", "author", "parent")
    for comment in comments.prefetch_related("asks__person"):
        state.comments[str(comment.uid)] = {
            "card": str(comment.card.uid),
            "author": str(comment.author.uid),
            "parent": _uid(comment.parent),
            "kind": comment.kind,
            "text": comment.text,
            "removed": comment.removed_at is not None,
            "state": comment.state,
            "asks": sorted(str(ask.person.uid) for ask in comment.asks.all() if ask.handed_to_id is None),
        }
    for decision in decisions_of(board):
        state.decisions[str(decision.uid)] = {
            "number": decision.number,
            "card": str(decision.card.uid),
            "comment": str(decision.comment.uid),
            "text": decision.text,
            "how": decision.how,
            "from": _uid(decision.grew_from),
            "decided_by": sorted(str(person.uid) for person in decision.decided_by.all()),
            "agreed_by": sorted(str(person.uid) for person in decision.agreed_by.all()),
            "superseded_by": _uid(decision.superseded_by),
        }
    _name_what_is_elsewhere(board, state)
    return state


def _name_what_is_elsewhere(board: Board, state: State) -> None:
    """Rows of a carried board name things that aren't here; the tables keep their uids beside them."""
    for uid, card in blocked_by_elsewhere(board).items():
        blocked = state.cards.get(str(uid), {}).get("blocked")
        if blocked is not None:
            blocked["card"] = str(card)
    for uid, card in promoted_elsewhere(board).items():
        if str(uid) in state.items:
            state.items[str(uid)]["promoted_to"] = str(card)
    superseded = named_elsewhere(board, SUPERSEDED_BY, Decision, "superseded_by")
    for uid, newer in superseded.items():
        if str(uid) in state.decisions:
            state.decisions[str(uid)]["superseded_by"] = str(newer)


def decisions_of(board: Board) -> QuerySet[Decision]:
    return (
        Decision.objects.filter(board=board)
        .select_related("card", "comment", "grew_from", "superseded_by")
        .prefetch_related("decided_by", "agreed_by")
    )


def _card(card: Card) -> dict[str, Any]:
    blocked = {
        "reason": card.blocked_reason,
        "person": _uid(card.blocked_by_user),
        "card": _uid(card.blocked_by_card),
    }
    return {
        "number": card.number,
        "title": card.title,
        **{name: getattr(card, name) for name in SPEC_FIELDS},
        "column": str(card.column.uid),
        "position": card.position,
        "assignee": _uid(card.assignee),
        "participants": sorted(str(person.uid) for person in card.participants.all()),
        "labels": sorted(str(label.uid) for label in card.labels.all()),
        "due": card.due.isoformat() if card.due else None,
        "blocked": blocked if card.is_blocked else None,
        "archived": card.is_archived,
    }


def differences(board: Board) -> list[str]:
    """Where log and tables disagree, a line each, with the path to it; empty when they agree."""
    return list(_differ("", state_of_log(board).tables(), state_of_tables(board).tables()))


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
