"""A line in between that can be slow, dead or cut: what `tc` or a pulled cable would do, without root."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from pathlib import Path


class Proxy:
    """Carries bytes from a free port of this machine to `target`: a socket's path, or (host, port).

    `delay` is a number of seconds by which every piece is late, either way. A line that is `at_most` so many
    bytes long on the way back falls silent after them. While it `swallows`, nobody answers a new connection.
    `buffer` bounds what this machine itself keeps of what the proxy has not taken yet, in bytes.
    """

    def __init__(self, target: Path | tuple[str, int], buffer: int = 0) -> None:
        self.target = target
        self.buffer = buffer
        self.delay = 0.0
        self.at_most: int | None = None
        self.swallows = False
        self.carried_back = 0  # bytes, of all lines together
        self.port = 0
        self._open: set[_Line] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(5)

    async def _listen(self) -> asyncio.Server:
        listening = socket.socket()
        if self.buffer:  # the connections that it accepts have the same
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.buffer)
        listening.bind(("127.0.0.1", 0))
        limit = self.buffer or 65_536
        server = await asyncio.start_server(self._serve, sock=listening, limit=limit)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = _Line(self, writer)
        self._open.add(line)
        try:
            await line.carry(reader)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(line)
            line.cut()

    def freeze(self, *, there: bool = True, back: bool = True) -> int:
        """Connections that are open now stay so, and carry nothing any more, not even that one side has gone;
        how many. New ones work. Not `there`: the database still hears; not `back`: it is still heard."""

        async def freeze() -> int:
            for line in self._open:
                for event, is_frozen in ((line.there, there), (line.back, back)):
                    if is_frozen:
                        event.clear()
            return len(self._open)

        return asyncio.run_coroutine_threadsafe(freeze(), self._loop).result(5)

    def cut(self) -> None:
        """Reset every connection that is open now."""
        self._loop.call_soon_threadsafe(lambda: [line.cut() for line in list(self._open)])

    def bury(self) -> None:
        """Reset those that carry nothing any more."""
        self._loop.call_soon_threadsafe(
            lambda: [
                line.cut() for line in list(self._open) if not (line.there.is_set() and line.back.is_set())
            ]
        )

    def close(self) -> None:
        async def close() -> None:
            self._server.close()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(close(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)


class _Line:
    """One connection and its two directions."""

    def __init__(self, proxy: Proxy, near: asyncio.StreamWriter) -> None:
        self.proxy = proxy
        self.writers = [near]
        self.there = asyncio.Event()
        self.back = asyncio.Event()
        if not proxy.swallows:
            self.there.set()
            self.back.set()

    @property
    def is_frozen(self) -> bool:
        return not (self.there.is_set() and self.back.is_set())

    async def carry(self, near: asyncio.StreamReader) -> None:
        await self.there.wait()
        target = self.proxy.target
        if isinstance(target, Path):
            far, out = await asyncio.open_unix_connection(str(target))
        else:
            far, out = await asyncio.open_connection(*target)
        self.writers.append(out)
        ways = [
            asyncio.ensure_future(self._way(near, out, self.there, None)),
            asyncio.ensure_future(self._way(far, self.writers[0], self.back, self.proxy.at_most)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _way(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        moves: asyncio.Event,
        at_most: int | None,
    ) -> None:
        carried = 0
        while piece := await reader.read(self.proxy.buffer or 65_536):
            if self.proxy.delay:
                await asyncio.sleep(self.proxy.delay)
            carried += len(piece)
            self.proxy.carried_back += len(piece) if moves is self.back else 0
            if at_most is not None and carried > at_most:
                moves.clear()
            await moves.wait()
            writer.write(piece)
            await writer.drain()
        await moves.wait()

    def cut(self) -> None:
        self.there.set()
        self.back.set()
        for writer in self.writers:
            writer.transport.abort()
