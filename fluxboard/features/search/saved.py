"""Saved searches as lists: a person's own, and those of their boards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q

from boards.models import Board, OwnSearch, Role, Search
from fluxboard.core import parsing

type Saved = Search | OwnSearch


@dataclass(frozen=True)
class Shelf:
    """One list; `board` is whose, None for the reader's own. `can_change`: whether the reader may."""

    board: Board | None
    searches: list[Any]
    can_change: bool = True

    @property
    def title(self) -> str:
        """The name of its board; `Yours` for the reader's own."""
        return self.board.name if self.board else "Yours"


def shelves(reader: Any, boards: Sequence[Board], roles: Mapping[int, Role | None]) -> list[Shelf]:
    """The reader's own list, then one of each of `boards`, empty ones too. Two queries.

    `roles`: what the reader is on each board, by its id.
    """
    found = [Shelf(None, list(OwnSearch.objects.filter(user=reader)))]
    here = {board.pk: board for board in boards}
    saved: dict[int, list[Search]] = {pk: [] for pk in here}
    for one in Search.objects.filter(board__in=boards, removed_at=None):
        one.board = here[one.board_id]
        saved[one.board_id].append(one)
    return found + [Shelf(board, saved[board.pk], may_save(roles.get(board.pk))) for board in boards]


def boards_of(reader: Any) -> tuple[list[Board], dict[int, Role | None]]:
    """The reader's boards in use, by name, and what they are there. One query."""
    mine = Board.objects.of(reader).current().order_by("name")
    boards: Any = mine.annotate(given=F("memberships__role"))
    return list(boards), {board.pk: board.best_role(board.given) for board in boards}


def may_save(role: Role | None) -> bool:
    """Whether that role saves searches for a board, and changes those there."""
    return role is not None and role.covers(Role.MEMBER)


def chosen_search(code: str, lists: Sequence[Shelf], reader: Any) -> Saved | None:
    """The search that an address names: on one of `lists`, or (one query) where else the reader sees it."""
    here = (one for shelf in lists for one in shelf.searches if one.code == code)
    return next(here, None) or saved_called(code, reader)


def saved_called(code: str, reader: Any) -> Saved | None:
    """The search that an address names as `mine-3` or `board-7`, where the reader may see it. One query."""
    whose, _, number = code.partition("-")
    pk = parsing.whole_number(number)
    if pk is None:
        return None
    if whose == "mine":
        return OwnSearch.objects.filter(user=reader, pk=pk).first()
    seen = Search.objects.filter(board__in=Board.objects.visible_to(reader), removed_at=None)
    return seen.filter(pk=pk).first() if whose == "board" else None


def saved_with_name(words: str, reader: Any, boards: tuple[int, ...], most: int) -> list[Saved]:
    """Those whose names have the words, the reader's own first. Two queries."""
    named = Q(name__folded__contains=words)
    own = list(OwnSearch.objects.filter(named, user=reader)[:most])
    here = Search.objects.filter(named, board__in=boards, removed_at=None).select_related("board")
    return [*own, *here[: most - len(own)]]
