"""The log read once more, as replay needs it: a board as it stood after any of its activities.

A snapshot spares folding from the first row on. It holds digests instead of texts, is made when somebody
looks far past the last one and never when something is written, and may be thrown away at any time. It is
believed only while its row of the log has the hash that it was made at, its own checksum is right, and the
folds are those that made it.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import inspect
import json
import sys
import uuid
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.db import DatabaseError, transaction
from django.utils import timezone

from activity.log import upcasting, values, verb_registry, verbs
from activity.log.replay import state as folding
from activity.log.replay.state import Event, State, digests_in, replay
from activity.log.upcasting import upcast
from activity.models import Activity, ActivityContent, Snapshot

_BATCH = 2000
SNAPSHOT_EVERY = 2000
MILESTONE = 5  # of so many a snapshot is left on the way, besides the last one
_MISSING = "is missing"
NOBODY: Mapping[str, str] = {}


class Broken(Exception):
    """The log can be followed up to the row before `seq` only; `why` completes "change 17 …"."""

    def __init__(self, seq: int, why: str) -> None:
        super().__init__(f"{seq} {why}")
        self.seq, self.why = seq, why


class LogRow(NamedTuple):
    """An activity as the database has it, people and cards by uid: all that hashing and folding take.

    `actor_uid` and `card_uid` are set on boards that were carried in, where another installation recorded
    other uids than those of `actor` and `card` here.
    """

    seq: int
    verb: str
    at: dt.datetime
    source_at: dt.datetime | None
    subject: uuid.UUID
    before: dict[str, Any]
    after: dict[str, Any]
    via: str
    request_id: uuid.UUID | None
    schema: int
    actor: uuid.UUID | None
    card: uuid.UUID | None
    actor_uid: uuid.UUID | None
    card_uid: uuid.UUID | None
    digest: bytes
    previous_hash: bytes
    hash: bytes

    @property
    def recorded_actor(self) -> uuid.UUID | None:
        """The uid by which the log names who did it; its digest covers this one."""
        return self.actor_uid or self.actor

    @property
    def recorded_card(self) -> uuid.UUID | None:
        """The uid by which the log names the card; its digest covers this one."""
        return self.card_uid or self.card

    def event(self, board_uid: uuid.UUID, people: Mapping[str, str] = NOBODY) -> Event:
        """What replay folds: the facts as the newest description has them, people named as they are here.

        `people` are the uids here by those recorded, where the two differ. Raises `upcasting.TooNew` for a
        row that a newer program wrote.
        """
        before, after = upcast(self.verb, self.schema, self.before, self.after)
        if "of_several" in after:
            after = {name: value for name, value in after.items() if name != "of_several"}
        subject, card, actor = str(self.subject), self.recorded_card, self.actor
        if people:
            subject, before, after = (
                people.get(subject, subject),
                as_here(before, people),
                as_here(after, people),
            )
        return Event(
            seq=self.seq,
            verb=self.verb,
            board=str(board_uid),
            subject=subject,
            card=str(card) if card else None,
            actor=str(actor) if actor else None,
            at=self.at.isoformat(),
            before=before,
            after=after,
            source_at=self.source_at.isoformat() if self.source_at else None,
        )


_COLUMNS = tuple({"actor": "actor__uid", "card": "card__uid"}.get(name, name) for name in LogRow._fields)


def as_here(value: Any, people: Mapping[str, str]) -> Any:
    """A fact of the log with its people named as they are here."""
    if isinstance(value, str):
        return people.get(value, value)
    if isinstance(value, dict):
        return {key: as_here(inner, people) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_here(inner, people) for inner in value]
    return value


def log_rows(board: Any, after: int = 0, upto: int | None = None) -> Iterator[LogRow]:
    """The board's rows with a seq above `after`, up to `upto`, in order; one query, read in batches."""
    rows = Activity.objects.filter(board=board, seq__gt=after).order_by("seq")
    if upto is not None:
        rows = rows.filter(seq__lte=upto)
    return map(LogRow._make, rows.values_list(*_COLUMNS).iterator(_BATCH))


def events_of(
    board: Any, people: Mapping[str, str] = NOBODY, after: int = 0, upto: int | None = None
) -> Iterator[Event]:
    """The same, ready to be folded; typed texts by their digests. `people` as in `Row.event`."""
    return (row.event(board.uid, people) for row in log_rows(board, after, upto))


def state_at(board: Any, seq: int, people: Mapping[str, str] = NOBODY) -> State:
    """The board as it stood right after its activity `seq`, texts by their digests. Two or three queries.

    Folds on from the newest believable snapshot, and leaves some behind after a long way. Raises `Broken`
    where somebody has been at the rows themselves.
    """
    snapshot, state = newest_believed(board, seq, people)
    begin = snapshot.seq if snapshot else 0
    last = seq - seq % SNAPSHOT_EVERY if seq - begin > SNAPSHOT_EVERY else 0
    packed: list[tuple[LogRow, bytes]] = []
    next_seq = begin + 1
    for row in log_rows(board, begin, seq):
        if row.seq != next_seq:
            raise Broken(next_seq, _MISSING)
        try:
            state = replay((row.event(board.uid, people),), state)
        except upcasting.TooNew as problem:
            raise Broken(row.seq, "was written by a newer release") from problem
        except (LookupError, TypeError, AttributeError, ValueError) as problem:
            raise Broken(row.seq, "does not fit what is before it") from problem
        next_seq += 1
        if last and (row.seq == last or row.seq % (SNAPSHOT_EVERY * MILESTONE) == 0):
            packed.append((row, _packed(state)))
    if next_seq <= seq:
        raise Broken(next_seq, _MISSING)
    if packed:
        _keep(board, packed, people)
    return state


def texts_named(values: Iterable[Any]) -> dict[str, str]:
    """The texts that `values` name by digest, by digest; those that were erased are missing. One query."""
    digests = {digest for value in values for digest in digests_in(value)}
    if not digests:
        return {}
    return dict(ActivityContent.objects.filter(digest__in=digests).values_list("digest", "text"))


def state_in_full(state: State, texts: Mapping[str, str] | None = None) -> State:
    """`state` with its texts, which are fetched where they are not given."""
    return state.told_in_full(texts_named(vars(state).values()) if texts is None else texts)


# ---- snapshots --------------------------------------------------------------------------------------------


@functools.cache
def folds_in_use() -> str:
    """A name for the folds as they are: another one after any change of them, so that old snapshots go."""
    rest_on = (folding, upcasting, values, verb_registry, verbs)
    names = {module.__name__ for module in rest_on}
    names |= {fold.__module__ for fold in folding.FOLDS.values()}
    source = "".join(inspect.getsource(sys.modules[name]) for name in sorted(names))
    return hashlib.sha256(source.encode()).hexdigest()


def made_by(people: Mapping[str, str]) -> str:
    """What a snapshot's state rests on besides the log: the folds, and who is who here."""
    return hashlib.sha256(f"{folds_in_use()} {sorted(people.items())}".encode()).hexdigest()


def newest_believed(
    board: Any, seq: int, people: Mapping[str, str] = NOBODY
) -> tuple[Snapshot | None, State]:
    """The newest snapshot up to `seq` and its state; None and an empty one where none can be believed."""
    snapshot = (
        Snapshot.objects.filter(board=board, seq__lte=seq, folds=made_by(people)).order_by("-seq").first()
    )
    state = _believed(snapshot) if snapshot else None
    return (snapshot, state) if state else (None, State())


def _believed(snapshot: Snapshot) -> State | None:
    row = Activity.objects.filter(board=snapshot.board_id, seq=snapshot.seq).values_list("hash", flat=True)
    packed = bytes(snapshot.state)
    if bytes(row.first() or b"") != bytes(snapshot.hash):
        return None
    if hashlib.sha256(packed).digest() != bytes(snapshot.checksum):
        return None
    return State(**json.loads(zlib.decompress(packed)))


def _packed(state: State) -> bytes:
    return zlib.compress(json.dumps(vars(state), separators=(",", ":")).encode(), 1)


def _keep(board: Any, packed: list[tuple[LogRow, bytes]], people: Mapping[str, str]) -> None:
    """Leave snapshots for the next one to come this way; none where the database takes none."""
    try:
        with transaction.atomic():
            for row, state in packed:
                values = {
                    "hash": bytes(row.hash),
                    "folds": made_by(people),
                    "checksum": hashlib.sha256(state).digest(),
                    "state": state,
                    "at": timezone.now(),
                }
                Snapshot.objects.update_or_create(board=board, seq=row.seq, defaults=values)
    except DatabaseError:
        return
