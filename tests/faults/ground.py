"""Where faults happen: a PostgreSQL and a server of their own, and between them a line that can fail.

For tests and for `bin/bench --faults` alike. The folder is a small file system of its own where this process
may mount one, so that it can be full.
"""

from __future__ import annotations

import contextlib
import os
import signal
import statistics
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg
from django.db import connection, connections

from activity.models import Activity
from boards.actions import create_board, create_card, open_board
from boards.models import Board, Card, Role
from fluxboard.accounts.models import User
from fluxboard.features.verification.verify import verify
from tests.activity.sse import Audience, Message, Reader, wait_for
from tests.conftest import connect_to
from tests.databases import PREFIX, Server
from tests.faults.ledger import Client, Ledger, Poster
from tests.faults.proxy import Proxy
from tests.live import LiveApp

A_PERSON = 15  # streams of one person: all of them may end up in one worker, which takes forty


class Ground:
    """One database, reached by the server through `line`, and by this process directly.

    `enter()` turns this process's models to it, `leave()` back. Whoever breaks something mends it again.
    """

    def __init__(
        self,
        folder: Path,
        static_root: str,
        like: Server | None = None,
        megabytes: int = 0,
        **environment: str,
    ) -> None:
        self.folder = folder
        self.static_root = static_root
        self.environment = environment
        folder.mkdir(parents=True, exist_ok=True)
        self.is_mounted = bool(megabytes) and mounted(folder, megabytes)
        self.server = Server(folder / "var", like)
        self.name = f"{PREFIX}_{os.getpid()}_ground_{uuid.uuid4().hex[:6]}"
        self.urls = self.server.clone(self.name)
        self.line = Proxy(place_of(self.urls.app))
        self.app = LiveApp(through(self.urls.app, self.line.port), static_root, **environment)
        self._others: list[LiveApp] = []
        self._ours = ""

    def enter(self) -> None:
        self._ours = os.environ.get("DATABASE_URL", "")
        connect_to(self.urls.app)

    def leave(self) -> None:
        if self._ours:
            connect_to(self._ours)
        else:
            connections.close_all()

    def another_app(self, **environment: str) -> LiveApp:
        """A second server on the same database, for a second host; ends with the ground."""
        app = LiveApp(through(self.urls.app, self.line.port), self.static_root, **environment)
        self._others.append(app)
        return app

    def close(self) -> None:
        for app in [self.app, *self._others]:
            app.kill()
        self.line.close()
        self.server.close()
        if self.is_mounted:
            subprocess.run(["umount", "-l", str(self.folder)], check=False)

    # -- faults

    @property
    def postmaster(self) -> int:
        """The process id of PostgreSQL's first process."""
        (file,) = self.server.home.glob("data-*/postmaster.pid")
        pid = int(file.read_text().split()[0])
        assert (Path("/proc") / str(pid) / "cwd").readlink() == file.parent
        return pid

    @contextlib.contextmanager
    def superuser(self) -> Iterator[psycopg.Connection]:
        with self.server.superuser() as superuser:
            yield superuser

    def kill_database(self) -> None:
        """kill -9 of its first process; the keeper starts it again."""
        os.kill(self.postmaster, signal.SIGKILL)
        connection.close()

    def end_connections(self, application: str = "%") -> int:
        """Terminate every connection to the database, or those of that application name; how many."""
        with self.superuser() as superuser:
            ended = superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND application_name LIKE %s",
                [self.name, application],
            ).fetchall()
        connection.close()
        return len(ended)

    def connections_of_app(self) -> int:
        """How many connections to the database this server's workers hold: pages', streams' and relays'.

        Counted at the workers: the database may still keep those of other servers of earlier tests, and some
        whose line went dead.
        """
        held = [line for pid in self.app.procs[1:] for line in psutil.Process(pid).net_connections("tcp")]
        return sum(bool(line.raddr) and line.raddr.port == self.line.port for line in held)

    def database_answers(self, seconds: float = 180) -> None:
        """Wait until the database takes connections again."""

        def answers() -> bool:
            try:
                psycopg.connect(self.urls.app, connect_timeout=20).close()
            except psycopg.OperationalError:
                return False
            return True

        wait_for(answers, seconds, "the database")

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        """No byte is free in the folder."""
        filler = self.folder / "filler"
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(1 << 20))
        with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(512))
        try:
            yield
        finally:
            filler.unlink()

    @contextlib.contextmanager
    def read_only(self) -> Iterator[None]:
        """Every connection may only read, as on a standby."""
        self._set_read_only("on")
        try:
            yield
        finally:
            self._set_read_only("off")

    def _set_read_only(self, word: str) -> None:
        with self.superuser() as superuser:
            superuser.execute(f'ALTER DATABASE "{self.name}" SET default_transaction_read_only = {word}')
        self.end_connections()

    @contextlib.contextmanager
    def crowded(self) -> Iterator[int]:
        """Somebody else holds every connection that PostgreSQL gives, also those that were ours; how many."""
        held: list[psycopg.Connection] = []

        def take_all() -> None:
            with contextlib.suppress(psycopg.OperationalError):
                while len(held) < 500:
                    held.append(psycopg.connect(self.urls.app))

        with psycopg.connect(self.urls.superuser, autocommit=True) as superuser:
            try:
                take_all()
                others = "pid <> pg_backend_pid() AND NOT pid = ANY(%s) AND backend_type = 'client backend'"
                for _ in range(3):
                    superuser.execute(
                        f"SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE {others}",
                        [[one.info.backend_pid for one in held]],
                    )
                    take_all()
                connection.close()
                yield len(held)
            finally:
                for one in held:
                    one.close()
                connection.close()

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """The database is killed, and nobody starts it again before the end of the block."""
        keeper = int((self.server.home / "keeper.lock").read_text())
        os.kill(keeper, signal.SIGSTOP)
        try:
            self.kill_database()
            yield
        finally:
            os.kill(keeper, signal.SIGCONT)
            self.database_answers()


def may_mount() -> bool:
    """Whether this process may mount a file system."""
    if os.geteuid() != 0:
        return False
    tried = subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True)
    return tried.returncode == 0


def mounted(folder: Path, megabytes: int) -> bool:
    words = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(folder)]
    return may_mount() and subprocess.run(words, capture_output=True).returncode == 0


def place_of(url: str) -> Path | tuple[str, int]:
    """Where a libpq address leads to."""
    parts = urlsplit(url)
    folder = parse_qs(parts.query).get("host", [""])[0]
    return Path(folder) / ".s.PGSQL.5432" if folder else (str(parts.hostname), parts.port or 5432)


def through(url: str, port: int) -> str:
    """The same address by way of another port of this machine."""
    parts = urlsplit(url)
    who = parts.netloc.rpartition("@")[0]
    return parts._replace(netloc=f"{who}@127.0.0.1:{port}", query="sslmode=disable").geturl()


# --- people, boards, pages ---------------------------------------------------------------------------------


def someone(name: str = "Someone Else") -> User:
    handle = f"p{uuid.uuid4().hex[:12]}"
    return User.objects.create_user(f"{handle}@example.com", name=name, handle=handle)


def make_board(owner: User, *, is_open: bool = True) -> tuple[Board, Card]:
    """A board with one card; everybody who is signed in may read it."""
    board = create_board("Faults", by=owner, key="F" + uuid.uuid4().hex[:6].upper(), starter=False)
    if is_open:
        open_board(board, Role.VIEWER, by=owner)
    card = create_card(board.columns.in_board_order()[0], "First", by=owner)
    board.refresh_from_db()
    return board, card


def header(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


class Tally:
    """In place of a list of frames: counts them, and what is wrong with them. Keeps none."""

    def __init__(self, reader: Watcher) -> None:
        self.reader = reader
        self.count = self.gaps = self.twice = self.altered = 0

    def append(self, message: Message) -> None:
        self.count += 1
        step = message.seq - self.reader.last
        self.twice += step < 1
        self.gaps += max(0, step - 1)
        known = self.reader.seen.setdefault((self.reader.board_id, message.seq), hash(message.data))
        self.altered += known != hash(message.data)


class Watcher(Reader):
    """A page's stream that may run for hours: it keeps counts. `seen` is shared by all of one audience."""

    def __init__(self, seen: dict[tuple[int, int], int], *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.seen = seen
        self.frames = Tally(self)  # type: ignore[assignment]

    @property
    def tally(self) -> Tally:
        return self.frames  # type: ignore[return-value]


class Storm:
    """Pages that are open and people who write, while something breaks.

    `fault(name, break_it)` breaks something, waits until a write that began afterwards has reached every
    page, and keeps how long that took. Leaving the block ends the writers; `figures()` then proves the rest.
    """

    def __init__(
        self, ground: Ground, streams: int, writers: int = 2, boards: int = 1, pause: float = 0.02
    ) -> None:
        self.ground = ground
        self.ledger = Ledger()
        self.owner = someone("Ana Duarte")
        made = [make_board(self.owner) for _ in range(boards)]
        self.boards = [board for board, _ in made]
        self.recovery: dict[str, list[float]] = {}
        seen: dict[tuple[int, int], int] = {}
        self.watchers: list[Watcher] = []
        for number in range(streams):
            if number % A_PERSON == 0:
                cookie = header(ground.app.cookies_for(someone()))
            board = self.boards[number % boards]
            url = f"{ground.app.url}/b/{board.key}/live/"
            self.watchers.append(Watcher(seen, [url], cookie, board.pk, board.seq))
        self.clients = [Client(ground.app.port, ground.app.cookies_for(self.owner)) for _ in range(writers)]
        self.posters = [
            Poster(client, made[number % boards][1], self.ledger, pause)
            for number, client in enumerate(self.clients)
        ]
        self.audience = Audience()

    def __enter__(self) -> Storm:
        self.audience.__enter__()
        try:
            self.audience.seat(*self.watchers, seconds=180)
            self.began = time.monotonic()
            for poster in self.posters:
                poster.start()
            self.go_on(10)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for poster in self.posters:
            poster.stop()
        self.seconds = time.monotonic() - self.began
        if not any(_):
            self.settle()
        self.audience.__exit__()

    def heads(self) -> dict[int, int]:
        return dict(Board.objects.filter(pk__in=[b.pk for b in self.boards]).values_list("pk", "seq"))

    def go_on(self, writes: int = 20, seconds: float = 180) -> None:
        """Return when so many more changes were acknowledged."""
        enough = self.ledger.acknowledged + writes
        wait_for(lambda: self.ledger.acknowledged >= enough, seconds, "more writes")

    def fault(self, name: str, break_it: object, seconds: float = 180) -> float:
        began = time.monotonic()
        break_it()  # type: ignore[operator]
        self.go_on(len(self.posters) + 1, seconds)  # one of them at least began after the fault
        self.reach_head(seconds)
        took = time.monotonic() - began
        self.recovery.setdefault(name, []).append(took)
        return took

    def reach_head(self, seconds: float = 180) -> None:
        """Return when every page has all that is committed now."""
        heads = self.heads()
        try:
            wait_for(lambda: all(w.last >= heads[w.board_id] for w in self.watchers), seconds, "every page")
        except AssertionError:
            behind = [w for w in self.watchers if w.last < heads[w.board_id]]
            told = [(w.last, w.statuses[-3:], w.names()[-3:]) for w in behind[:5]]
            raise AssertionError(f"{len(behind)} pages are not at {heads}: {told}") from None

    def settle(self) -> None:
        self.reach_head()

    def figures(self) -> dict[str, float]:
        """All that was promised, as figures; the first six must be nought (`assert_true`)."""
        connection.close()
        audit = self.ledger.audit()
        faults = [fault for board in self.boards for fault in verify(board)]
        holes = 0
        for board in self.boards:
            board.refresh_from_db()
            seqs = list(Activity.objects.on(board).order_by("seq").values_list("seq", flat=True))
            holes += seqs != list(range(1, board.seq + 1))
        tallies = [watcher.tally for watcher in self.watchers]
        told: dict[str, float] = {
            "gaps": sum(tally.gaps for tally in tallies),
            "twice": sum(tally.twice for tally in tallies) + audit.pop("twice"),
            "altered": sum(tally.altered for tally in tallies) + audit.pop("altered"),
            "lost": audit.pop("lost"),
            "holes": holes,
            "untrue": len(faults),
            "deliveries": sum(tally.count for tally in tallies),
            "streams": len(tallies),
            "reconnects": sum(watcher.connections - 1 for watcher in self.watchers),
            "seconds": self.seconds,
            **audit,
        }
        for name, took in self.recovery.items():
            told[f"recovery_{name}"] = max(took)
            told[f"recovery_{name}_median"] = statistics.median(took)
        return told


def assert_true(told: dict[str, float]) -> None:
    """No gap, no repeat, nothing altered, nothing acknowledged lost, and the tables are as the log says."""
    wrong = {name: told[name] for name in ("gaps", "twice", "altered", "lost", "holes", "untrue")}
    assert not any(wrong.values()), told
    assert told["deliveries"] > 0
    assert told["acknowledged"] > 0
