"""The team's hours laid over the reader's day: as a drawing, and in words that say the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from fluxboard.accounts import times, working_hours
from fluxboard.accounts.away import away_now, away_words, coming, cover_of, days_words, today_there
from fluxboard.accounts.calendar import DAY, midnight

WIDE = 240
_NEW = dt.timedelta(days=21)  # for how long somebody counts as new
_PAST = 30  # days for which an absence is told after its end
_MOST_PAST = 20


@dataclass(frozen=True)
class WorkBar:
    """Where a stretch of work begins in the drawing, and how wide it is, in its units."""

    x: str
    width: str


@dataclass(frozen=True)
class PersonHours:
    """One person: their local time, what it means for their work, and their stretches of work today.

    `facts`: how long they work at the same time as the reader, when they are away next and who covers.
    `joined`: since which day of the reader's they are here, where that is not long.
    """

    person: Any
    city: str
    local: str
    note: str
    is_at_work: bool
    stretches: list[WorkBar]
    facts: str = ""
    joined: dt.date | None = None


@dataclass(frozen=True)
class PastAbsence:
    """When a person was away: its first and last day, and the days and the cover in words."""

    person: Any
    first: dt.date
    last: dt.date
    words: str


@dataclass(frozen=True)
class TeamClock:
    """`rows` from the earliest local time on; `now` is where the reader's moment stands in the drawing.

    `past`: who was away in the last 30 days, the latest first.
    """

    rows: list[PersonHours]
    now: str
    past: list[PastAbsence]

    @property
    def at_work(self) -> int:
        return sum(row.is_at_work for row in self.rows)


def city_of(person: Any) -> str:
    """`New York` for `America/New_York`."""
    return str(person.time_zone).rpartition("/")[2].replace("_", " ")


def where_words(person: Any, now: dt.datetime, *, is_aside: bool = False, among: Collection[Any] = ()) -> str:
    """`Tokyo, 17:14. At work for another 46 min`; as an aside `Tokyo, 17:14, at work for another 46 min`.

    Who covers for somebody who is away is named where they are `among` the people of the page.
    """
    words = working_hours.at_work_words(person, now, among)
    at = f"{city_of(person)}, {working_hours.local(now, person.time_zone):%H:%M}"
    if words and is_aside:
        return f"{at}, {words}"
    return f"{at}. {words[0].upper()}{words[1:]}" if words else at


def team_clock(people: Iterable[Any], reader: Any, now: dt.datetime) -> TeamClock:
    """`people` over the day of `reader` that `now` lies in, which may have 23 or 25 hours."""
    today = times.today_of(reader, now)
    start, end = midnight(today, reader.zone), midnight(today + DAY, reader.zone)

    def place(at: dt.datetime) -> float:
        return (at - start) / (end - start) * WIDE

    rows, people = [], list(people)
    for person in sorted(
        people, key=lambda one: (working_hours.local(now, one.time_zone).replace(tzinfo=None), one.name)
    ):
        stretches = [
            WorkBar(f"{place(begin):.1f}", f"{place(finish) - place(begin):.1f}")
            for begin, finish in _work_between(person, start, end)
        ]
        rows.append(
            PersonHours(
                person,
                city_of(person),
                f"{working_hours.local(now, person.time_zone):%H:%M}",
                _note(person, reader, now, people),
                working_hours.is_at_work(person, now),
                stretches,
                " · ".join(filter(None, facts_of(person, reader, now, people))),
                _joined(person, reader, today),
            )
        )
    return TeamClock(rows, f"{place(now) - 1:.1f}", _past_absences(people, today, now))


def _joined(person: Any, reader: Any, today: dt.date) -> dt.date | None:
    joined = times.today_of(reader, person.joined_at)
    return joined if today - joined <= _NEW else None


def _past_absences(people: list[Any], today: dt.date, now: dt.datetime) -> list[PastAbsence]:
    found = []
    for person in people:
        there = today_there(person, now)
        for one in person.away:
            if one.last < there <= one.last + dt.timedelta(days=_PAST):
                cover = cover_of(one, people)
                words = days_words(one.first, one.last, today)
                words += f", {cover.first_name} covered" if cover else ""
                found.append(PastAbsence(person, one.first, one.last, words))
    return sorted(found, key=lambda one: one.last, reverse=True)[:_MOST_PAST]


def facts_of(person: Any, reader: Any, now: dt.datetime, among: Collection[Any]) -> list[str]:
    """`3.5 h with you`, `away Thu 3 Dec to Mon 7 Dec, June covers`: what is so of them."""
    today = times.today_of(reader, now)
    words = []
    if person.pk != reader.pk and away_now(person, now) is None:
        words.append(overlap_words(person, reader, now) if overlap(person, reader, now) else "")
    for absence in coming(person, now)[:1]:
        if not absence.covers(today_there(person, now)):
            cover = cover_of(absence, among)
            days = days_words(absence.first, absence.last, today)
            words.append(f"away {days}, {cover.first_name} covers" if cover else f"away {days}")
    return words


def overlap(person: Any, reader: Any, now: dt.datetime) -> dt.timedelta | None:
    """For how long `person` works within the reader's present stretch of work, or their next one.

    None for a reader without any.
    """
    begin = working_hours.next_at_work(reader, now)
    if begin is None:
        return None
    finish = working_hours.works_until(reader, begin)
    assert finish is not None
    start = working_hours.starts_at(reader, begin)
    spans = (until - since for since, until in _work_between(person, start, finish))
    return sum(spans, dt.timedelta())


def overlap_words(person: Any, reader: Any, now: dt.datetime) -> str:
    span = overlap(person, reader, now)
    if span is None:
        return ""
    return f"{_hours(span)} with you" if span else "no hours with you"


def _hours(span: dt.timedelta) -> str:
    """`3.5 h` to the half hour from one hour on, below `30 min`."""
    hours = round(span / dt.timedelta(minutes=30)) / 2
    return f"{hours:g} h" if span >= dt.timedelta(hours=1) else working_hours.span_words(span)


def _note(person: Any, reader: Any, now: dt.datetime, among: Collection[Any]) -> str:
    if away := away_words(person, now, among):
        return away
    if person.pk == reader.pk:
        return "you"
    until = working_hours.works_until(person, now)
    if until is None:
        start = working_hours.next_at_work(person, now)
        return f"in {_roughly(start - now)}" if start else "no working days"
    if until - now < dt.timedelta(hours=1):
        return f"{working_hours.span_words(until - now)} left"
    return f"until {working_hours.local(until, person.time_zone):%H:%M}"


def _roughly(span: dt.timedelta) -> str:
    """Without the minutes, where they are several hours."""
    hours = dt.timedelta(hours=1)
    return working_hours.span_words(span if span < 3 * hours else round(span / hours) * hours)


def _work_between(
    person: Any, start: dt.datetime, end: dt.datetime
) -> Iterable[tuple[dt.datetime, dt.datetime]]:
    at = start
    while True:
        begin = working_hours.next_at_work(person, at)
        if begin is None or begin >= end:
            return
        finish = working_hours.works_until(person, begin)
        assert finish is not None
        yield begin, min(finish, end)
        at = finish
