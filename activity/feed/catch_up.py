"""The catch-up: a path through what is new to someone, what matters most first, and what it comes to.

Its steps are made in `catch_up_steps`. It goes by the log's sequence, board by board: from where the person
has read to where the path began, so what happens meanwhile is the next path's.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from activity.feed.load import ToldActivity, tell_in_public, those, with_what_it_is_about
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


def happened_on(cards: Mapping[int, int], reader: Any, upto: Mapping[int, int]) -> list[ToldActivity]:
    """What others did on `cards` (ids) after a seq of each, up to their board's in `upto`, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.id FROM unnest(%s::bigint[], %s::bigint[]) AS c(id, low)
            JOIN activity_activity a ON a.card_id = c.id AND a.seq > c.low
            JOIN unnest(%s::bigint[], %s::bigint[]) AS b(id, high) ON b.id = a.board_id AND a.seq <= b.high
            WHERE a.source_at IS NULL AND a.actor_id <> %s
            """,
            [list(cards), list(cards.values()), list(upto), list(upto.values()), reader.pk],
        )
        ids = [row[0] for row in cursor.fetchall()]
    return tell_in_public(with_what_it_is_about(those(ids)))


@dataclass
class CatchUpPath:
    """Where someone is on their path, as their session keeps it."""

    upto: dict[str, int]
    done: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    begun: str = ""

    @classmethod
    def of(cls, kept: Any) -> CatchUpPath | None:
        """The walk that a session kept; None for none, or for something else."""
        try:
            return cls(dict(kept["upto"]), list(kept["done"]), list(kept["later"]), str(kept["begun"]))
        except (KeyError, TypeError, ValueError):
            return None

    @classmethod
    def from_here(cls, boards: Iterable[Any], now: dt.datetime) -> CatchUpPath:
        return cls({board.key: board.seq for board in boards}, begun=now.isoformat())

    def kept(self) -> dict[str, Any]:
        return {"upto": self.upto, "done": self.done, "later": self.later, "begun": self.begun}

    @property
    def behind(self) -> set[str]:
        """The names of the steps that are done with, for now."""
        return {*self.done, *self.later}
