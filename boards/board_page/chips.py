"""The chips of a board's toolbar, each once: how it is asked for, which cards it finds, how many those are.

A page with a filter asks the database (`found`), one from the cache counts what is kept (`counted`);
`tests/contracts/test_states.py` shows that the two agree.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Q

from boards.models import Board, Card
from boards.models.card import BLOCKED, NOT_DONE, UNREADY, CardQuerySet, not_done
from fluxboard.core.counting import counted

if TYPE_CHECKING:
    from boards.board_page.board_cache import BoardState


class ChipContext(NamedTuple):
    """Who looks at which board, and when; `asked` are the cards with an open question to them."""

    board: Board
    user: Any
    now: dt.datetime
    asked: Collection[int] = ()

    @property
    def stale_before(self) -> dt.datetime:
        """A card that has not been moved since then is stale on this board."""
        return self.now - dt.timedelta(days=self.board.stale_after)


@dataclass(frozen=True)
class ToolbarChip:
    """`param=value` asks for it; `words` may name the board's `{days}` until a card is stale."""

    name: str
    param: str
    value: str
    icon: str
    words: str
    found: Callable[[ChipContext], Q]
    counted: Callable[[BoardState, ChipContext], int]

    def says(self, board: Board) -> str:
        """Its words on that board."""
        return self.words.format(days=counted(board.stale_after, "day"))


def cards_asking(user: Any) -> CardQuerySet:
    """Cards with an open question to `user`; one with several may come as often."""
    return Card.objects.filter(
        comments__asks__person=user,
        comments__asks__handed_to=None,
        comments__settled_at=None,
        comments__removed_at=None,
    )


def on_hands_of(user: Any, way: str = "") -> Q:
    """Theirs, and not done; `way` leads to the cards from the rows that are asked for."""
    return Q(**{f"{way}assignee": user}) & not_done(way)


def cards_waiting_on(user: Any) -> Q:
    """With an open question to `user`, or blocked by them or by a card of theirs."""
    theirs = Q(blocked_by_user=user) | Q(blocked_by_card__assignee=user)
    return Q(pk__in=cards_asking(user).values("pk")) | BLOCKED & theirs & ~Q(assignee=user)


CHIPS = (
    ToolbarChip(
        "mine",
        "mine",
        "1",
        "user",
        "Mine",
        found=lambda look: on_hands_of(look.user),
        counted=lambda state, look: state.mine[look.user.pk],
    ),
    ToolbarChip(
        "waiting",
        "waiting",
        "1",
        "inbox",
        "Waiting on me",
        found=lambda look: cards_waiting_on(look.user),
        counted=lambda state, look: state.waiting(look.user.pk, look.asked),
    ),
    ToolbarChip(
        "blocked",
        "is",
        "blocked",
        "block",
        "Blocked",
        found=lambda look: BLOCKED,
        counted=lambda state, look: len(state.blocked),
    ),
    ToolbarChip(
        "quiet",
        "is",
        "quiet",
        "clock",
        "No move for {days}",
        found=lambda look: Q(moved_at__lte=look.stale_before) & NOT_DONE,
        counted=lambda state, look: state.quiet(look.stale_before),
    ),
    ToolbarChip(
        "unready",
        "is",
        "unready",
        "dash",
        "Unready",
        found=lambda look: UNREADY,
        counted=lambda state, look: state.unready,
    ),
)
CHIPS_BY_NAME = {chip.name: chip for chip in CHIPS}
