"""Of what a digest speaks: whole boards, and single cards of others."""

from __future__ import annotations

from dataclasses import dataclass

from activity.models import Activity
from boards.models import Board, Membership, Watch
from fluxboard.accounts.models import User


@dataclass(frozen=True)
class DigestScope:
    """What a person hears of: everything on the boards `whole` (ids), elsewhere just the `cards` (ids).

    `boards` are all of these, in the order in which they are told.
    """

    boards: list[Board]
    whole: frozenset[int]
    cards: frozenset[int]

    def takes(self, activity: Activity) -> bool:
        """Whether the person hears of `activity`."""
        return activity.board_id in self.whole or activity.card_id in self.cards


def scope_of(person: User) -> DigestScope:
    """The boards that `person` is on or watches, and the cards that they watch; only what they can see.

    Three queries.
    """
    watches = list(Watch.objects.filter(user=person).values_list("board", "card", "card__board"))
    whole = set(Membership.objects.filter(user=person).values_list("board", flat=True))
    whole |= {board for board, _, _ in watches if board is not None}
    there = whole | {board for _, _, board in watches if board is not None}
    boards = Board.objects.visible_to(person).current().filter(pk__in=there).order_by("name", "id")
    cards = frozenset(card for _, card, _ in watches if card is not None)
    return DigestScope(list(boards), frozenset(whole), cards)
