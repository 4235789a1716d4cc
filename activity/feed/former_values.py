"""What a card's title, column, owner and the like were before: each with its time, and who changed it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from activity.feed.load import ToldActivity
from activity.feed.net_effect import is_same, steps
from activity.log.values import Kind
from activity.log.verbs import CARD_VALUES, VERBS
from activity.models import Activity

# The values that are told, in the order of the card's page: all that are not long texts, and the column.
_SHORT = {name for name, value in CARD_VALUES.items() if value.kind is not Kind.MARKDOWN}
NAMES = ("title", "column", *(name for name in CARD_VALUES if name in _SHORT - {"title"}))
# The verbs that set them.
SETTING = (
    *("card.created", "card.transferred", "card.moved"),
    *(
        verb.name
        for verb in VERBS.values()
        if verb.noun == "card" and _SHORT & {one.name for one in verb.sets}
    ),
)


@dataclass(frozen=True)
class Spell:
    """A value as the log tells it, from the activity that set it until the one that set another.

    `began` is None for what was so before anything that is looked at, `ended` for what is so now.
    """

    value: Any
    began: Activity | None
    ended: Activity | None = None

    @property
    def since(self) -> dt.datetime | None:
        """From when on it was so; None for what was so before anything that is looked at."""
        return self.began.happened_at if self.began else None


def spells(told: Iterable[ToldActivity]) -> dict[str, list[Spell]]:
    """The values that each of `NAMES` had in turn, the oldest first; pure. `told`: the oldest first.

    A card that goes to another board is told twice, there and here; the one that is told whole counts.
    """
    found: dict[str, list[Spell]] = {}
    for one in told:
        activity = one.activity
        if activity.effect == "card.transferred" and "number" not in one.after:
            continue
        for (name, _), was, now in steps(one):
            if name not in NAMES:
                continue
            if name not in found:
                began = None if activity.effect != "card.created" else activity
                found[name] = [Spell(now if began else was, began)]
            run = found[name]
            if not is_same(run[-1].value, now):
                run[-1] = Spell(run[-1].value, run[-1].began, activity)
                run.append(Spell(now, activity))
    return found


def before_now(name: str, run: list[Spell]) -> list[Spell]:
    """The former values of a run, the newest first.

    A value that there was not at first is none, but that nobody had a card tells since when somebody has it.
    """
    former = run[:-1]
    is_person = name in CARD_VALUES and CARD_VALUES[name].kind is Kind.PERSON
    return list(reversed(former if is_person or not former or former[0].value else former[1:]))
