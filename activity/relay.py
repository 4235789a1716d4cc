"""One a process: learns what was committed, keeps each watched board's newest frames, wakes its streams.

A notification (`LISTEN fluxboard`) is only a hint that comes after the commit; every three seconds, and after
each new connection, the relay asks the database where the watched boards stand. So a lost notification costs
seconds, never an event. Payloads:

    12:345          board 12 stands at seq 345
    user:7          person 7 signed out or was deactivated: look again whether their streams may stay
    presence:12     look again who is on board 12
    look:12         people shown on board 12 changed their name or colour: pages draw the board again
    look:12         the pages of board 12 draw themselves again: someone on it has another name or colour

A frame is encoded once a process, in the order of seq, into the board's ring; a stream is a cursor over it.
All of this runs in one event loop; the database is read in two threads, one for the relay, one for the door.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import hashlib
import logging
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
from django.apps import apps
from django.db import InterfaceError, OperationalError, connection, connections

from activity import presence
from activity.recording import CHANNEL
from activity.storage import MAX_REPLAY, BoardEvent, Span, read_span

if TYPE_CHECKING:
    from activity.stream import Stream

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
RING = 512  # frames, at least MAX_REPLAY
RING_BYTES = 8 * 1024 * 1024
WARM = 100  # frames read when a board is first watched, enough for most who come back
MAX_BACK_OFF = 5.0

# After one of these the right to read a board may be gone; it is checked again before the frame goes out.
REVOKING = frozenset(
    {"member.removed", "member.role_changed", "board.opened", "board.closed", "board.archived"}
)

LINES = re.compile(r"\r\n|\r|\n")


def encode(event: BoardEvent) -> bytes:
    """The event as an un-named SSE message with its id; every line of the fragment a line of data."""
    data = "".join(f"data: {line}\n" for line in LINES.split(event.data))
    return f"id: {event.channel}:{event.id}\n{data}\n".encode()


def named(name: str, data: str) -> bytes:
    """A named SSE event without an id (the client's position stays as it is); `data` is one line."""
    return f"event: {name}\ndata: {data}\n\n".encode()


# --- the database ------------------------------------------------------------------------------------------


def _use_own_connection() -> None:
    """This thread talks to the database by a connection of its own, outside the pages' pool.

    A page that waits for the pool cannot hold up the streams; and when the database is down, this fails at
    once where the pool would wait.
    """
    settings_here = copy.deepcopy(connections.settings["default"])
    options = settings_here["OPTIONS"]
    options.pop("pool", None)
    options["options"] = f"{options.get('options', '')} -c statement_timeout=5s".strip()
    options |= {"connect_timeout": 5, "tcp_user_timeout": 10_000, "application_name": "fluxboard-stream"}
    settings_here |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False}
    backend = type(connections["default"])
    connections["default"] = backend(settings_here, "default")  # type: ignore[assignment]


class DatabaseThread:
    """One thread with one connection; calls are done one after the other.

    A call whose connection turns out to be dead is done once more on a new one, so it must be one that may be
    done twice.
    """

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name, initializer=_use_own_connection)

    async def __call__[**P, R](self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await asyncio.get_running_loop().run_in_executor(
            self._pool, lambda: self._do(function, *args, **kwargs)
        )

    @staticmethod
    def _do[**P, R](function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        is_old = connection.connection is not None
        try:
            return function(*args, **kwargs)
        except (OperationalError, InterfaceError):
            connection.close()
            if not is_old:
                raise
        except Exception:
            connection.close()
            raise
        return DatabaseThread._do(function, *args, **kwargs)

    def close(self) -> None:
        with contextlib.suppress(RuntimeError):
            self._pool.submit(connections.close_all)
        self._pool.shutdown(wait=False)


def access_digest(user: Any) -> str:
    """Changes whenever all sessions of this person end: by a new password, or by `end_sessions`."""
    return hashlib.md5(f"{user.password}:{user.session_epoch}".encode(), usedforsecurity=False).hexdigest()


def still_allowed(streams: Collection[tuple[int, int, str, str]]) -> dict[int, tuple[int, bool, bool]]:
    """For (user, board, session key, access digest) each, by index: board's seq, may read, is signed in.

    One statement for all. Who may read is `Board.objects.visible_to`, written for many people at once; a test
    holds the two together.
    """
    users, boards, sessions, digests = ([stream[n] for stream in streams] for n in range(4))
    table = {
        name: apps.get_model(label)._meta.db_table
        for name, label in [
            ("board", "boards.Board"),
            ("member", "boards.Membership"),
            ("person", "accounts.User"),
            ("session", "sessions.Session"),
        ]
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT p.n - 1, b.seq,
                   u.is_active AND (b.open_to <> '' OR EXISTS (
                     SELECT 1 FROM {table["member"]} m WHERE m.board_id = b.id AND m.user_id = u.id)),
                   md5(u.password || ':' || u.session_epoch) = p.access AND EXISTS (
                     SELECT 1 FROM {table["session"]} s
                     WHERE s.session_key = p.session AND s.expire_date > clock_timestamp())
            FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[])
                   WITH ORDINALITY AS p(user_id, board_id, session, access, n)
            JOIN {table["board"]} b ON b.id = p.board_id
            JOIN {table["person"]} u ON u.id = p.user_id
            """,  # noqa: S608
            [users, boards, sessions, digests],
        )
        return {n: (seq, may_read, signed_in) for n, seq, may_read, signed_in in cursor.fetchall()}


def listening_parameters() -> dict[str, Any]:
    """How to connect for LISTEN: as Django does, without what only its own connections need."""
    backend = type(connections["default"])
    parameters = backend(copy.deepcopy(connections.settings["default"]), "default").get_connection_params()
    for name in ("cursor_factory", "context", "pool"):
        parameters.pop(name, None)
    return parameters | {
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 3,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        "application_name": "fluxboard-relay",
    }


# --- one board ---------------------------------------------------------------------------------------------


class Ring:
    """A board's newest frames, encoded, without a gap: seq `first` to `last`."""

    __slots__ = ("first", "frames", "size")

    def __init__(self, span: Span) -> None:
        self.frames = [encode(event) for event in span.events]
        self.first = span.head - len(self.frames) + 1
        self.size = sum(map(len, self.frames))

    @property
    def last(self) -> int:
        return self.first + len(self.frames) - 1

    def covers(self, cursor: int) -> bool:
        """Whether everything after `cursor` is here."""
        return cursor >= self.first - 1

    def after(self, cursor: int, limit: int = 65_536) -> tuple[list[bytes], int]:
        """The frames after `cursor`, about `limit` bytes of them (at least one), and the new cursor."""
        here, size = [], 0
        for frame in self.frames[max(0, cursor - self.first + 1) :]:
            here.append(frame)
            size += len(frame)
            if size >= limit:
                break
        return here, cursor + len(here)

    def extend(self, span: Span) -> bool:
        """Take in what of `span` is missing here, at either end. False when a gap would be left."""
        if span.head < self.last or (span.head > self.last and not span.events):
            return False
        if span.events and span.events[0].id > self.last + 1:
            return False
        older = [encode(event) for event in span.events if event.id < self.first]
        newer = [encode(event) for event in span.events if event.id > self.last]
        if older:
            self.frames[:0] = older
            self.first -= len(older)
        self.frames += newer
        self.size += sum(map(len, older)) + sum(map(len, newer))
        return True

    def trim(self) -> None:
        dropped = 0
        while len(self.frames) - dropped > RING or (
            self.size > RING_BYTES and dropped < len(self.frames) - WARM
        ):
            self.size -= len(self.frames[dropped])
            dropped += 1
        if dropped:
            del self.frames[:dropped]
            self.first += dropped


class BoardFeed:
    """One board in this process: its ring, and the streams that read it."""

    def __init__(self, relay: Relay, board_id: int) -> None:
        self.relay = relay
        self.board_id = board_id
        self.ring: Ring | None = None
        self.epoch = 0  # rises when the database went back behind the ring (a restored backup)
        self.revoking_seq = 0  # seq of the last activity after which rights may have changed
        self.streams: set[Stream] = set()
        self.is_followed = False  # whether no news was missed since the ring was read
        self.cold_since = time.monotonic()
        self.beat = 0
        self.look = 0
        self.presence = b""
        self._wanted = 0
        self._lock = asyncio.Lock()
        self._catching_up: asyncio.Task[None] | None = None

    @property
    def head(self) -> int:
        return self.ring.last if self.ring else 0

    def enter(self, stream: Stream) -> None:
        self.streams.add(stream)

    def leave(self, stream: Stream) -> None:
        self.streams.discard(stream)
        if not self.streams:
            self.is_followed = False
            self.cold_since = time.monotonic()

    async def ready(self, head: int, cursor: int) -> None:
        """To be awaited after `enter`: what is committed from here on, and all after `cursor`, will be here.

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
            span = await self.relay.read(read_span, self.board_id, after, warm)
            if span is None:
                raise LookupError(f"board {self.board_id} is not there")
            await self._look_at_rights(span)
            self._take(span)
            self.is_followed = bool(self.streams)
        self.wake()

    async def _look_at_rights(self, span: Span) -> None:
        revoking = max((event.id for event in span.events if event.verb in REVOKING), default=0)
        if revoking > self.revoking_seq:
            await self.relay.recheck([stream for stream in self.streams if stream.checked_at < revoking])
            self.revoking_seq = revoking

    def _take(self, span: Span) -> None:
        if self.ring is not None and span.head < self.ring.last:
            log.warning("board %s went back from %s to %s", self.board_id, self.ring.last, span.head)
            self.epoch += 1
            self.revoking_seq = 0
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


# --- the process -------------------------------------------------------------------------------------------


class Relay:
    """Starts with the server process and ends with it; see the top of this file."""

    def __init__(self) -> None:
        self.boards: dict[int, BoardFeed] = {}
        self.by_user: defaultdict[int, set[Stream]] = defaultdict(set)
        self.is_closing = False
        self.connected = asyncio.Event()
        self.read = DatabaseThread("relay-database")
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
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.read.close()

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
                await listening.execute(f"LISTEN {CHANNEL}")
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

    async def _poll(self, listening: psycopg.AsyncConnection[Any]) -> None:
        """Where do the watched boards stand? Also tells whether the connection still lives."""
        watched = [board_id for board_id, feed in self.boards.items() if feed.streams]
        board = apps.get_model("boards.Board")._meta.db_table
        async with asyncio.timeout(10):
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
            if not value.isdigit():
                log.warning("notification not understood: %.40r", payload)
            elif kind == "user":
                if streams := list(self.by_user.get(int(value), ())):
                    self.keep(self._recheck_or_end(streams))
            elif kind == "presence":
                self._announce_soon(int(value))
            elif kind == "look":
                self._reload(int(value))
            elif kind == "look":
                self._look_again(int(value))
            elif kind.isdigit():
                heads[int(kind)] = max(heads.get(int(kind), 0), int(value))
        for board_id, head in heads.items():
            feed = self.boards.get(board_id)
            if feed is not None and feed.streams:
                feed.want(head)

    def _reload(self, board_id: int) -> None:
        """Have the pages of a board load again what frames do not tell."""
        feed = self.boards.get(board_id)
        for stream in list(feed.streams) if feed is not None else ():
            stream.end("stream-reset", f'{{"head": {feed.head}}}')

    # -- streams

    def streams(self) -> Iterable[Stream]:
        return (stream for feed in self.boards.values() for stream in feed.streams)

    def feed(self, board_id: int) -> BoardFeed:
        feed = self.boards.get(board_id)
        if feed is None:
            feed = self.boards[board_id] = BoardFeed(self, board_id)
        return feed

    def enter(self, stream: Stream) -> None:
        """From here on the stream is woken, counted, and ended when it must be."""
        stream.feed.enter(stream)
        self.by_user[stream.user_id].add(stream)
        self.arrived((stream.feed.board_id, stream.user_id))

    def leave(self, stream: Stream) -> None:
        stream.feed.leave(stream)
        mine = self.by_user[stream.user_id]
        mine.discard(stream)
        if not mine:
            del self.by_user[stream.user_id]
        self.left((stream.feed.board_id, stream.user_id))

    async def recheck(self, streams: Collection[Stream]) -> None:
        """End those of `streams` whose reader may not read any more. Raises database errors.

        A reader whose session ended is told `bye` and learns the rest when the page connects again: a new
        session after a change of password may be just as good.
        """
        streams = list(streams)
        if not streams:
            return
        asked = [(s.user_id, s.feed.board_id, s.session_key, s.access_digest) for s in streams]
        known = [s.feed.revoking_seq for s in streams]
        answers = await self.read(still_allowed, asked)
        for number, stream in enumerate(streams):
            seq, may_read, signed_in = answers.get(number, (0, False, False))
            stream.checked_at = max(stream.checked_at, seq, known[number])
            if not may_read:
                stream.end("revoked", "{}")
            elif not signed_in:
                stream.end("bye", '{"reason":"session"}')

    async def _recheck_or_end(self, streams: list[Stream]) -> None:
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

    def _look_again(self, board_id: int) -> None:
        feed = self.boards.get(board_id)
        if feed is not None and feed.streams:
            feed.look += 1
            feed.wake()
            self._announce_soon(board_id)

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
