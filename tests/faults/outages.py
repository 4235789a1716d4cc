"""A database that is there but no use: full of connections, read-only, slow, without space, away (T20)."""

from __future__ import annotations

import http.client
import os
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from activity.models import Activity
from tests.contracts.markup import parse
from tests.faults.ground import Ground, Storm, assert_true
from tests.faults.ledger import Client


def threads_of(ground: Ground) -> int:
    """The threads of the busiest worker."""
    return max(len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in ground.app.procs[1:])


class Answers:
    """What came back when many asked at once: statuses and how long each took."""

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.took: list[float] = []
        self.texts: dict[int, str] = {}
        self.retry_after: set[str] = set()

    @property
    def slowest(self) -> float:
        return max(self.took)


def ask_until_well(clients: Sequence[Client], path: str) -> Answers:
    """`ask_at_once`, again while a machine that does other work has a page take longer than it may here."""
    until = time.monotonic() + 180
    while (answers := ask_at_once(clients, path)).statuses.keys() != {200} and time.monotonic() < until:
        pass
    return answers


def ask_at_once(clients: Sequence[Client], path: str, each: int = 1) -> Answers:
    """Every client asks for `path`, `each` times in a row, all at the same time."""
    answers = Answers()
    lock = threading.Lock()

    def ask(client: Client) -> None:
        for _ in range(each):
            began = time.monotonic()
            try:
                status, headers, text = client.ask("GET", path)
            except (OSError, http.client.HTTPException):
                status, headers, text = 0, {}, ""
            with lock:
                answers.took.append(time.monotonic() - began)
                answers.statuses[status] += 1
                answers.texts[status] = text
                if status == 503:
                    answers.retry_after.add(headers.get("Retry-After", ""))

    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(ask, clients))
    return answers


PAGES = ["/", "/b/{key}/", "/c/{key}-1/", "/b/{key}/standup/", "/waiting/", "/search/?q=first", "/me/"]
QUICKLY = 5.0  # seconds: the pool's four and one to answer in
TYPED = "Typed & <not> to be lost"


def no_connection_is_left(ground: Ground, askers: int = 16, each: int = 3) -> dict[str, float]:
    """Somebody else holds every connection of the database: pages say so soon, however many ask, no thread
    piles up, open streams stay open, and all works again when there is room."""
    with Storm(ground, streams=8, writers=1) as storm:
        seats = [watcher.connections for watcher in storm.watchers]
        path, clients = f"/b/{storm.boards[0].key}/", crowd(ground, storm, askers)
        more = busy(clients, path, each)
        threads = threads_of(ground)
        with ground.crowded() as held:
            answers = ask_at_once(clients, path, each)
            piled = threads_of(ground) - threads
        again = storm.fault("connections_given_back", lambda: None)
        cut = [w.connections - n for w, n in zip(storm.watchers, seats, strict=True)]
    told = storm.figures() | {
        "held": held,
        "answers_503": answers.statuses[503],
        "slowest_answer": answers.slowest,
        "more_threads": piled,
        "recovery": again,
    }
    assert_true(told)
    assert answers.statuses[503] > 0, answers.statuses
    assert set(answers.statuses) <= {200, 503}, answers.statuses
    assert answers.slowest < QUICKLY + more, told
    assert piled <= 6, told  # psycopg's pool starts its few workers when it is first needed
    assert not any(cut), "a stream was cut"
    return told


def the_database_is_away(ground: Ground, seconds: float = 5, askers: int = 12) -> dict[str, float]:
    """Killed, and not started for so long: every page answers 503 soon, with when to come back; what was
    typed stands on the page; streams stay open; afterwards all is as if nothing had been."""
    with Storm(ground, streams=8, writers=1) as storm:
        seats = [watcher.connections for watcher in storm.watchers]
        key = storm.boards[0].key
        clients = crowd(ground, storm, askers)
        more = busy(clients, f"/b/{key}/")
        threads = threads_of(ground)
        statuses: Counter[int] = Counter()
        slowest = []
        with ground.away():
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                answers = ask_at_once(clients, f"/b/{key}/")
                statuses += answers.statuses
                slowest.append(answers.slowest)
            kept = typed_text_is_kept(clients[0], f"/c/{key}-1/do/retitled/")
            piled = threads_of(ground) - threads
        again = storm.fault("database_back", lambda: None)
        send_kept(clients[0], kept)
        cut = [w.connections - n for w, n in zip(storm.watchers, seats, strict=True)]
    told = storm.figures() | {
        "answers_503": statuses[503],
        "slowest_answer": max(slowest),
        "slowest_answer_later": max(slowest[1:], default=0),
        "more_threads": piled,
        "recovery": again,
    }
    assert_true(told)
    assert set(statuses) == {503}, statuses
    assert max(slowest) < QUICKLY + more, told
    assert piled <= 6, told
    assert not any(cut), "a stream was cut"
    return told


def busy(clients: Sequence[Client], path: str, each: int = 1) -> float:
    """How many seconds more than the server's own limits an answer may take on this machine, as it is now.

    Measured while all is well: without those limits there would be no end, however idle the machine.
    """
    return 20.0 + 5 * ask_at_once(clients, path, each).slowest


def only_reading_is_possible(ground: Ground) -> dict[str, float]:
    """As on a standby: every page can be read, a change is a 503 that keeps what was typed, and the same form
    sent again once writing works is done once."""
    with Storm(ground, streams=8, writers=1) as storm:
        key = storm.boards[0].key
        client = Client(ground.app.port, storm.clients[0].cookies)
        seats = [watcher.connections for watcher in storm.watchers]
        with ground.read_only():
            pages = {path: client.try_to("GET", path.format(key=key)) for path in PAGES}
            kept = typed_text_is_kept(client, f"/c/{key}-1/do/retitled/")
        again = storm.fault("writable_again", lambda: None)
        send_kept(client, kept)
        cut = [w.connections - n for w, n in zip(storm.watchers, seats, strict=True)]
    told = storm.figures() | {"recovery": again, "pages_read": len(pages)}
    assert_true(told)
    assert set(pages.values()) == {200}, pages
    assert not any(cut), "a stream was cut"
    return told


def the_way_is_slow(ground: Ground, page_seconds: float) -> dict[str, float]:
    """Every piece to and from the database is 0.02 s late: pages still come, and changes reach the streams.
    Then 1 s late: a page is given up after `page_seconds`. Then all lines are dead without a word: likewise.
    The process says that it lives all the while, and no stream is cut."""
    # Slower than it could: a stream that is silent all the while can be told the last 500 changes, not more.
    with Storm(ground, streams=8, writers=1, pause=0.1) as storm:
        path = f"/b/{storm.boards[0].key}/"
        clients = crowd(ground, storm, 4)
        seats = [watcher.connections for watcher in storm.watchers]
        more = busy(clients, path)
        ground.line.delay = 0.02
        slow = ask_until_well(clients, path)
        storm.go_on(5)
        ground.line.delay = 1.0
        lives = ask_at_once(clients, "/healthz")
        hardly = ask_at_once(clients, path)
        ground.line.delay = 0.0
        slow_again = storm.fault("quick_again", lambda: None)
        # A board that is being written to just then stays locked until PostgreSQL gives the writer up.
        for poster in storm.posters:
            poster.rest()
        ground.line.freeze()
        dead = ask_at_once(clients, path)
        for poster in storm.posters:
            poster.go_on()
        again = storm.fault("dead_lines_replaced", lambda: None, 180)
        well = ask_until_well(clients, path)
        cut = [w.connections - n for w, n in zip(storm.watchers, seats, strict=True)]
    told = storm.figures() | {
        "slow_page": slow.slowest,
        "given_up_after": hardly.slowest,
        "given_up_after_on_dead_lines": dead.slowest,
        "recovery_slow": slow_again,
        "recovery_dead": again,
    }
    assert_true(told)
    assert set(slow.statuses) == {200}, slow.statuses
    assert set(hardly.statuses) == {503}, hardly.statuses
    assert set(lives.statuses) == {200}
    assert lives.slowest < page_seconds + more
    assert set(dead.statuses) <= {200, 503}, dead.statuses
    assert max(hardly.slowest, dead.slowest) < page_seconds + more, told
    assert set(well.statuses) == {200}, well.statuses
    assert not any(cut), "a stream was cut"
    return told


def nothing_can_be_written(ground: Ground) -> dict[str, float]:
    """The disk under `var/` is full: a change is a clear 503 or is saved, never half; with space again
    everything goes on by itself, and a backup onto the full disk is one line and leaves no file."""
    assert ground.is_mounted
    with Storm(ground, streams=8, writers=2, pause=0.005) as storm:
        client = Client(ground.app.port, storm.clients[0].cookies)
        path = f"/c/{storm.boards[0].key}-1/do/specified/"
        with ground.full():
            statuses: Counter[int] = Counter()
            until = time.monotonic() + 180
            while statuses[503] < 3 and time.monotonic() < until:
                fields = {"what": os.urandom(4500).hex(), "request_id": str(uuid.uuid4())}
                statuses[client.try_to("POST", path, fields)] += 1
            time.sleep(1)
        ground.database_answers(180)
        again = storm.fault("space_again", lambda: None, 180)
    told = storm.figures() | {"answers_503": statuses[503], "recovery": again}
    assert_true(told)
    assert statuses[503] >= 3, statuses
    assert set(statuses) <= {200, 303, 503}, statuses
    return told


def crowd(ground: Ground, storm: Storm, size: int) -> list[Client]:
    return [Client(ground.app.port, storm.clients[0].cookies) for _ in range(size)]


def typed_text_is_kept(client: Client, path: str) -> dict[str, str]:
    """Send a change that cannot be made: a 503 whose page holds the whole form. What that form would send."""
    fields = {"title": TYPED, "request_id": str(uuid.uuid4())}
    status, headers, text = client.ask("POST", path, fields)
    assert status == 503, (status, text)
    assert int(headers["Retry-After"]) > 0
    page = parse(text)
    (form,) = page.all("form")
    assert form.attrs["action"] == path
    sent = {field.attrs["name"]: field.attrs["value"] for field in form.all("input")}
    sent |= {field.attrs["name"]: field.text.strip() for field in form.all("textarea")}
    assert sent["title"] == TYPED
    assert sent["request_id"] == fields["request_id"]
    return sent | {"address": path}


def send_kept(client: Client, kept: dict[str, str]) -> None:
    """Press the button of that page, twice: done once."""
    path = kept.pop("address")
    assert [client.try_to("POST", path, kept) for _ in range(2)] == [303, 303]
    assert Activity.objects.filter(request_id=kept["request_id"]).count() == 1
