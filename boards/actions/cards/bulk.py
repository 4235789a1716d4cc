"""Several cards of a column at once: moved or put away by one request, and undone as one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from activity.errors import Refused
from activity.log.record import Log
from boards.actions.base import action, writing
from boards.actions.cards.archive import write_archived
from boards.actions.cards.limits import card_rows, refuse_full
from boards.actions.cards.move import write_moved
from boards.actions.columns import fresh_column
from boards.models import Card, Column
from fluxboard.core.ordering import positions_between


@action
def move_cards(column: Column, numbers: Collection[int], *, by: Any, to: Column) -> list[Card]:
    """Move the cards `numbers` of `column` to the end of `to`, in the order in which they stand.

    One activity for each. Cards that have left the column meanwhile stay where they are now. Raises `Refused`
    when none is left, when `to` is full, archived or the same column.
    """
    with writing(column.board, by) as log:
        to = fresh_column(log, to)
        cards = _still_there(log, column, numbers)
        if to.pk == column.pk:
            raise Refused("They stand in this column already.", "column")
        refuse_full(log, to, coming=len(cards))
        positions = positions_between(card_rows(to), len(cards))
        for card, position in zip(cards, positions, strict=True):
            write_moved(log, card, to, position)
        return cards


@action
def archive_cards(column: Column, numbers: Collection[int], *, by: Any) -> list[Card]:
    """Put the cards `numbers` of `column` away; those that have left it meanwhile stay where they are.

    One activity for each. Raises `Refused` when none is left.
    """
    with writing(column.board, by) as log:
        cards = _still_there(log, column, numbers)
        for card in cards:
            write_archived(log, card, log.now)
        return cards


def _still_there(log: Log, column: Column, numbers: Collection[int]) -> list[Card]:
    if not numbers:
        raise Refused("Choose at least one card.", "cards")
    asked = Card.objects.filter(column=column, number__in=numbers, archived_at=None)
    cards = list(asked.select_related("column", "assignee").in_board_order())
    if not cards:
        raise Refused("These cards have left the column meanwhile.", "cards")
    for card in cards:
        card.board = log.board
    return cards
