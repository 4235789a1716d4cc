"""What a card's owner, due date, title and column were before, in place: who changed it and when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from activity.feed.card_changes import spells_of
from activity.feed.former_values import NAMES, Spell, before_now, happened_at
from activity.feed.sentences import value_in_words
from boards.models import Card
from fluxboard.accounts import times

_MOST = 20  # values in the list that unfolds
_LABELS = {"title": "Title", "column": "Column", "assignee": "Owner", "due": "Due"}


@dataclass(frozen=True)
class FormerValue:
    """One value that something had: its `words`, until when, and `by` whom it was changed then.

    `is_some`: it is more than that there was none.
    """

    words: str
    began: dt.datetime | None
    ended: dt.datetime
    by: str
    is_some: bool = True


@dataclass(frozen=True)
class Former:
    """What one field of the card was before: `last` is what it was until now, `first` the very first one.

    `first` is empty where it is not known, or was the last. `earlier` are all of them, the newest first,
    where there are more than one; `more` how many are left out.
    """

    name: str
    last: FormerValue
    first: str = ""
    earlier: tuple[FormerValue, ...] = ()
    more: int = 0

    @property
    def label(self) -> str:
        return _LABELS[self.name]


def former_values(card: Card, reader: Any, now: dt.datetime) -> list[Former]:
    """What was before, for each of the four that has been something else. Two queries."""
    runs, today = spells_of(card), times.today_of(reader, now)
    found = []
    for name in NAMES:
        run = runs.get(name, [])
        former = [_value(name, one, today) for one in before_now(name, run)]
        if former:
            earlier = tuple(former[:_MOST]) if len(former) > 1 else ()
            named = [one for one in former if one.is_some]
            is_whole = run[0].began is not None
            first = named[-1].words if len(named) > 1 and is_whole else ""
            found.append(Former(name, former[0], first, earlier, max(len(former) - _MOST, 0)))
    return found


def _value(name: str, spell: Spell, today: dt.date) -> FormerValue:
    ended = spell.ended
    assert ended is not None
    actor = ended.actor
    words = value_in_words(name, spell.value, today)
    if name == "assignee":
        words = words.split(" ")[0] if spell.value else "nobody"
    elif name == "due" and not spell.value:
        words = "no date"
    by = actor.first_name if actor else ""
    return FormerValue(words, spell.since, happened_at(ended), by, is_some=bool(spell.value))
