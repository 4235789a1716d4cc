"""What has been put away on a board, each with its way back."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from boards import pages
from boards.models import Board
from boards.views._doing import on_board, only, show


@on_board
def archive(request: Any, board: Board) -> HttpResponse:
    """`?before=VERSION` pages back."""
    if refused := only(request, "GET", "HEAD"):
        return refused
    typed = request.GET.get("before", "")
    before = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else None
    context = pages.frame(request.user, board, request.role, "archive") | pages.archive_page(board, before)
    return show(request, "boards/archive.html", context)
