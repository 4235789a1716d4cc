"""Open streams: from a commit to the last of them, what each weighs, what views leave behind, the cold start.

Two worker processes of the real server. The watchers are a process of their own (`bench.watchers`), and so
are the two bare servers (`bench.bare_server`) that write the same bytes to as many sockets: the floor. Ours
and the floor take turns, commit by commit, so that a busy moment meets both.
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from activity.live.event_store import BoardStorage
from activity.live.ring_buffer import encode
from activity.log import record as recording
from bench.figures import Figure
from boards import actions
from boards.models import Board, Card, Role
from fluxboard.accounts.models import User
from fluxboard.server.embedded_postgres.addresses import PROJECT
from tests.live import LiveApp, collect_static

SIZES = (1000, 200, 50)  # streams, in the order in which they are measured
COMMITS = 100
PAUSE = 0.05
STREAMS_A_PERSON = 20  # well under the forty a worker that one person may have
CARDS = 100
VIEWS = int(os.environ.get("BENCH_VIEWS") or 2000)
SETTLE = 20  # seconds: one keep-alive to everyone, and presence is told
GONE = 9  # seconds: the list of who is there knows that someone went
STARTS = 3


def run() -> list[Figure]:
    """All of it; every figure of the fan-out with its floor."""
    from tests.conftest import connect_to
    from tests.databases import Server

    server = Server()
    name = f"fluxboard_test_{os.getpid()}_bench"
    with ExitStack() as stack:
        stack.callback(server.close)
        stack.callback(server.drop, name)
        connect_to(server.clone(name).app)
        board, card, people = _board()
        figures = []
        with _app() as app:
            stage = Stage(app, board, card, people)
            figures += stage.measure()
        with _app() as app:
            figures += _views(app, board, card, people[0])
        from django.db import connections

        connections.close_all()
    return figures + _cold_start()


def _board() -> tuple[Board, Card, list[User]]:
    people = [
        User.objects.create_user(f"p{number}@example.com", name=f"Person {number}")
        for number in range(-(-max(SIZES) // STREAMS_A_PERSON))
    ]
    board = actions.create_board("Watched", by=people[0], key="WTC", starter=False)
    for person in people[1:]:
        actions.add_member(board, person, Role.MEMBER, by=people[0])
    column = board.columns.in_board_order()[0]
    cards = actions.create_cards(column, "\n".join(f"Card {number}" for number in range(CARDS)), by=people[0])
    return board, cards[0], people


@contextmanager
def _app() -> Iterator[LiveApp]:
    app = LiveApp(os.environ["DATABASE_URL"], str(collect_static()), LOG_LEVEL="WARNING")
    try:
        yield app
    finally:
        app.kill()


# --- the fan-out -------------------------------------------------------------------------------------------


class Child:
    """A process of the benchmark, ended with the block."""

    def __init__(self, module: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", module], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.process.stdin
        assert self.process.stdout
        self.stdin, self.stdout = self.process.stdin, self.process.stdout

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def say(self, words: bytes) -> None:
        self.stdin.write(words)
        self.stdin.flush()

    def ask(self, **order: Any) -> dict[str, int]:
        self.say(json.dumps(order).encode() + b"\n")
        answer: dict[str, int] = json.loads(self.stdout.readline())
        return answer


class Stage:
    """The real server with its watchers, and beside it the bare ones with as many."""

    def __init__(self, app: LiveApp, board: Board, card: Card, people: list[User]) -> None:
        self.app, self.board, self.card, self.people = app, board, card, people
        self.missing = 0
        self.committed = 0
        self.floor_seq = 0

    def measure(self) -> list[Figure]:
        with ExitStack() as stack:
            self.watchers = stack.enter_context(Child("bench.watchers"))
            self.bare = [stack.enter_context(Child("bench.bare_server")) for _ in range(2)]
            ports = [int(bare.stdout.readline()) for bare in self.bare]
            self._warm_up()
            at_rest = _memory(self.app)
            self._seat(max(SIZES), ports)
            time.sleep(SETTLE)
            figures = _stream_memory(at_rest, _memory(self.app))
            seated = max(SIZES)
            for size in SIZES:
                for group in ("ours", "bare"):
                    self.watchers.ask(close=seated - size, group=group)
                seated = size
                time.sleep(GONE)
                figures += self._fan_out(size)
        return [*figures, Figure("stream_missing", self.missing, "")]

    def _warm_up(self) -> None:
        """Each worker has shown pages and held streams before anything is measured."""
        cookie = _cookie(self.app, self.people[0])
        for connection in [http.client.HTTPConnection("127.0.0.1", self.app.port) for _ in range(8)]:
            for path in ("/", f"/b/{self.board.key}/"):
                connection.request("GET", path, headers={"Cookie": cookie})
                connection.getresponse().read()
            connection.close()
        self.watchers.ask(open=[self._place(cookie) for _ in range(8)], group="first")
        self._commit()
        self.watchers.ask(close=8, group="first")
        time.sleep(1)

    def _place(self, cookie: str) -> list[Any]:
        seq = Board.objects.values_list("seq", flat=True).get(pk=self.board.pk)
        words = (
            f"GET /b/{self.board.key}/live/?lastEventId=board-{self.board.pk}:{seq} HTTP/1.1\r\n"
            f"Host: 127.0.0.1\r\nCookie: {cookie}\r\nAccept: text/event-stream\r\n\r\n"
        )
        return [self.app.port, words, seq]

    def _seat(self, number: int, ports: list[int]) -> None:
        places = []
        for person in self.people:
            place = self._place(_cookie(self.app, person))
            places += [place] * STREAMS_A_PERSON
        opened = self.watchers.ask(open=places[:number], group="ours")["opened"]
        self.floor_seq = seq = places[0][2]
        bare = [[ports[n % 2], "GET / HTTP/1.1\r\n\r\n", seq] for n in range(number)]
        opened_bare = self.watchers.ask(open=bare, group="bare")["opened"]
        if opened != number or opened_bare != number:
            raise RuntimeError(f"{opened} and {opened_bare} of {number} streams were opened")

    def _fan_out(self, size: int) -> list[Figure]:
        ours, floor = [], []
        used = self._processor()
        for turn in range(COMMITS + 5):
            time.sleep(PAUSE)
            seq, began = self._commit()
            here = self.watchers.ask(reach=seq, group="ours")
            frame = encode(BoardStorage().get_events(self.board.channel, seq - 1)[0])
            time.sleep(PAUSE)
            bare_began = self._write_bare(frame)
            bare = self.watchers.ask(reach=seq, group="bare")
            self.missing += here["missing"] + bare["missing"]
            if turn >= 5:
                ours.append((here["last"] - began) / 1e6)
                floor.append((bare["last"] - bare_began) / 1e6)
        deliveries = (COMMITS + 5) * size
        each, bare_each = (
            (after - before) / deliveries * 1e6 for before, after in zip(used, self._processor(), strict=True)
        )
        return [
            Figure(f"fanout_{size}_processor_each", each, "µs", bare_each),
            Figure(f"fanout_{size}_p50", statistics.median(ours), "ms", statistics.median(floor)),
            Figure(f"fanout_{size}_p99", _p99(ours), "ms", _p99(floor)),
        ]

    def _processor(self) -> tuple[float, float]:
        """Seconds of the processor that the workers have used, and the bare servers."""
        workers, bare = self.app.procs[1:], [child.process.pid for child in self.bare]
        return sum(map(_processor_seconds, workers)), sum(map(_processor_seconds, bare))

    def _commit(self) -> tuple[int, int]:
        """Change the card; the seq, and the moment after COMMIT and before NOTIFY."""
        moments = []
        notify = recording.notify

        def timed(payload: str) -> None:
            moments.append(time.monotonic_ns())
            notify(payload)

        recording.notify = timed
        try:
            self.committed += 1
            card = actions.retitle_card(self.card, f"Title number {self.committed}", by=self.people[0])
        finally:
            recording.notify = notify
        return card.version, moments[0]

    def _write_bare(self, frame: bytes) -> int:
        words = b"%x\r\n%s\r\n" % (len(frame), frame)
        began = time.monotonic_ns()
        for bare in self.bare:
            bare.say(len(words).to_bytes(4) + words)
        return began


def _p99(values: list[float]) -> float:
    return sorted(values)[max(0, int(len(values) * 0.99) - 1)]


def _cookie(app: LiveApp, person: User) -> str:
    return "; ".join(f"{name}={value}" for name, value in app.cookies_for(person).items())


# --- memory ------------------------------------------------------------------------------------------------


def _memory(app: LiveApp) -> dict[str, list[int]]:
    """KiB of each worker: resident, and its own share of what several processes have in common."""
    found: dict[str, list[int]] = {"Rss": [], "Pss": []}
    for pid in app.procs[1:]:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in found:
                found[name].append(int(rest.split()[0]))
    return found


def _stream_memory(before: dict[str, list[int]], after: dict[str, list[int]]) -> list[Figure]:
    figures = [
        Figure("worker_rest_mib", statistics.mean(before["Rss"]) / 1024, "MiB"),
        Figure("worker_rest_pss_mib", statistics.mean(before["Pss"]) / 1024, "MiB"),
    ]
    grown = (sum(after["Rss"]) - sum(before["Rss"])) / max(SIZES)
    return [*figures, Figure("stream_kib", grown, "KiB")]


def _views(app: LiveApp, board: Board, card: Card, person: User) -> list[Figure]:
    """What a worker has grown by after so many page views, the first fifth taken as its warming up."""
    headers = {"Cookie": _cookie(app, person), "Accept-Encoding": "gzip"}
    pages = ["/", f"/b/{board.key}/", card.get_absolute_url(), "/standup/"]
    connections = [http.client.HTTPConnection("127.0.0.1", app.port) for _ in range(4)]

    def view(number: int) -> None:
        connection = connections[number % len(connections)]
        path = pages[number // len(connections) % len(pages)]
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
        except http.client.RemoteDisconnected:  # it was idle for longer than the server keeps it
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} for a page")

    for number in range(VIEWS // 5):
        view(number)
    before = _memory(app)["Rss"]
    began = time.monotonic()
    for number in range(VIEWS):
        view(number)
    took = time.monotonic() - began
    after = _memory(app)["Rss"]
    print(f"{VIEWS} views in {took:.0f} s; MiB before and after: {before} {after}", file=sys.stderr)
    grown = max(b - a for a, b in zip(before, after, strict=True)) / 1024
    return [Figure(f"worker_growth_after_{VIEWS}_views_mib", grown, "MiB")]


# --- the cold start ----------------------------------------------------------------------------------------


def _cold_start() -> list[Figure]:
    """Seconds from `bin/serve` on kept data until `/readyz` is 200, and the processor's share of it."""
    from tests.installation import Installation

    with tempfile.TemporaryDirectory(prefix="fluxboard-bench-") as folder:
        place = Installation(Path(folder) / "var")
        try:
            place.start()
            place.stop()
            took = [_one_start(place) for _ in range(STARTS)]
        finally:
            place.kill_everything()
    whole, used = (statistics.median(values) for values in zip(*took, strict=True))
    return [Figure("cold_start_s", whole, "s"), Figure("cold_start_processor_s", used, "s")]


def _one_start(place: Any) -> tuple[float, float]:
    began = time.monotonic()
    place.begin()
    while not place.answers():
        time.sleep(0.02)
    took = time.monotonic() - began
    used = sum(map(_processor_seconds, place.processes()))
    place.stop()
    if not place.nothing_left():
        raise RuntimeError("bin/serve left processes behind")
    return took, used


def _processor_seconds(pid: int) -> float:
    """Of the process and of its children that ended."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")
