"""What an address of Now asks for: one person's part of it, and one board's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from fluxboard.core import parsing


@dataclass(frozen=True)
class NowQuery:
    """`person`: the id of whose part is shown, None for everybody's. `board`: a board's key, or empty."""

    person: int | None
    board: str

    @classmethod
    def of(cls, query: QueryDict) -> NowQuery:
        """Whatever is not understood counts as not asked for."""
        return cls(parsing.whole_number(query.get("person", "")), query.get("board", "").replace("\0", ""))

    def address(self, upto: str) -> str:
        """The same part again, where something has happened after `upto`."""
        asked = {"person": self.person, "board": self.board, "upto": upto}
        return f"?{urlencode({name: value for name, value in asked.items() if value})}"

    def boards(self, boards: list[Any]) -> list[Any]:
        """Those of `boards` that are asked for: all of them where the key is none of theirs."""
        return [board for board in boards if board.key == self.board] or boards

    def subject(self, people: list[Any]) -> Any | None:
        """The one of `people` whose part is shown; None for everybody's, and for someone who is not there."""
        return next((person for person in people if person.pk == self.person), None)
