"""A week of one board, out of its log: each part in few rows, with how many more there are."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from activity.feed.load import happened
from activity.feed.period import Period
from boards.card_states import CardScope, cards_that
from boards.models import Board, Card
from comments.models import Decision
from fluxboard.accounts import times
from fluxboard.accounts.calendar import DAY, midnight
from fluxboard.core.plain_text import cut, plain
from fluxboard.features.finished.load import Days, FinishedRow, load_finished
from fluxboard.features.now.cards import card_groups
from fluxboard.features.now.groups import SOON, NowRow
from fluxboard.features.standup.outcomes import KINDS, Places, outcomes_of

MOST_FINISHED = 15
MOST_DECIDED = 8
MOST_OF_A_KIND = 6
MOST_STANDING = 6
MOST_CHANGES = 3000  # that the outcomes are told from
_SHORT = 110
# What stands in a part of its own, or says little after a week, is no outcome here.
OUTCOMES = [kind for kind in KINDS if kind not in ("finished", "decided", "moved", "assigned", "took_on")]
STANDS_STILL = ("blocked", "overdue", "stuck")
_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")


@dataclass(frozen=True)
class Week:
    """A week of ISO 8601, from Monday to Sunday, on the reader's calendar."""

    monday: dt.date

    @classmethod
    def of(cls, typed: str, today: dt.date) -> Week | None:
        """`2026-W48`; None for anything else, and for a week that lies ahead."""
        found = _WEEK.fullmatch(typed)
        if found is None:
            return None
        try:
            week = cls(dt.date.fromisocalendar(int(found[1]), int(found[2]), 1))
        except ValueError:
            return None
        return week if dt.date(1970, 1, 5) <= week.monday <= today else None

    @classmethod
    def last_whole(cls, today: dt.date) -> Week:
        return cls(today - (today.weekday() + 7) * DAY)

    @property
    def sunday(self) -> dt.date:
        return self.monday + 6 * DAY

    @property
    def days(self) -> Days:
        return Days(self.monday, self.sunday)

    @property
    def name(self) -> str:
        """As it stands in addresses: `2026-W48`."""
        year, number, _ = self.monday.isocalendar()
        return f"{year}-W{number:02}"

    def moved(self, weeks: int) -> Week:
        return Week(self.monday + 7 * weeks * DAY)


@dataclass(frozen=True)
class WeeklyItem:
    """One card with what is said of it: `who` brought it about, `words` say how, `said` is what was said."""

    card: Card
    who: str = ""
    words: str = ""
    said: str = ""


@dataclass(frozen=True)
class WeeklyPart:
    """Rows under a heading; `total` counts those that are not shown, too."""

    heading: str
    items: Sequence[Any]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.items)


@dataclass(frozen=True)
class Decided:
    number: int
    text: str
    card: Card
    is_superseded: bool


@dataclass
class WeeklyReport:
    """`still` and `next` tell of now, and are empty for a week before the last one (`is_past`).

    `cut_at`: since when the outcomes are told, where more happened than is looked at.
    """

    week: Week
    finished: WeeklyPart
    taken_back: int
    outcomes: list[WeeklyPart]
    decided: WeeklyPart
    still: list[WeeklyPart] = field(default_factory=list)
    next: list[WeeklyPart] = field(default_factory=list)
    is_past: bool = False
    cut_at: dt.datetime | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.finished.total or self.outcomes or self.decided.total)


def load_weekly(
    board: Board, week: Week, reader: Any, now: dt.datetime, people: Iterable[Any]
) -> WeeklyReport:
    """The report for `reader`, in a number of queries that depends on nothing. `people` are the board's."""
    found = load_finished([board], week.days, reader)
    report = WeeklyReport(
        week,
        WeeklyPart("Finished", [_finished(row) for row in found.done[:MOST_FINISHED]], len(found.done)),
        len(found.taken_back),
        [],
        _decided(board, week, reader),
        is_past=week.sunday < now.astimezone(reader.zone).date() - 7 * DAY,
    )
    _tell_outcomes(report, board, reader, people)
    if not report.is_past:
        _tell_now(report, CardScope([board], times.today_of(reader, now), now), reader)
    return report


def _finished(row: FinishedRow) -> WeeklyItem:
    return WeeklyItem(row.card, _first(row.card.assignee))


def _first(person: Any) -> str:
    return str(person.first_name) if person is not None else ""


def _decided(board: Board, week: Week, reader: Any) -> WeeklyPart:
    """Two queries."""
    rows = Decision.objects.filter(
        board=board,
        at__gte=midnight(week.monday, reader.zone),
        at__lt=midnight(week.sunday + DAY, reader.zone),
    )
    total = rows.count()
    shown = rows.select_related("card__board").order_by("-at", "-pk")[:MOST_DECIDED]
    items = [
        Decided(one.number, cut(plain(one.text), _SHORT), one.card, one.superseded_by_id is not None)
        for one in shown
    ]
    return WeeklyPart("Decided", items, total)


def _tell_outcomes(report: WeeklyReport, board: Board, reader: Any, people: Iterable[Any]) -> None:
    """What the changes of the week come to, by kind, in the words of the standup."""
    week = report.week
    start, end = midnight(week.monday, reader.zone), midnight(week.sunday + DAY, reader.zone)
    period = Period(start, end, week.monday, week.sunday, is_open=False, is_usual=False)
    known = {person.pk: person for person in people}
    page = happened([board.pk], period, known=[board], people=known.values(), limit=MOST_CHANGES)
    if page.earlier is not None:
        report.cut_at = page.told[-1].activity.at
    actors = known | {one.activity.actor_id: one.activity.actor for one in page.told}
    by_kind: dict[str, list[WeeklyItem]] = {}
    for who, outcomes in outcomes_of(reversed(page.told), Places.of([board]), known, lambda _: False).items():
        for line in outcomes.lines:
            by_kind.setdefault(line.kind, []).extend(
                WeeklyItem(one.card, _first(actors.get(who)), one.words, cut(one.said, _SHORT))
                for one in line.items
                if one.card.board_id == board.pk
            )
    report.outcomes = [
        WeeklyPart(KINDS[kind][0], by_kind[kind][:MOST_OF_A_KIND], len(by_kind[kind]))
        for kind in OUTCOMES
        if by_kind.get(kind)
    ]


def _tell_now(report: WeeklyReport, scope: CardScope, reader: Any) -> None:
    """What stands still, is under way and comes next: as Now has it, without cards that nobody has begun."""
    groups = {group.name: group for group in card_groups(scope, None, reader, SOON)}
    parts = {
        name: WeeklyPart(group.heading, group.shown[:MOST_STANDING], group.number)
        for name, group in groups.items()
    }
    cards = cards_that("begun", scope).order_by("moved_at", "pk")
    rows = [
        NowRow(card, f"{card.column.name} for", card.moved_at, "age")
        for card in cards.select_related("board", "column", "assignee")[:MOST_STANDING]
    ]
    report.still = [parts[name] for name in STANDS_STILL if parts[name].items]
    report.next = [
        part for part in (WeeklyPart("Under way", rows, cards.count()), parts["due"]) if part.items
    ]
