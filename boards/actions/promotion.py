"""A checklist's item becomes a card."""

from __future__ import annotations

from typing import Any

from activity.errors import Refused
from activity.log.record import Log
from boards.actions.base import action, writing
from boards.actions.cards.create import write_card
from boards.actions.cards.edit import first_column
from boards.actions.cards.limits import card_rows, refuse_full
from boards.actions.checklists import fresh_item
from boards.actions.facts import card_fact
from boards.models import Card, Item
from fluxboard.core import limits
from fluxboard.core.ordering import position_between


@action
def promote_item(item: Item, *, by: Any) -> Card:
    """Turn an item into a card that waits to be begun; the item stays, and points to it.

    It stands in the board's first column: right after its own card where that is there too, else at the end.
    """
    with writing(item.checklist.card.board, by) as log:
        card, item = fresh_item(log, item)
        if item.promoted_to is not None:
            raise Refused(f"That item is a card already: {item.promoted_to.key}.", "item")
        column = first_column(log.board)
        refuse_full(log, column)
        position = position_between(card_rows(column), after=card if column.pk == card.column_id else None)
        whole = item.text if len(item.text) > limits.TITLE else ""
        made = write_card(log, column, position, title=item.text[: limits.TITLE], what=whole)
        _write_promoted(log, card, item, made)
        return made


def _write_promoted(log: Log, card: Card, item: Item, made: Card | None) -> None:
    was, item.promoted_to = item.promoted_to, made
    log.record(
        "item.promoted",
        item,
        card=card,
        before={"card": card_fact(was), "text": item.text},
        after={"card": card_fact(made), "text": item.text},
    )
    item.keep("promoted_to")
    card.keep()


@action
def point_item(item: Item, to: Card | None, *, by: Any) -> Item:
    """Make an item point to the card that it became, or to none any more."""
    with writing(item.checklist.card.board, by) as log:
        card, item = fresh_item(log, item)
        if item.promoted_to != to:
            _write_promoted(log, card, item, to)
        return item
