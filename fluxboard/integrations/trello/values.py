"""Single values out of a stranger's JSON: of the right type or not there, and never an exception."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from typing import Any

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_BREAK = re.compile("\r\n?|\u2028|\u2029")
_OBJECT_ID = re.compile(r"[0-9a-fA-F]{24}")


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def clean(text: str) -> str:
    """`text` as `boards.actions.writing.cleaned` keeps it: NFC, plain line breaks, no control characters."""
    return unicodedata.normalize("NFC", _CONTROL.sub("", _LINE_BREAK.sub("\n", text)))


def text(value: Any) -> str:
    """A string, cleaned; numbers in their own words; else empty."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value) if abs(value) < 1e15 else ""
    return ""


def line(value: Any) -> str:
    """A string of one line, blanks gathered."""
    return " ".join(text(value).split())


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
