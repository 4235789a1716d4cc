"""Cards by their moves: `moved:review since:mon`, `from:doing to:done by:june`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from activity.feed.moves import Move, MovesAsked, moved_cards
from fluxboard.accounts.calendar import DAY, midnight
from fluxboard.accounts.models import User
from fluxboard.features.search.days import since_day
from fluxboard.features.search.names import columns_named, people_named
from fluxboard.features.search.syntax import MOVE_OPERATORS, SearchQuery

_USUAL_DAYS = 90  # back from the last day, where nothing is said of the first
_MOST_DAYS = 366


@dataclass
class MovesFound:
    """The last fitting move of each card, the newest first, and who moved them."""

    moves: dict[int, Move]
    people: dict[int, User]

    def words(self, card: int) -> str:
        """`Doing → Done by June`."""
        move = self.moves[card]
        way = f"{move.was or 'Another board'} → {move.now or 'another board'}"
        person = self.people.get(move.by or 0)
        return f"{way} by {person.first_name}" if person else way


def find_moves(
    asked: SearchQuery, boards: Sequence[int], reader: Any, today: dt.date
) -> tuple[MovesFound, tuple[str, ...]]:
    """Which cards of `boards` were moved as asked; at most five queries. What names nothing finds nothing.

    And lines on the columns and people that are nobody's on `boards`.
    """
    typed = {value for name in MOVE_OPERATORS for value in asked.named.get(name, ())}
    called, no_column = columns_named(typed, boards)

    def columns(name: str) -> set[str] | None:
        values = asked.named.get(name)
        return None if values is None else set().union(*(called[value] for value in values))

    by, nobody = _people(asked.named.get("by"), reader, boards)
    not_by, no_other = _people(asked.not_named.get("by"), reader, boards)
    first, last = _days(asked, today)
    wanted = MovesAsked(
        midnight(first, reader.zone),
        midnight(last + DAY, reader.zone),
        by,
        columns("from"),
        columns("to"),
        columns("moved"),
        not_by or (),
    )
    moves = {move.card: move for move in moved_cards(boards, wanted)}
    people = User.objects.in_bulk({move.by for move in moves.values() if move.by})
    return MovesFound(moves, people), tuple(filter(None, (no_column, nobody, no_other)))


def _people(typed: tuple[str, ...] | None, reader: Any, boards: Sequence[int]) -> tuple[set[int] | None, str]:
    return (None, "") if typed is None else people_named(typed, reader, boards)


def _days(asked: SearchQuery, today: dt.date) -> tuple[dt.date, dt.date]:
    last = min(asked.before - DAY, today) if asked.before else today
    since = since_day(asked.since, today) if asked.since else None
    first = max(filter(None, (asked.after, since)), default=last - _USUAL_DAYS * DAY)
    return max(first, last - _MOST_DAYS * DAY), last
