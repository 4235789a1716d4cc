"""The log as django-eventstream's store of events: one event an activity, its payload the stored fragment.

The table is the truth; whoever listens to notifications only learns when to read here.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.apps import apps
from django_eventstream.event import Event
from django_eventstream.storage import EventDoesNotExist, StorageBase

from activity.models import Activity, Frame
from fluxboard.core.postgres.statements import Statement, rows_of

MAX_REPLAY = 500
CHANNEL_NAME = re.compile(r"board-([0-9]{1,18})")


@dataclass
class BoardEvent(Event):
    """django-eventstream's event, and the verb of what was done (an undo's: of the change back)."""

    verb: str = ""


class Span(NamedTuple):
    """A board's newest seq, and its last events without a gap up to there (none when nothing was asked)."""

    head: int
    events: list[BoardEvent]


def board_id_of(channel: str) -> int:
    """The board behind a channel's name, `board-12`. Raises ValueError for any other name."""
    named = CHANNEL_NAME.fullmatch(channel)
    if named is None:
        raise ValueError(f"not a board's channel: {channel!r}")
    return int(named[1])


def channel_of(board_id: int) -> str:
    return f"board-{board_id}"


def asking_for_span(board_id: int, after: int, warm: int = 0) -> Statement:
    """What `span_of` needs; see `read_span`."""
    return Statement(_statement(), {"board": board_id, "after": after, "warm": warm, "most": MAX_REPLAY})


@functools.cache
def _statement() -> str:
    board, activity, frame = (
        model._meta.db_table for model in (apps.get_model("boards.Board"), Activity, Frame)
    )
    return f"""
        SELECT b.seq, f.seq,
          CASE a.verb WHEN 'change.undone' THEN a.after->>'effect' ELSE a.verb END, f.html
        FROM {board} b
        LEFT JOIN ({frame} f JOIN {activity} a ON a.board_id = f.board_id AND a.seq = f.seq)
          ON f.board_id = b.id AND f.seq <= b.seq AND f.seq > b.seq - %(most)s
         AND f.seq > LEAST(%(after)s, b.seq - %(warm)s)
        WHERE b.id = %(board)s
        ORDER BY f.seq DESC
        """  # noqa: S608  (names of our own tables)


def span_of(board_id: int, rows: list[tuple[Any, ...]]) -> Span | None:
    """What the answer to `asking_for_span` says; None: no such board."""
    if not rows:
        return None
    head: int = rows[0][0]
    events: list[BoardEvent] = []
    for _, seq, verb, html in rows:
        if seq is None or seq != head - len(events):
            break
        events.append(BoardEvent(channel_of(board_id), "", html, id=seq, verb=verb))
    return Span(head, events[::-1])


def read_span(board_id: int, after: int, warm: int = 0) -> Span | None:
    """What happened on a board after `after`, and at least its last `warm` activities; None: no such board.

    One statement, so that head and events belong together. At most MAX_REPLAY events; where frames have been
    pruned, the events begin behind the gap. Raises Django's database errors.
    """
    return span_of(board_id, rows_of(*asking_for_span(board_id, after, warm)))


class BoardStorage(StorageBase):
    """What django-eventstream reads. An event is an activity: only `activity.log.record` adds one."""

    def get_current_id(self, channel: str) -> int:
        """The seq of the board's last activity; 0 for a board that is not there."""
        boards = apps.get_model("boards.Board").objects
        return boards.filter(pk=board_id_of(channel)).values_list("seq", flat=True).first() or 0

    def get_events(self, channel: str, last_id: int, limit: int = 100) -> list[BoardEvent]:
        """The first `limit` events after `last_id`, in order, without a gap.

        Raises EventDoesNotExist (with the current id) when that cannot be had: the id is ahead of the board
        (a restored backup), more than MAX_REPLAY behind, or its successors have been pruned.
        """
        span = read_span(board_id_of(channel), last_id) or Span(0, [])
        missed = span.head - last_id
        if missed < 0 or missed > MAX_REPLAY or missed > len(span.events):
            raise EventDoesNotExist(f"{channel} cannot be told from {last_id} on", span.head)
        return span.events[len(span.events) - missed :][:limit]
