"""A card's front on the board, and a column's count."""

from __future__ import annotations

import functools
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from boards.card_fields import chips
from boards.models import Board, Card, Column
from fluxboard.core.lru import LastUsed

KEPT_FRONTS = 32_000_000  # characters
_fronts: LastUsed[tuple[Any, ...], str] = LastUsed(KEPT_FRONTS, len)
BOARD = 2  # its place in a front's key


def forget_fronts(board_id: int) -> None:
    """Draw every front of a board anew, because a text on it has been erased."""
    _fronts.forget(lambda key: key[BOARD] == board_id)


def front_key(card: Card, board: Board) -> tuple[Any, ...]:
    """All that a card's front shows: its own state, the board's look, and the faces on it."""
    people = [card.assignee, card.blocked_by_user, *card.participants.all()]
    faces = tuple((person.pk, person.name, person.hue) for person in people if person is not None)
    other = card.blocked_by_card
    return (
        card.uid,
        card.version,
        card.board_id,
        board.key,
        board.look,
        card.column.is_done,
        faces,
        other.key if other else "",
    )


def card_front(card: Card, board: Board, *, keep: bool = True) -> SafeString:
    """A card as it stands on the board. Expects `for_fronts()` and its column.

    `keep=False` inside an open transaction: a state that is not committed must not be shown to others.
    """
    key = front_key(card, board)
    html = _fronts.get(key)
    if html is None:
        card.board = board
        shown = chips(board.card_fields, lambda field: field.fact(card)) if board.card_fields else ()
        html = render_to_string("boards/_card.html", {"card": card, "board": board, "chips": shown}).strip()
        if keep:
            _fronts.keep(key, html)
    return mark_safe(html)  # noqa: S308 — escaped by its template


def column_count(column: Column, count: int) -> SafeString:
    """The count in a column's head, with its limit."""
    return _column_count(column.pk, column.wip_limit, count)


@functools.lru_cache(maxsize=1000)
def _column_count(pk: int, wip_limit: int | None, count: int) -> SafeString:
    column = {"pk": pk, "wip_limit": wip_limit}
    return render_to_string("boards/_column_count.html", {"column": column, "count": count})
