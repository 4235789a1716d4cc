"""The pen of the log: `Log.record` writes an activity, its frame and its request in one go."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from activity.log.erasure import ERASING, forget_texts
from activity.log.hashing import canonical, chained, content_digest
from activity.log.notify import notify
from activity.log.verbs import UNDONE, VERBS, Verb
from activity.models import Activity, ActivityContent, Frame, Request, Via
from fluxboard.core.postgres.statements import Row, Statement, changed_together

SCHEMA = 1
FRAMES_KEPT = 1000
REQUESTS_KEPT = dt.timedelta(days=7)
PRUNE_EVERY = 256
_BATCH = 1000
# All that a change leaves behind besides the things themselves, each list as long as it happens to be.
_WRITING = """
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


@dataclass(frozen=True)
class FrameNotes:
    """What the renderer of an activity's frame cannot tell from the activity.

    `left`: the card is no longer on the board. `is_erased`: nor may the frame name it. `as_it_is`: the card
    that was recorded is as the database has it, so the frame need not read it. `columns` are those whose
    count of cards changed; `counts` has, by column, what is known of these already.
    """

    columns: Sequence[Any] = ()
    counts: Mapping[int, int] = field(default_factory=dict)
    left: bool = False
    is_erased: bool = False
    as_it_is: bool = False


AS_USUAL = FrameNotes()


def _in_row(value: Any) -> str:
    """What JSON has no word for, as PostgreSQL reads it: times, ids, and bytes in hex."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)


_as_rows = json.JSONEncoder(ensure_ascii=False, default=_in_row).encode


class Log:
    """An open change on one locked board. Only its actions record, and only while it is open."""

    def __init__(self, board: Any, by: By, opening: Opening) -> None:
        self.board = board
        self.by = by
        self.opening = opening
        self.cards_read: dict[int, list[Row]] = {}  # by id, what was read on the way of the lock
        self.is_joined = False
        self._last: list[Statement] = []
        self.first_seq: int = board.seq
        self.activities: list[Activity] = []
        self.contents: dict[str, ActivityContent] = {}
        self.touched: dict[uuid.UUID, Any] = {}
        self.shown: dict[int, FrameNotes] = {}  # by seq
        self._cards: dict[int, Any] = {}
        self._card_keys: dict[int, str] = {}
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

    def card_key(self, activity: Activity) -> str:
        """The key that this card had when it was recorded; empty where the activity is about none."""
        return self._card_keys.get(activity.seq, "")

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
        shown: FrameNotes = AS_USUAL,
    ) -> Activity:
        """Write down that `verb` happened to `thing`; stamps its version and the changed fields' seqs.

        `before` and `after` hold JSON values, just the fields that changed; texts are replaced by their
        digests here. `shown` goes to the renderer of the frame, never into the log. The caller saves `thing`.
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
            self._cards[seq] = card
            self._card_keys[seq] = f"{self.board.key}-{card.number}"
            card.version = seq
            self.touched[card.uid] = card
        if hasattr(thing, "field_seqs"):
            thing.version = seq
            for name in after.keys() | before.keys():
                thing.field_seqs[name] = seq
        self.activities.append(activity)
        self.shown[seq] = shown
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
                words = f"UPDATE {table_of('boards.Board')} SET seq = %s WHERE id = %s"  # noqa: S608
                cursor.execute(words, [self.board.seq, self.board.pk])
        if not self.activities:
            return
        self._chain()
        contents, activities = list(self.contents.values()), self.activities
        while len(contents) > _BATCH or len(activities) > _BATCH:
            self._write(contents[:_BATCH], activities[:_BATCH])
            contents, activities = contents[_BATCH:], activities[_BATCH:]
        if any(activity.verb == ERASING for activity in self.activities):
            self._write(contents, activities)
            contents, activities = [], []
            for activity in self.activities:
                if activity.verb == ERASING:
                    forget_texts(activity)
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
        written = Statement(
            _WRITING, {k: _as_rows(v) if isinstance(v, list) else v for k, v in values.items()}
        )
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


def table_of(label: str) -> str:
    return connection.ops.quote_name(apps.get_model(label)._meta.db_table)


@dataclass(frozen=True)
class Opening:
    """What a change has to know of its locked board: the last activity's hash, the writer's membership."""

    hash: bytes
    role: str | None
