"""What other apps keep of a card and take along when it changes its board."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any, Protocol

from django.db.models import QuerySet

from activity.log.record import Log
from boards.models import Board, Card


def restamp(card: Card, rows: QuerySet[Any]) -> None:
    """Give `rows`, which hang on a card that changed boards, the version that the card has there."""
    changed = list(rows)
    for row in changed:
        row.version = card.version
        row.field_seqs = dict.fromkeys(row.field_seqs, card.version)
    rows.model._default_manager.bulk_update(changed, ["version", "field_seqs"], batch_size=500)


class CardExtension(Protocol):
    """What another app hangs on a card, and takes along when the card goes to another board."""

    def facts(self, card: Card) -> dict[str, Any]:
        """All of it, as the log tells it."""

    def settle_in(self, card: Card, there: Log, left: dict[str, Any]) -> None:
        """Numbers and the like of the board to which the card is about to belong.

        `left` is all that it was there before, where it comes back; else empty.
        """

    def restamp(self, card: Card) -> None:
        """Versions of that board, once the card has one."""

    def erase(self, card: Card, texts: AbstractSet[str]) -> None:
        """The mark in the place of these texts, as of the card's version."""

    def take_over(self, board: Board, placeholder: Any, person: Any) -> None:
        """What both are named for becomes one, before `person` takes over the rest."""


CARD_EXTENSIONS: list[CardExtension] = []
