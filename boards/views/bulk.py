"""Several cards of a column at once, `/b/FLX/columns/3/cards/moved/` and `/archived/`."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html

from activity.errors import Refused
from activity.log.record import By
from boards.actions import archive_cards, move_cards
from boards.http.changes import FormProblem, perform
from boards.http.doors import on_board, require
from boards.http.responses import only, show
from boards.models import Board, Card, Column, Role
from boards.page_frame import frame
from fluxboard.core import parsing
from fluxboard.core.counting import counted

_MOST = 500


@on_board
def several(request: Any, board: Board, pk: int, part: str) -> HttpResponse:
    """GET: the cards of a column to choose from. POST `cards` (numbers), for `moved` also `column` (id)."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    if part not in ("moved", "archived"):
        raise Http404
    require(request, Role.MEMBER)
    column = get_object_or_404(Column, board=board, pk=pk)
    column.board = board
    if request.method != "POST":
        return _page(request, column, part)

    def act(by: By, seen: int | None) -> list[Card]:
        asked = map(parsing.card_number, request.POST.getlist("cards")[:_MOST])
        numbers = {number for number in asked if number is not None}
        if part == "archived":
            return archive_cards(column, numbers, by=by)
        return move_cards(column, numbers, by=by, to=_target(request, board))

    def back(cards: Any) -> str:
        if isinstance(cards, list):  # not when this very form was sent before
            messages.success(request, _said(board, part, cards))
        return reverse("boards:board", args=[board.key])

    return perform(request, act, back=back, again=lambda problem: _page(request, column, part, problem))


def _target(request: Any, board: Board) -> Column:
    pk = parsing.whole_number(request.POST.get("column", ""))
    if pk is None:
        raise Refused("Choose a column.", "column")
    return get_object_or_404(Column, board=board, pk=pk)


def _said(board: Board, part: str, cards: list[Card]) -> str:
    undo = reverse("boards:undo", args=[board.key, cards[-1].version])
    done = f"moved to {cards[0].column.name}" if part == "moved" else "archived"
    return format_html('{} {}. <a href="{}">Undo</a>', counted(len(cards), "card"), done, undo)


def _page(request: Any, column: Column, part: str, problem: FormProblem | None = None) -> HttpResponse:
    board = column.board
    rows = list(column.cards.current().select_related("assignee").in_board_order()[: _MOST + 1])
    for card in rows:
        card.board = board
    columns = list(board.columns.current().in_board_order())
    others = [other for other in columns if other.pk != column.pk]
    following = next((other for other in others if other.position > column.position), None)
    chosen = set(request.POST.getlist("cards")) if problem else None
    context = {
        "column": column,
        "part": part,
        "rows": [
            (card, str(card.number) in chosen if chosen is not None else "none" not in request.GET)
            for card in rows[:_MOST]
        ],
        "more": len(rows) > _MOST,
        "others": others,
        "to": request.POST.get("column") or str((following or column).pk),
        "problem": problem,
        "errors": problem.errors if problem else {},
    }
    status = problem.status if problem else 200
    return show(
        request, "boards/several.html", frame(request.user, board, request.role, "form") | context, status
    )
