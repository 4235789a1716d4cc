"""Write, subscribe, read, notify and fail in any order: a stream gets every later seq, once, in order.

The event loop runs by itself, without clocks: the database is a list, and each reading of it takes as many
turns of the loop, before and after its snapshot, as hypothesis says.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

from django.db import OperationalError
from hypothesis import event, given, settings
from hypothesis import strategies as st

from activity.live import relay as relays
from activity.live.access import still_allowed
from activity.live.admission import Admission
from activity.live.event_store import MAX_REPLAY, BoardEvent, Span
from activity.live.relay import Relay
from activity.live.ring_buffer import RING
from activity.live.stream import Stream
from fluxboard.core import build

BOARD = 1
LONG = os.environ.get("FLUXBOARD_LONG") == "1"


class World:
    """The database: the verbs of one board's log, and who is on the board."""

    def __init__(self, turns: list[tuple[int, int]], failures: list[bool]) -> None:
        self.verbs: list[str] = []
        self.pruned = 0
        self.removed: dict[int, int] = {}  # user: seq
        self._turns = cycle(turns)
        self._fails: Iterator[bool] = iter(failures)

    @property
    def head(self) -> int:
        return len(self.verbs)

    def span(self, after: int, warm: int) -> Span:
        first = max(min(after, self.head - warm), self.head - MAX_REPLAY, self.pruned) + 1
        return Span(
            self.head,
            [
                BoardEvent("board-1", "", f"<p>{seq}</p>", id=seq, verb=self.verbs[seq - 1])
                for seq in range(max(first, 1), self.head + 1)
            ],
        )

    async def __call__(self, function: Any, *args: Any) -> Any:
        """Instead of the relay's thread with a connection."""
        assert function is still_allowed
        return await self._late(
            lambda: {n: (self.head, asked[0] not in self.removed, True) for n, asked in enumerate(args[0])}
        )

    async def frames(self, board_id: int, *args: Any) -> Any:
        """Instead of the relay's connection for frames."""
        return await self._late(lambda: self.span(*args))

    async def _late(self, answer: Callable[[], Any]) -> Any:
        before, after = next(self._turns)
        await turn(before)
        if next(self._fails, False):
            raise OperationalError("away")
        given = answer()
        await turn(after)
        return given


async def turn(times: int) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


class Page:
    """One open page: what came over its stream."""

    def __init__(self, user: int, cursor: int) -> None:
        self.user = user
        self.start = self.cursor = cursor
        self.text = ""
        self.failed = False

    @property
    def seqs(self) -> list[int]:
        return [int(line.rpartition(":")[2]) for line in self.text.split("\n") if line.startswith("id: ")]

    def ended_by(self, name: str) -> bool:
        return f"event: {name}\n" in self.text


class Theatre:
    """The relay and the door's way through it, on a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.relay = Relay()
        self.relay.read = world  # type: ignore[assignment]
        self.relay.frames = world.frames  # type: ignore[assignment]
        self.pages: list[Page] = []
        self.tasks: list[asyncio.Task[None]] = []

    def open(self, user: int, behind: int, pause: int, slow: int) -> None:
        if user in self.world.removed:
            return
        page = Page(user, max(0, self.world.head - behind))
        self.pages.append(page)
        admission = Admission(user, BOARD, self.world.head, "session", "password")
        self.tasks.append(asyncio.create_task(self._visit(page, admission, pause, slow)))

    async def _visit(self, page: Page, admission: Admission, pause: int, slow: int) -> None:
        await turn(pause)

        async def send(message: Any) -> None:
            await turn(slow)
            page.text += message["body"].decode()

        stream = Stream(self.relay, admission, page.start, send)
        self.relay.enter(stream)
        try:
            await stream.feed.ready(admission.head, page.start)
            await stream.run()
        except OperationalError:
            page.failed = True
        finally:
            self.relay.leave(stream)

    def write(self, verb: str, *, tells: bool) -> None:
        self.world.verbs.append(verb)
        if tells:
            self.relay.hear([f"{BOARD}:{self.world.head}"])

    def poll(self) -> None:
        feed = self.relay.boards.get(BOARD)
        if feed is not None and feed.streams and feed.is_followed:
            feed.want(self.world.head)

    async def settle(self) -> None:
        """Until nothing moves any more: polls go on, the database is back."""
        self.world._fails = iter(())
        for _ in range(4):
            await turn(120)
            self.poll()
        await turn(120)

    async def finish(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for task in list(self.relay._tasks):
            task.cancel()
        await asyncio.gather(*self.relay._tasks, return_exceptions=True)


STEPS = st.one_of(
    st.tuples(st.just("write"), st.booleans()),
    st.tuples(st.just("open"), st.integers(1, 4), st.integers(0, 6), st.integers(0, 6), st.integers(0, 4)),
    st.tuples(st.just("turn"), st.integers(1, 12)),
    st.tuples(st.just("poll")),
    st.tuples(st.just("remove"), st.integers(1, 4), st.booleans()),
    st.tuples(st.just("close"), st.integers(0, 5)),
    st.tuples(st.just("prune"), st.integers(0, 4)),
)


async def play(theatre: Theatre, steps: list[Any]) -> None:
    world = theatre.world
    for name, *values in steps:
        if name == "write":
            theatre.write("card.moved", tells=values[0])
        elif name == "open":
            theatre.open(*values)
        elif name == "turn":
            await turn(values[0])
        elif name == "poll":
            theatre.poll()
        elif name == "remove" and values[0] not in world.removed:
            world.removed[values[0]] = world.head + 1
            theatre.write("member.removed", tells=values[1])
        elif name == "close" and values[0] < len(theatre.tasks):
            theatre.tasks[values[0]].cancel()
        elif name == "prune":
            world.pruned = max(world.pruned, world.head - values[0])
    await theatre.settle()


@settings(max_examples=10_000 if LONG else 400, deadline=None)
@given(
    st.lists(STEPS, max_size=40),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=6),
    st.lists(st.booleans(), max_size=6),
    st.integers(0, 8),
)
def test_every_interleaving_delivers_each_seq_once_in_order(
    steps: list[Any], turns: list[tuple[int, int]], failures: list[bool], before: int
) -> None:
    world = World(turns, failures)
    world.verbs = ["card.created"] * before

    async def story() -> None:
        theatre = Theatre(world)
        await play(theatre, steps)
        try:
            for page, task in zip(theatre.pages, theatre.tasks, strict=True):
                judge(world, page, was_closed=task.cancelled())
        finally:
            await theatre.finish()
        assert not list(theatre.relay.streams())
        assert not theatre.relay.by_user
        assert not theatre.relay.present

    asyncio.run(story())


def judge(world: World, page: Page, *, was_closed: bool) -> None:
    seqs = page.seqs
    assert seqs == list(range(page.start + 1, page.start + 1 + len(seqs))), "a gap, a repeat or a wrong order"
    removal = world.removed.get(page.user)
    if removal is not None:
        assert all(seq < removal for seq in seqs), "heard of a board after losing the right to"
    if was_closed or page.failed:
        event("closed or failed")
    elif removal is not None:
        event("revoked")
        assert page.ended_by("revoked") or page.ended_by("bye") or page.ended_by("stream-reset")
    elif page.ended_by("stream-reset"):
        event("reset")
        assert page.start + len(seqs) < world.pruned, "reset without need"
    elif page.ended_by("bye"):
        event("the database was away")
    else:
        event("at head")
        assert page.start + len(seqs) == world.head, "not everything came"


def test_a_storm_of_readers_is_one_reading() -> None:
    """200 pages come back at once to a process that knows nothing of the board yet."""
    world = World([(3, 3)], [])
    world.verbs = ["card.moved"] * 300
    readings = 0

    async def story() -> None:
        nonlocal readings
        theatre = Theatre(world)

        async def counted(*args: Any) -> Any:
            nonlocal readings
            readings += 1
            return await world.frames(*args)

        theatre.relay.frames = counted  # type: ignore[assignment]
        for n in range(200):
            theatre.open(user=n, behind=n % 90, pause=n % 7, slow=0)
        await theatre.settle()
        assert all(page.start + len(page.seqs) == 300 for page in theatre.pages)
        await theatre.finish()

    asyncio.run(story())
    assert readings == 1


def test_a_restored_backup_resets_every_page() -> None:
    world = World([(1, 1)], [])
    world.verbs = ["card.moved"] * 20

    async def story() -> None:
        theatre = Theatre(world)
        theatre.open(user=1, behind=2, pause=0, slow=0)
        await theatre.settle()
        del world.verbs[10:]
        feed = theatre.relay.boards[BOARD]
        feed.went_back()
        await theatre.settle()
        assert theatre.pages[0].ended_by("stream-reset")
        theatre.open(user=1, behind=0, pause=0, slow=0)
        theatre.write("card.moved", tells=True)
        await theatre.settle()
        assert theatre.pages[1].seqs == [11]
        await theatre.finish()

    asyncio.run(story())


def test_a_reader_who_takes_nothing_holds_up_nobody_and_is_cut_in_the_end() -> None:
    world = World([(1, 1)], [])

    async def story() -> None:
        theatre = Theatre(world)
        relay = theatre.relay
        never = asyncio.Event()
        admission = Admission(9, BOARD, 0, "session", "password")

        async def stuck() -> None:
            async def send(message: Any) -> None:
                if b"id: " in message["body"]:
                    await never.wait()

            stream = Stream(relay, admission, 0, send)
            relay.enter(stream)
            try:
                await stream.feed.ready(0, 0)
                await stream.run()
            finally:
                relay.leave(stream)

        blocked = asyncio.create_task(stuck())
        theatre.open(user=1, behind=0, pause=0, slow=0)
        await theatre.settle()
        for _ in range(600):
            theatre.write("card.moved", tells=True)
            await turn(10)
        await theatre.settle()
        feed = relay.boards[BOARD]
        assert theatre.pages[0].seqs == list(range(1, 601))
        assert feed.ring is not None
        assert len(feed.ring.frames) <= RING
        stream = next(stream for stream in feed.streams if stream.user_id == 9)
        assert not stream.is_stuck(0, 60)
        assert stream.is_stuck(float("inf"), relays.STALLED)
        relay.close()
        await turn(5)
        assert blocked.cancelled()
        assert theatre.pages[0].ended_by("bye")
        assert not feed.streams

    asyncio.run(story())


def test_a_bulk_change_larger_than_the_replay_asks_pages_to_reload() -> None:
    world = World([(1, 1)], [])

    async def story() -> None:
        theatre = Theatre(world)
        theatre.open(user=1, behind=0, pause=0, slow=0)
        await theatre.settle()
        world.verbs += ["card.created"] * (MAX_REPLAY + 1)
        theatre.poll()
        await theatre.settle()
        assert theatre.pages[0].ended_by("stream-reset")
        assert theatre.pages[0].seqs == []
        await theatre.finish()

    asyncio.run(story())


def test_the_build_is_named() -> None:
    assert build.build_id()
