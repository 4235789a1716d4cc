"""What an address of Now asks for: one person's part of it, one board's, how long a card has stood still."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from fluxboard.core import parsing

MOST_STILL = 999  # days


@dataclass(frozen=True)
class NowQuery:
    """`person`: the id of whose part is shown, None for everybody's. `board`: a board's key, or empty.

    `still`: after how many days without a move a card is told; None for what its board says.
    """

    person: int | None
    board: str
    still: int | None

    @classmethod
    def of(cls, query: QueryDict) -> NowQuery:
        """Whatever is not understood counts as not asked for."""
        return cls(
            parsing.whole_number(query.get("person", "")),
            query.get("board", "").replace("\0", ""),
            parsing.whole_number(query.get("still", ""), MOST_STILL) or None,
        )

    def address(self, upto: str) -> str:
        """The same part again, where something has happened after `upto`."""
        asked = {"person": self.person, "board": self.board, "still": self.still, "upto": upto}
        return f"?{urlencode({name: value for name, value in asked.items() if value})}"

    def boards(self, boards: list[Any]) -> list[Any]:
        """Those of `boards` that are asked for: all of them where the key is none of theirs."""
        return [board for board in boards if board.key == self.board] or boards

    def subject(self, people: list[Any]) -> Any | None:
        """The one of `people` whose part is shown; None for everybody's, and for someone who is not there."""
        return next((person for person in people if person.pk == self.person), None)
