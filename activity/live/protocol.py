"""The stream's positions and the events that answer them."""

from __future__ import annotations

import json
import re
from typing import NamedTuple
from urllib.parse import unquote

from django_eventstream.storage import EventDoesNotExist

from activity.live import presence
from activity.live.admission import Admission, StreamRefused
from activity.live.database import database_identity
from activity.live.event_store import CHANNEL_NAME, MAX_REPLAY, BoardStorage, channel_of
from activity.live.ring_buffer import encode, id_only, named


class Position(NamedTuple):
    """What an event id says: a board and a seq."""

    board_id: int
    seq: int


def parse_position(text: str) -> Position | None:
    """The first of the ids in django-eventstream's form `board-12:345`; None for an empty text.

    Raises `StreamRefused` (400) for anything else.
    """
    if not text:
        return None
    channel, _, seq = unquote(text.split(",")[0].strip()).rpartition(":")
    named_board = CHANNEL_NAME.fullmatch(channel)
    if named_board is None or not re.fullmatch(r"[0-9]{1,18}", seq):
        raise StreamRefused(400, "Last-Event-ID must look like board-12:345.")
    return Position(int(named_board[1]), int(seq))


def events_until_now(admission: Admission, after: int, *, ids_only: bool = False) -> bytes:
    """The answer to a poll: what happened after `after`, who is there, and where the board stands.

    With `ids_only` that it happened, and not who is there.
    """
    frames: list[bytes] = []
    try:
        while after < admission.head:  # not beyond: the right to read was checked at that seq
            events = BoardStorage().get_events(channel_of(admission.board_id), after, MAX_REPLAY)
            told = [event for event in events if (event.id or 0) <= admission.head]
            frames += [id_only(admission.board_id, one.id or 0) if ids_only else encode(one) for one in told]
            after = events[-1].id or admission.head
        if after > admission.head:
            raise EventDoesNotExist("ahead of the board", admission.head)
    except EventDoesNotExist:
        frames = [named("stream-reset", json.dumps({"head": admission.head}))]
    here = [] if ids_only else [named("presence", presence.people_on(admission.board_id)[0])]
    return b"".join([*frames, *here, keep_alive(admission.head, database_identity())])


def keep_alive(head: int, database: str) -> bytes:
    return named("keep-alive", json.dumps({"head": head, "database": database}))
