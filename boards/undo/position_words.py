"""Where a thing stands, in words: with these an undo asks where it was moved again since."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


@dataclass(frozen=True)
class Spot:
    """A place, by its key, among what stands there now besides the thing itself.

    `name` is that of the column or checklist, empty for a place on the board; `rows` are the keys and names
    of what is not put away there, in order.
    """

    among: str
    name: str
    key: str
    rows: Sequence[tuple[str, str]]

    @property
    def rank(self) -> int:
        """How many stand before it; whoever has its very key does (`position_again`)."""
        return bisect_right([key for key, _ in self.rows], self.key)

    def is_at(self, other: Spot) -> bool:
        """Whether nothing stands between the two."""
        return self.among == other.among and self.rank == other.rank

    def __str__(self) -> str:
        """`third in Ready, after Pay by card`."""
        rank = self.rank
        words = ORDINALS[rank] if rank < len(ORDINALS) else f"number {rank + 1}"
        words += f" in {self.name}" if self.name else ""
        return f"{words}, after {self.rows[rank - 1][1]}" if rank else words
