"""What was finished on some boards in a stretch of days, and what was taken back from done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from activity.feed.finished import MOST_DAYS, NetFinish, column_steps_between, net
from boards.models import Card, Column
from fluxboard.accounts.calendar import DAY, midnight
from fluxboard.core import parsing


@dataclass(frozen=True)
class Days:
    """From `first` to `last`, both included, on the reader's calendar."""

    first: dt.date
    last: dt.date

    @classmethod
    def of(cls, typed: str) -> Days | None:
        """`2026-11-16..2026-11-27`, or one day; also months and years. None for anything else.

        Two in the wrong order are turned round.
        """
        begin, dots, end = typed.partition("..")
        first, last = parsing.days_of(begin), parsing.days_of(end if dots else begin)
        if first is None or last is None:
            return None
        return cls(min(first[0], last[0]), max(first[1], last[1]))

    @property
    def is_too_long(self) -> bool:
        return (self.last - self.first).days >= MOST_DAYS


@dataclass
class FinishedRow:
    """A card, and when and by whom (`mover`, where that is not its owner) it came to done, or left it."""

    card: Card
    at: dt.datetime
    by: int | None
    mover: Any = None


@dataclass
class Finished:
    """`done` and still so, the newest first; `taken_back` within the days or since."""

    done: list[FinishedRow] = field(default_factory=list)
    taken_back: list[FinishedRow] = field(default_factory=list)


def load_finished(boards: Iterable[Any], days: Days, reader: Any, person: int | None = None) -> Finished:
    """What came to done on `boards` in `days`, and still is; of the cards of `person` only. Three queries."""
    ids = [board.pk for board in boards]
    nets = _nets(ids, days, reader)
    touched = [pk for pk, one in nets.items() if one.is_finished or one.was_taken_back]
    cards = Card.objects.filter(pk__in=touched, board__in=ids).select_related("board", "column", "assignee")
    if person is not None:
        cards = cards.filter(assignee=person)
    found = Finished()
    for card in cards:
        one = nets[card.pk]
        if one.is_finished and one.done and card.column.is_done:
            found.done.append(FinishedRow(card, one.done.at, one.done.by))
        elif not card.column.is_done:
            found.taken_back.append(_taken_back(card, one))
    for rows in (found.done, found.taken_back):
        rows.sort(key=lambda row: (row.at, row.card.pk), reverse=True)
    return found


def _taken_back(card: Card, one: NetFinish) -> FinishedRow:
    """Within the days, or since: then by the move that brought it where it is."""
    if one.is_done or one.undone is None:
        return FinishedRow(card, card.moved_at, None)
    return FinishedRow(card, one.undone.at, one.undone.by)


def finished_ids(boards: Iterable[int], days: Days, reader: Any) -> list[int]:
    """The cards that came to done in `days` and stand there at their end, by id. Two queries."""
    return [pk for pk, one in _nets(list(boards), days, reader).items() if one.is_finished]


def _nets(boards: list[int], days: Days, reader: Any) -> dict[int, NetFinish]:
    columns = Column.objects.filter(board__in=boards, is_done=True).values_list("uid", flat=True)
    done = {str(uid) for uid in columns}
    start, end = midnight(days.first, reader.zone), midnight(days.last + DAY, reader.zone)
    return net(column_steps_between(boards, start, end), done)
