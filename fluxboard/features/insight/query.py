"""What an address of the insight asks for: days, boards, how many cards are still to be done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from fluxboard.core import parsing
from fluxboard.features.finished.load import Days

USUAL_WEEKS = 8
MOST_CARDS = 9999
MOST_BOARDS = 50
NOT_A_DAY = "“{}” is no day. Write it like 2026-11-16."
AHEAD = "That day lies ahead. There is nothing to tell of it yet."
TOO_LONG = "A year at most: choose at most 366 days."
NOT_A_NUMBER = f"Write a whole number from 1 to {MOST_CARDS:,}."


@dataclass(frozen=True)
class InsightQuery:
    """`days` are on the reader's calendar; `cards` is how many are to be done, None for all that are open.

    `typed` is what stands in the fields, `errors` what is wrong with it, by the names of the fields. Whatever
    will not do counts as not asked for.
    """

    days: Days
    boards: tuple[str, ...] = ()
    cards: int | None = None
    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, query: QueryDict, today: dt.date) -> InsightQuery:
        """`?from=2026-10-05&to=2026-11-30&board=FLX&board=MOB&cards=12`. Two days in the wrong order turn."""
        typed = {name: query.get(name, "").strip()[:40] for name in ("from", "to", "cards")}
        errors: dict[str, str] = {}
        days = _days(typed, errors, today)
        cards = parsing.whole_number(typed["cards"], MOST_CARDS) or None
        if typed["cards"] and cards is None:
            errors["cards"] = NOT_A_NUMBER
        keys = tuple(
            key for key in query.getlist("board")[: 2 * MOST_BOARDS] if parsing.BOARD_KEY.fullmatch(key)
        )
        typed |= {
            name: typed[name] if name in errors else day.isoformat()
            for name, day in (("from", days.first), ("to", days.last))
        }
        return cls(days, keys, cards, typed, errors)

    def chosen(self, boards: Sequence[Any]) -> list[Any]:
        """Those of `boards` that are asked for, or all; the first MOST_BOARDS of them."""
        asked = [board for board in boards if board.key in self.boards]
        return (asked or list(boards))[:MOST_BOARDS]

    def unknown(self, boards: Sequence[Any]) -> list[str]:
        """The keys that are asked for and are of none of `boards`; the first few."""
        known = {board.key for board in boards}
        return [key for key in dict.fromkeys(self.boards) if key not in known][:5]

    @property
    def status(self) -> int:
        return 422 if self.errors else 200


def usual_days(today: dt.date, weeks: int = USUAL_WEEKS) -> Days:
    """This week and those before it, from a Monday, so that no week but the present one is cut."""
    return Days(today - dt.timedelta(today.weekday() + 7 * (weeks - 1)), today)


def _days(typed: dict[str, str], errors: dict[str, str], today: dt.date) -> Days:
    usual = usual_days(today)
    found = {}
    for name in ("from", "to"):
        day = parsing.day(typed[name])
        if typed[name] and (day is None or day.year < 1970):
            errors[name] = NOT_A_DAY.format(typed[name])
        elif day is not None and name == "from" and day > today:
            errors[name] = AHEAD
        else:
            found[name] = day
    if errors:
        return usual
    last = min(found["to"] or today, today)
    first = found["from"] or usual_days(last).first
    days = Days(min(first, last), max(first, last))
    if days.is_too_long:
        errors["from"] = TOO_LONG
        return usual
    return days
