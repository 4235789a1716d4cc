"""Days as one types them into a search: a date, or `mon`, `yesterday`, `7d`, by the reader's calendar."""

from __future__ import annotations

import calendar
import datetime as dt
import re

_WEEKDAYS = [name.lower() for name in calendar.day_name]
_DATE = re.compile(r"(?P<year>[12][0-9]{3})(?:-(?P<month>[0-9]{1,2})(?:-(?P<day>[0-9]{1,2}))?)?")
_AGO = re.compile(r"(?P<number>[1-9][0-9]{0,2})(?P<unit>[dw])")
SINCE_WORDS = "today, yesterday, mon to sun, 7d, 2w"


def first_day(typed: str) -> dt.date | None:
    """`2026-10-15` as it is, `2026-10` and `2026` as their first day; None for what is no date."""
    found = _DATE.fullmatch(typed)
    if found is None:
        return None
    year, month, day = int(found["year"]), int(found["month"] or 1), int(found["day"] or 1)
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return dt.date(year, month, day)


def is_since(typed: str) -> bool:
    """Whether `since_day` understands it."""
    return since_day(typed, dt.date(2026, 1, 1)) is not None


def since_day(typed: str, today: dt.date) -> dt.date | None:
    """The day that is meant; None for what means none. `mon` is the last Monday, today where it is one."""
    if typed in ("today", "yesterday"):
        return today - dt.timedelta(days=typed == "yesterday")
    if len(typed) >= 3 and (days := [at for at, name in enumerate(_WEEKDAYS) if name.startswith(typed)]):
        return today - dt.timedelta(days=(today.weekday() - days[0]) % 7)
    if found := _AGO.fullmatch(typed):
        return today - dt.timedelta(days=int(found["number"]) * (7 if found["unit"] == "w" else 1))
    return first_day(typed)
