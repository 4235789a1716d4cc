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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import psycopg.errors
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from activity.errors import Busy, Refused, Repeated, RequestReused
from activity.log.erasure import ERASING, forget
from activity.log.lock_queue import lines
from activity.log.verbs import UNDONE, VERBS, Verb
from activity.models import Activity, ActivityContent, Frame, Request, Via
from fluxboard.core.postgres.statements import Asking, changed_together, made_of, one_row, rows_together

SCHEMA = 1
GENESIS = bytes(32)
CHANNEL = "fluxboard"
ATTEMPTS = 4
FRAMES_KEPT = 1000
REQUESTS_KEPT = dt.timedelta(days=7)
PRUNE_EVERY = 256
BATCH = 1000
NOTHING: Mapping[str, Asking] = MappingProxyType({})

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

# All that a change leaves behind besides the things themselves, each list as long as it happens to be.
WRITING = """
    WITH texts AS (
        INSERT INTO activity_activitycontent (digest, salt, text, board_id, card_id)
        SELECT digest, decode(salt, 'hex'), text, %(board)s, card
        FROM json_to_recordset(%(texts)s::json) AS told(digest text, salt text, text text, card bigint)
        ON CONFLICT DO NOTHING
    ), shown AS (
        INSERT INTO activity_frame (board_id, seq, html, at)
        SELECT %(board)s, seq, html, %(written)s
        FROM json_to_recordset(%(frames)s::json) AS told(seq bigint, html text)
    ), known AS (
        INSERT INTO activity_request
            (actor_id, request_id, fingerprint, board_id, first_seq, last_seq, outcome, at)
        SELECT actor, id, decode(fingerprint, 'hex'), %(board)s, first, last, '{}', %(written)s
        FROM json_to_recordset(%(requests)s::json)
            AS told(actor bigint, id uuid, fingerprint text, first bigint, last bigint)
    )
    INSERT INTO activity_activity
        (board_id, seq, at, source_at, actor_id, verb, subject, card_id, before, after, via, request_id,
         schema, digest, previous_hash, hash)
    SELECT %(board)s, seq, at, source_at, actor, verb, subject, card, before, after, via, request,
        schema, decode(digest, 'hex'), decode(previous, 'hex'), decode(hash, 'hex')
    FROM json_to_recordset(%(activities)s::json) AS told(
        seq bigint, at timestamptz, source_at timestamptz, actor bigint, verb text, subject uuid, card bigint,
        before jsonb, after jsonb, via text, request uuid, schema smallint,
        digest text, previous text, hash text)
    ORDER BY seq
"""

Render = Callable[["Log"], list[str]]


@dataclass
class Done:
    """What came of a request that changed something: the seq it ended at and its frames' HTML.

    Nothing where it changed nothing, and where it had been done before.
    """

    last_seq: int = 0
    frames: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class By:
    """Who does something, through which door, and when.

    `request_id` and `fingerprint` (32 bytes over the request's body) make a repeated request harmless.
    `done` is told what came of it.
    """

    user: Any
    via: str = Via.WEB
    now: dt.datetime = field(default_factory=timezone.now)
    request_id: uuid.UUID | None = None
    fingerprint: bytes = bytes(32)
    done: Done = field(default_factory=Done, compare=False, repr=False)

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


def _in_row(value: Any) -> str:
    """What JSON has no word for, as PostgreSQL reads it: times, ids, and bytes in hex."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)


_as_rows = json.JSONEncoder(ensure_ascii=False, default=_in_row).encode


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

    def __init__(self, board: Any, by: By, opening: Opening) -> None:
        self.board = board
        self.by = by
        self.opening = opening
        self.ahead: dict[str, list[Any]] = {}
        self.is_joined = False
        self._last: list[Asking] = []
        self.first_seq: int = board.seq
        self.activities: list[Activity] = []
        self.contents: dict[str, ActivityContent] = {}
        self.touched: dict[uuid.UUID, Any] = {}
        self.notes: dict[int, dict[str, Any]] = {}
        self._cards: dict[int, Any] = {}
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

    def keep_last(self, thing: Any, *fields: str) -> None:
        """Save `fields` of `thing` with its version, on the way of what is recorded.

        For the last thing that an action does: until the log is closed the database does not know of it. As a
        part of another change it is saved at once.
        """
        if self.is_joined:
            thing.keep(*fields)
        else:
            self._last.append(thing.keeping(*fields))

    def _undoes(self, thing: Any) -> Activity | None:
        of_thing = [activity for activity in self._undone if activity.subject == thing.uid]
        choice = of_thing or self._undone
        return choice[-1] if choice else None

    def card_of(self, activity: Activity) -> Any:
        """The card that an activity of this log is about, as it was given to `record`."""
        return self._cards.get(activity.seq)

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
            self._cards[seq] = card
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

    def close(self, render: Render, *, answers: bool) -> None:
        """Chain, insert and announce what was recorded; with nothing recorded no seq is used.

        `answers`: it is what the request is remembered by, so that the same one again is answered alike.
        """
        if len(self.activities) != 1:
            self.board.seq = self.first_seq - 1 + len(self.activities)
            with connection.cursor() as cursor:
                words = f"UPDATE {_table('boards.Board')} SET seq = %s WHERE id = %s"  # noqa: S608
                cursor.execute(words, [self.board.seq, self.board.pk])
        if not self.activities:
            return
        self._chain()
        contents, activities = list(self.contents.values()), self.activities
        while len(contents) > BATCH or len(activities) > BATCH:
            self._write(contents[:BATCH], activities[:BATCH])
            contents, activities = contents[BATCH:], activities[BATCH:]
        if any(activity.verb == ERASING for activity in self.activities):
            self._write(contents, activities)
            contents, activities = [], []
            for activity in self.activities:
                if activity.verb == ERASING:
                    forget(activity)
        frames = render(self)
        self._write(contents, activities, frames[-FRAMES_KEPT:], answers=answers)
        last = self.activities[-1].seq
        if answers and self.by.request_id:
            self.by.done.last_seq, self.by.done.frames = last, frames[-FRAMES_KEPT:]
        if last // PRUNE_EVERY > (self.first_seq - 1) // PRUNE_EVERY:
            Frame.objects.filter(board_id=self.board.pk, seq__lte=last - FRAMES_KEPT).delete()
            Request.objects.filter(board_id=self.board.pk, at__lt=timezone.now() - REQUESTS_KEPT).delete()
        transaction.on_commit(functools.partial(notify, f"{self.board.pk}:{last}"), robust=True)

    def _write(
        self,
        contents: list[ActivityContent],
        activities: list[Activity],
        frames: Sequence[str] = (),
        *,
        answers: bool = False,
    ) -> None:
        """Insert these, the frames of the last activities, and with `answers` the request. One statement."""
        last = self.activities[-1].seq
        request = {
            "actor": getattr(self.by.user, "pk", None),
            "id": self.by.request_id,
            "fingerprint": self.by.fingerprint,
            "first": self.first_seq,
            "last": last,
        }
        values = {
            "board": self.board.pk,
            "written": timezone.now(),
            "texts": [
                {
                    "digest": content.digest,
                    "salt": bytes(content.salt),
                    "text": content.text,
                    "card": content.card.pk if content.card else None,
                }
                for content in contents
            ],
            "frames": [{"seq": seq, "html": html} for seq, html in enumerate(frames, last - len(frames) + 1)],
            "requests": [request] if answers and self.by.request_id else [],
            "activities": [
                {
                    "seq": activity.seq,
                    "at": activity.at,
                    "source_at": activity.source_at,
                    "actor": activity.actor_id,
                    "verb": activity.verb,
                    "subject": activity.subject,
                    "card": activity.card_id,
                    "before": activity.before,
                    "after": activity.after,
                    "via": str(activity.via),
                    "request": activity.request_id,
                    "schema": activity.schema,
                    "digest": activity.digest,
                    "previous": activity.previous_hash,
                    "hash": activity.hash,
                }
                for activity in activities
            ],
        }
        written = Asking(WRITING, {k: _as_rows(v) if isinstance(v, list) else v for k, v in values.items()})
        kept, self._last = self._last, []
        if not all(changed_together([*kept, written])[: len(kept)]):
            raise DatabaseError("A row that was to be kept is gone.")

    def _chain(self) -> None:
        previous = self.opening.hash
        for activity in self.activities:
            actor, card = activity.actor, self._cards.get(activity.seq)
            activity.card_id = card.pk if card is not None else None  # a new card has been saved since
            activity.digest = hashlib.sha256(
                canonical(
                    activity,
                    self.board.uid,
                    actor.uid if actor is not None else None,
                    card.uid if card is not None else None,
                )
            ).digest()
            activity.previous_hash = previous
            activity.hash = previous = chained(previous, activity.digest)


def _table(label: str) -> str:
    return connection.ops.quote_name(apps.get_model(label)._meta.db_table)


@functools.cache
def _locking(*, limited: bool) -> str:
    fields = apps.get_model("boards.Board")._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    # First off: PostgreSQL does not change a clock that runs.
    off, on = (f", set_config('transaction_timeout', {value}, true)" for value in ("'0'", "%(limit)s"))
    limit = off + on if limited else ""
    table = _table("boards.Board")
    return f"UPDATE {table} SET seq = seq + 1 WHERE id = %(board)s RETURNING {columns}{limit}"  # noqa: S608


@dataclass(frozen=True)
class Opening:
    """What a change has to know of its locked board: the last activity's hash, the writer's membership."""

    hash: bytes
    role: str | None


def _opened(
    by: By, board_id: int, limit: float, ahead: Mapping[str, Asking] = NOTHING
) -> tuple[Log, dict[str, Any]]:
    """A log of a board that is locked until the transaction ends, and what `ahead` then asks.

    The board's `seq` is one higher than the last activity's. `limit` seconds after it was locked (0: whenever
    the outer transaction ends) the database gives the transaction up, whatever its process does: it may have
    gone without a word, or hang. Raises `Busy` where the lock was waited for in vain before, `Repeated` and
    `RequestReused` when this request was done before.
    """
    values = {"board": board_id, "user": getattr(by.user, "pk", None), "request": by.request_id}
    locking = Asking(_locking(limited=limit > 0), {"board": board_id, "limit": f"{limit * 1000:.0f}"})
    with lines.waiting(board_id):
        locked, (looked,), *more = rows_together([locking, Asking(OPENING, values), *ahead.values()])
    if not locked:
        raise Refused("This board is no longer there.")
    last, role, *known = looked
    _refuse_repeat(by, *known)
    board, _ = made_of(apps.get_model("boards.Board"), locked[0])
    opening = Opening(bytes(last) if last is not None else GENESIS, role)
    return Log(board, by, opening), dict(zip(ahead, more, strict=True))


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
    by: By, *board_ids: int, render: Render, ahead: Mapping[str, Asking] = NOTHING
) -> Iterator[list[Log]]:
    """One transaction's change of one or more boards: a log for each, in the order given.

    Locks in id order. Raises `Repeated`, `RequestReused`, and whatever the body raises; then nothing is left.
    Within an open change of the same boards it is a part of that one: an undo is made of whole actions.
    What `ahead` asks is asked right behind the lock, on the same way; its rows are the first log's `ahead`.
    """
    joined = _open.get(None)
    if joined and joined.keys() >= set(board_ids):
        asked = rows_together(list(ahead.values())) if ahead else []
        joined[board_ids[0]].ahead = dict(zip(ahead, asked, strict=True))
        with _joining(joined.values()):
            yield [joined[board_id] for board_id in board_ids]
        return
    limit = 0 if connection.in_atomic_block else settings.PAGE_SECONDS
    by.done.last_seq, by.done.frames = 0, []
    with transaction.atomic():
        *earlier, final = sorted(set(board_ids))
        opened = [_opened(by, board_id, limit)[0] for board_id in earlier]
        log, rows = _opened(by, final, limit, ahead)
        opened.append(log)
        of_board = {log.board.pk: log for log in opened}
        logs = [of_board[board_id] for board_id in board_ids]
        logs[0].ahead = rows
        token = _open.set(of_board)
        try:
            yield logs
        finally:
            _open.reset(token)
        written = next((log for log in logs if log.activities), None)
        for log in opened:
            log.close(render, answers=log is written)


def notify(payload: str) -> None:
    """A hint to every relay that a board has news; the table is the truth, so a lost one costs a poll."""
    one_row("SELECT pg_notify(%(channel)s, %(payload)s)", {"channel": CHANNEL, "payload": payload})


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
