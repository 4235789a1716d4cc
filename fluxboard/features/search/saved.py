"""Saved searches as lists: a person's own, and those of their boards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Prefetch, Q

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
        return self.board.name if self.board else "Yours"


def shelves(reader: Any) -> list[Shelf]:
    """The reader's own list, then one of each of their boards, empty ones too. Three queries."""
    found = [Shelf(None, list(OwnSearch.objects.filter(user=reader)))]
    boards = Board.objects.of(reader).current().annotate(given=F("memberships__role")).order_by("name")
    kept = Prefetch("searches", Search.objects.filter(removed_at=None), to_attr="saved")
    mine: list[Any] = list(boards.prefetch_related(kept))
    return found + [Shelf(board, board.saved, Role(board.given).covers(Role.MEMBER)) for board in mine]


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
