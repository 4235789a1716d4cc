"""Single values out of a stranger's JSON: of the right type or not there, and never an exception."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from fluxboard.core import texts

CONTROLS, MARKS = "controls", "marks"
_LONGEST_NUMBER = 64
# What `clean` had to change since it was last asked, by kind; nobody asks where there is none.
_changed: ContextVar[Counter[str] | None] = ContextVar("changed", default=None)
_OBJECT_ID = re.compile(r"[0-9a-fA-F]{24}")


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


@contextlib.contextmanager
def watched() -> Iterator[Counter[str]]:
    """Counts what `clean` changes meanwhile: texts by `CONTROLS` and `MARKS`. Whoever reads it clears it."""
    changed: Counter[str] = Counter()
    token = _changed.set(changed)
    try:
        yield changed
    finally:
        _changed.reset(token)


def clean(text: str) -> str:
    """`text` as forms keep it: NFC, plain line breaks.

    What a form would refuse, a replacement sign stands for: each control character, and the rest of a row of
    combining marks that is longer than `limits.MARKS`.
    """
    text = texts.with_line_feeds(text)
    without = texts.CONTROL.sub(texts.REPLACEMENT, text)
    fewer = texts.with_fewer_marks(without)
    changed = _changed.get()
    if changed is not None:
        changed[CONTROLS] += without != text
        changed[MARKS] += fewer != without
    return texts.composed(fewer)


def text(value: Any) -> str:
    """A string, cleaned; numbers in their own words; else empty."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value) if abs(value) < 1e15 else ""
    return ""


def line(value: Any) -> str:
    """A string of one line, blanks gathered; empty when nothing of it can be seen."""
    found = texts.on_one_line(text(value))
    return "" if texts.is_blank(found) else found


def lines(value: Any) -> str:
    """A string of several lines without empty ones around it; empty when nothing of it can be seen."""
    found = texts.on_lines(text(value))
    return "" if texts.is_blank(found) else found


def identity(value: Any) -> str:
    """An id: a short string, else empty."""
    return clean(value).strip() if isinstance(value, str) and 0 < len(value) <= 64 else ""


def identities(value: Any) -> list[str]:
    """Ids in a list, each once, in order."""
    return list(dict.fromkeys(found for found in map(identity, sequence(value)) if found))


def number(value: Any) -> float | None:
    """A finite number, also when written as a string; else None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and len(value) > _LONGEST_NUMBER:
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def whole(value: Any, low: int, high: int) -> int | None:
    """A whole number between `low` and `high`; else None."""
    found = number(value)
    return int(found) if found is not None and low <= found <= high and found == int(found) else None


def yes(value: Any) -> bool:
    return value is True


def moment(value: Any) -> dt.datetime | None:
    """An ISO time in UTC (naive ones are taken as UTC); None for anything else or outside 1970 to 9000."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = dt.datetime.fromisoformat(value)
        found = found.replace(tzinfo=found.tzinfo or dt.UTC).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return found if 1970 <= found.year <= 9000 else None


def day(value: Any) -> dt.datetime | dt.date | None:
    """A time, or a date where just a date is written; None for anything else."""
    found = moment(value)
    return found.date() if found and len(value) == 10 else found


def made_at(object_id: str) -> dt.datetime | None:
    """When a thing of Trello's was made: the first eight digits of its id are that second."""
    if not _OBJECT_ID.fullmatch(object_id):
        return None
    return dt.datetime.fromtimestamp(int(object_id[:8], 16), dt.UTC)
