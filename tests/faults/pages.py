"""Many pages, slow pages, pages that come in the middle of a write, and all of it for a long time
(T6, T7, T8, T21)."""

from __future__ import annotations

import asyncio
import contextlib
import random
import statistics
import threading
import time
import uuid
from pathlib import Path

from django.db import connection

from boards.actions import retitle_card
from boards.models import Board
from tests.activity.sse import Audience, Response, wait_for
from tests.faults.ground import Ground, Storm, assert_true, header, make_board, someone
from tests.faults.outages import threads_of

POOL = 10 + 3  # connections of a worker: pages', two for streams, one that listens


def resident(ground: Ground) -> float:
    """KiB of memory that the workers hold for themselves."""
    total = 0.0
    for pid in ground.app.procs[1:]:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith(("Private_Clean:", "Private_Dirty:")):
                total += float(line.split()[1])
    return total


def many_are_open(ground: Ground, streams: int = 150) -> dict[str, float]:
    """So many pages: a handful of threads and connections, however many; each change reaches all of them."""
    before = resident(ground)
    with Storm(ground, streams, writers=1, boards=2, pause=0.1) as storm:
        storm.go_on(10)
        storm.reach_head()
        threads = threads_of(ground)
        held = ground.connections_of_app()
        grown = resident(ground) - before
    told = storm.figures() | {"threads": threads, "connections": held, "kib_a_stream": grown / streams}
    assert_true(told)
    assert threads <= 20, told
    assert 2 <= held <= 2 * POOL, told  # each worker listens by one of its own
    return told


def one_reads_nothing(ground: Ground, events: int = 600, seconds: float = 0) -> dict[str, float]:
    """A page that takes nothing while `events` are written (and for `seconds` at least): nobody else waits
    for it, the workers don't grow by it, and then it gets everything in order, or is told to load again."""
    owner = someone("Ana Duarte")
    board, card = make_board(owner)
    cookie = header(ground.app.cookies_for(owner))
    url = f"{ground.app.url}/b/{board.key}/live/?lastEventId=board-{board.pk}:{board.seq}"
    first = board.seq
    with Audience() as audience:
        from tests.activity.sse import Reader

        stuck = audience.do(Response.get(url, {"Cookie": cookie}, buffer=1024))
        quick = Reader([url.partition("?")[0]], cookie, board.pk, board.seq)
        audience.seat(quick)
        retitle_card(card, "Before", by=owner)
        wait_for(lambda: quick.last == first + 1, 120, "the first change")
        stuck.writer.transport.pause_reading()  # type: ignore[attr-defined]
        before, began, worst = resident(ground), time.monotonic(), 0.0
        for number in range(events):
            sent = time.monotonic()
            retitle_card(card, f"Title {uuid.uuid4()}", by=owner)
            if number % 20 == 0:
                head = first + 2 + number
                wait_for(lambda head=head: quick.last >= head, 120, "the quick page")  # type: ignore[misc]
                worst = max(worst, time.monotonic() - sent)
        time.sleep(max(0.0, began + seconds - time.monotonic()))
        grown = resident(ground) - before
        head = first + 1 + events
        stuck.writer.transport.resume_reading()  # type: ignore[attr-defined]

        async def rest() -> tuple[list[int], str]:
            got: list[int] = []
            with contextlib.suppress(asyncio.IncompleteReadError, OSError):
                async for message in stuck.messages():
                    if message.name == "stream-reset":
                        return got, "reset"
                    if not message.name:
                        got.append(message.seq)
                        if message.seq == head:
                            return got, "caught up"
            return got, "cut"

        got, ended = audience.do(rest(), 180)
        stuck.close()
    assert got == list(range(first + 1, first + 1 + len(got))), "a gap or a repeat"
    assert len(got) == events + 1 if ended == "caught up" else ended in ("reset", "cut")
    assert quick.is_gapless
    assert worst < 20, "it waits for the page that reads nothing, which has a minute"
    told = {"events": float(events), "grown_kib": grown, "slowest_other": worst, "got": float(len(got))}
    assert grown < 6 * 1024, told
    return told | {"was_reset": float(ended == "reset"), "was_cut": float(ended == "cut")}


def write_and_subscribe(ground: Ground, rounds: int = 150, at_once: int = 8) -> dict[str, float]:
    """A page is drawn at some seq, people write, it subscribes a random moment later, people write on; it
    must get exactly what came after that seq. On the real server, `at_once` pages at a time."""
    owner = someone("Ana Duarte")
    board, card = make_board(owner)
    url = f"{ground.app.url}/b/{board.key}/live/?lastEventId=board-{board.pk}:"
    cookies = [header(ground.app.cookies_for(someone())) for _ in range(at_once)]
    stop = threading.Event()
    chance = random.Random(20261122)

    def write() -> None:
        while not stop.is_set():
            retitle_card(card, f"Title {uuid.uuid4()}", by=owner)
            stop.wait(chance.uniform(0, 0.004))
        connection.close()

    received = 0
    wrong: list[object] = []

    async def visit(cookie: str, drawn: int) -> None:
        nonlocal received
        await asyncio.sleep(chance.uniform(0, 0.02))
        response = await Response.get(f"{url}{drawn}", {"Cookie": cookie})
        got: list[int] = []
        enough = chance.randint(1, 6)
        try:
            async with asyncio.timeout(120):
                async for message in response.messages():
                    if message.name in ("stream-reset", "revoked", "bye"):
                        wrong.append((drawn, message))
                        return
                    if not message.name:
                        got.append(message.seq)
                        if len(got) >= enough:
                            break
        finally:
            response.close()
        received += len(got)
        if got != list(range(drawn + 1, drawn + 1 + len(got))):
            wrong.append((drawn, got))

    async def visits(drawn: list[int]) -> None:
        await asyncio.gather(*(visit(c, seq) for c, seq in zip(cookies, drawn, strict=False)))

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    try:
        with Audience() as audience:
            for done in range(0, rounds, at_once):
                drawn = []
                for _ in range(min(at_once, rounds - done)):
                    drawn.append(Board.objects.values_list("seq", flat=True).get(pk=board.pk))
                audience.do(visits(drawn), 180)
    finally:
        stop.set()
        writer.join(120)
    told = {"interleavings": float(rounds), "frames": float(received), "wrong": float(len(wrong))}
    assert not wrong, wrong[:5]
    assert received >= rounds
    return told


def slope_of(samples: list[tuple[float, float]]) -> float:
    """KiB an hour on the straight line through samples of (seconds, KiB)."""
    return statistics.linear_regression(*zip(*samples, strict=True)).slope * 3600


def soak(
    ground: Ground,
    seconds: float = 20,
    streams: int = 30,
    per_second: float = 5,
    fault_every: float = 0,
    most_kib_an_hour: float = 0,
    most_kib: float = 6 * 1024,
) -> dict[str, float]:
    """A steady load for so long, every connection to the database terminated every `fault_every` seconds.

    The workers' memory after the first fifth must stay flat: grow by `most_kib` at most, and where the run is
    long enough to tell, by no more than `most_kib_an_hour` on the straight line through the samples.
    """
    writers = max(1, round(per_second / 2.5))
    samples: list[tuple[float, float]] = []
    with Storm(ground, streams, writers, boards=2, pause=writers / per_second) as storm:
        began = time.monotonic()
        due = began + fault_every if fault_every else float("inf")
        while (now := time.monotonic()) < began + seconds:
            time.sleep(min(seconds / 40, 10))
            if now > due:
                storm.fault("connections_ended", ground.end_connections, 180)
                due += fault_every
            samples.append((time.monotonic() - began, resident(ground)))
        workers = ground.app.procs
    told = storm.figures()
    steady = [(at, kib) for at, kib in samples if at > seconds / 5]
    slope = slope_of(steady)
    grown = statistics.mean(kib for _, kib in steady[-3:]) - statistics.mean(kib for _, kib in steady[:3])
    told |= {
        "writes_a_second": told["acknowledged"] / told["seconds"],
        "kib_first": steady[0][1],
        "kib_last": steady[-1][1],
        "grown_kib": grown,
        "kib_an_hour": slope,
        "kib_an_hour_later_half": slope_of([one for one in samples if one[0] > seconds / 2]),
    }
    assert_true(told)
    assert grown < most_kib, told
    assert ground.app.procs == workers
    if most_kib_an_hour:
        assert slope < most_kib_an_hour, told
    return told
