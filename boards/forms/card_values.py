"""What a form sends of a card's field, as the field holds it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from activity.errors import Refused
from activity.log.values import Kind
from boards.card_fields import CardField
from fluxboard.core import parsing


def value_typed(field: CardField, typed: str) -> Any:
    """The value; `Refused` beside the field for what is none. Empty is nothing."""
    typed = typed.strip()
    if field.kind is Kind.DAY:
        return _day(field, typed)
    if typed and typed not in field.value.choices:
        words = list(field.value.choices.values())
        raise Refused(f"Choose {', '.join(words[:-1])} or {words[-1]}.", field.name)
    return typed


def _day(field: CardField, typed: str) -> dt.date | None:
    day = parsing.day(typed)
    if typed and day is None:
        raise Refused("Write the date as in 2026-10-31.", field.name)
    if day is not None and day.year < parsing.EARLIEST_YEAR:
        name = field.label.lower()
        raise Refused(f"Is it {name} in the year {day.year}? Write all four digits, as in 2026.", field.name)
    return day
