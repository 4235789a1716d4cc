"""Changes of who is on a board."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from boards.http.doors import on_board, require
from boards.models import Board, Membership
from boards.views.change_forms import change


@on_board
def new(request: Any, board: Board) -> HttpResponse:
    return change(request, "member.added", board)


@on_board
def do(request: Any, board: Board, pk: int, part: str) -> HttpResponse:
    """An owner may do all of it; everyone may take themselves off the board."""
    member = get_object_or_404(Membership.objects.select_related("user"), board=board, pk=pk)
    member.board = board
    if member.user_id != request.user.pk:
        require(request, "owner")
    return change(request, f"member.{part}", member)
