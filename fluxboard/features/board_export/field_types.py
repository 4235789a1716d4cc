"""The kinds of values in a line of an export: how each is written, and how it is read back, strictly.

A kind reads what JSON gave and returns what the database takes; it raises `Wrong` for anything that this
program would not have written.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fractional_indexing import BASE_62_DIGITS, FIError, validate_order_key

from fluxboard.accounts.time_zones import known
from fluxboard.core import limits, texts
from fluxboard.core.recurrence import NoRule, Rule

SMALL, WHOLE, BIG = 2**15 - 1, 2**31 - 1, 2**63 - 1
YEARS = range(1970, 3000)  # whatever zone and working week a page counts in, it stays within the calendar
_POSITION = re.compile(r"[0-9A-Za-z]+")
_CARD_KEY = re.compile(r"[A-Z][A-Z0-9]{1,7}-[1-9][0-9]{0,9}")
HEX = re.compile(r"[0-9a-f]*")


class Wrong(ValueError):
    """A value is not of its kind; the message completes "due is …"."""


@dataclass(frozen=True)
class FieldType:
    read: Callable[[Any], Any]
    write: Callable[[Any], Any] = lambda value: value


def _is(kind: type, what: str) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise Wrong(f"not {what}")
        return value

    return read


_string, _whole = _is(str, "a text"), _is(int, "a whole number")
flag = FieldType(_is(bool, "true or false"))


def text(longest: int, *, needed: bool = False) -> FieldType:
    def read(value: Any) -> str:
        if len(_string(value)) > longest:
            raise Wrong(f"longer than {longest:,} characters")
        _plain(value)
        if needed and not value:
            raise Wrong("empty")
        return value

    return FieldType(read)


def _plain(value: str) -> None:
    if "\0" in value:
        raise Wrong("a text with a zero character")
    if texts.marks_in_a_row(value, limits.MARKS_KEPT):
        raise Wrong(f"a text with more than {limits.MARKS_KEPT:,} accents on one letter")


def one_of(*values: str) -> FieldType:
    def read(value: Any) -> str:
        if _string(value) not in values:
            raise Wrong(f"none of {', '.join(value or 'nothing' for value in values)}")
        return value

    return FieldType(read, str)


def matching(pattern: str, what: str) -> FieldType:
    def read(value: Any) -> str:
        if not re.fullmatch(pattern, _string(value)):
            raise Wrong(f"not {what}")
        return value

    return FieldType(read)


def number(low: int = 0, high: int = BIG) -> FieldType:
    def read(value: Any) -> int:
        if not low <= _whole(value) <= high:
            raise Wrong(f"not between {low} and {high}")
        return value

    return FieldType(read)


def _moment_written(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def _moment_read(value: Any) -> dt.datetime:
    try:
        at = dt.datetime.fromisoformat(_string(value))
        if at.tzinfo is not None and at.year in YEARS and _moment_written(at) == value:
            return at
    except (ValueError, OverflowError):
        pass
    raise Wrong("not a moment")


def _day_read(value: Any) -> dt.date:
    try:
        day = dt.date.fromisoformat(_string(value))
    except ValueError:
        raise Wrong("not a day") from None
    if day.isoformat() != value:
        raise Wrong("not a day")
    return day


def _near_day_read(value: Any) -> dt.date:
    day = _day_read(value)
    if not 2000 <= day.year < 2200:
        raise Wrong("not a day of these two centuries")
    return day


def _uid_read(value: Any) -> uuid.UUID:
    try:
        found = uuid.UUID(_string(value))
    except ValueError:
        raise Wrong("not a uid") from None
    if str(found) != value:
        raise Wrong("not a uid")
    return found


def _time_read(value: Any) -> dt.time:
    if not re.fullmatch(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", _string(value)):
        raise Wrong("not a time of day")
    return dt.time.fromisoformat(value)


def _rule_read(value: Any) -> str:
    try:
        if str(Rule.read(_string(value))) == value:
            return str(value)
    except NoRule:
        pass
    raise Wrong("not a rule")


def _zone_read(value: Any) -> str:
    if _string(value) and value not in known():
        raise Wrong("not a time zone")
    return str(value)


time = FieldType(_time_read, lambda value: f"{value:%H:%M}")
rule = FieldType(_rule_read)
zone = FieldType(_zone_read)
moment = FieldType(_moment_read, _moment_written)
day = FieldType(_day_read, lambda value: value.isoformat())
near_day = FieldType(_near_day_read, day.write)  # of a schedule, whose days are counted from there
uid = FieldType(_uid_read, str)


def hexadecimal(length: int) -> FieldType:
    """`length` bytes, as hexadecimal digits."""

    def read(value: Any) -> bytes:
        if not HEX.fullmatch(_string(value)) or len(value) != 2 * length:
            raise Wrong(f"not {2 * length} hexadecimal digits")
        return bytes.fromhex(value)

    return FieldType(read, lambda value: bytes(value).hex())


def _position_read(value: Any) -> str:
    try:
        if not _POSITION.fullmatch(_string(value)) or len(value) > 10_000:
            raise FIError
        validate_order_key(value, BASE_62_DIGITS)
    except (FIError, IndexError):
        raise Wrong("not a place in an order") from None
    return value


position = FieldType(_position_read)


def _seqs_read(value: Any) -> dict[str, int]:
    if len(_is(dict, "a map of seqs")(value)) > limits.FIELDS:
        raise Wrong(f"a map of more than {limits.FIELDS} seqs")
    for name, seq in value.items():
        if len(name) > 60 or not 0 <= _whole(seq) <= BIG:
            raise Wrong("not a map of seqs")
    return value


seqs = FieldType(_seqs_read)


def objects(longest: int, most: int) -> FieldType:
    """A JSON object of at most `most` values, none of its texts longer than `longest`."""

    def read(value: Any) -> dict[str, Any]:
        if _counted(_is(dict, "an object")(value), limits.NESTED, longest) > most:
            raise Wrong(f"more than {most:,} values")
        return value

    return FieldType(read)


def _counted(value: Any, depth: int, longest: int) -> int:
    """How many values there are in `value`, itself included. Raises `Wrong`."""
    if depth == 0:
        raise Wrong(f"nested more than {limits.NESTED} deep")
    if isinstance(value, str):
        if len(value) > longest:
            raise Wrong(f"a text longer than {longest:,} characters")
        _plain(value)
    elif isinstance(value, dict):
        return 1 + sum(
            _counted(key, depth - 1, longest) + _counted(inner, depth - 1, longest)
            for key, inner in value.items()
        )
    elif isinstance(value, list):
        return 1 + sum(_counted(inner, depth - 1, longest) for inner in value)
    elif type(value) is int and abs(value) > BIG:
        raise Wrong("a number out of range")
    return 1


facts = objects(limits.TEXT, limits.FACTS)
# What an import could not bring along: a line a kind, each with names of what it is about.
report = objects(limits.LINE_OF_REPORT, limits.FACTS)


def _check_in_read(value: Any) -> list[Any]:
    """The outcomes of a check-in: each with its kind, its card and its words."""
    if type(value) is not list or len(value) > limits.CHECK_IN_FACTS:
        raise Wrong(f"not a list of at most {limits.CHECK_IN_FACTS} outcomes")
    for one in value:
        fact = _is(dict, "an outcome")(one)
        card = _is(dict, "an outcome")(fact.get("card"))
        if fact.keys() != {"code", "kind", "card", "words"} or card.keys() != {"id", "key"}:
            raise Wrong("not a list of outcomes")
        _uid_read(card["id"])
        for words in (fact["code"], fact["kind"], fact["words"], card["key"]):
            text(limits.LINE_OF_REPORT).read(words)
        if not _CARD_KEY.fullmatch(card["key"]):
            raise Wrong("not a list of outcomes on cards")
    return value


check_in = FieldType(_check_in_read)


def many(kind: FieldType, most: int = limits.MEMBERS) -> FieldType:
    """A list of values of one kind, none of them twice."""

    def read(value: Any) -> list[Any]:
        if len(_is(list, "a list")(value)) > most:
            raise Wrong(f"a list of more than {most:,}")
        found = [kind.read(inner) for inner in value]
        if len(set(map(str, found))) < len(found):
            raise Wrong("a list that names something twice")
        return found

    return FieldType(read, lambda values: [kind.write(value) for value in values])


def maybe(kind: FieldType) -> FieldType:
    """The same, or null."""
    return FieldType(
        lambda value: None if value is None else kind.read(value),
        lambda value: None if value is None else kind.write(value),
    )
