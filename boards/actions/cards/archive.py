"""Archive cards and restore them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from activity.log.record import FrameNotes, Log
from boards.actions.base import action, fresh_card, writing
from boards.actions.cards.edit import first_column, to_column
from boards.actions.cards.limits import refuse_full
from boards.models import Card


def write_archived(log: Log, card: Card, at: dt.datetime | None) -> None:
    """Put a card away or bring it back, within an open change."""
    card.archived_at = at
    log.record(
        "card.archived" if at else "card.restored",
        card,
        before={"archived": not at},
        after={"archived": bool(at)},
        shown=FrameNotes(columns=[card.column], left=bool(at)),
    )
    card.keep("archived_at")


@action
def archive_card(card: Card, *, by: Any) -> Card:
    """Put a card away; it keeps its place and comes back to it."""
    with writing(card.board, by, card=card) as log:
        card = fresh_card(log, card, archived=True)
        if not card.is_archived:
            write_archived(log, card, log.now)
        return card


@action
def restore_card(card: Card, *, by: Any) -> Card:
    """Bring a card back to its place; to the first column where its own is archived.

    Raises `Refused` where that column is full and the board's rule is to refuse, as for a card that is moved.
    """
    with writing(card.board, by, card=card) as log:
        card = fresh_card(log, card, archived=True)
        if card.is_archived:
            first = first_column(log.board) if card.column.is_archived else None
            refuse_full(log, first or card.column)
            if first is not None:
                to_column(log, card, first)
            write_archived(log, card, None)
        return card
