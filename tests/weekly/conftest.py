"""A board with a week behind it, and the day on which that is the last whole one."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine

from activity.log.record import By
from boards import actions as act
from boards.models import Board
from comments.decisions import record_decision
from fluxboard.accounts.models import User

NOW = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)  # a Tuesday; the last whole week is 23 to 29 November
BEGAN = dt.datetime(2026, 10, 1, 12, tzinfo=dt.UTC)


def at(person: User, day: int, hour: int = 12, month: int = 11) -> By:
    return By(person, now=dt.datetime(2026, month, day, hour, tzinfo=dt.UTC))


@pytest.fixture
def board(ana: User, kenji: User, priya: User) -> Board:
    board = act.create_board("Checkout rebuild", by=By(ana, now=BEGAN), key="FLX", starter=False)
    act.add_member(board, kenji, "member", by=By(ana, now=BEGAN))
    act.add_member(board, priya, "viewer", by=By(ana, now=BEGAN))
    return board


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.fixture
def week(board: Board, ana: User, kenji: User) -> dict[str, Any]:
    """One card finished, one taken back, one blocked, one decided on, one that began, in that week."""
    ready, doing, done = board.columns.in_board_order()
    cards = {
        name: act.create_card(ready, name, by=at(ana, 10))
        for name in ("Finished one", "Taken back", "Stuck", "Argued", "Begun", "Earlier")
    }
    act.move_card(cards["Earlier"], to=done, by=at(kenji, 20))
    act.assign_card(cards["Finished one"], kenji, by=at(ana, 23, 9))
    act.move_card(cards["Finished one"], to=doing, by=at(kenji, 23))
    act.move_card(cards["Taken back"], to=done, by=at(kenji, 24))
    act.move_card(cards["Finished one"], to=done, by=at(kenji, 25))
    act.move_card(cards["Begun"], to=doing, by=at(kenji, 25, 13))
    act.move_card(cards["Taken back"], to=ready, by=at(kenji, 26))
    act.block_card(cards["Stuck"], "The bank does not answer", by=at(kenji, 26))
    record_decision(cards["Argued"], "Blue buttons.", by=at(ana, 26))
    board.refresh_from_db()
    return cards
