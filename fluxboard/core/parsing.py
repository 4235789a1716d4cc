"""What people send as text, read as a number, a key, a date, a moment or an identifier.

Forms, query parameters and cursors come from anybody. Each function here takes any text at all and returns
None for one that is not what it should be; none of them raises. Digits are the ten of ASCII: `str.isdigit`
and `int` also take `²` or `٣`, one refusing what the other let through. Numbers are bounded by the column
that they are compared with, since PostgreSQL refuses larger ones with an error.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import uuid
from typing import NamedTuple

LARGEST_ID = 2**63 - 1  # bigint: ids, and seqs of the log
LARGEST_INTEGER = 2**31 - 1  # integer: numbers of cards and decisions
LARGEST_CARD_NUMBER = 999_999_999  # nine digits, as in the addresses of cards

LATEST_YEAR = 9990  # so that the days around one are dates as well
EARLIEST_YEAR = 1900  # a date before it is a slip, such as 26 typed where a browser asks for a year

DIGITS = re.compile(r"[0-9]{1,19}")
BOARD_KEY = re.compile(r"[A-Z][A-Z0-9]{1,7}")
CARD_KEY = r"[A-Z][A-Z0-9]{1,7}-[1-9][0-9]{0,8}"  # within a larger pattern
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAYS = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{1,2})(?:-(?P<day>[0-9]{1,2}))?)?")
_MOMENT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?P<clock>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
IDENTIFIER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class CardKey(NamedTuple):
    """`FLX-12` taken apart."""

    board: str
    number: int


def whole_number(typed: str, largest: int = LARGEST_ID) -> int | None:
    """A whole number from 0 to `largest`, of nothing but digits."""
    if not DIGITS.fullmatch(typed):
        return None
    number = int(typed)
    return number if number <= largest else None


def card_number(typed: str) -> int | None:
    """The number of a card, as in `12`, from 1 to 999,999,999."""
    return whole_number(typed, LARGEST_CARD_NUMBER) or None


def card_key(typed: str) -> CardKey | None:
    """A card's key, as in `FLX-12`, in capitals and without a blank around it."""
    board, dash, digits = typed.rpartition("-")
    number = card_number(digits)
    return CardKey(board, number) if dash and number is not None and BOARD_KEY.fullmatch(board) else None


def day(typed: str) -> dt.date | None:
    """A day of the calendar as in `2026-10-31`; other forms of ISO 8601, such as weeks, are none.

    From year 2 to 9998, so that its midnight in any zone, and the day after it, are moments too.
    """
    if not _DAY.fullmatch(typed):
        return None
    try:
        found = dt.date.fromisoformat(typed)
    except ValueError:
        return None
    return found if dt.MINYEAR < found.year < dt.MAXYEAR else None


def days_of(typed: str) -> tuple[dt.date, dt.date] | None:
    """The first and last day of `2026-10-31`, of `2026-10` or of `2026`. `2026-9` is a month, too."""
    found = _DAYS.fullmatch(typed)
    if found is None:
        return None
    year, month, date = (int(found[part] or 0) for part in ("year", "month", "day"))
    if not EARLIEST_YEAR <= year <= LATEST_YEAR or (found["month"] and not 1 <= month <= 12):
        return None
    last = calendar.monthrange(year, month or 12)[1]
    if found["day"] and not 1 <= date <= last:
        return None
    return dt.date(year, month or 1, date or 1), dt.date(year, month or 12, date or last)


def moment(typed: str, zone: dt.tzinfo) -> dt.datetime | None:
    """A moment in UTC from `2026-10-12`, `2026-10-12T16:00` or the same with a zone (`Z`, `+02:00`).

    Without a zone of its own it is on the clock of `zone`. A `+` may come as the blank that an address
    makes of it. None as well for what lies outside of the years 1 to 9999 once it is in UTC.
    """
    found = _MOMENT.fullmatch(typed[:11] + typed[11:].replace(" ", "+"))
    if found is None:
        return None
    clock = (found["clock"] or "00:00") + (found["zone"] or "")
    try:
        at = dt.datetime.fromisoformat(f"{found['day']}T{clock}")
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def identifier(typed: str) -> uuid.UUID | None:
    """A UUID in its usual form, of 36 characters."""
    return uuid.UUID(typed) if IDENTIFIER.fullmatch(typed) else None
