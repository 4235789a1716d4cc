"""When a person is at work: their days and hours on their own clock, right through summer time.

Pure functions over a person's `time_zone`, `work_days` (ISO weekdays, 1 is Monday), `work_start` and
`work_end`, without their days off and the days on which they are away. Hours that end at or before they
start run over midnight and belong to the day on which they start. `now` is an
aware datetime; what comes back is UTC.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from fluxboard.accounts.away import away_days, away_words
from fluxboard.accounts.calendar import DAY


class HasHours(Protocol):
    """What is asked of a person here."""

    time_zone: str
    work_days: list[int]
    work_start: dt.time
    work_end: dt.time


class Shift(NamedTuple):
    """One stretch of work, from and until, in UTC."""

    start: dt.datetime
    end: dt.datetime


def local(at: dt.datetime, zone: ZoneInfo | str) -> dt.datetime:
    """The same moment on that zone's clock."""
    return at.astimezone(zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone))


def is_at_work(person: HasHours, now: dt.datetime) -> bool:
    """Whether `now` lies within one of the person's stretches of work."""
    return works_until(person, now) is not None


def works_until(person: HasHours, now: dt.datetime) -> dt.datetime | None:
    """The end of the stretch of work that `now` lies in, None outside of one."""
    ends = [shift.end for shift in _shifts(person, now) if shift.start <= now < shift.end]
    return max(ends, default=None)


def starts_at(person: HasHours, now: dt.datetime) -> dt.datetime:
    """The start of the stretch of work that `now` lies in; `now` itself outside of one."""
    starts = [shift.start for shift in _shifts(person, now) if shift.start <= now < shift.end]
    return min(starts, default=now)


def next_at_work(person: HasHours, now: dt.datetime) -> dt.datetime | None:
    """`now` for somebody at work, else the next start; None for somebody without working days."""
    if is_at_work(person, now):
        return now.astimezone(dt.UTC)
    return min((shift.start for shift in _shifts(person, now) if shift.start > now), default=None)


def at_work_first[Person: HasHours](people: Iterable[Person], now: dt.datetime) -> list[Person]:
    """`people`, those at work now first (the longest still there before the others), then by next start."""

    def place(person: Person) -> tuple[bool, float, str]:
        until = works_until(person, now)
        if until is not None:
            return (False, -until.timestamp(), str(person))
        start = next_at_work(person, now)
        return (True, start.timestamp() if start else math.inf, str(person))

    return sorted(people, key=place)


def there_words(person: HasHours, now: dt.datetime, among: Collection[Any] = ()) -> str:
    """The hour on the person's own clock and when they work: `17:14, at work for another 46 min`."""
    words = at_work_words(person, now, among)
    return ", ".join(filter(None, (f"{local(now, person.time_zone):%H:%M}", words)))


def at_work_words(person: HasHours, now: dt.datetime, among: Collection[Any] = ()) -> str:
    """`at work for another 46 min`, `starts in 4 h 46 min`, or empty for somebody without working days.

    For who is away `away until Mon 7 Dec · June covers`, where the cover is `among` the people of the page.
    """
    if away := away_words(person, now, among):
        return away
    until = works_until(person, now)
    if until:
        return f"at work for another {span_words(until - now)}"
    start = next_at_work(person, now)
    return f"starts in {span_words(start - now)}" if start else ""


def is_told_as_it_is(person: HasHours, now: dt.datetime) -> bool:
    """Whether `at_work_words` says how it is, at work or away, rather than when work starts."""
    return is_at_work(person, now) or bool(away_words(person, now))


def span_words(span: dt.timedelta) -> str:
    """A length of time, rounded up to the minute: `46 min`, `4 h 46 min`, `2 d 3 h`."""
    minutes = max(1, -(-int(span.total_seconds()) // 60))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "d"), (hours, "h"), (0 if days else rest, "min")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number)


def _shifts(person: HasHours, now: dt.datetime) -> tuple[Shift, ...]:
    """The stretches that may touch `now` and those of the next eight days (more with days off), in order."""
    today = now.astimezone(ZoneInfo(person.time_zone)).date()
    off = tuple(getattr(person, "days_off", ()))
    hours = (person.time_zone, tuple(person.work_days), person.work_start, person.work_end)
    return _shifts_around(today, *hours, off, away_days(person))


@functools.lru_cache(maxsize=1000)
def _shifts_around(
    today: dt.date,
    time_zone: str,
    work_days: tuple[int, ...],
    work_start: dt.time,
    work_end: dt.time,
    days_off: tuple[dt.date, ...],
    away: tuple[tuple[dt.date, dt.date], ...],
) -> tuple[Shift, ...]:
    """Kept: a page of the standup asks for those of each person half a dozen times."""
    zone = ZoneInfo(time_zone)
    over_midnight = DAY if work_end <= work_start else dt.timedelta()
    found = []
    day, left = today - 2 * DAY, 11
    while left:
        is_off = day in days_off or any(first <= day <= last for first, last in away)
        if not is_off and day.isoweekday() in work_days:
            start = local_moment(day, work_start, zone)
            end = local_moment(day + over_midnight, work_end, zone, fold=1)
            if start < end:
                found.append(Shift(start, end))
        left -= not is_off
        day += DAY
    return tuple(found)


def local_moment(day: dt.date, time: dt.time, zone: ZoneInfo | str, fold: int = 0) -> dt.datetime:
    """That wall time as UTC: datetimes of one zone compare by their wall time, which summer time breaks.

    A wall time that the clock skips counts as the moment after the jump; of one that it shows
    twice, `fold` picks the first (0) or the second (1).
    """
    zone = zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)
    wall = dt.datetime.combine(day, time.replace(fold=fold), tzinfo=zone)
    if wall.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None, fold=0) != wall.replace(
        tzinfo=None, fold=0
    ):
        wall = wall.replace(fold=0)
    return wall.astimezone(dt.UTC)
