"""The catch-up: what is new to someone, step by step, what matters most first, and what it comes to.

Its steps are made in `catch_up_steps`. It goes by the log's sequence, board by board: from where the person
has read to where the catch-up began, so what happens meanwhile is for the next one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from activity.feed.read_marker import WORDS_A_MINUTE
from activity.models import Later


def minutes_for(words: int) -> int:
    """How long reading takes, in whole minutes, at least one."""
    return max(1, math.ceil(words / WORDS_A_MINUTE))


# ---- what was put off -------------------------------------------------------------------------------------


def put_off_card(person: Any, card: Any, since: int) -> None:
    """Leave `card` for another time, from `since` on; put off twice, from the first time on."""
    Later.objects.get_or_create(user=person, card=card, defaults={"since": since})


def taken_up(person: Any, card: Any) -> None:
    """What was left for later on `card` has been read."""
    Later.objects.filter(user=person, card=card).delete()


def put_off_by(person: Any, boards: Iterable[int]) -> dict[int, int]:
    """The cards of `boards` (ids) that the person put off, with the seq from which on. One query."""
    rows = Later.objects.filter(user=person, card__board__in=list(boards))
    return dict(rows.values_list("card_id", "since"))


@dataclass
class CatchUpProgress:
    """How far someone is in a catch-up, as their session keeps it.

    It goes up to a seq of each board (by key) in `upto`; steps, by name, are `done` or put off for `later`.
    """

    upto: dict[str, int]
    done: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, kept: Any) -> CatchUpProgress | None:
        """What a session kept; None for nothing, or for something else."""
        try:
            return cls(dict(kept["upto"]), list(kept["done"]), list(kept["later"]))
        except (KeyError, TypeError, ValueError):
            return None

    @classmethod
    def from_here(cls, boards: Iterable[Any]) -> CatchUpProgress:
        """One that begins now, up to what has happened on `boards`."""
        return cls({board.key: board.seq for board in boards})

    def kept(self) -> dict[str, Any]:
        """What a session keeps of it."""
        return {"upto": self.upto, "done": self.done, "later": self.later}

    @property
    def behind(self) -> set[str]:
        """The names of the steps that are done with, for now."""
        return {*self.done, *self.later}
