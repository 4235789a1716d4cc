"""What waits on someone, and what they wait for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from boards.models import Card
from comments.models import Ask
from fluxboard.accounts import clock


@dataclass(frozen=True)
class QuestionHere:
    """An open question on a card to whoever reads it."""

    ask: Ask
    is_late: bool

    @property
    def comment(self) -> Any:
        return self.ask.comment


def questions_here(card: Card, reader: Any, now: dt.datetime) -> list[QuestionHere]:
    """The open questions on `card` that wait for `reader`, the oldest first. One query."""
    asks = (
        Ask.objects.open()
        .filter(person=reader, comment__card=card)
        .select_related("comment__author")
        .order_by("id")
    )
    return [QuestionHere(ask, is_late(ask, reader, now)) for ask in asks]


def is_late(ask: Ask, reader: Any, now: dt.datetime) -> bool:
    """Whether an answer is past due and the reader is at work: nothing turns red outside their hours."""
    return ask.answer_by is not None and ask.answer_by <= now and clock.is_at_work(reader, now)
