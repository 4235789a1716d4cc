"""Where a card goes in a column: between which two others. Reads those, however long the column is."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple, Protocol

from django.db import connection
from fractional_indexing import generate_key_between

from boards.models import Card, Column
from fluxboard.core.postgres.statements import Statement, made_of

# The column, and below and above the place (beside the neighbour, else at the end) a card's key and id. What
# is put away has its place too. The card that moves counts as gone.
_STATEMENT = """
    SELECT COLUMNS,
        CASE
            WHEN beside.id IS NULL THEN (
                SELECT ARRAY[position, id::text] FROM boards_card
                WHERE column_id = c.id AND id <> %(card)s ORDER BY position DESC, id DESC LIMIT 1)
            WHEN beside.is_next THEN (
                SELECT ARRAY[position, id::text] FROM boards_card
                WHERE column_id = c.id AND id <> %(card)s AND (position, id) < (beside.position, beside.id)
                ORDER BY position DESC, id DESC LIMIT 1)
            ELSE ARRAY[beside.position, beside.id::text]
        END,
        CASE
            WHEN beside.is_next THEN ARRAY[beside.position, beside.id::text]
            WHEN beside.id IS NOT NULL THEN (
                SELECT ARRAY[position, id::text] FROM boards_card
                WHERE column_id = c.id AND id <> %(card)s AND (position, id) > (beside.position, beside.id)
                ORDER BY position, id LIMIT 1)
        END,
        (SELECT count(*) FROM boards_card
          WHERE column_id = c.id AND archived_at IS NULL AND id <> %(card)s),
        (SELECT count(*) FROM boards_card
          WHERE column_id = moving.column_id AND archived_at IS NULL AND id <> %(card)s)
    FROM boards_card moving
    JOIN boards_column c ON c.id = coalesce(%(column)s::bigint, moving.column_id)
    LEFT JOIN LATERAL (
        SELECT id, position, number = %(before)s AS is_next FROM boards_card
        WHERE board_id = c.board_id AND number IN (%(before)s, %(after)s) AND column_id = c.id
            AND id <> %(card)s
        ORDER BY is_next DESC LIMIT 1
    ) AS beside ON true
    WHERE moving.id = %(card)s AND c.board_id = %(board)s
"""
NO_NUMBER = 0


class Numbered(Protocol):
    """A card as its key names it."""

    @property
    def board_id(self) -> int: ...

    @property
    def number(self) -> int: ...


class Neighbour(NamedTuple):
    """A card that a form names; it may not be there."""

    board_id: int
    number: int


class Gap(NamedTuple):
    """Between two cards of a column, each by key and id; None where there is none on that side.

    `others` is how many cards the column has besides the one that moves, `left` how many are left in that
    one's own; without what is put away.
    """

    below: tuple[str, int] | None = None
    above: tuple[str, int] | None = None
    others: int = 0
    left: int = 0

    @property
    def position(self) -> str:
        """A key for the place."""
        return generate_key_between(self.below and self.below[0], self.above and self.above[0])

    def has(self, card: Card) -> bool:
        """Whether a card of that column stands just there."""
        place = (card.position, card.pk)
        return (not self.below or self.below < place) and (not self.above or place < self.above)


def gap_asking(
    card: Card, column: int | None, before: Numbered | None = None, after: Numbered | None = None
) -> Statement:
    """Asks for the place for `card` in a column of its board (None: its own), under the board's lock.

    Next to a neighbour; at the end when that is not in the column (any more), or of another board.
    """
    board = card.board_id
    values = {
        "board": board,
        "column": column,
        "card": card.pk,
        "before": before.number if before is not None and before.board_id == board else NO_NUMBER,
        "after": after.number if after is not None and after.board_id == board else NO_NUMBER,
    }
    return Statement(_statement(), values)


def gap_made(rows: list[tuple[Any, ...]]) -> tuple[Column | None, Gap]:
    """The column and the place of what was found; None without such a column on the board."""
    if not rows:
        return None, Gap()
    column, (below, above, others, left) = made_of(Column, rows[0])
    return column, Gap(_place(below), _place(above), others, left)


def _place(facts: list[str] | None) -> tuple[str, int] | None:
    return (facts[0], int(facts[1])) if facts else None


@functools.cache
def _statement() -> str:
    columns = [f"c.{connection.ops.quote_name(str(field.column))}" for field in Column._meta.concrete_fields]
    return _STATEMENT.replace("COLUMNS", ", ".join(columns))
