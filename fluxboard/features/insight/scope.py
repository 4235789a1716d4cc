"""Of what the figures tell: some boards, some days of the reader's, and what the columns count as."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Min

from activity.models import Activity
from boards.models import Board, Column
from fluxboard.accounts import times
from fluxboard.accounts.calendar import DAY, midnight
from fluxboard.features.finished.load import Days


@dataclass(frozen=True)
class Week:
    """A week of the reader's, from Monday, or what of it lies in the days that are asked for."""

    first: dt.date
    last: dt.date
    words: str
    label: str


def label(day: dt.date) -> str:
    """`12 Oct`, below a chart."""
    return f"{day.day} {times.MONTHS[day.month - 1]}"


@dataclass
class Scope:
    """What a column counts as is what it counts as today: done, archived or not, or under way (`begun`).

    Make one for all figures of a page: its columns are read once, and what several figures need is `kept`.
    Where the first of the boards began later, `days` begin on that day, `began`: else no board at all would
    look like a board on which nothing was done.
    """

    boards: Sequence[Board]
    days: Days
    reader: Any
    now: dt.datetime
    columns: list[Column] = field(init=False)
    kept: dict[str, Any] = field(init=False, default_factory=dict, repr=False)
    began: dt.date | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Three queries: the columns, which of them are begun, and when the boards began."""
        self.columns = list(Column.objects.filter(board__in=self.boards).in_board_order())
        self._begun = Column.objects.begun(self.boards)
        first = Activity.objects.filter(board__in=self.boards, seq=1).aggregate(at=Min("at"))["at"]
        if first is not None and self.days.first < self.day_of(first) <= self.days.last:
            self.began = self.day_of(first)
            self.days = Days(self.began, self.days.last)

    @cached_property
    def ids(self) -> list[int]:
        return [board.pk for board in self.boards]

    @cached_property
    def done(self) -> set[str]:
        """Columns that count as done, by uid."""
        return {str(column.uid) for column in self.columns if column.is_done}

    @cached_property
    def begun(self) -> set[str]:
        """Columns in which work is under way, by uid; of those that were put away, the ones among them."""
        found: set[str] = set()
        for board in self.boards:
            row = [column for column in self.columns if column.board_id == board.pk]
            here = [place for place, column in enumerate(row) if column.pk in self._begun]
            if here:
                between = row[here[0] : here[-1] + 1]
                found |= {
                    str(one.uid)
                    for one in between
                    if one.pk in self._begun or (one.is_archived and not one.is_done)
                }
        return found

    @cached_property
    def start(self) -> dt.datetime:
        return midnight(self.days.first, self.reader.zone)

    @cached_property
    def end(self) -> dt.datetime:
        """Where the last of the days ends."""
        return midnight(self.days.last + DAY, self.reader.zone)

    @property
    def length(self) -> int:
        """How many days."""
        return (self.days.last - self.days.first).days + 1

    @cached_property
    def today(self) -> dt.date:
        return times.today_of(self.reader, self.now)

    def day_of(self, at: dt.datetime) -> dt.date:
        """The day on the reader's calendar."""
        return at.astimezone(self.reader.zone).date()

    def words(self, day: dt.date) -> str:
        return times.day_words(day, self.today)

    @cached_property
    def weeks(self) -> list[Week]:
        return list(self._weeks())

    def _weeks(self) -> Iterator[Week]:
        first = self.days.first
        while first <= self.days.last:
            last = min(first + dt.timedelta(6 - first.weekday()), self.days.last)
            yield Week(first, last, self.words(first), label(first))
            first = last + DAY

    def week_of(self, day: dt.date) -> int:
        """The place in `weeks` of a day that lies in one of them."""
        monday = self.days.first - dt.timedelta(self.days.first.weekday())
        return (day - monday).days // 7
