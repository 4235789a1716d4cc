"""A board that is held by someone who does not let go: others are told soon, and nothing is lost."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from django.db import connection
from django.test import Client

from activity.errors import Busy
from activity.log.lock_queue import lines
from boards.actions import create_board, rename_board
from boards.models import Board
from fluxboard.accounts.models import User
from tests.contracts.markup import parse
from tests.live import PATIENCE

FORM = "application/x-www-form-urlencoded"

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def held(board: Board) -> Iterator[psycopg.Connection]:
    """The board's row, locked by somebody else until the block ends or they roll back."""
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        other.execute("SELECT 1 FROM boards_board WHERE id = %s FOR UPDATE", [board.pk])
        yield other
        other.rollback()


@contextmanager
def lock_timeout(time: str) -> Iterator[None]:
    connection.cursor().execute(f"SET lock_timeout = '{time}'")
    try:
        yield
    finally:
        connection.close()


def rename_in_a_thread(board: Board, name: str, ana: User, lock_timeout: str = "3s") -> Any:
    try:
        connection.cursor().execute(f"SET lock_timeout = '{lock_timeout}'")
        return rename_board(board, name, by=ana)
    finally:
        connection.close()


def test_one_waits_and_the_others_are_told_soon(board: Board, ana: User):
    with held(board) as other, ThreadPoolExecutor(1) as pool:
        with lock_timeout("50ms"), pytest.raises(Busy):
            rename_board(board, "Nobody waits yet", by=ana)
        waiting: Future[Board] = pool.submit(
            rename_in_a_thread, board, "The one who waits", ana, lock_timeout="10min"
        )
        while not lines._lines[board.pk].waiting:
            time.sleep(0.01)
        with lock_timeout("10min"), pytest.raises(Busy):
            rename_board(board, "One of the others", by=ana)  # by its own glance: that time-out is not over
        assert not waiting.done()
        assert create_board("Elsewhere", by=ana, key="ELS").seq, "another board is not held"
        other.rollback()
        assert waiting.result(PATIENCE).name == "The one who waits"
    assert rename_board(board, "Free again", by=ana).name == "Free again"
    assert board.pk not in lines._lines


def test_where_locks_come_one_after_the_other_nobody_is_turned_away(board: Board, ana: User):
    """Every wait here ends with the lock, so the board is never taken for stuck, however many wait."""
    with ThreadPoolExecutor(12) as pool:
        done = list(pool.map(lambda n: rename_in_a_thread(board, f"Name {n}", ana).name, range(48)))
    assert sorted(done) == sorted(f"Name {n}" for n in range(48))
    assert not lines._lines


def test_what_was_typed_stands_on_the_page_and_is_saved_once_later(board: Board, card: Any, ana: User):
    client = Client()
    client.force_login(ana)
    typed = {"title": "Typed & <kept>", "request_id": str(uuid.uuid4())}
    with held(board), lock_timeout("50ms"):
        answer = client.post(f"/c/{card.key}/do/retitled/", urlencode(typed), FORM)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "2"
    assert "locked" in answer.text
    (form,) = parse(answer.text).all("form")
    assert form.attrs["action"] == f"/c/{card.key}/do/retitled/"
    (text,) = form.all("textarea", name="title")
    assert text.text.strip() == typed["title"]
    assert form.all(name="request_id")[0].attrs["value"] == typed["request_id"]
    assert [client.post(form.attrs["action"], typed).status_code for _ in range(2)] == [303, 303]
    assert board.activities.filter(request_id=typed["request_id"]).count() == 1
