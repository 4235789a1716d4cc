"""Frames as they go over the wire, and the ring that keeps a board's newest ones."""

from __future__ import annotations

import re

from activity.live.event_store import BoardEvent, Span, channel_of

RING = 512  # frames, at least MAX_REPLAY
RING_BYTES = 8 * 1024 * 1024
WARM = 100  # frames read when a board is first watched, enough for most who come back

LINES = re.compile(r"\r\n|\r|\n")


def encode(event: BoardEvent) -> bytes:
    """The event as an un-named SSE message with its id; every line of the fragment a line of data."""
    data = "".join(f"data: {line}\n" for line in LINES.split(event.data))
    return f"id: {event.channel}:{event.id}\n{data}\n".encode()


def id_only(board_id: int, seq: int) -> bytes:
    """The un-named message with the id of an activity that says no more than its seq."""
    return f"id: {channel_of(board_id)}:{seq}\ndata: {seq}\n\n".encode()


def named(name: str, data: str) -> bytes:
    """A named SSE event without an id (the client's position stays as it is); `data` is one line."""
    return f"event: {name}\ndata: {data}\n\n".encode()


class Ring:
    """A board's newest frames, encoded, without a gap: seq `first` to `last`."""

    __slots__ = ("first", "frames", "size")

    def __init__(self, span: Span) -> None:
        self.frames = [encode(event) for event in span.events]
        self.first = span.head - len(self.frames) + 1
        self.size = sum(map(len, self.frames))

    @property
    def last(self) -> int:
        return self.first + len(self.frames) - 1

    def covers(self, cursor: int) -> bool:
        """Whether everything after `cursor` is here."""
        return cursor >= self.first - 1

    def after(self, cursor: int, limit: int = 65_536) -> tuple[list[bytes], int]:
        """The frames after `cursor`, about `limit` bytes of them (at least one), and the new cursor."""
        here, size = [], 0
        for frame in self.frames[max(0, cursor - self.first + 1) :]:
            here.append(frame)
            size += len(frame)
            if size >= limit:
                break
        return here, cursor + len(here)

    def extend(self, span: Span) -> bool:
        """Take in what of `span` is missing here, at either end. False when a gap would be left."""
        if span.head < self.last or (span.head > self.last and not span.events):
            return False
        if span.events and span.events[0].id > self.last + 1:
            return False
        older = [encode(event) for event in span.events if event.id < self.first]
        newer = [encode(event) for event in span.events if event.id > self.last]
        if older:
            self.frames[:0] = older
            self.first -= len(older)
        self.frames += newer
        self.size += sum(map(len, older)) + sum(map(len, newer))
        return True

    def trim(self) -> None:
        dropped = 0
        while len(self.frames) - dropped > RING or (
            self.size > RING_BYTES and dropped < len(self.frames) - WARM
        ):
            self.size -= len(self.frames[dropped])
            dropped += 1
        if dropped:
            del self.frames[:dropped]
            self.first += dropped
