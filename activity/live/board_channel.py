"""One board in one server process: its ring of frames, and the streams that read it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from activity.live.channels import wake_listeners
from activity.live.event_store import MAX_REPLAY, Span, channel_of
from activity.live.ring_buffer import WARM, Ring, named
from activity.log.erasure import ERASING

if TYPE_CHECKING:
    from activity.live.open_stream import OpenStream
    from activity.live.relay import Relay

log = logging.getLogger("fluxboard.relay")

# After one of these the right to read a board may be gone; it is checked again before the frame goes out.
REVOKING = frozenset(
    {"member.removed", "member.role_changed", "board.opened", "board.closed", "board.archived"}
)


class BoardFeed:
    """One board in this process: its ring, and the streams that read it."""

    def __init__(self, relay: Relay, board_id: int) -> None:
        self.relay = relay
        self.board_id = board_id
        self.ring: Ring | None = None
        self.epoch = 0  # rises when the database went back behind the ring (a restored backup)
        self.revoking_seq = 0  # seq of the last activity after which rights may have changed
        self.erasing_seq = 0  # seq of the newest erasure; no frame in the ring was read before it
        self.streams: set[OpenStream] = set()
        self.is_followed = False  # whether no news was missed since the ring was read
        self.cold_since = time.monotonic()
        self.beat = 0
        self.presence = b""
        self._wanted = 0
        self._lock = asyncio.Lock()
        self._catching_up: asyncio.Task[None] | None = None

    @property
    def head(self) -> int:
        return self.ring.last if self.ring else 0

    def enter(self, stream: OpenStream) -> None:
        self.streams.add(stream)

    def leave(self, stream: OpenStream) -> None:
        self.streams.discard(stream)
        if not self.streams:
            self.is_followed = False
            self.cold_since = time.monotonic()

    async def ready(self, head: int, cursor: int) -> None:
        """Await after `enter`: the ring then gets each commit, and holds all that came after `cursor`.

        Raises database errors. Many who come at once share one reading.
        """
        if not self.is_followed:
            await self._load(lambda: None if self.is_followed else cursor)
        self.want(head)

    async def reach_back(self, cursor: int) -> bool:
        """Make the ring begin right after `cursor`. False when that is too far back, or pruned."""
        ring = self.ring
        if ring is None or ring.last - cursor > MAX_REPLAY:
            return False
        await self._load(lambda: None if self.ring and self.ring.covers(cursor) else cursor)
        return self.ring is not None and self.ring.covers(cursor)

    def want(self, head: int) -> None:
        """The board stands at `head`, they say; see to it that the ring does too."""
        self._wanted = max(self._wanted, head)
        if self._wanted > self.head and (self._catching_up is None or self._catching_up.done()):
            self._catching_up = self.relay.keep(self._catch_up())

    def forget(self) -> None:
        """What is known of the board comes from a database that is gone: its streams tell their pages so."""
        self.epoch += 1
        self.revoking_seq = 0
        self.ring = None
        self.is_followed = False
        self._wanted = 0
        self.wake()

    def went_back(self) -> None:
        """The board seems to stand behind the ring; look again, in turn with the other readings."""
        self.relay.keep(self._load(lambda: self.head))

    async def _catch_up(self) -> None:
        try:
            while self._wanted > self.head:
                before = self.head
                await self._load(lambda: self.head)
                if self.head <= before:
                    break
        finally:
            self._wanted = 0  # what is still missing after a failure is asked for by the next poll

    async def _load(self, choose: Callable[[], int | None]) -> None:
        """Read what follows the seq that `choose` names when it is our turn (None: no need any more)."""
        async with self._lock:
            after = choose()
            if after is None:
                return
            warm = 0 if self.is_followed else WARM
            span = await self.relay.frames(self.board_id, after, warm)
            if span is None:
                raise LookupError(f"board {self.board_id} is not there")
            await self._look_at_rights(span)
            self._take(span)
            self.is_followed = bool(self.streams)
        self.wake()
        wake_listeners(channel_of(self.board_id))

    async def _look_at_rights(self, span: Span) -> None:
        revoking = max((event.id for event in span.events if event.verb in REVOKING), default=0)
        if revoking > self.revoking_seq:
            await self.relay.recheck([stream for stream in self.streams if stream.checked_at < revoking])
            self.revoking_seq = revoking

    def _take(self, span: Span) -> None:
        if self.ring is not None and span.head < self.ring.last:
            log.warning("board %s went back from %s to %s", self.board_id, self.ring.last, span.head)
            self.epoch += 1
            self.revoking_seq = self.erasing_seq = 0
            self.ring = None
        erasing = max((event.id for event in span.events if event.verb == ERASING), default=0)
        if erasing > self.erasing_seq:  # what was read before it may hold what it took away
            self.erasing_seq = erasing
            self.ring = None
        if self.ring is None or not self.ring.extend(span):
            self.ring = Ring(span)
        self.ring.trim()

    def wake(self) -> None:
        for stream in self.streams:
            stream.wake()

    def show_presence(self, data: str) -> None:
        event = named("presence", data)
        if event != self.presence:
            self.presence = event
            self.wake()
