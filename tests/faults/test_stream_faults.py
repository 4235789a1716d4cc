"""A restored backup, lost notifications and what was rolled back: what pages may and may not be told.

What ends by force is in `test_crashes.py`, what is there but no use in `test_outages.py`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection, transaction
from psycopg import sql

from activity.live import relay
from activity.log.notify import notify
from boards.actions import create_card, retitle_card
from boards.models import Board
from fluxboard.server.embedded_postgres import addresses
from tests import databases
from tests.activity.sse import Audience, Reader, Response, wait_for
from tests.activity.stage import Stage, stage_on
from tests.live import PATIENCE, LiveApp

pytestmark = pytest.mark.faults


@pytest.fixture
def audience() -> Iterator[Audience]:
    with Audience() as audience:
        yield audience


@pytest.fixture
def stage(shared_app: LiveApp) -> Stage:
    return stage_on(shared_app)


def all_at_head(stage: Stage, readers: list[Reader], seconds: float = PATIENCE) -> float:
    head = stage.seq
    try:
        return wait_for(lambda: all(reader.last == head for reader in readers), seconds, "every page at head")
    except AssertionError:
        behind = [reader for reader in readers if reader.last != head]
        told = [(reader.last, reader.statuses[-3:], reader.names()[-3:]) for reader in behind[:5]]
        raise AssertionError(f"{len(behind)} pages are not at head {head}: {told}") from None


def test_a_restored_backup_resets_the_pages_that_saw_its_future(
    live_app: LiveApp, audience: Audience, postgres_server: databases.Server
) -> None:
    """The board writes on past where they stood, so that seq alone would not tell them."""
    stage = stage_on(live_app)  # of its own: the server needs seconds until it has every connection again
    name = connection.settings_dict["NAME"]
    kept = f"{name}_kept"
    stage.write(2)
    with alone_with(postgres_server, name) as superuser:
        owner = sql.Identifier(addresses.OWNER)
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
    wait_for(lambda: all("stream-reset" in one.names() for one in readers), PATIENCE, "everyone to be told")
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
    """The polls bring them. How soon is theirs to say: on a busy machine they are late, and still come."""
    readers = [stage.reader(stage.owner) for _ in range(6)]
    audience.seat(*readers)
    lost: list[str] = []
    monkeypatch.setattr("activity.log.record.notify", lost.append)
    stage.write(5)
    assert all_at_head(stage, readers) < 10 * relay.POLL
    assert lost[-1] == f"{stage.board.pk}:{stage.seq}", "nobody was notified of it"
    monkeypatch.undo()
    stage.write()
    all_at_head(stage, readers)
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
    wait_for(lambda: reader.last == head, PATIENCE, "the real ones")
    assert reader.is_gapless
    assert not any("hantom" in message.data for message in reader.frames)
    assert Board.objects.get(pk=stage.board.pk).seq == head
