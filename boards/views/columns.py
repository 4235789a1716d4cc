"""Changes of columns, and which of them a person keeps folded."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from boards.http.doors import on_board
from boards.http.responses import only
from boards.models import Board, Column, Fold
from boards.views.change_forms import change


@on_board
def new(request: Any, board: Board) -> HttpResponse:
    return change(request, "column.added", board, after=request.GET.get("after"))


@on_board
def do(request: Any, board: Board, pk: int, part: str) -> HttpResponse:
    return change(request, f"column.{part}", _column(board, pk))


@on_board
def fold(request: Any, board: Board, pk: int) -> HttpResponse:
    """Fold (`folded=1`) or open a column for this person alone; never logged, for no board changes."""
    if refused := only(request, "POST"):
        return refused
    column = _column(board, pk)
    if request.POST.get("folded") == "1":
        Fold.objects.get_or_create(user=request.user, column=column)
    else:
        Fold.objects.filter(user=request.user, column=column).delete()
    response = HttpResponseRedirect(reverse("boards:board", args=[board.key]) + f"#column-{column.pk}")
    response.status_code = 303
    return response


def _column(board: Board, pk: int) -> Column:
    column = get_object_or_404(Column, board=board, pk=pk)
    column.board = board
    return column
