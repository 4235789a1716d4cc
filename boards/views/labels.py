"""Changes of labels."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from boards.http.doors import on_board
from boards.models import Board, Label
from boards.views.change_forms import change


@on_board
def new(request: Any, board: Board) -> HttpResponse:
    return change(request, "label.created", board)


@on_board
def do(request: Any, board: Board, pk: int, part: str) -> HttpResponse:
    label = get_object_or_404(Label, board=board, pk=pk)
    label.board = board
    return change(request, f"label.{part}", label)
