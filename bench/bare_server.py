"""The floor of the fan-out: an asyncio server that writes the bytes which it is given to every socket it has.

    python -m bench.bare_server   ->  prints its port; four bytes of length and so many bytes on stdin go out

Nothing else: no HTTP, no database, no look at who it is. On the same event loop as the real workers.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import uvloop

HELLO = b"HTTP/1.1 200 OK\r\n\r\nevent: hello\n\n"


class Socket(asyncio.Protocol):
    """One of those who wait."""

    everyone: set[Any] = set()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.everyone.add(transport)

    def data_received(self, data: bytes) -> None:
        self.transport.write(HELLO)

    def connection_lost(self, problem: Exception | None) -> None:
        self.everyone.discard(self.transport)


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Socket, "127.0.0.1", 0, backlog=2048)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    try:
        while True:
            words = await orders.readexactly(int.from_bytes(await orders.readexactly(4)))
            for transport in Socket.everyone:
                transport.write(words)
    except asyncio.IncompleteReadError:
        return


if __name__ == "__main__":
    uvloop.run(main())
