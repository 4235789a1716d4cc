"""Workers, connections and the database die in the middle of writes; every page ends at head all the same."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, InterfaceError, close_old_connections, connection, transaction
from psycopg import sql

from activity.models import Activity
from activity.recording import notify
from boards.actions import create_card, retitle_card
from boards.models import Board
from fluxboard import embedded_postgres
from tests import databases
from tests.activity.sse import Audience, Reader, Response, wait_for
from tests.activity.test_stream_live import Stage, stage_on
from tests.conftest import connect_to, own_database_name
from tests.live import LiveApp

pytestmark = pytest.mark.faults

READERS = 100


@pytest.fixture
def audience() -> Iterator[Audience]:
    with Audience() as audience:
        yield audience


@pytest.fixture
def stage(shared_app: LiveApp) -> Stage:
    return stage_on(shared_app)


class Writer:
    """Writes without a pause in a thread of its own, and keeps what was acknowledged."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.acknowledged: dict[int, str] = {}
        self.problem: Exception | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(20)

    def _run(self) -> None:
        while not self._stop.is_set():
            title = f"Title {uuid.uuid4()}"
            try:
                close_old_connections()
                card = retitle_card(self.stage.card, title, by=self.stage.owner)
            except (DatabaseError, InterfaceError) as problem:
                self.problem = problem
                connection.close()
                time.sleep(0.1)
            else:
                self.acknowledged[card.version] = title
            time.sleep(0.01)
        connection.close()

    def goes_on(self, writes: int = 20) -> None:
        """Return when so many more writes were acknowledged."""
        enough = len(self.acknowledged) + writes
        try:
            wait_for(lambda: len(self.acknowledged) >= enough, 30, "more writes")
        except AssertionError:
            raise AssertionError(f"no more writes, because of {self.problem!r}") from self.problem


def seat_hundred(stage: Stage, audience: Audience) -> list[Reader]:
    cookies = [stage.cookie(user) for user in (stage.owner, stage.member)]
    readers = []
    for n in range(READERS):
        reader = stage.reader(stage.owner)
        reader.cookie = cookies[n % 2]
        readers.append(reader)
    audience.seat(*readers)
    return readers


def all_at_head(stage: Stage, readers: list[Reader], seconds: float = 30) -> float:
    head = stage.seq
    try:
        return wait_for(lambda: all(reader.last == head for reader in readers), seconds, "every page at head")
    except AssertionError:
        behind = [reader for reader in readers if reader.last != head]
        told = [(reader.last, reader.statuses[-3:], reader.names()[-3:]) for reader in behind[:5]]
        raise AssertionError(f"{len(behind)} pages are not at head {head}: {told}") from None


def assert_nothing_is_lost(stage: Stage, readers: list[Reader], writer: Writer) -> None:
    assert all(reader.is_gapless for reader in readers)
    logged = list(Activity.objects.filter(board=stage.board).order_by("seq").values_list("seq", "verb"))
    assert [seq for seq, _ in logged] == list(range(1, stage.seq + 1))
    assert set(writer.acknowledged) <= {seq for seq, verb in logged if verb == "card.retitled"}


def settled(stage: Stage, readers: list[Reader], writer: Writer) -> None:
    """All has come, each once and in order, and all that was acknowledged is in the log."""
    all_at_head(stage, readers)
    assert_nothing_is_lost(stage, readers, writer)


def test_workers_connections_and_the_server_itself_end_under_a_hundred_open_pages(
    live_app: LiveApp, audience: Audience, postgres_server: databases.Server
) -> None:
    """kill -9 of a worker, every connection terminated, a reload, a stop and a start; writes never pause."""
    stage = stage_on(live_app)
    readers = seat_hundred(stage, audience)
    with Writer(stage) as writer:
        writer.goes_on(20)
        live_app.kill_worker()
        writer.goes_on(50)
        terminate_all_connections(postgres_server)
        writer.goes_on(50)
        server, *old = live_app.procs
        os.kill(server, signal.SIGHUP)
        writer.goes_on(50)
    wait_for(lambda: len(live_app.procs) == 3 and not {*old} & {*live_app.procs}, 60, "new workers")
    settled(stage, readers, writer)
    wait_for(lambda: all(reader.is_open for reader in readers), 20, "everyone to be back")

    processes = live_app.procs
    took = stop(live_app)
    assert took < 8
    assert all("bye" in reader.names() for reader in readers)
    assert not any(Path(f"/proc/{pid}").exists() for pid in processes)

    stage.write(3)
    live_app.start()
    settled(stage, readers, writer)


def terminate_all_connections(server: databases.Server) -> None:
    """Of this test's database: the pages', the relays', and our own."""
    with server.superuser() as superuser:
        superuser.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [connection.settings_dict["NAME"]],
        )
    connection.close()


def stop(app: LiveApp) -> float:
    """SIGTERM; how long until it had ended."""
    assert app.process is not None
    began = time.monotonic()
    app.terminate()
    app.process.wait(10)
    return time.monotonic() - began


@pytest.fixture
def own_server(
    django_db_setup: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[databases.Server]:
    """A durable PostgreSQL server for this test alone, which may be killed."""
    monkeypatch.setattr(databases, "VAR", tmp_path / "var")
    monkeypatch.setenv("FLUXBOARD_TEST_DURABLE", "1")
    server = databases.Server()
    yield server
    server.close()


@pytest.fixture
def stage_on_own_server(
    own_server: databases.Server, static_root: str, django_db_blocker: pytest.FixtureRequest
) -> Iterator[Stage]:
    ours = os.environ["DATABASE_URL"]
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        connect_to(own_server.clone(own_database_name("killed")).app)
        app = LiveApp(os.environ["DATABASE_URL"], static_root)
        yield stage_on(app)
        app.stop()
        connect_to(ours)


def test_the_database_is_killed_and_comes_back(
    stage_on_own_server: Stage, audience: Audience, own_server: databases.Server
) -> None:
    stage = stage_on_own_server
    readers = seat_hundred(stage, audience)
    # Fifty pages a person: a worker that got more than forty of them has turned some to the other one.
    seated = [reader.connections for reader in readers]
    with Writer(stage) as writer:
        writer.goes_on(50)
        with own_server.superuser() as superuser:
            (folder,) = superuser.execute("SHOW data_directory").fetchone() or ("",)
        postmaster = int((Path(folder) / "postmaster.pid").read_text().split()[0])
        os.kill(_as_seen_here(postmaster, Path(folder)), signal.SIGKILL)
        connection.close()
        writer.goes_on(50)
    connection.close()
    settled(stage, readers, writer)
    cut = [
        (reader.statuses, reader.names()[-6:])
        for reader, connections in zip(readers, seated, strict=True)
        if reader.connections != connections
    ]
    assert not cut  # a page need not even notice


def _as_seen_here(pid: int, folder: Path) -> int:
    """The server's process id outside a namespace is the same; make sure that it is that server."""
    assert (Path("/proc") / str(pid) / "cwd").readlink() == folder
    return pid


def test_a_restored_backup_resets_the_pages_that_saw_its_future(
    live_app: LiveApp, audience: Audience, postgres_server: databases.Server
) -> None:
    """The board writes on past where they stood, so that seq alone would not tell them."""
    stage = stage_on(live_app)  # of its own: the server needs seconds until it has every connection again
    name = connection.settings_dict["NAME"]
    kept = f"{name}_kept"
    stage.write(2)
    with alone_with(postgres_server, name) as superuser:
        owner = sql.Identifier(embedded_postgres.OWNER)
        create = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
        superuser.execute(create.format(sql.Identifier(kept), owner, sql.Identifier(name)))
    future = stage.write(5)
    readers = [stage.reader(stage.owner) for _ in range(4)]
    audience.seat(*readers)
    before = polled_database(stage, audience)
    with alone_with(postgres_server, name) as superuser:
        superuser.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        superuser.execute(rename.format(sql.Identifier(kept), sql.Identifier(name)))
    head = stage.write(12)
    assert head == future + 7
    wait_for(lambda: all("stream-reset" in reader.names() for reader in readers), 30, "everyone to be told")
    assert all(not reader.frames for reader in readers), "nothing of the other past"
    assert polled_database(stage, audience) != before
    again = stage.reader(stage.owner)
    audience.seat(again)
    stage.write(3)
    all_at_head(stage, [again])


def polled_database(stage: Stage, audience: Audience) -> str:
    """The database's identity, as a page without a stream of its own is told."""

    cookie = stage.cookie(stage.owner)

    async def ask() -> str:
        response = await Response.get(f"{stage.url}?poll=1", {"Cookie": cookie})
        (told,) = [message async for message in response.messages() if message.name == "keep-alive"]
        return str(told.json["database"])

    return audience.do(ask())


@contextlib.contextmanager
def alone_with(server: databases.Server, name: str) -> Iterator[psycopg.Connection]:
    """The superuser, while nobody is connected to that database or can be; afterwards they can again."""
    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with server.superuser() as superuser:
        superuser.execute(allow.format(sql.Identifier(name), sql.Literal(False)))
        connection.close()
        superuser.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        yield superuser
        superuser.execute(allow.format(sql.Identifier(name), sql.Literal(True)))


def test_lost_notifications_cost_seconds_not_events(
    stage: Stage, audience: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = [stage.reader(stage.owner) for _ in range(6)]
    audience.seat(*readers)
    monkeypatch.setattr("activity.recording.notify", lambda payload: None)
    stage.write(5)
    assert 0.5 < all_at_head(stage, readers) < 4
    monkeypatch.undo()
    stage.write()
    assert all_at_head(stage, readers) < 2
    assert all(reader.is_gapless for reader in readers)


def test_what_was_rolled_back_never_came(stage: Stage, audience: Audience) -> None:
    reader = stage.reader(stage.owner)
    audience.seat(reader)
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        retitle_card(stage.card, "A phantom", by=stage.owner)
        notify(f"{stage.board.pk}:{stage.seq}")
        create_card(stage.card.column, "Another phantom", by=stage.owner)
        raise ZeroDivisionError
    notify(f"{stage.board.pk}:{reader.last + 1}")
    head = stage.write(2)
    wait_for(lambda: reader.last == head, 5, "the real ones")
    assert reader.is_gapless
    assert not any("hantom" in message.data for message in reader.frames)
    assert Board.objects.get(pk=stage.board.pk).seq == head


def test_a_slow_page_holds_up_nobody_and_gets_everything(stage: Stage, audience: Audience) -> None:
    slow = audience.do(
        Response.get(
            f"{stage.url}?lastEventId=board-{stage.board.pk}:{stage.seq}",
            {"Cookie": stage.cookie(stage.member)},
            buffer=1024,
        )
    )
    quick = stage.reader(stage.owner)
    first = quick.last
    audience.seat(quick)
    slow.writer.transport.pause_reading()  # type: ignore[attr-defined]
    worst = 0.0
    for _ in range(5):
        stage.write(50)
        worst = max(worst, all_at_head(stage, [quick]))
    assert worst < 2
    head = stage.seq
    slow.writer.transport.resume_reading()  # type: ignore[attr-defined]

    async def rest() -> list[int]:
        got: list[int] = []
        async for message in slow.messages():
            if not message.name:
                got.append(message.seq)
                if message.seq == head:
                    break
        return got

    assert audience.do(rest()) == list(range(first + 1, head + 1))
