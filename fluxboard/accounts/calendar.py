"""Days on a person's own calendar: their midnight, and the last day on which they worked."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

DAY = dt.timedelta(days=1)
FURTHEST_BACK = 30


def last_working_day(person: Any, today: dt.date) -> dt.date:
    """The person's last working day before `today`; yesterday for somebody without any this past month.

    On Monday that is Friday for one who works Monday to Friday; their days off do not count as worked, nor
    those that they were away.
    """
    for back in range(1, FURTHEST_BACK + 1):
        day = today - back * DAY
        if works_on(person, day):
            return day
    return today - DAY


def works_on(person: Any, day: dt.date) -> bool:
    """Whether it is a working day of the person's, none off, and they are not away."""
    return day.isoweekday() in person.work_days and not is_off(person, day)


def is_off(person: Any, day: dt.date) -> bool:
    """Whether it is a day off of the person's, or one on which they are away."""
    return day in person.days_off or any(one.covers(day) for one in getattr(person, "away", ()))


def midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The moment at which `day` begins there, in UTC; where the clock skips midnight, when it has jumped."""
    return dt.datetime.combine(day, dt.time(), tzinfo=zone).astimezone(dt.UTC)
