"""Days as one types them into a search: a date, or `mon`, `yesterday`, `7d`, by the reader's calendar."""

from __future__ import annotations

import calendar
import datetime as dt
import re

from fluxboard.accounts.calendar import DAY
from fluxboard.core import parsing

_WEEKDAYS = [name.lower() for name in calendar.day_name]
_AGO = re.compile(r"(?P<number>[1-9][0-9]{0,2})(?P<unit>[dw])")
SINCE_WORDS = "today, yesterday, mon to sun, 7d, 2w"


def since_day(typed: str, today: dt.date) -> dt.date | None:
    """The day that is meant; None for what means none. `mon` is the last Monday, today where it is one.

    Of a month or a year it is the first day.
    """
    if typed in ("today", "yesterday"):
        return today - (typed == "yesterday") * DAY
    if len(typed) >= 3 and (days := [at for at, name in enumerate(_WEEKDAYS) if name.startswith(typed)]):
        return today - (today.weekday() - days[0]) % 7 * DAY
    if found := _AGO.fullmatch(typed):
        return today - int(found["number"]) * (7 if found["unit"] == "w" else 1) * DAY
    days_of = parsing.days_of(typed)
    return days_of[0] if days_of else None
