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
from boards.models.card import BLOCKED, NOT_DONE, CardQuerySet, late
from fluxboard.accounts.away import away_now


@dataclass
class CardScope:
    """The boards whose cards are asked for, and the moment; `today` is the reader's date then.

    Make one for all states of a page: what it has read (columns, who is away) it reads once. `still`: after
    how many days without a move a card counts as standing still, for all boards; None for what each says.
    """

    boards: Sequence[Board]
    today: dt.date
    now: dt.datetime
    still: int | None = None

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
        """Without a move for as long as the card's board allows, or for `still` days."""
        by_days: dict[int, list[int]] = defaultdict(list)
        for board in self.boards:
            by_days[self.still or board.stale_after].append(board.pk)
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


@dataclass(frozen=True)
class CardState:
    """How an open card can stand: its `words` in a form, which cards do, and what else it is called.

    `is_in_form`: the board's filter form offers it under these words; of the others there is a chip or a
    field already (the date, the owner, the column).
    """

    words: str
    cards: Callable[[CardScope], Q]
    also: tuple[str, ...] = ()
    is_in_form: bool = False


# By their words in an address or a search.
CARD_STATES = {
    "blocked": CardState("Blocked", lambda scope: BLOCKED),
    "late": CardState("Overdue", lambda scope: late(scope.today), ("overdue",)),
    "begun": CardState("Under way", _begun),
    "stuck": CardState("Stuck", lambda scope: _begun(scope) & scope.stands_still, is_in_form=True),
    "noowner": CardState("No owner", lambda scope: Q(assignee=None), ("no-owner",)),
    "no-done-when": CardState(
        "No definition of done",
        lambda scope: _begun(scope) & Q(done_when=""),
        ("nodonewhen",),
        is_in_form=True,
    ),
    "away": CardState("Owner away", lambda scope: Q(assignee__in=scope.away), is_in_form=True),
}


def cards_that(state: str, scope: CardScope) -> CardQuerySet:
    """The open cards in that state, one of `CARD_STATES`."""
    return scope.cards.filter(CARD_STATES[state].cards(scope))
