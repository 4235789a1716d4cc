"""Frames are read within the event loop, by one connection that is replaced when it turns out to be dead."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from activity.live import database
from activity.live.database import FrameReader
from activity.live.event_store import read_span
from boards import actions
from boards.models import Board, Column
from fluxboard.accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def history(board: Board, ready: Column, ana: User) -> None:
    actions.create_cards(ready, "One\nTwo\nThree", by=ana)
    board.refresh_from_db()


def told(story: Callable[[FrameReader, psycopg.AsyncConnection[Any]], Awaitable[Any]]) -> Any:
    """What `story` comes to with a reader and somebody else's connection."""
    parameters = connection.get_connection_params() | {"cursor_factory": psycopg.AsyncCursor}

    async def whole() -> Any:
        async with AsyncExitStack() as stack:
            other = await psycopg.AsyncConnection.connect(**parameters, autocommit=True)
            stack.push_async_callback(other.close)
            reader = FrameReader()
            stack.push_async_callback(reader.close)
            return await story(reader, other)

    return asyncio.run(whole())


async def answer(line: psycopg.AsyncConnection[Any] | None, statement: str) -> Any:
    assert line is not None
    (found,) = await (await line.execute(statement.encode())).fetchone() or (None,)
    return found


def test_it_reads_what_the_store_reads(board: Board) -> None:
    asked = [(0, 0), (board.seq - 1, 0), (board.seq, 2)]

    async def story(reader: FrameReader, other: Any) -> Any:
        return [await reader(board.pk, after, warm) for after, warm in asked], await reader(10**9, 0)

    assert told(story) == ([read_span(board.pk, after, warm) for after, warm in asked], None)


def test_its_statement_is_planned_once(board: Board) -> None:
    async def story(reader: FrameReader, other: Any) -> Any:
        for after in range(4):
            await reader(board.pk, after)
        return await answer(
            reader._line, "SELECT max(generic_plans + custom_plans) FROM pg_prepared_statements"
        )

    assert told(story) == 4


def test_a_connection_that_was_cut_is_replaced(board: Board) -> None:
    async def story(reader: FrameReader, other: Any) -> Any:
        first = await reader(board.pk, 0)
        pid = await answer(reader._line, "SELECT pg_backend_pid()")
        assert await answer(other, f"SELECT pg_terminate_backend({pid}, 5000)")
        assert await reader(board.pk, 0) == first
        return pid, await answer(reader._line, "SELECT pg_backend_pid()")

    before, after = told(story)
    assert before != after


def test_a_line_that_says_nothing_is_given_up(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "DEAD_AFTER", 0.2)

    async def story(reader: FrameReader, other: Any) -> Any:
        first = await reader(board.pk, 0)
        async with other.transaction():
            await other.execute("LOCK TABLE boards_board IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(OperationalError):
                await asyncio.wait_for(reader(board.pk, 0), 10)
        return first == await reader(board.pk, 0)

    assert told(story)
