"""What a card's owner, due date, title and column were before: each with its time, and who changed it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from activity.feed.load import ToldActivity
from activity.feed.net_effect import is_same, steps
from activity.models import Activity

# The values that are told, in the order in which the card's page has them, and the verbs that set them.
NAMES = ("title", "column", "assignee", "due")
VERBS = (
    "card.created",
    "card.transferred",
    "card.retitled",
    "card.moved",
    "card.assigned",
    "card.dated",
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
        return happened_at(self.began) if self.began else None


def happened_at(activity: Activity) -> dt.datetime:
    """When it happened: for imported history when it happened elsewhere."""
    return activity.source_at or activity.at


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

    A due date that there was not at first is none; that nobody had a card tells since when somebody has it.
    """
    former = run[:-1]
    return list(reversed(former[1:] if name == "due" and former and not former[0].value else former))
