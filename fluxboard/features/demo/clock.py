"""When the steps of the demo happened: in order, while their people were at work, and never after now."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from typing import Any

from fluxboard.accounts.calendar import DAY

WEEK_ENDS_BEFORE_MIDNIGHT = dt.timedelta(hours=2)
QUICK = dt.timedelta(seconds=25), dt.timedelta(seconds=95)
_WRITING = dt.timedelta(minutes=3), dt.timedelta(minutes=11)
WRITTEN = {"create", "say", "reply", "specify", "block", "list", "unblock", "decide", "ask"}


def working_days_before(now: dt.datetime, days: float) -> dt.datetime:
    """The moment `days` × 24 hours earlier, weekends left out: from Friday 22:00 to Sunday 22:00 UTC."""
    moment, left = now + WEEK_ENDS_BEFORE_MIDNIGHT, dt.timedelta(days=days)
    while True:
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        if midnight == moment:
            midnight -= DAY
        if midnight.isoweekday() <= 5:
            if moment - left >= midnight:
                return moment - left - WEEK_ENDS_BEFORE_MIDNIGHT
            left -= moment - midnight
        moment = midnight


def at_work(person: Any, latest: dt.datetime, chance: random.Random) -> dt.datetime:
    """`latest` if that person is at work then; else a moment of the second half of their last working day."""
    local = latest.astimezone(person.zone)
    for days in range(8):
        date = local.date() - days * DAY
        if date.isoweekday() not in person.work_days:
            continue
        starts = dt.datetime.combine(date, person.work_start, person.zone).astimezone(dt.UTC)
        ends = dt.datetime.combine(date, person.work_end, person.zone).astimezone(dt.UTC)
        if starts <= latest < ends:
            return latest
        if ends <= latest:
            return ends - (ends - starts) * chance.uniform(0.01, 0.5)
    raise ValueError(f"{person} never works")


def moments(
    steps: Sequence[tuple[Any, ...]], people: dict[str, Any], now: dt.datetime, chance: random.Random
) -> list[dt.datetime]:
    """A moment for each step `(ago, who, verb, …)`, rising, found from the last one back."""
    found: list[dt.datetime] = []
    latest = now
    for ago, who, verb, *_ in reversed(steps):
        wanted = min(latest, working_days_before(now, ago))
        found.append(at_work(people[who], wanted, chance))
        shortest, longest = _WRITING if verb in WRITTEN else QUICK
        latest = found[-1] - shortest - (longest - shortest) * chance.random()
    return found[::-1]
