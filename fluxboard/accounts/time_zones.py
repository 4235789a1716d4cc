"""Time zones as people name them.

The names, and which of them are only other names of the same place, are those of the IANA database on this
machine: `zone.tab` has one zone for each place, and the links of `tzdata.zi` lead from old names to new ones.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
import zoneinfo
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

AREAS = {
    *("Africa", "America", "Antarctica", "Arctic", "Asia"),
    *("Atlantic", "Australia", "Europe", "Indian", "Pacific"),
}
UTC = {"utc", "uct", "universal", "zulu", "z", "etc/utc", "etc/uct", "etc/universal", "etc/zulu"}
# What people mean by letters: places that keep different clocks, in winter, in summer or on two continents.
LETTERS = {
    "est": ("America/New_York", "America/Panama", "Australia/Sydney"),
    "edt": ("America/New_York", "Australia/Sydney"),
    "cst": ("America/Chicago", "Asia/Shanghai", "America/Havana"),
    "cdt": ("America/Chicago", "America/Havana"),
    "mst": ("America/Denver", "America/Phoenix"),
    "mdt": ("America/Denver",),
    "pst": ("America/Los_Angeles", "Asia/Manila"),
    "pdt": ("America/Los_Angeles",),
    "hst": ("Pacific/Honolulu",),
    "gmt": ("Europe/London", "Africa/Accra", "UTC"),
    "bst": ("Europe/London", "Asia/Dhaka"),
    "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "wet": ("Europe/Lisbon",),
    "cet": ("Europe/Berlin", "Europe/Paris", "Africa/Algiers"),
    "met": ("Europe/Berlin",),
    "eet": ("Europe/Athens", "Africa/Cairo"),
    "msk": ("Europe/Moscow",),
    "jst": ("Asia/Tokyo",),
    "aest": ("Australia/Sydney", "Australia/Brisbane"),
    "est5edt": ("America/New_York",),
    "cst6cdt": ("America/Chicago",),
    "mst7mdt": ("America/Denver",),
    "pst8pdt": ("America/Los_Angeles",),
}
# Cities that have a zone of their own, and larger ones of the same name that are in another.
SAME_NAME = {
    "cordoba": ("America/Argentina/Cordoba", "Europe/Madrid", "America/Mexico_City"),
    "san juan": ("America/Argentina/San_Juan", "America/Puerto_Rico"),
    "la rioja": ("America/Argentina/La_Rioja", "Europe/Madrid"),
    "petersburg": ("America/Indiana/Petersburg", "Europe/Moscow"),
    "vincennes": ("America/Indiana/Vincennes", "Europe/Paris"),
    "samoa": ("Pacific/Apia", "Pacific/Pago_Pago"),
    "victoria": ("Australia/Melbourne", "America/Vancouver", "Indian/Mahe"),
}
DIRECTIONS = {"north", "south", "east", "west", "general"}  # of a country, in old names such as Brazil/East
NO_MARKS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "’": "", "'": ""}
)


class ZoneChoice(NamedTuple):
    """One line of the list: the zone's name and what it says beside it."""

    name: str
    label: str


def _lines(file: str) -> Iterator[list[str]]:
    """The lines of a file of the database, in words; none where this machine does not have it."""
    for folder in zoneinfo.TZPATH:
        path = Path(folder) / file
        if path.is_file():
            for line in path.read_text("utf-8").splitlines():
                yield line.split()
            return


@cache
def known() -> frozenset[str]:
    """Every name that the database has, also those of yesterday; its folders are read once."""
    return frozenset(available_timezones())


@cache
def _aliases() -> dict[str, str]:
    """Other names of a place, with the name of today: `Asia/Calcutta` is `Asia/Kolkata`."""
    links = {words[2]: words[1] for words in _lines("tzdata.zi") if words[:1] == ["L"] and len(words) == 3}
    return {name: to for name, to in links.items() if name not in _places()}


@cache
def _places() -> frozenset[str]:
    """The zones of places; all names by area where the machine has no list of them."""
    names = known()
    listed = {words[2] for words in _lines("zone.tab") if len(words) > 2 and not words[0].startswith("#")}
    return frozenset(listed & names or {name for name in names if name.partition("/")[0] in AREAS})


@cache
def listed() -> tuple[str, ...]:
    """The names offered to people: places, by area, and UTC."""
    return (*sorted(_places()), "UTC")


def folded(words: str) -> str:
    """`São_Paulo` and `sao paulo` alike: small, without marks, with a blank for whatever joins words."""
    plain = unicodedata.normalize("NFKD", words[:200].casefold().translate(NO_MARKS))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[\s_.,-]+", " ", plain).split())


@cache
def _by_words() -> dict[str, frozenset[str]]:
    """What each folded name may mean: full names, the city at their end, and other names of the same."""
    found: dict[str, set[str]] = {}
    for name in _places():
        for words in (name, city(name)):
            found.setdefault(folded(words), set()).add(name)
    aliases = _aliases()
    for name, to in aliases.items():
        to = aliases.get(to, to)  # the database has no longer chains
        if to not in _places():
            continue
        for words in {folded(name), folded(city(name))} - DIRECTIONS:
            found.setdefault(words, set()).add(to)
    return {words: frozenset(names) for words, names in found.items()}


def city(name: str) -> str:
    """`America/New_York` -> `New York`."""
    return name.rpartition("/")[2].replace("_", " ")


def meant(text: str) -> tuple[str, ...]:
    """The zones that somebody may mean by `text`: one for a name or a city, in any case, with or without
    accents, also by a name of yesterday; several for letters such as `EST` and cities of one name; none for
    what is no zone."""
    words = folded(text)
    if words in UTC:
        return ("UTC",)
    asked = LETTERS.get(words) or SAME_NAME.get(words)
    if asked:
        return asked
    return tuple(sorted(_by_words().get(words, ())))


def is_one(text: str) -> bool:
    """Whether `text` names one zone, rather than letters that may stand for several."""
    return len(meant(text)) == 1 and folded(text) not in LETTERS


def resolve(text: str) -> str | None:
    """The zone that was typed: `Europe/Lisbon`, `lisbon`, `São Paulo`; None for none, and for several."""
    return meant(text)[0] if is_one(text) else None


def choices(now: dt.datetime) -> list[ZoneChoice]:
    """Every zone on offer with the time there, for the list under the field."""
    return [
        ZoneChoice(name, f"{city(name)}, {now.astimezone(ZoneInfo(name)):%H:%M} now") for name in listed()
    ]
