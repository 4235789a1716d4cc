"""Time zones as people name them."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

AREAS = {
    *("Africa", "America", "Antarctica", "Arctic", "Asia"),
    *("Atlantic", "Australia", "Europe", "Indian", "Pacific"),
}


class Choice(NamedTuple):
    """One line of the list: the zone's name and what it says beside it."""

    name: str
    label: str


@cache
def listed() -> tuple[str, ...]:
    """The names offered to people: places, by area, and UTC."""
    places = (name for name in available_timezones() if name.partition("/")[0] in AREAS)
    return (*sorted(places), "UTC")


@cache
def _by_words() -> dict[str, str | None]:
    """Lower-case full names and bare cities; None where a city stands for several zones."""
    found: dict[str, str | None] = {}
    for name in listed():
        found[city(name).lower()] = None if city(name).lower() in found else name
    return found | {name.lower(): name for name in sorted(available_timezones())}


def city(name: str) -> str:
    """`America/New_York` -> `New York`."""
    return name.rpartition("/")[2].replace("_", " ")


def resolve(text: str) -> str | None:
    """The zone that was typed: `Europe/Lisbon`, `europe/lisbon`, `Lisbon`, `new york`; None if unknown."""
    words = " ".join(text.split()).lower()
    return _by_words().get(words.replace(" ", "_")) or _by_words().get(words)


def choices(now: dt.datetime) -> list[Choice]:
    """Every zone on offer with the time there, for the list under the field."""
    return [Choice(name, f"{city(name)}, {now.astimezone(ZoneInfo(name)):%H:%M} now") for name in listed()]
