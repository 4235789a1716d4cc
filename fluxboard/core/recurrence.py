"""Rules by which days come again: RFC 5545's RRULE, as far as whole days go.

A rule names days, counted from its first one on; the hour and the zone are their schedule's. Only such forms
are taken of which one can see whether they ever name a day: dateutil looks for the next one until the year
9999, whoever waits for it.
"""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from dateutil.rrule import rrulestr

HORIZON = 12  # years; 29 February can be eight years away, around the turn of a century
MOST = 1_000  # occurrences that a rule can count to
INTERVAL = 100
LONGEST = 200  # characters
_UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
_TAKEN = {
    "DAILY": {"INTERVAL"},
    "WEEKLY": {"INTERVAL", "BYDAY", "WKST"},
    "MONTHLY": {"INTERVAL", "BYDAY", "BYMONTHDAY", "BYSETPOS"},
    "YEARLY": {"INTERVAL", "BYMONTH", "BYMONTHDAY"},
}
WEEKDAYS = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
PLACES = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
FIRST_WORKING_DAY = "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1"
_WEEKDAY = "(?:MO|TU|WE|TH|FR|SA|SU)"
_MONTHDAY = "(?:-?[1-9]|-?[12][0-9]|-?3[01])"
_FORMS = {
    "INTERVAL": r"[1-9][0-9]?|100",
    "BYDAY": rf"{_WEEKDAY}(?:,{_WEEKDAY}){{0,6}}|(?:-1|[1-4]){_WEEKDAY}",
    "BYMONTHDAY": rf"{_MONTHDAY}(?:,{_MONTHDAY}){{0,30}}",
    "BYMONTH": r"(?:[1-9]|1[0-2])(?:,(?:[1-9]|1[0-2])){0,11}",
    "BYSETPOS": r"-?[1-4]",
    "WKST": _WEEKDAY,
    "COUNT": r"[1-9][0-9]{0,2}|1000",
    "UNTIL": r"[0-9]{8}(?:T[0-9]{6}Z?)?",
}
_MONTHS = calendar.month_name


class NoRule(ValueError):
    """Why a text is no rule that can be followed here, as a sentence."""


@dataclass(frozen=True)
class Rule:
    """A rule taken apart: `base` names days for ever, `count` and `until` end it."""

    base: str
    count: int | None = None
    until: dt.date | None = None

    @classmethod
    def read(cls, text: str) -> Rule:
        """The rule that `text` writes, such as `FREQ=WEEKLY;BYDAY=MO,TH;COUNT=10`. Raises `NoRule`."""
        parts: dict[str, str] = {}
        if len(text) > LONGEST:
            raise NoRule(f"A rule has at most {LONGEST} characters.")
        for part in filter(None, text.strip().upper().removeprefix("RRULE:").split(";")):
            name, _, value = part.partition("=")
            if not value or name in parts:
                raise NoRule("Write it as RFC 5545 does, such as FREQ=WEEKLY;BYDAY=MO.")
            parts[name] = value
        frequency = parts.pop("FREQ", "")
        if frequency not in _UNITS:
            raise NoRule(f"FREQ has to be one of {', '.join(_UNITS)}.")
        taken = _TAKEN[frequency] | {"COUNT", "UNTIL"}
        for name, value in parts.items():
            if name not in taken:
                raise NoRule(
                    f"{name[:20]} does not go with FREQ={frequency} here: {', '.join(sorted(taken))} do."
                )
            if not re.fullmatch(_FORMS[name], value):
                raise NoRule(f"{name}={value[:20]} can't be followed here.")
        return cls._of(frequency, parts)

    @classmethod
    def _of(cls, frequency: str, parts: dict[str, str]) -> Rule:
        count, until = parts.pop("COUNT", None), parts.pop("UNTIL", None)
        if count and until:
            raise NoRule("A rule ends by COUNT or by UNTIL, not by both.")
        if frequency == "YEARLY" and len(parts.keys() & {"BYMONTH", "BYMONTHDAY"}) == 1:
            raise NoRule("With FREQ=YEARLY, say BYMONTH and BYMONTHDAY, or neither.")
        if frequency == "MONTHLY" and "BYDAY" in parts and "BYMONTHDAY" in parts:
            raise NoRule("Say BYDAY or BYMONTHDAY, not both.")
        if "BYSETPOS" in parts and not re.fullmatch("[A-Z,]+", parts.get("BYDAY", "")):
            raise NoRule("BYSETPOS counts among the weekdays of BYDAY: BYDAY=MO,TU;BYSETPOS=1.")
        base = ";".join(f"{name}={value}" for name, value in (("FREQ", frequency), *sorted(parts.items())))
        return cls(base, int(count) if count else None, _day(until) if until else None)

    def __str__(self) -> str:
        if self.count:
            return f"{self.base};COUNT={self.count}"
        return f"{self.base};UNTIL={self.until.isoformat().replace('-', '')}" if self.until else self.base

    @property
    def is_yearly(self) -> bool:
        """Whether it names the day of the year on which it begins."""
        return self._parts["FREQ"] == "YEARLY" and "BYMONTH" not in self._parts

    @property
    def _parts(self) -> dict[str, str]:
        return dict(part.split("=") for part in self.base.split(";"))

    def days(self, first: dt.date, after: dt.date | None = None) -> Iterator[dt.date]:
        """The days that it names from `first` on, those after `after`; none more than `HORIZON` years on."""
        if not self._names_a_day(first):
            return
        end = dt.date(min(max(first, after or first).year + HORIZON, 9998), 12, 31)
        end = min(end, self.until or end)
        begun = rrulestr(self.base, dtstart=dt.datetime.combine(first, dt.time()))
        for day in (moment.date() for moment in itertools.islice(begun, self.count)):
            if day > end:
                return
            if after is None or day > after:
                yield day

    def _names_a_day(self, first: dt.date) -> bool:
        """Whether any month that it visits within `HORIZON` has a day of those that it names by number."""
        parts = self._parts
        days = [int(day) for day in parts.get("BYMONTHDAY", str(first.day)).split(",")]
        if parts["FREQ"] in ("DAILY", "WEEKLY") or "BYDAY" in parts:
            return True
        every = int(parts.get("INTERVAL", "1"))
        if parts["FREQ"] == "YEARLY":
            months = [int(month) for month in parts.get("BYMONTH", str(first.month)).split(",")]
            visited = [
                (year, one) for year in range(first.year, first.year + HORIZON + 1, every) for one in months
            ]
        else:
            begun = first.year * 12 + first.month - 1
            visited = [divmod(one, 12) for one in range(begun, begun + 12 * HORIZON, every)]
            visited = [(year, month + 1) for year, month in visited]
        lengths = [calendar.monthrange(year, month)[1] for year, month in visited if year < 9999]
        return any(abs(day) <= length for length in lengths for day in days)

    def words(self) -> str:
        """The rule for people."""
        ends = f", {self.count} times" if self.count else ""
        ends = (
            f", until {self.until.day} {_MONTHS[self.until.month]} {self.until.year}" if self.until else ends
        )
        return f"{_words(self._parts)}{ends}"


def rule_words(text: str) -> str:
    """A rule for people; as it is written where it can't be read."""
    try:
        return Rule.read(text).words()
    except NoRule:
        return text


def _words(parts: dict[str, str]) -> str:
    every, unit = int(parts.get("INTERVAL", "1")), _UNITS[parts["FREQ"]]
    how_often = f"Every {unit}" if every == 1 else f"Every {every} {unit}s"
    by_day, by_number = parts.get("BYDAY", ""), parts.get("BYMONTHDAY", "")
    weekdays = _listed([WEEKDAYS[day] for day in by_day.split(",") if day in WEEKDAYS])
    if parts.get("BYSETPOS"):
        place = int(parts["BYSETPOS"])
        which = PLACES.get(place) or f"{PLACES[-place]} last"
        is_working = by_day == "MO,TU,WE,TH,FR"
        return f"{how_often} on the {which} {'working day' if is_working else f'of {weekdays}'}"
    if by_day and parts["FREQ"] == "WEEKLY":
        return f"Every {weekdays}" if every == 1 else f"{how_often} on {weekdays}"
    if by_day:
        day = f"each {weekdays}" if weekdays else f"the {PLACES[int(by_day[:-2])]} {WEEKDAYS[by_day[-2:]]}"
        return f"{how_often} on {day}"
    if by_number:
        days = _listed([_number(int(day)) for day in by_number.split(",")])
        months = _listed([_MONTHS[int(month)] for month in parts.get("BYMONTH", "").split(",") if month])
        return f"{how_often} on {days}{f' of {months}' if months else ''}"
    return how_often


def _number(day: int) -> str:
    if day > 0:
        return f"day {day}"
    return "the last day" if day == -1 else f"day {-day} from the end"


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _day(text: str) -> dt.date:
    """The day that UNTIL names; its hour, where it has one, says nothing here."""
    try:
        return dt.datetime.strptime(text[:8], "%Y%m%d").date()
    except ValueError:
        raise NoRule("UNTIL is a day, such as UNTIL=20271231.") from None
