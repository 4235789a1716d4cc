"""One a process: learns what was committed, keeps each watched board's newest frames, wakes its streams.

A notification (`LISTEN fluxboard`) is only a hint that comes after the commit; every three seconds, and after
each new connection, the relay asks the database where the watched boards stand. So a lost notification costs
seconds, never an event. Payloads:

    12:345          board 12 stands at seq 345
    user:7          person 7 signed out or was deactivated: look again whether their streams may stay
    presence:12     look again who is on board 12
    look:12         the pages of board 12 draw themselves again: someone on it has another name or colour

A frame is encoded once a process, in the order of seq, into the board's ring; a stream is a cursor over it.
All of this runs in one event loop, and so does the reading of frames; all else is asked of the database in
two threads, one for the relay, one for the door.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

import psycopg
from django.apps import apps

from activity.live import presence
from activity.live.access import still_allowed
from activity.live.board_channel import BoardFeed
from activity.live.database import IDENTITY, DatabaseThread, FrameReader, answered, listening_parameters
from activity.log.notify import CHANNEL
from fluxboard.core import parsing

if TYPE_CHECKING:
    from activity.live.open_stream import OpenStream

log = logging.getLogger("fluxboard.relay")

POLL = 3.0  # seconds
BEAT = 15.0
BACKSTOP = 30.0
GRACE = 7.0  # how long someone whose stream ended still counts as present: a reload must not flicker
RENEW = 20.0
ANNOUNCE = 0.15  # at least so long after a change of presence, so that several become one event
ANNOUNCE_A_STREAM = 0.002  # and so much longer for each stream that will get it
STALLED = 60.0
KEEP_COLD = 60.0  # how long the ring of a board without streams is kept
MAX_BACK_OFF = 3.0


class Relay:
    """Starts with the server process and ends with it; see the top of this file."""

    def __init__(self) -> None:
        self.boards: dict[int, BoardFeed] = {}
        self.by_user: defaultdict[int, set[OpenStream]] = defaultdict(set)
        self.is_closing = False
        self.connected = asyncio.Event()
        self.read = DatabaseThread("relay-database")
        self.frames = FrameReader()
        self.database = ""  # its identity, as of the last connection
        self.present: defaultdict[presence.Pair, int] = defaultdict(int)
        self._leaving: dict[presence.Pair, float] = {}
        self._arriving: set[presence.Pair] = set()
        self._announcing: set[int] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loops: list[asyncio.Task[None]] = []

    # -- life

    def start(self) -> None:
        """Begin to listen, in the running event loop. A second call does nothing."""
        if self._loops or self.is_closing:
            return
        self._loops = [
            self.keep(self._supervise(loop))
            for loop in (self._listen, self._beat, self._guard, self._mind_presence)
        ]

    def close(self) -> None:
        """No new streams; those that are open say `bye` and end."""
        self.is_closing = True
        for stream in list(self.streams()):
            stream.end("bye", '{"reason":"restart"}')

    async def stop(self) -> None:
        """`close`, wait until the streams have ended (two seconds at most), let go of the database."""
        self.close()
        until = time.monotonic() + 2
        while any(True for _ in self.streams()) and time.monotonic() < until:
            await asyncio.sleep(0.05)
        for stream in list(self.streams()):
            stream.cut()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=2)  # one that waits for a dead line would take ten seconds
        self.read.close()
        await self.frames.close()

    def keep(self, coroutine: Any) -> asyncio.Task[None]:
        """Run it as a task that cannot be collected half-way; a failure is logged."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            log.warning("a reading failed: %r", problem)

    async def _supervise(self, loop: Callable[[], Any]) -> None:
        """Run `loop` for ever; after a failure again, later and later, up to MAX_BACK_OFF."""
        back_off = 0.1
        while True:
            started = time.monotonic()
            try:
                await loop()
            except asyncio.CancelledError:
                raise
            except Exception as problem:
                if time.monotonic() - started > 2 * MAX_BACK_OFF:
                    back_off = 0.1
                log.warning("%s: %r", loop.__name__.strip("_"), problem)
                await asyncio.sleep(back_off * random.uniform(0.7, 1.3))  # noqa: S311
                back_off = min(back_off * 2, MAX_BACK_OFF)

    # -- news

    async def _listen(self) -> None:
        try:
            async with await psycopg.AsyncConnection.connect(
                **listening_parameters(), autocommit=True
            ) as listening:
                with answered(listening):
                    await listening.execute(f"LISTEN {CHANNEL}")
                    await self._recognise(listening)
                await self._poll(listening)
                self.connected.set()
                polled = time.monotonic()
                while True:
                    payloads: list[str] = []
                    async for news in listening.notifies(timeout=POLL, stop_after=1):
                        payloads.append(news.payload)
                    self.hear(payloads)
                    if time.monotonic() - polled >= POLL * 0.95:
                        await self._poll(listening)
                        polled = time.monotonic()
        finally:
            self.connected.clear()

    async def _recognise(self, listening: psycopg.AsyncConnection[Any]) -> None:
        """Is this the database of before? From a restored one no page can be told what it has missed."""
        (identity,) = await (await listening.execute(IDENTITY)).fetchone() or ("",)
        if self.database not in ("", identity):
            log.warning("the database is another one: every page loads again")
            for feed in self.boards.values():
                feed.forget()
        self.database = identity

    async def _poll(self, listening: psycopg.AsyncConnection[Any]) -> None:
        """Where do the watched boards stand? Also tells whether the connection still lives."""
        watched = [board_id for board_id, feed in self.boards.items() if feed.streams]
        board = apps.get_model("boards.Board")._meta.db_table
        with answered(listening):
            answer = await listening.execute(
                f"SELECT id, seq FROM {board} WHERE id = ANY(%s)",  # noqa: S608
                [watched],
            )
            for board_id, head in await answer.fetchall():
                feed = self.boards.get(board_id)
                if feed is None or not feed.is_followed:
                    continue
                if head < feed.head:
                    feed.went_back()
                feed.want(head)

    def hear(self, payloads: Iterable[str]) -> None:
        """Act on notifications; anything that is not ours is passed over."""
        heads: dict[int, int] = {}
        for payload in payloads:
            kind, _, value = payload.partition(":")
            number = parsing.whole_number(value)
            if number is None:
                log.warning("notification not understood: %.40r", payload)
            elif kind == "user":
                if streams := list(self.by_user.get(number, ())):
                    self.keep(self._recheck_or_end(streams))
            elif kind == "presence":
                self._announce_soon(number)
            elif kind == "look":
                self._reload(number)
            elif (board_id := parsing.whole_number(kind)) is not None:
                heads[board_id] = max(heads.get(board_id, 0), number)
        for board_id, head in heads.items():
            feed = self.boards.get(board_id)
            if feed is not None and feed.streams:
                feed.want(head)

    def _reload(self, board_id: int) -> None:
        """Have the pages of a board load again what frames do not tell."""
        feed = self.boards.get(board_id)
        if feed is not None:
            for stream in [stream for stream in feed.streams if stream.is_page]:
                stream.reset()

    # -- streams

    def streams(self) -> Iterable[OpenStream]:
        return (stream for feed in self.boards.values() for stream in feed.streams)

    def feed(self, board_id: int) -> BoardFeed:
        feed = self.boards.get(board_id)
        if feed is None:
            feed = self.boards[board_id] = BoardFeed(self, board_id)
        return feed

    def enter(self, stream: OpenStream) -> None:
        """From here on the stream is woken, counted, and ended when it must be."""
        stream.feed.enter(stream)
        self.by_user[stream.user_id].add(stream)
        if stream.is_presence:
            self.arrived((stream.feed.board_id, stream.user_id))

    def leave(self, stream: OpenStream) -> None:
        stream.feed.leave(stream)
        mine = self.by_user[stream.user_id]
        mine.discard(stream)
        if not mine:
            del self.by_user[stream.user_id]
        if stream.is_presence:
            self.left((stream.feed.board_id, stream.user_id))

    async def recheck(
        self, streams: Collection[OpenStream], ask: Callable[..., Awaitable[Any]] | None = None
    ) -> None:
        """End those of `streams` whose reader may not read any more. Raises database errors.

        `ask` calls a function in a thread that has a connection; without it, the relay's thread does.

        A reader whose session ended is told `bye` and learns the rest when the page connects again: a new
        session after a change of password may be just as good.
        """
        streams = list(streams)
        if not streams:
            return
        asked = [(s.user_id, s.feed.board_id, s.session_key, s.access_digest) for s in streams]
        known = [s.feed.revoking_seq for s in streams]
        answers = await (ask or self.read)(still_allowed, asked)
        for number, stream in enumerate(streams):
            seq, may_read, signed_in = answers.get(number, (0, False, False))
            stream.checked_at = max(stream.checked_at, seq, known[number])
            if not may_read:
                stream.end("revoked", "{}")
            elif not signed_in:
                stream.end("bye", '{"reason":"session"}')

    async def _recheck_or_end(self, streams: list[OpenStream]) -> None:
        """The same, where nobody would ask again: when the database cannot tell, the reader connects anew."""
        try:
            await self.recheck(streams)
        except Exception:
            for stream in streams:
                stream.end("bye", '{"reason":"unknown"}')
            raise

    # -- clocks

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            now = time.monotonic()
            for feed in list(self.boards.values()):
                feed.beat += 1
                feed.wake()
                if not feed.streams and now - feed.cold_since > KEEP_COLD:
                    del self.boards[feed.board_id]
            for stream in list(self.streams()):
                if now > stream.ends_at:
                    stream.end("bye", '{"reason":"age"}')
                if stream.is_stuck(now, STALLED):
                    stream.cut()

    async def _guard(self) -> None:
        """The backstop: however a right was lost, its streams end within half a minute."""
        while True:
            await asyncio.sleep(BACKSTOP * random.uniform(0.9, 1.0))  # noqa: S311
            streams = list(self.streams())
            for start in range(0, len(streams), 1000):
                await self.recheck(streams[start : start + 1000])

    # -- presence

    def arrived(self, pair: presence.Pair) -> None:
        self.present[pair] += 1
        if self._leaving.pop(pair, None) is None and self.present[pair] == 1:
            self._arriving.add(pair)

    def left(self, pair: presence.Pair) -> None:
        self.present[pair] -= 1
        if self.present[pair] <= 0:
            del self.present[pair]
            self._leaving[pair] = time.monotonic() + GRACE

    def seen(self, pair: presence.Pair) -> None:
        """Someone without a stream asked for news: they count as present until GRACE after the last time."""
        if pair in self.present:
            return
        if pair not in self._leaving:
            self._arriving.add(pair)
        self._leaving[pair] = time.monotonic() + GRACE

    async def _mind_presence(self) -> None:
        renew_at = time.monotonic() + RENEW
        while True:
            await asyncio.sleep(0.25)
            now = time.monotonic()
            if self._arriving:
                arriving = set(self._arriving)
                await self.read(presence.arrive, arriving)
                self._arriving -= arriving
            gone = [pair for pair, due in self._leaving.items() if due <= now]
            if gone:
                for pair in gone:
                    del self._leaving[pair]
                await self.read(presence.leave, gone)
            if now >= renew_at:
                renew_at = now + RENEW
                await self.read(presence.renew, {*self.present, *self._leaving})

    def _announce_soon(self, board_id: int) -> None:
        feed = self.boards.get(board_id)
        if feed is not None and feed.streams and board_id not in self._announcing:
            self._announcing.add(board_id)
            self.keep(self._announce(feed))

    async def _announce(self, feed: BoardFeed) -> None:
        try:
            await asyncio.sleep(ANNOUNCE + min(2.0, ANNOUNCE_A_STREAM * len(feed.streams)))
        finally:
            self._announcing.discard(feed.board_id)
        people, known = await self.read(presence.people_on, feed.board_id)
        self._arriving |= {
            pair for pair in self.present if pair[0] == feed.board_id and pair[1] not in known
        } - set(self._leaving)
        feed.show_presence(people)


relay = Relay()
