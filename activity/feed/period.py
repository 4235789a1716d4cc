"""A stretch of time that a reader asks to hear of, by days of their own calendar."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from fluxboard.accounts import times
from fluxboard.accounts.calendar import DAY, last_working_day, midnight
from fluxboard.core import parsing


@dataclass(frozen=True)
class Period:
    """From `start` (included) to `end` (not), both aware; `first` and `last` are the reader's days.

    `is_open`: it goes on until now. `is_usual`: it is what the reader gets without asking.
    """

    start: dt.datetime
    end: dt.datetime
    first: dt.date
    last: dt.date
    is_open: bool
    is_usual: bool


def period_of(reader: Any, now: dt.datetime, first: str = "", last: str = "") -> Period:
    """The days `first` to `last` (ISO dates, as typed), else from the reader's last working day until now.

    A date that is none, or lies ahead, counts as not given; two in the wrong order are turned round.
    """
    today = times.today_of(reader, now)
    usual = last_working_day(reader, today)
    begin, finish = _day(first, today), _day(last, today)
    if begin and finish and finish < begin:
        begin, finish = finish, begin
    if begin is None:
        begin = min(usual, finish) if finish else usual
    is_open = finish is None or finish == today
    finish = today if finish is None else finish
    zone = ZoneInfo(reader.time_zone)
    return Period(
        start=midnight(begin, zone),
        end=now if is_open else midnight(finish + DAY, zone),
        first=begin,
        last=finish,
        is_open=is_open,
        is_usual=begin == usual and is_open,
    )


def _day(typed: str, today: dt.date) -> dt.date | None:
    day = parsing.day(typed)
    return day if day and dt.date(1970, 1, 3) <= day <= today else None
