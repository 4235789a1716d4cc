"""Many open streams in a process of their own: `python -m bench.watchers`, driven by lines of JSON.

    {"open": [[port, request, first seq], …], "group": "a"}   ->  {"opened": 3}
    {"reach": 345, "group": "a"}     ->  {"last": nanoseconds of CLOCK_MONOTONIC, "missing": 0}
    {"close": 3, "group": "a"}       ->  {"closed": 3}

As light as asyncio allows: one protocol object a socket, and of what comes only the ids are looked at. Each
id must be the one after the last; what is left out, comes twice or never counts as missing.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections import defaultdict
from typing import Any

import uvloop

ID = re.compile(rb"id: [a-z]+-\d+:(\d+)\n")
AT_ONCE = 40
PATIENCE = 15.0


class Watcher(asyncio.Protocol):
    """One stream: the last seq that came, and whether one was left out."""

    __slots__ = ("group", "head", "missing", "opened", "request", "rest", "seq", "transport")

    def __init__(self, group: Group, request: bytes, seq: int) -> None:
        self.group, self.request, self.seq = group, request, seq
        self.rest = self.head = b""
        self.missing = 0
        self.opened: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        at = time.monotonic_ns()
        if not self.opened.done():
            self.head += data
            if b"event: hello\n" in self.head or not self.head.startswith(b"HTTP/1.1 200"):
                self.opened.set_result(self.head.startswith(b"HTTP/1.1 200"))
                self.head = b""
            return
        data = self.rest + data
        for found in ID.finditer(data):
            seq = int(found[1])
            self.missing += seq != self.seq + 1
            self.seq = seq
            self.group.came(seq, at)
        self.rest = b"" if data.endswith(b"\n\r\n") else data[data.rfind(b"\n") + 1 :]

    def connection_lost(self, problem: Exception | None) -> None:
        self.group.watchers.discard(self)
        if not self.opened.done():
            self.opened.set_result(False)


class Group:
    """Streams of one server, and when the last of them had each seq."""

    def __init__(self) -> None:
        self.watchers: set[Watcher] = set()
        self.counts: defaultdict[int, int] = defaultdict(int)
        self.last: dict[int, int] = {}
        self.changed = asyncio.Event()

    def came(self, seq: int, at: int) -> None:
        self.counts[seq] += 1
        self.last[seq] = at
        if self.counts[seq] >= len(self.watchers):
            self.changed.set()

    async def open(self, places: list[list[Any]]) -> int:
        gate = asyncio.Semaphore(AT_ONCE)
        return sum(await asyncio.gather(*(self._open(gate, *place) for place in places)))

    async def _open(self, gate: asyncio.Semaphore, port: int, request: str, seq: int) -> bool:
        loop = asyncio.get_running_loop()
        async with gate:
            for _ in range(20):  # a worker that has forty of one person sends some to the other
                _, watcher = await loop.create_connection(
                    lambda: Watcher(self, request.encode(), seq), "127.0.0.1", port
                )
                if await watcher.opened:
                    self.watchers.add(watcher)
                    return True
                watcher.transport.abort()
        return False

    async def reach(self, seq: int) -> dict[str, int]:
        """Wait until all have that seq; when the last had it, and how many events are missing until now."""
        wanted = len(self.watchers)
        try:
            async with asyncio.timeout(PATIENCE):
                while self.counts[seq] < wanted:
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            pass
        missing = wanted - self.counts[seq] + sum(watcher.missing for watcher in self.watchers)
        return {"last": self.last.get(seq, time.monotonic_ns()), "missing": missing}

    def close(self, number: int) -> int:
        for watcher in list(self.watchers)[:number]:
            self.watchers.discard(watcher)
            watcher.transport.abort()
        return number


async def main() -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=64 * 1024 * 1024)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    groups: defaultdict[str, Group] = defaultdict(Group)
    while line := await lines.readline():
        order = json.loads(line)
        group = groups[order["group"]]
        answer: dict[str, int]
        if "open" in order:
            answer = {"opened": await group.open(order["open"])}
        elif "close" in order:
            answer = {"closed": group.close(order["close"])}
        else:
            answer = await group.reach(order["reach"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main())
