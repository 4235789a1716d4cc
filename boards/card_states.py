"""How open cards stand, each said once: Now, search and the board's filters ask it here.

Open is what is on a board in use, in a column that is there, and not done.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q

from boards.models import Board, Card, Column
from boards.models.card import NOT_DONE, CardQuerySet, late
from fluxboard.accounts.away import away_now


@dataclass
class CardScope:
    """Some boards at `now`; `today` is the reader's date."""

    boards: Sequence[Board]
    today: dt.date
    now: dt.datetime

    @property
    def cards(self) -> CardQuerySet:
        """The open ones."""
        return Card.objects.filter(NOT_DONE, board__in=self.boards).current()

    @cached_property
    def begun_in(self) -> set[int]:
        """The columns in which work is under way. One query, once."""
        return Column.objects.begun(self.boards)

    @property
    def stands_still(self) -> Q:
        """Without a move for as long as the card's board allows."""
        by_days: dict[int, list[int]] = defaultdict(list)
        for board in self.boards:
            by_days[board.stale_after].append(board.pk)
        found = Q(pk__in=[])
        for days, keys in by_days.items():
            found |= Q(board__in=keys, moved_at__lte=self.now - dt.timedelta(days=days))
        return found

    @cached_property
    def away(self) -> list[Any]:
        """Who of the boards' people is away today, on their own calendar. One query, once."""
        people = get_user_model().objects.filter(memberships__board__in=self.boards).exclude(away=[])
        return [person for person in people.distinct() if away_now(person, self.now)]


def _begun(scope: CardScope) -> Q:
    return Q(column__in=scope.begun_in)


# By their words in an address or a search; each of an open card in the scope.
CARD_STATES: dict[str, Callable[[CardScope], Q]] = {
    "blocked": lambda scope: Q(is_blocked=True),
    "late": lambda scope: late(scope.today),
    "begun": _begun,
    "stuck": lambda scope: _begun(scope) & scope.stands_still,
    "noowner": lambda scope: Q(assignee=None),
    "no-done-when": lambda scope: _begun(scope) & Q(done_when=""),
    "away": lambda scope: Q(assignee__in=scope.away),
}


def cards_that(state: str, scope: CardScope) -> CardQuerySet:
    """The open cards in that state, one of `CARD_STATES`."""
    return scope.cards.filter(CARD_STATES[state](scope))
