"""What the relay knows of every open stream of a board, whichever address it was asked at."""

from __future__ import annotations

import asyncio
import json
import random
import time
from typing import TYPE_CHECKING

from activity.live.admission import Admission
from activity.live.board_channel import BoardFeed
from activity.live.ring_buffer import named
from fluxboard.core.asgi_types import Send

if TYPE_CHECKING:
    from activity.live.relay import Relay

MAX_AGE = 15 * 60.0


class OpenStream:
    """One reader of one board: whose it is, when it must end, and how it is told so. Subclasses `run` it."""

    __slots__ = (
        "_blocked_since",
        "_news",
        "_task",
        "_waiter",
        "access_digest",
        "checked_at",
        "cursor",
        "ending",
        "ends_at",
        "epoch",
        "feed",
        "is_gone",
        "relay",
        "send",
        "session_key",
        "user_id",
    )

    is_page = True  # whether it is told to draw itself again
    is_presence = True  # whether its person counts as present on the board

    def __init__(self, relay: Relay, admission: Admission, cursor: int, send: Send) -> None:
        self.relay = relay
        self.feed: BoardFeed = relay.feed(admission.board_id)
        self.user_id = admission.user_id
        self.session_key = admission.session_key
        self.access_digest = admission.access_digest
        self.checked_at = admission.head
        self.cursor = cursor
        self.send = send
        self.epoch = self.feed.epoch
        self.ending: bytes | None = None
        self.is_gone = False
        self.ends_at = time.monotonic() + MAX_AGE * random.uniform(0.8, 1.2)  # noqa: S311
        self._news = False
        self._waiter: asyncio.Future[None] | None = None
        self._task = asyncio.current_task()
        self._blocked_since: float | None = None

    async def run(self) -> None:
        """Send until the reader goes or the stream must end. Closes the response. Raises database errors."""
        raise NotImplementedError

    # -- from the relay

    def wake(self) -> None:
        self._news = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def end(self, name: str, data: str) -> None:
        """Say this as the last word; nothing else goes out after it was asked for. The first call counts."""
        if self.ending is None:
            self.ending = named(name, data)
            self.wake()
            if self._blocked_since is not None:
                self.cut()

    def reset(self) -> None:
        self.end("stream-reset", json.dumps({"head": self.feed.head}))

    def cut(self) -> None:
        """End at once, in the middle of a word if need be: the reader does not take what we send."""
        if self._task is not None:
            self._task.cancel()

    def is_stuck(self, now: float, limit: float) -> bool:
        return self._blocked_since is not None and now - self._blocked_since > limit

    # -- for subclasses

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    async def _write(self, body: bytes, *, more: bool = True) -> None:
        self._blocked_since = time.monotonic()
        try:
            await self.send({"type": "http.response.body", "body": body, "more_body": more})
        finally:
            self._blocked_since = None
