"""When a person is away: stretches of whole days on their own calendar, said beforehand, and who covers.

They stand with the person, as days off do, so that whoever is loaded brings them along. Nothing writes them
but `boards.actions.absences`, which tells it to the log of each of the person's boards.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models

from fluxboard.accounts.names import first_name
from fluxboard.accounts.times import day_words

MOST_ABSENCES = 50  # stretches that are not over
LONGEST_ABSENCE = 732  # days
ABSENCES_KEPT = 400  # days after its end


@dataclass(frozen=True)
class Absence:
    """One stretch: its id, its first and last day (both away), why, and who covers (uid and name)."""

    id: str
    first: dt.date
    last: dt.date
    reason: str = ""
    cover: str = ""
    cover_name: str = ""

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Absence:
        """As it is kept in the database."""
        days = {name: dt.date.fromisoformat(kept[name]) for name in ("first", "last")}
        return cls(**{**kept, **days})

    def as_kept(self) -> dict[str, str]:
        return {name: str(value) for name, value in vars(self).items()}

    def covers(self, day: dt.date) -> bool:
        """Whether the person is away on that day."""
        return self.first <= day <= self.last

    def overlaps(self, other: Absence) -> bool:
        return self.first <= other.last and other.first <= self.last

    @property
    def cover_first_name(self) -> str:
        return first_name(self.cover_name)


class AbsencesField(models.JSONField):
    """A person's `Absence`s, the earliest first."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> list[Absence]:
        return [Absence.of(one) for one in json.loads(value)] if value not in (None, "[]") else []

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value([one.as_kept() for one in value])


def today_there(person: Any, now: dt.datetime) -> dt.date:
    """The day on the person's own calendar."""
    return now.astimezone(ZoneInfo(person.time_zone)).date()


def away_now(person: Any, now: dt.datetime) -> Absence | None:
    """The stretch that the person's present day lies in."""
    absences: Sequence[Absence] = getattr(person, "away", ())
    if not absences:
        return None
    today = today_there(person, now)
    return next((one for one in absences if one.covers(today)), None)


def coming(person: Any, now: dt.datetime) -> list[Absence]:
    """The person's stretches that are not over, the earliest first."""
    today = today_there(person, now)
    return [one for one in person.away if one.last >= today]


def away_days(person: Any) -> tuple[tuple[dt.date, dt.date], ...]:
    """First and last day of each stretch."""
    return tuple((one.first, one.last) for one in getattr(person, "away", ()))


def away_words(person: Any, now: dt.datetime, among: Collection[Any] = ()) -> str:
    """`away until Mon 7 Dec · June covers`, or empty for who is not away.

    The cover is named only where they are `among` the people of the page: not everyone may know of them.
    """
    absence = away_now(person, now)
    if absence is None:
        return ""
    until = f"away until {day_words(absence.last, today_there(person, now))}"
    cover = cover_of(absence, among)
    return f"{until} · {cover.first_name} covers" if cover else until


def cover_of(absence: Absence, among: Iterable[Any]) -> Any:
    """Who of these people covers; None for nobody of them."""
    if not absence.cover:
        return None
    return next((person for person in among if str(person.uid) == absence.cover), None)


def days_words(first: dt.date, last: dt.date, today: dt.date) -> str:
    """`Thu 3 Dec`, or `Thu 3 Dec to Mon 7 Dec`."""
    if first == last:
        return day_words(first, today)
    return f"{day_words(first, today)} to {day_words(last, today)}"
