"""Readers of event streams for tests: real sockets, many at once, that come back as a browser does."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.live import PATIENCE


class Message(NamedTuple):
    """One message of a stream: its name (empty for a frame), id and data, and when it came."""

    name: str
    id: str
    data: str
    at: float

    @property
    def seq(self) -> int:
        return int(self.id.rpartition(":")[2])

    @property
    def json(self) -> Any:
        return json.loads(self.data)


def parse(text: str) -> Message:
    """One event block, by the rules of the HTML standard as far as we use them."""
    fields: dict[str, list[str]] = {}
    for line in text.split("\n"):
        name, _, value = line.partition(":")
        fields.setdefault(name, []).append(value.removeprefix(" "))
    name, event_id = fields.get("event", [""])[-1], fields.get("id", [""])[-1]
    return Message(name, event_id, "\n".join(fields.get("data", [])), time.monotonic())


class Response:
    """An HTTP/1.1 response whose body may go on for ever."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.status = 0
        self.headers: dict[str, str] = {}

    @classmethod
    async def get(
        cls, url: str, headers: dict[str, str], method: str = "GET", buffer: int | None = None
    ) -> Response:
        """Ask, and read the answer's head. `buffer` makes the connection's own read buffer that small."""
        parts = urlsplit(url)
        options: dict[str, Any] = {"limit": buffer} if buffer else {}
        if parts.scheme == "https":
            options["ssl"] = ssl._create_unverified_context()
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, **options)
        response = cls(reader, writer)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n".encode())
        try:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except BaseException:
            writer.close()
            raise
        response.status = int(lines[0].split()[1])
        for line in filter(None, lines[1:]):
            name, _, value = line.partition(": ")
            response.headers[name.lower()] = value
        return response

    async def chunks(self) -> AsyncIterator[bytes]:
        if "content-length" in self.headers:
            yield await self.reader.readexactly(int(self.headers["content-length"]))
            return
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            yield await self.reader.readexactly(size)
            await self.reader.readexactly(2)

    async def text(self) -> str:
        return b"".join([chunk async for chunk in self.chunks()]).decode()

    async def messages(self) -> AsyncIterator[Message]:
        rest = b""
        async for chunk in self.chunks():
            *blocks, rest = (rest + chunk).split(b"\n\n")
            for block in blocks:
                if block.startswith(b":"):  # a comment: django-eventstream begins with two kilobytes of it
                    continue
                yield parse(block.decode())

    def close(self) -> None:
        self.writer.close()


class Reader:
    """One page's stream: comes back after every end, from the last id it saw, and keeps what it got."""

    def __init__(self, urls: list[str], cookie: str, board_id: int, seq: int) -> None:
        self.urls = urls
        self.cookie = cookie
        self.board_id = board_id
        self.first = self.last = seq
        self.frames: list[Message] = []
        self.others: list[Message] = []
        self.statuses: list[int] = []
        self.connections = 0
        self.is_open = False

    def names(self) -> list[str]:
        return [message.name for message in self.others]

    @property
    def seqs(self) -> list[int]:
        return [message.seq for message in self.frames]

    @property
    def is_gapless(self) -> bool:
        """Whether every seq after the first came once and in order."""
        return self.seqs == list(range(self.first + 1, self.last + 1))

    async def run(self) -> None:
        """Read until cancelled, refused for good (404), or told to reload or that the right is gone."""
        while True:
            try:
                if await self._once():
                    return
            except (OSError, EOFError, ValueError):
                pass
            self.is_open = False
            await asyncio.sleep(0.1 + 0.2 * (self.connections % 3))

    async def _once(self) -> bool:
        url = self.urls[self.connections % len(self.urls)]
        self.connections += 1
        headers = {"Cookie": self.cookie, "Last-Event-ID": f"board-{self.board_id}:{self.last}"}
        response = await Response.get(url, headers)
        self.statuses.append(response.status)
        try:
            if response.status != 200:
                return response.status == 404
            async for message in response.messages():
                self.is_open = True
                if message.name:
                    self.others.append(message)
                    if message.name in ("revoked", "stream-reset"):
                        return True
                else:
                    self.frames.append(message)
                    self.last = message.seq
            return False
        finally:
            self.is_open = False
            response.close()


class Audience:
    """Readers in an event loop of their own thread, so that a test can write and break things meanwhile."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._reading: list[Any] = []  # a loop holds its tasks weakly: whoever reads is named here

    def __enter__(self) -> Audience:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Every reader has closed its connection before the loop ends: a later test meets nothing of it."""
        asyncio.run_coroutine_threadsafe(self._empty(), self.loop).result(PATIENCE)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(PATIENCE)
        self.loop.close()

    async def _empty(self) -> None:
        """Cancel and await all that runs here, whoever began it, then let closed connections be gone."""
        while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await self.loop.shutdown_asyncgens()
        await asyncio.sleep(0)

    def do[R](self, coroutine: Coroutine[Any, Any, R], seconds: float = PATIENCE) -> R:
        """Run it there, wait for its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(seconds)

    def seat(self, *readers: Reader, seconds: float = PATIENCE) -> None:
        """Let them read, and return when all have an open stream."""
        for reader in readers:
            self._reading.append(asyncio.run_coroutine_threadsafe(reader.run(), self.loop))
        wait_for(lambda: all(reader.is_open for reader in readers), seconds, "readers to be open")


def wait_for(true: Callable[[], bool], seconds: float, what: str) -> float:
    """Wait until `true()`, and return how long that took; fail when it takes too long."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.005)
    return time.monotonic() - began
