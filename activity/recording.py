"""The log's one pen: lock the board, number what happens, write it once, tell the open pages.

Order inside a change's transaction: the board's lock and next seq (first statement), the request looked up,
checks, changes, then each activity inserted once and complete. `NOTIFY` follows the commit: inside the
transaction it would make all commits of the database wait for one another.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg.errors
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from activity.erasure import ERASING, forget
from activity.errors import Busy, Refused, Repeated, RequestReused
from activity.models import Activity, ActivityContent, Frame, Request, Via
from activity.verbs import UNDONE, VERBS, Verb
from activity.waiting_in_line import lines

SCHEMA = 1
GENESIS = bytes(32)
CHANNEL = "fluxboard"
ATTEMPTS = 4
FRAMES_KEPT = 1000
REQUESTS_KEPT = dt.timedelta(days=7)
PRUNE_EVERY = 256

Render = Callable[["Log"], list[str]]


@dataclass(frozen=True)
class By:
    """Who does something, through which door, and when.

    `request_id` and `fingerprint` (32 bytes over the request's body) make a repeated request harmless.
    """

    user: Any
    via: str = Via.WEB
    now: dt.datetime = field(default_factory=timezone.now)
    request_id: uuid.UUID | None = None
    fingerprint: bytes = bytes(32)

    @classmethod
    def of(cls, by: Any) -> By:
        """`by` itself, or a plain person who acts now, on the web."""
        return by if isinstance(by, cls) else cls(by)

    def at(self, now: dt.datetime) -> By:
        return replace(self, now=now)


_plain_json = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def canonical(activity: Any, board_uid: uuid.UUID, actor_uid: uuid.UUID | None, card_uid: Any) -> bytes:
    """The bytes that an activity's digest covers: `content_of` it as JSON."""
    return canonical_json(content_of(activity, board_uid, actor_uid, card_uid))


def canonical_json(content: Any) -> bytes:
    """JSON in the one way in which equal content has equal bytes: keys sorted, no blanks, UTF-8."""
    return _plain_json(content).encode()


def content_of(
    activity: Any, board_uid: uuid.UUID, actor_uid: uuid.UUID | None, card_uid: Any
) -> dict[str, Any]:
    """What an activity's digest covers, as JSON values, times in UTC.

    `activity` is an `Activity`, or a row that has its fields.

    Things are named by `uid`, never by this installation's row ids, so that a copy elsewhere hashes alike.
    """
    return {
        "actor": str(actor_uid) if actor_uid else None,
        "after": activity.after,
        "at": _moment(activity.at),
        "before": activity.before,
        "board": str(board_uid),
        "card": str(card_uid) if card_uid else None,
        "request_id": str(activity.request_id) if activity.request_id else None,
        "schema": activity.schema,
        "seq": activity.seq,
        "source_at": _moment(activity.source_at),
        "subject": str(activity.subject),
        "verb": activity.verb,
        "via": str(activity.via),
    }


def _moment(at: dt.datetime | None) -> str | None:
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds") if at else None


def chained(previous: bytes, digest: bytes) -> bytes:
    """SHA-256 over the predecessor's hash and this activity's digest."""
    return hashlib.sha256(previous + digest).digest()


def content_digest(salt: bytes, text: str) -> str:
    """The name of a typed text: hex SHA-256 over its card's salt and its UTF-8 bytes."""
    return hashlib.sha256(bytes(salt) + text.encode()).hexdigest()


class Log:
    """An open change on one locked board. Only its actions record, and only while it is open."""

    def __init__(self, board: Any, by: By) -> None:
        self.board = board
        self.by = by
        self.first_seq: int = board.seq
        self.activities: list[Activity] = []
        self.contents: dict[str, ActivityContent] = {}
        self.touched: dict[uuid.UUID, Any] = {}
        self.notes: dict[int, dict[str, Any]] = {}
        self._card_uids: dict[int, uuid.UUID] = {}
        self._undone: list[Activity] = []

    @contextmanager
    def undoing(self, *activities: Activity) -> Iterator[None]:
        """Within it, what is recorded is written down as an undo of one of `activities`.

        Of the last of them that is about the same thing; of the very last where none is.
        """
        outer, self._undone = self._undone, list(activities)
        try:
            yield
        finally:
            self._undone = outer

    def _undoes(self, thing: Any) -> Activity | None:
        of_thing = [activity for activity in self._undone if activity.subject == thing.uid]
        choice = of_thing or self._undone
        return choice[-1] if choice else None

    @property
    def now(self) -> dt.datetime:
        return self.by.now

    @property
    def next_seq(self) -> int:
        return self.first_seq + len(self.activities)

    def record(
        self,
        verb: str,
        thing: Any,
        *,
        card: Any = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        actor: Any = None,
        source_at: dt.datetime | None = None,
        **notes: Any,
    ) -> Activity:
        """Write down that `verb` happened to `thing`; stamps its version and the changed fields' seqs.

        `before` and `after` hold JSON values, just the fields that changed; texts are replaced by their
        digests here. `notes` go to the renderer of the frame, never into the log. The caller saves `thing`.
        """
        defined = VERBS[verb]
        before, after = dict(before or {}), dict(after or {})
        missing = defined.facts - after.keys()
        if missing:
            raise ValueError(f"{verb} needs {', '.join(sorted(missing))}")
        if card is None and defined.noun == "card":
            card = thing
        seq = self.next_seq
        person = actor or self.by.user
        undone = self._undoes(thing)
        about_undo = (
            {"effect": verb, "undoes": {"seq": undone.seq, "verb": undone.verb}} if undone is not None else {}
        )
        activity = Activity(
            board_id=self.board.pk,
            seq=seq,
            at=self.by.now,
            source_at=source_at,
            actor=person,
            verb=UNDONE if undone is not None else verb,
            subject=thing.uid,
            card=card,
            before=self._by_digest(defined, before, card),
            after=self._by_digest(defined, after, card) | about_undo,
            via=self.by.via,
            request_id=self.by.request_id,
            schema=SCHEMA,
        )
        if card is not None:
            notes.setdefault("key", f"{self.board.key}-{card.number}")
            self._card_uids[seq] = card.uid
            card.version = seq
            self.touched[card.uid] = card
        if hasattr(thing, "field_seqs"):
            thing.version = seq
            for name in after.keys() | before.keys():
                thing.field_seqs[name] = seq
        self.activities.append(activity)
        self.notes[seq] = notes
        return activity

    def _by_digest(self, verb: Verb, facts: dict[str, Any], card: Any) -> dict[str, Any]:
        if card is None:
            return facts
        return {name: self._named(value, name, verb, card) for name, value in facts.items()}

    def _named(self, value: Any, name: str, verb: Verb, card: Any) -> Any:
        if isinstance(value, str):
            return self._content(value, card) if value and name in verb.texts else value
        if isinstance(value, dict):
            return {key: self._named(inner, key, verb, card) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._named(inner, name, verb, card) for inner in value]
        return value

    def _content(self, text: str, card: Any) -> dict[str, str]:
        digest = content_digest(card.salt, text)
        self.contents[digest] = ActivityContent(
            digest=digest, salt=bytes(card.salt), text=text, board_id=self.board.pk, card=card
        )
        return {"text": digest}

    def close(self, render: Render) -> None:
        """Chain, insert and announce what was recorded; with nothing recorded no seq is used."""
        board_table = _table("boards.Board")
        with connection.cursor() as cursor:
            if len(self.activities) != 1:
                last = self.first_seq - 1 + len(self.activities)
                cursor.execute(f"UPDATE {board_table} SET seq = %s WHERE id = %s", [last, self.board.pk])  # noqa: S608
                self.board.seq = last
        if not self.activities:
            return
        self._chain()
        ActivityContent.objects.bulk_create(self.contents.values(), ignore_conflicts=True, batch_size=1000)
        Activity.objects.bulk_create(self.activities, batch_size=1000)
        for activity in self.activities:
            if activity.verb == ERASING:
                forget(activity)
        told = zip(self.activities, render(self), strict=True)
        frames = [Frame(board_id=self.board.pk, seq=activity.seq, html=html) for activity, html in told]
        Frame.objects.bulk_create(frames[-FRAMES_KEPT:])
        last = self.activities[-1].seq
        if last // PRUNE_EVERY > (self.first_seq - 1) // PRUNE_EVERY:
            Frame.objects.filter(board_id=self.board.pk, seq__lte=last - FRAMES_KEPT).delete()
            Request.objects.filter(board_id=self.board.pk, at__lt=timezone.now() - REQUESTS_KEPT).delete()
        transaction.on_commit(functools.partial(notify, f"{self.board.pk}:{last}"), robust=True)

    def remember(self) -> None:
        """Keep the outcome under the request's id, so that the same request again is answered alike."""
        if self.by.request_id and self.activities:
            Request.objects.create(
                actor=self.by.user,
                request_id=self.by.request_id,
                fingerprint=self.by.fingerprint,
                board_id=self.board.pk,
                first_seq=self.first_seq,
                last_seq=self.activities[-1].seq,
            )

    def _chain(self) -> None:
        previous = (
            Activity.objects.filter(board_id=self.board.pk, seq=self.first_seq - 1)
            .values_list("hash", flat=True)
            .first()
        )
        previous = bytes(previous) if previous is not None else GENESIS
        for activity in self.activities:
            actor = activity.actor
            activity.digest = hashlib.sha256(
                canonical(
                    activity,
                    self.board.uid,
                    actor.uid if actor is not None else None,
                    self._card_uids.get(activity.seq),
                )
            ).digest()
            activity.previous_hash = previous
            activity.hash = previous = chained(previous, activity.digest)


def _table(label: str) -> str:
    return connection.ops.quote_name(apps.get_model(label)._meta.db_table)


def lock(board_id: int, idle: float = 0) -> Any:
    """The board, locked until the transaction ends, its `seq` one higher than the last activity's.

    After `idle` seconds without a statement the database gives the transaction up: its process has gone
    without a word, or hangs. Raises `Busy` where its lock was waited for in vain before.
    """
    table = _table("boards.Board")
    limit = ", set_config('idle_in_transaction_session_timeout', %s, true)" if idle else ""
    with lines.waiting(board_id):
        boards = apps.get_model("boards.Board").objects.raw(
            f"UPDATE {table} SET seq = seq + 1 WHERE id = %s RETURNING *{limit}",  # noqa: S608
            [board_id, f"{idle:g}s"] if idle else [board_id],
        )
        for board in boards:
            return board
    raise Refused("This board is no longer there.")


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


_open: ContextVar[dict[int, Log]] = ContextVar("_open")


@contextmanager
def change(by: By, *board_ids: int, render: Render) -> Iterator[list[Log]]:
    """One transaction's change of one or more boards: a log for each, in the order given.

    Locks in id order. Raises `Repeated`, `RequestReused`, and whatever the body raises; then nothing is left.
    Within an open change of the same boards it is a part of that one: an undo is made of whole actions.
    """
    joined = _open.get(None)
    if joined and joined.keys() >= set(board_ids):
        yield [joined[board_id] for board_id in board_ids]
        return
    idle = 0 if connection.in_atomic_block else settings.PAGE_SECONDS
    with transaction.atomic():
        locked = {board_id: lock(board_id, idle) for board_id in sorted(set(board_ids))}
        refuse_repeat(by)
        logs = [Log(locked[board_id], by) for board_id in board_ids]
        token = _open.set(dict(zip(board_ids, logs, strict=True)))
        try:
            yield logs
        finally:
            _open.reset(token)
        for log in sorted(logs, key=lambda log: log.board.pk):
            log.close(render)
        written = next((log for log in logs if log.activities), None)
        if written is not None:
            written.remember()


def notify(payload: str) -> None:
    """A hint to every relay that a board has news; the table is the truth, so a lost one costs a poll."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])


def carry_in(activities: list[Activity], contents: list[ActivityContent], batch: int = 1000) -> None:
    """Write down rows that were recorded in another installation, with the hashes that they have there.

    For a board that is not here yet, within the transaction that makes it; whoever calls this proves the
    chain before that ends (`fluxboard.verification`). A content that is here by another board stays.
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
