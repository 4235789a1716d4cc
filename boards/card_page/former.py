"""What a card's title, column, owner and the like were before, in place: who changed it and when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from activity.feed.card_changes import spells_of
from activity.feed.former_values import NAMES, Spell, before_now
from activity.feed.net_words import label_of, short_value
from boards.card_fields import CARD_FIELDS
from boards.models import Card
from fluxboard.accounts import times

_MOST = 20  # values in the list that unfolds


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
        """What the value is called: `Owner`."""
        return label_of(self.name).capitalize()


def former_values(card: Card, reader: Any, now: dt.datetime) -> list[Former]:
    """What was before, for each value that has been something else and that the board has. Two queries."""
    runs, today = spells_of(card), times.today_of(reader, now)
    found = []
    for name in NAMES:
        field = CARD_FIELDS.get(name)
        run = runs.get(name, []) if field is None or field.is_on(card.board.card_fields) else []
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
    words = short_value(name, spell.value, today)
    if not spell.value:
        words = words.lower()
    by = actor.first_name if actor else ""
    return FormerValue(words, spell.since, ended.happened_at, by, is_some=bool(spell.value))
