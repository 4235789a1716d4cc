"""A line in between that can be slow, dead or cut: what `tc` or a pulled cable would do, without root."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from pathlib import Path


class Proxy:
    """Carries bytes from a free port of this machine to `target`: a socket's path, or (host, port).

    `delay` is a number of seconds by which every piece is late, either way.
    """

    def __init__(self, target: Path | tuple[str, int]) -> None:
        self.target = target
        self.delay = 0.0
        self.port = 0
        self._open: set[_Line] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(5)

    async def _listen(self) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
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

    def freeze(self) -> int:
        """Connections that are open now stay so, and carry nothing any more, not even that one side has gone;
        how many. New ones work."""

        async def freeze() -> int:
            for line in self._open:
                line.moves.clear()
            return len(self._open)

        return asyncio.run_coroutine_threadsafe(freeze(), self._loop).result(5)

    def cut(self) -> None:
        """Reset every connection that is open now."""
        self._loop.call_soon_threadsafe(lambda: [line.cut() for line in list(self._open)])

    def bury(self) -> None:
        """Reset those that carry nothing any more."""
        self._loop.call_soon_threadsafe(
            lambda: [line.cut() for line in list(self._open) if not line.moves.is_set()]
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
        self.moves = asyncio.Event()
        self.moves.set()

    async def carry(self, near: asyncio.StreamReader) -> None:
        target = self.proxy.target
        if isinstance(target, Path):
            far, out = await asyncio.open_unix_connection(str(target))
        else:
            far, out = await asyncio.open_connection(*target)
        self.writers.append(out)
        ways = [
            asyncio.ensure_future(self._way(near, out)),
            asyncio.ensure_future(self._way(far, self.writers[0])),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _way(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65_536):
            if self.proxy.delay:
                await asyncio.sleep(self.proxy.delay)
            await self.moves.wait()
            writer.write(piece)
            await writer.drain()
        await self.moves.wait()

    def cut(self) -> None:
        self.moves.set()
        for writer in self.writers:
            writer.transport.abort()
