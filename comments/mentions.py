"""Who a comment speaks to."""

from __future__ import annotations

from typing import Any

from boards.models import Board
from boards.rendering.markdown import Names, mentioned


def people_mentioned(text: str, board: Board) -> list[Any]:
    """The members of `board` whom `text` mentions by handle, in order; code and links don't count."""
    if "@" not in text:
        return []
    members = {person.handle: person for person in board.members.all()}
    names = Names({handle: person.name for handle, person in members.items()})
    return [members[handle] for handle in mentioned(text, names)]
