"""Move a card within its board."""

from __future__ import annotations

import datetime as dt
from typing import Any

from activity.log.record import FrameNotes, Log
from boards.actions.base import action, fresh_card, writing
from boards.actions.cards.limits import card_rows, refuse_full
from boards.actions.cards.position import Gap, Numbered, gap_asking, gap_made
from boards.actions.columns import usable_column
from boards.actions.facts import thing_fact
from boards.models import Card, Column
from fluxboard.core.ordering import position_again
from fluxboard.core.postgres.statements import Prefetch


@action
def move_card(
    card: Card,
    *,
    by: Any,
    to: Column | None = None,
    before: Numbered | None = None,
    after: Numbered | None = None,
    at: str | None = None,
    archived: bool = False,
) -> Card:
    """Next to a neighbour in a column (its own by default), else to the column's end.

    A neighbour that has left the column meanwhile counts as none: a move never clashes. `at` is a place that
    it had there before; `archived`: also a card, and to a column, that is put away.
    """
    place = Prefetch(gap_asking(card, to.pk if to is not None else None, before, after), gap_made)
    with writing(card.board, by, card=card, prefetches=[place]) as log:
        card = fresh_card(log, card, archived=archived)
        found, gap = place.result()
        column = usable_column(log, found, archived=archived) if to is not None else card.column
        is_new = column.pk != card.column_id
        if is_new:
            refuse_full(log, column, count=gap.others)
        position = position_again(card_rows(column), card, at) if at is not None else gap.position
        stays = gap.has(card) if at is None else position == card.position
        if is_new or not stays:
            write_moved(log, card, column, position, gap, is_last=True)
        return card


def write_moved(
    log: Log, card: Card, column: Column, position: str, gap: Gap | None = None, *, is_last: bool = False
) -> None:
    """Put a card at a place, within an open change; `is_last`: there is nothing more in that one.

    `gap` tells how full the two columns are.
    """
    was = card.column
    is_new = column.pk != was.pk
    facts = {"column": thing_fact(was), "position": card.position}
    card.column, card.position = column, position
    if is_new:
        card.moved_at = log.now.astimezone(dt.UTC)
    log.record(
        "card.moved",
        card,
        before=facts,
        after={"column": thing_fact(column), "position": position},
        shown=FrameNotes(
            columns=[was, column] if is_new and not card.is_archived else [],
            counts={was.pk: gap.left, column.pk: gap.others + 1} if gap is not None else {},
            left=card.is_archived,
            as_it_is=True,
        ),
    )
    (log.keep_last if is_last else Card.keep)(card, "column", "position", "moved_at")
