"""What the log keeps of people, things and cards that a change names."""

from __future__ import annotations

import datetime as dt
from typing import Any

from activity.log.values import person_fact as person_fact
from activity.models import ActivityContent
from boards.models import Card


def thing_fact(thing: Any) -> dict[str, Any] | None:
    """A column, label or checklist as the log names it."""
    return {"id": str(thing.uid), "name": thing.name} if thing is not None else None


def day_fact(day: dt.date | None) -> str | None:
    return day.isoformat() if day is not None else None


def card_fact(card: Card | None) -> dict[str, str] | None:
    return {"id": str(card.uid), "key": card.key} if card is not None else None


def text_of(value: Any) -> Any:
    """A fact's value, with a text's digest replaced by its text ("" when that was erased)."""
    if isinstance(value, dict) and value.keys() == {"text"}:
        content = ActivityContent.objects.filter(digest=value["text"]).first()
        return content.text if content else ""
    return value
