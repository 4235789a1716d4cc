"""What a card's title, its micro-spec and its column can take."""

from __future__ import annotations

from typing import NamedTuple

from activity.errors import Refused
from activity.log.record import Log
from activity.log.values import Kind
from boards.actions.clean import cleaned
from boards.card_fields import CARD_FIELDS, CardField
from boards.models import Board, Card, Column


def clean_title(title: str | None, field: str = "title") -> str:
    return cleaned(title, field=field, what="The title", longest=CARD_FIELDS["title"].longest)


def clean_spec(text: str | None, field: str) -> str:
    return clean_text(text, CARD_FIELDS[field])


def clean_text(text: str | None, field: CardField) -> str:
    """What was typed into one of a card's fields, as it is kept."""
    if field.kind is Kind.LINE:
        return clean_title(text, field.name)
    what, longest = field.label, field.longest
    return cleaned(text, field=field.name, what=what, longest=longest, lines=True, needed=False)


class CardPosition(NamedTuple):
    """A card of a column as far as order is concerned."""

    pk: int
    position: str


def card_rows(column: Column) -> list[CardPosition]:
    """Everything that has a place in a column, archived cards too, in order; just key and place."""
    rows = Card.objects.filter(column=column).in_board_order().values_list("pk", "position")
    return [CardPosition(*row) for row in rows]


def refuse_full(log: Log, column: Column, *, coming: int = 1, count: int | None = None) -> None:
    """Refuse when `coming` more cards pass the column's limit and the board's rule is to refuse.

    `count`: how many it has, where that is known.
    """
    if column.wip_limit is None or log.board.wip_rule != Board.WipRule.REFUSE:
        return
    count = column.cards.filter(archived_at=None).count() if count is None else count
    if count + coming > column.wip_limit:
        raise Refused(f"{column.name} is full ({count} of {column.wip_limit}).", "column")
