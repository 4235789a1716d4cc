"""A board's live stream: `GET /b/KEY/live/` as `text/event-stream`, served outside the page handler.

What comes, in this order:

* `hello` {"head": N, "build": "…", "database": "…"}
* un-named messages with the id `board-<id>:<seq>`: every activity after the id that the request names (in
  `Last-Event-ID`, else `?lastEventId=`; without either, after `head`), in order, each once, then what happens
* `presence` {"people": […], "more": N} when it changes, `keep-alive` {"head": N} every 15 s
* `stream-reset` {"head": N} where the rest cannot be told (too far behind; a person on the board has another
  name or colour): load the page again; the stream ends
* `revoked` {} when the reader may not read the board any more, `bye` {"reason": …} for every other end

A page to which another `database` is named than before stands on a backup's future: it must load again.

With `?ids=1` the data of a message is its seq instead of the fragment, `presence` does not come, and the
reader does not count as present: for a page that asks elsewhere what has become of the board.

`?poll=1` answers at once with the same text up to now, a `keep-alive` included, and ends: for a page that
gets none of the six connections that a browser opens to one HTTP/1.1 host.

200 is the only answer of a stream; 307 leads from a board's former key to the present one; 400 is an id that
is not one, 404 a board that is not there or not the reader's (nobody signed in included), 405 another method,
429 too many streams of one person, 503 (with Retry-After) a database that is away or a server that stops.
"""

from __future__ import annotations

import json
import logging

from activity.live.admission import Admission
from activity.live.open_stream import OpenStream
from activity.live.protocol import keep_alive
from activity.live.relay import Relay
from activity.live.ring_buffer import Ring, id_only, named
from fluxboard.core.asgi_types import Send
from fluxboard.core.build import build_id

log = logging.getLogger("fluxboard.stream")
requests = logging.getLogger("fluxboard.requests")

RETRY = 1000  # milliseconds
_CHUNK = 65_536


class Stream(OpenStream):
    """A cursor over its board's ring: strictly rising, without a gap, each seq once."""

    __slots__ = ("beat", "presence")

    def __init__(self, relay: Relay, admission: Admission, cursor: int, send: Send) -> None:
        super().__init__(relay, admission, cursor, send)
        self.beat = self.feed.beat
        self.presence = b""
        if cursor > admission.head:  # a restored backup, or another board had this key: nothing can be told
            self.end("stream-reset", json.dumps({"head": admission.head}))

    async def run(self) -> None:
        hello = json.dumps({"head": self.feed.head, "build": build_id(), "database": self.relay.database})
        await self._write(f"retry: {RETRY}\n".encode() + named("hello", hello))
        while self.ending is None and not self.is_gone:
            self._news = False
            parts = await self._next()
            if self.ending is None and parts:
                await self._write(b"".join(parts))
            elif not self._news:
                await self._wait()
        await self._write(self.ending or b"", more=False)

    async def _next(self) -> list[bytes]:
        """What is to be sent now; empty when there is nothing. May set `ending`."""
        feed = self.feed
        if feed.epoch != self.epoch:
            self.reset()
        elif feed.revoking_seq > self.checked_at:
            await self.relay.recheck([self])
        elif feed.ring is not None and self.cursor < feed.ring.last:
            if not feed.ring.covers(self.cursor) and not await feed.reach_back(self.cursor):
                self.reset()
            elif feed.revoking_seq <= self.checked_at and feed.epoch == self.epoch:
                return self._take(feed.ring)
        else:
            return self._asides()
        self._news = True
        return []

    def _take(self, ring: Ring) -> list[bytes]:
        """What `ring` has after the cursor, which goes on to the end of it."""
        frames, self.cursor = ring.after(self.cursor, _CHUNK)
        return frames

    def _asides(self) -> list[bytes]:
        """Events without an id: presence when it changed, keep-alive when it is time."""
        parts = []
        if self.is_presence and self.presence != self.feed.presence:
            self.presence = self.feed.presence
            parts.append(self.presence)
        if self.beat != self.feed.beat:
            self.beat = self.feed.beat
            parts.append(keep_alive(self.feed.head, self.relay.database))
        return parts


class IdStream(Stream):
    """The same for whoever wants to know only that something has happened, and is not on the board."""

    __slots__ = ()

    is_presence = False

    def _take(self, ring: Ring) -> list[bytes]:
        before = self.cursor
        super()._take(ring)
        return [id_only(self.feed.board_id, seq) for seq in range(before + 1, self.cursor + 1)]
