"""Cards that are made and moved on given days, so that figures can be counted by hand."""

from __future__ import annotations

import datetime as dt

from activity.log.record import By
from boards import actions as act
from boards.models import Board, Card, Column
from fluxboard.accounts.models import User
from fluxboard.features.finished.load import Days
from fluxboard.features.insight.figures import Figure
from fluxboard.features.insight.load import load_insight
from fluxboard.features.insight.scope import Scope

WAITING, WORK, DONE = 0, 1, 2

# March 2026; the 2nd is a Monday. Noon in UTC is the same day for Ana, in Lisbon.
FIRST, LAST = dt.date(2026, 3, 2), dt.date(2026, 3, 15)


def at(day: int, hour: int = 12) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, tzinfo=dt.UTC)


def scope(boards: list[Board], reader: User, first: dt.date = FIRST, last: dt.date = LAST) -> Scope:
    return Scope(boards, Days(first, last), reader, at(last.day, 18))


def figure(of: Scope, name: str, cards: int | None = None) -> Figure:
    chapters = load_insight(of, cards)
    return next(one for chapter in chapters for one in chapter.figures if one.name == name)


class Play:
    """Cards that are made and moved on given days of March, at noon."""

    def __init__(self, board: Board, by: User) -> None:
        self.board, self.by = board, by
        self.columns: list[Column] = list(board.columns.in_board_order())

    def card(self, day: int, *steps: tuple[int, int], title: str = "Card") -> Card:
        """Made in the first column on `day`, then moved: the place of the column, and the day."""
        card = act.create_card(self.columns[0], title, by=By(self.by, now=at(day)))
        for place, on in steps:
            act.move_card(card, to=self.columns[place], by=By(self.by, now=at(on)))
        card.refresh_from_db()
        return card
