"""Places in an order, as fractional keys (Greenspan, "Implementing Fractional Indexing", 2020).

A key between any two others can always be made, so a move changes one row. Keys are made under the board's
lock from the rows as they are then: two movers get two keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from fractional_indexing import generate_key_between, generate_n_keys_between


class Placed(Protocol):
    @property
    def pk(self) -> Any: ...

    @property
    def position(self) -> str: ...


def position_between(
    rows: Sequence[Placed], moving: Any = None, before: Any = None, after: Any = None
) -> str:
    """The key for a place among `rows` (in order), next to one of them; without a neighbour, the end.

    `rows` holds everything that has a key there, archived rows too, else a restored one could meet its twin.
    A neighbour that is not among the rows (any more) counts as none.
    """
    others = [row for row in rows if moving is None or row.pk != moving.pk]
    left, right = _gap(others, before, after)
    return generate_key_between(left, right)


def position_again(rows: Sequence[Placed], thing: Placed, key: str = "") -> str:
    """The key of a thing that comes back: `key` (else its own), or right after whoever has it by now."""
    key = key or thing.position
    there = next((row for row in rows if row.pk != thing.pk and row.position == key), None)
    return position_between(rows, moving=thing, after=there) if there is not None else key


def positions_between(rows: Sequence[Placed], count: int, before: Any = None, after: Any = None) -> list[str]:
    """`count` keys in order for one place."""
    left, right = _gap(rows, before, after)
    return generate_n_keys_between(left, right, n=count)


def _gap(rows: Sequence[Placed], before: Any, after: Any) -> tuple[str | None, str | None]:
    places = {row.pk: index for index, row in enumerate(rows)}
    if before is not None and before.pk in places:
        index = places[before.pk]
    elif after is not None and after.pk in places:
        index = places[after.pk] + 1
    else:
        index = len(rows)
    left = rows[index - 1].position if index else None
    right = rows[index].position if index < len(rows) else None
    return left, right
