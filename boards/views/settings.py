"""A board's settings, a page for each tab. Everyone on the board may look; who may change gets forms."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from boards import page_frame, settings_pages
from boards.card_fields import optional_fields
from boards.http.doors import on_board
from boards.http.responses import only, show
from boards.models import Board, Role
from boards.rendering.markdown import render
from boards.views.invitations import fresh_link


def _tab(request: Any, board: Board, tab: str, more: dict[str, Any]) -> HttpResponse:
    if refused := only(request, "GET", "HEAD"):
        return refused
    context = page_frame.frame(request.user, board, request.role, "settings") | {"tab": tab} | more
    return show(request, f"boards/settings_{tab}.html", context)


@on_board
def general(request: Any, board: Board) -> HttpResponse:
    fields = ", ".join(optional_fields()[name] for name in board.card_fields)
    more = {"description": render(board.description, board), "card_fields": fields}
    team = {"clock": settings_pages.team_of(board, request.user, timezone.now())}
    return _tab(request, board, "general", more | team)


@on_board
def members(request: Any, board: Board) -> HttpResponse:
    more = settings_pages.members_page(
        board, request.user, timezone.now(), is_owner=request.role == Role.OWNER
    )
    return _tab(request, board, "members", more | {"link": fresh_link(request, board)})


@on_board
def columns(request: Any, board: Board) -> HttpResponse:
    return _tab(request, board, "columns", settings_pages.columns_page(board))


@on_board
def templates(request: Any, board: Board) -> HttpResponse:
    return _tab(request, board, "templates", settings_pages.templates_page(board))


@on_board
def labels(request: Any, board: Board) -> HttpResponse:
    return _tab(request, board, "labels", settings_pages.labels_page(board))
