"""Changes of the searches that are saved for a board."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from boards.http.doors import on_board
from boards.models import Board, Search
from boards.views.change_forms import change
from fluxboard.core import limits


@on_board
def new(request: Any, board: Board) -> HttpResponse:
    """GET: the form that saves a search for the board, with `q` in it; POST: save it."""
    return change(request, "search.saved", board, query=request.GET.get("q", "")[: limits.SEARCH])


@on_board
def do(request: Any, board: Board, pk: int, part: str) -> HttpResponse:
    """GET: the form of one change of a search (`part`: renamed, removed, restored); POST: make it."""
    search = get_object_or_404(Search, board=board, pk=pk)
    search.board = board
    return change(request, f"search.{part}", search)
