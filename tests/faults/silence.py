"""A line to the database that falls silent inside a write, so that its board stays locked (T17, T20)."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg

from activity.models import Activity
from boards.actions import create_card
from boards.models import Board, Card
from tests.activity.sse import wait_for
from tests.faults.ground import Ground, Storm, assert_true
from tests.faults.ledger import Client
from tests.faults.outages import QUICKLY, ask_at_once, busy, crowd, typed_text_is_kept

SOON = 6.0  # seconds: two lock time-outs of three
AT_FIRST = 8.0  # all threads of a worker may be taken for 6 s, after the 2 in which a line is found dead


def inside_a_write(ground: Ground, free_within: float, writers: int = 12) -> dict[str, float]:
    """Every line to the database dies without a word while a worker is inside a write. Meanwhile all pages
    are read and the other board is written to; whoever would write to this one is told so soon, with what
    they typed; it is free within `free_within` seconds; the write that hung is done once when sent again.

    Where that is less than ten seconds, it is free before the dead lines are all replaced, and nobody is
    refused.
    """
    # Slower than they could: a stream that is silent all the while can be told 500 changes, not more.
    with Storm(ground, streams=8, writers=writers, boards=2, pause=0.05 * writers) as storm:
        locked = storm.boards[0]
        card = create_card(locked.columns.in_board_order()[0], "Held", by=storm.owner)
        seats = [watcher.connections for watcher in storm.watchers]
        more = busy(crowd(ground, storm, writers), f"/b/{locked.key}/")
        for poster in storm.posters:
            poster.rest()
            poster.slowest = 0
        client = Client(ground.app.port, storm.clients[0].cookies)
        fields = {"title": "Written once", "request_id": str(uuid.uuid4())}
        with at_a_card(ground, card) as let_go, ThreadPoolExecutor(1) as pool:
            hung = pool.submit(client.try_to, "POST", f"/c/{card.key}/do/retitled/", fields)
            wait_for(lambda: waits_for_it(ground), 120, "the write to be under way")
            ground.line.freeze()
            silent, head = time.monotonic(), head_of(locked)
            let_go()
            for poster in storm.posters:
                poster.go_on()
            told = meanwhile(ground, storm, lambda: head_of(locked) > head, silent + free_within + 60)
            told["free_after"] -= silent
            answered = hung.result(180)
        told["recovery"] = storm.fault("board_free", lambda: None, 180)
        send_again(client, f"/c/{card.key}/do/retitled/", fields)
        cut = [w.connections - n for w, n in zip(storm.watchers, seats, strict=True)]
        told["slowest_write"] = max(poster.slowest for poster in storm.posters)
    ground.line.bury()
    told |= storm.figures()
    assert_true(told)
    assert answered in (503, 0), answered  # 0: the client itself waits no longer than a minute
    assert not told["pages_not_read"], told
    assert told["free_after"] < free_within + more, told
    assert told["slowest_page"] < AT_FIRST + more, told
    assert told["slowest_page_later"] < QUICKLY + more, told
    assert told["slowest_refusal_later"] < SOON + more, told
    assert told["told_to_wait"] == 3 or free_within < 10, told
    assert told["saved_elsewhere"] > 0 or free_within < 10, told
    assert not any(cut), "a stream was cut"
    return told


@contextmanager
def at_a_card(ground: Ground, card: Card) -> Iterator[Callable[[], None]]:
    """Whoever changes that card waits in the middle of the write, until the function is called."""
    with psycopg.connect(ground.urls.app) as holder:
        holder.execute("SELECT 1 FROM boards_card WHERE id = %s FOR UPDATE", [card.pk])
        yield holder.rollback


def waits_for_it(ground: Ground) -> bool:
    with ground.superuser() as superuser:
        waiting = "wait_event_type = 'Lock' AND state = 'active' AND query ILIKE '%%boards_card%%'"
        row = superuser.execute(
            f"SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND {waiting}",
            [ground.name],
        ).fetchone()
    return bool(row and row[0])


def head_of(board: Board) -> int:
    return Board.objects.values_list("seq", flat=True).get(pk=board.pk)


def meanwhile(ground: Ground, storm: Storm, is_free: Callable[[], bool], until: float) -> dict[str, float]:
    """What people see until the board is free, and when that is; what they typed is saved once afterwards."""
    locked, other = storm.boards
    readers, writer = crowd(ground, storm, 3), Client(ground.app.port, storm.clients[0].cookies)
    before = head_of(other)
    statuses: Counter[int] = Counter()
    slowest, told_after, kept = [], [], []
    while not is_free():
        assert time.monotonic() < until, statuses
        answers = ask_at_once(readers, f"/b/{locked.key}/")
        statuses += answers.statuses
        slowest.append(answers.slowest)
        if len(kept) < 3 and len(slowest) > 1 and not is_free():
            began = time.monotonic()
            try:
                kept.append(typed_text_is_kept(writer, f"/c/{locked.key}-1/do/retitled/"))
            except AssertionError:
                if not is_free():
                    raise
                break  # the board came free under the write, which was then made
            told_after.append(time.monotonic() - began)
    free = time.monotonic()
    elsewhere = head_of(other) - before
    for form in kept:
        send_again(writer, form.pop("address"), form)
    return {
        "free_after": free,
        "pages_read": statuses[200],
        "pages_not_read": sum(statuses.values()) - statuses[200],
        "slowest_page": max(slowest),
        "slowest_page_later": max(slowest[1:], default=0),  # once the dead lines are replaced
        "told_to_wait": len(told_after),
        "slowest_refusal_later": max(told_after, default=0),
        "saved_elsewhere": elsewhere,
    }


def send_again(client: Client, path: str, fields: dict[str, str]) -> None:
    """The same write until it is done, and once more; it is done once."""
    wait_for(lambda: client.try_to("POST", path, fields) == 303, 180, "the write that hung")
    assert client.try_to("POST", path, fields) == 303
    assert Activity.objects.filter(request_id=fields["request_id"]).count() == 1
