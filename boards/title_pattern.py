"""The pattern of a title: `Release notes {week}` has a mark that is filled in when a card is made."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable

_MARK = re.compile(r"\{([^{}]*)\}")
_FILLED: dict[str, Callable[[dt.date], str]] = {
    "date": lambda day: day.isoformat(),
    "day": lambda day: f"{day.day} {calendar.month_name[day.month]}",
    "week": lambda day: "{}-W{:02}".format(*day.isocalendar()[:2]),  # ISO 8601, whose week begins on Monday
    "month": lambda day: f"{calendar.month_name[day.month]} {day.year}",
    "quarter": lambda day: f"Q{(day.month + 2) // 3} {day.year}",
    "year": lambda day: str(day.year),
}
TITLE = "title"
MARKS = (TITLE, *_FILLED)


def odd_mark(pattern: str) -> str:
    """The first mark that is none, with its braces; empty where all are known."""
    return next((mark[0] for mark in _MARK.finditer(pattern) if mark[1] not in MARKS), "")


def filled(pattern: str, day: dt.date, title: str = "") -> str:
    """A title by `pattern` on `day`: `{title}` is what was typed, the other marks tell the day.

    What was typed is the whole title where the pattern has no place for it.
    """
    if title and f"{{{TITLE}}}" not in pattern:
        return title
    return _MARK.sub(lambda mark: _mark(mark, day, title), pattern).strip()


def _mark(mark: re.Match[str], day: dt.date, title: str) -> str:
    if mark[1] == TITLE:
        return title
    word = _FILLED.get(mark[1])
    return word(day) if word else mark[0]
