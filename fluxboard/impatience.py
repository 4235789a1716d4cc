"""How long a worker waits for a slow request: its head HEAD_SECONDS, its body while it keeps coming.

gunicorn's asgi worker waits for ever for a connection's first head, and thirty seconds anew for each byte of
a body; whoever opens connections and says nothing would hold them all. A web server in front does the same
work; this holds for whoever reaches the port.
"""

from __future__ import annotations

from asyncio import TimerHandle
from typing import Any

from gunicorn.asgi.protocol import ASGIProtocol
from gunicorn.workers import gasgi

HEAD_SECONDS = 10.0
BODY_SECONDS = 10.0
BODY_BYTES_A_SECOND = 2_000


def body_seconds(size: int) -> float:
    """How long after its head a body may be under way once `size` bytes of it are here."""
    return BODY_SECONDS + size / BODY_BYTES_A_SECOND


class Impatient(ASGIProtocol):
    """gunicorn's connection, closed without a word when its first head is not whole in time.

    For the heads after that gunicorn itself waits `keepalive` seconds.
    """

    _head_timer: TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        self._head_timer = self.worker.loop.call_later(HEAD_SECONDS, self._head_is_late)
        super().connection_made(transport)

    def _on_headers_complete(self) -> Any:
        self._forget_timer()
        return super()._on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_timer()
        super().connection_lost(exc)

    def _head_is_late(self) -> None:
        self._head_timer = None
        self._close_transport()

    def _forget_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def begin() -> None:
    """Have this worker's connections be `Impatient`; to be called before it opens its port."""
    gasgi.ASGIProtocol = Impatient
