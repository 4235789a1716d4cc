"""What a search names outright: a card's key, a decision's number, a board, a meeting."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from boards.models import Board, Card, Search
from boards.person_changes import people_met
from comments.models import Decision
from fluxboard.features.search.marks import Marks
from fluxboard.features.search.meetings import meetings_with
from fluxboard.features.search.results import (
    SEARCHED_KINDS,
    Hit,
    HitGroup,
    card_found,
    row_found,
    with_all_shown,
)
from fluxboard.features.search.saved import saved_with_name
from fluxboard.features.search.syntax import CARD_KEY, DECISION_KEY, SearchQuery


def jumps(asked: SearchQuery, reader: Any, boards: tuple[int, ...]) -> list[HitGroup]:
    """A card or decision by its key; boards by key or name, people by name or handle, saved searches."""
    typed = asked.typed.strip()
    groups = []
    cards, kind = (
        _cards(typed, boards).select_related("board", "column", "assignee"),
        SEARCHED_KINDS["decisions"],
    )
    direct = [card_found(card, Marks.of(())) for card in cards]
    direct += [row_found(kind, row, Marks.of(())) for row in with_all_shown(kind, _decisions(typed, boards))]
    if direct:
        groups.append(HitGroup("jump", "Go to", "arrow", direct))
    if not asked.terms or asked.without:
        return groups
    marks = Marks.of(asked.terms, is_inside=True)
    called = Board.objects.filter(pk__in=boards, archived_at=None)
    named = Q(name__folded__contains=asked.words)
    called = called.filter(Q(key__istartswith=asked.words) | named).order_by("name")
    if found := [
        Hit("board", board.get_absolute_url(), marks.line(board.name), board.key) for board in called[:5]
    ]:
        groups.append(HitGroup("boards", "Boards", "board", found))
    met = people_met(reader, boards).filter(is_active=True)
    met = met.filter(named | Q(handle__istartswith=asked.words.removeprefix("@")))
    people = [
        Hit("person", f"/search/?q=by:{one.handle}", marks.line(one.name), f"@{one.handle}", person=one)
        for one in met.order_by("name")[:5]
    ]
    if people:
        groups.append(HitGroup("people", "People", "people", people))
    saved = [
        Hit(
            "search",
            one.get_absolute_url(),
            marks.line(one.name),
            one.board.key if isinstance(one, Search) else "",
        )
        for one in saved_with_name(asked.words, reader, boards, 5)
    ]
    if saved:
        groups.append(HitGroup("saved", "Saved searches", "search", saved))
    if meetings := meetings_with(asked, boards, 5):
        groups.append(HitGroup("meetings", "Meetings", "people", meetings))
    return groups


def cards_called(asked: SearchQuery, boards: tuple[int, ...]) -> set[int]:
    """The ids of the cards that `jumps` names by their own key, or by the number of a decision on them."""
    typed = asked.typed.strip()
    return {*_cards(typed, boards).values_list("pk", flat=True)} | {
        *_decisions(typed, boards).values_list("card", flat=True)
    }


def _cards(typed: str, boards: tuple[int, ...]) -> QuerySet[Card]:
    key = CARD_KEY.fullmatch(typed)
    if key is None:
        return Card.objects.none()
    return Card.objects.filter(board__in=boards, board__key=key["board"].upper(), number=int(key["number"]))


def _decisions(typed: str, boards: tuple[int, ...]) -> QuerySet[Decision]:
    key = DECISION_KEY.fullmatch(typed)
    if key is None:
        return Decision.objects.none()
    return Decision.objects.filter(board__in=boards, number=int(key["number"])).order_by("-at")[:5]
