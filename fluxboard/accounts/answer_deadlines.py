"""By when someone is expected to answer: counted in their own working hours."""

from __future__ import annotations

import datetime as dt

from fluxboard.accounts.working_hours import HasHours, next_at_work, works_until


def day_of_work(person: HasHours) -> dt.timedelta:
    """The length of the person's working day by their clock; hours over midnight count through."""
    start = dt.datetime.combine(dt.date.min, person.work_start)
    end = dt.datetime.combine(dt.date.min, person.work_end)
    return end - start if end > start else end - start + dt.timedelta(days=1)


def after_work(person: HasHours, now: dt.datetime, span: dt.timedelta) -> dt.datetime | None:
    """The moment at which the person will have worked for `span` from `now` on, in UTC.

    Weekends, nights and the hour that summer time takes or gives are counted as they are. None for somebody
    without working days.
    """
    left, at = span, now
    while True:
        begin = next_at_work(person, at)
        if begin is None:
            return None
        end = works_until(person, begin)
        assert end is not None
        if begin + left <= end:
            return begin + left
        left -= end - begin
        at = end


def worked_between(person: HasHours, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
    """How much of the time from `start` to `end` lies within the person's working hours."""
    worked, at = dt.timedelta(), start
    while (begin := next_at_work(person, at)) is not None and begin < end:
        until = works_until(person, begin)
        assert until is not None
        worked += min(until, end) - begin
        at = until
    return worked


def answer_by(person: HasHours, asked_at: dt.datetime, days: int) -> dt.datetime | None:
    """When an answer is expected: after `days` working days' worth of the person's own hours."""
    return after_work(person, asked_at, days * day_of_work(person))


def next_morning(person: HasHours, now: dt.datetime) -> dt.datetime | None:
    """The start of the person's next stretch of work that has not begun at `now`, in UTC."""
    until = works_until(person, now)
    return next_at_work(person, until or now)
