"""Times in words, on the reader's clock. `static/js/lib/time.js` says the same for what comes live.

- `age`: `now` under a minute, `5 min` under an hour, `3 h` under a day, then `2 d`.
- `when`: `01:52` today, `yesterday 18:05`, `tomorrow 09:00`, `Tue 14:02` up to six days away,
  `Mon 12 Oct` in the same year, else `Mon 12 Oct 2025`.
- `exact`: `Mon 12 Oct 18:05`, with the year where it is another one.
- `due_words`: `Today` and `Tomorrow` (due), `Overdue 1 d` (late), else `Fri 23 Oct` (`2027` if need be).
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Reader(Protocol):
    """Whose clock it is."""

    time_zone: str


class Due(NamedTuple):
    """A due date in words, and its weight: `due`, `late`, or empty for later."""

    words: str
    weight: str


def age(at: dt.datetime, now: dt.datetime) -> str:
    """How long ago, short: `2 d`. A moment in the future counts as now."""
    minutes = int((now - at).total_seconds()) // 60
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 24 * 60 else f"{minutes // (24 * 60)} d"


def age_ends(at: dt.datetime, now: dt.datetime) -> dt.datetime:
    """When `age` says something else. A card's days of rest are whole days too, so those end with it."""
    minutes = max(int((now - at).total_seconds()) // 60, 0)
    step = 1 if minutes < 60 else 60 if minutes < 24 * 60 else 24 * 60
    return at + dt.timedelta(minutes=(minutes // step + 1) * step)


def ago(at: dt.datetime, now: dt.datetime) -> str:
    """`age` as part of a sentence: `just now`, `2 d ago`."""
    short = age(at, now)
    return "just now" if short == "now" else f"{short} ago"


def how_long(at: dt.datetime, now: dt.datetime) -> str:
    """For how long something has been so, as `age` says it everywhere; `since just now` under a minute."""
    short = age(at, now)
    return "since just now" if short == "now" else short


def when(at: dt.datetime, reader: Reader, now: dt.datetime) -> str:
    """A moment as the reader would say it; both datetimes are aware."""
    zone = ZoneInfo(reader.time_zone)
    here, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (here.date() - today).days
    clock = f"{here:%H:%M}"
    if days == 0:
        return clock
    if days in (-1, 1):
        return f"{'yesterday' if days < 0 else 'tomorrow'} {clock}"
    return f"{WEEKDAYS[here.weekday()]} {clock}" if abs(days) < 7 else day_words(here.date(), today)


def exact(at: dt.datetime, reader: Reader, now: dt.datetime) -> str:
    """A moment by its day and hour on the reader's clock, however long ago; both datetimes are aware."""
    here = at.astimezone(ZoneInfo(reader.time_zone))
    return f"{day_words(here.date(), today_of(reader, now))} {here:%H:%M}"


def day_words(day: dt.date, today: dt.date) -> str:
    """`Mon 12 Oct`, and the year where it is another one."""
    words = f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"
    return words if day.year == today.year else f"{words} {day.year}"


def due_words(date: dt.date, today: dt.date) -> Due:
    """A due date as the card's front says it. Dates only: no zone moves them."""
    days = (date - today).days
    if days < 0:
        return Due(f"Overdue {-days} d", "late")
    if days < 2:
        return Due("Tomorrow" if days else "Today", "due")
    return Due(day_words(date, today), "")


def today_of(reader: Reader, now: dt.datetime) -> dt.date:
    """The date on the reader's calendar at `now`."""
    return now.astimezone(ZoneInfo(reader.time_zone)).date()
