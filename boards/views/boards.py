"""A board's own page, a new board, a new card, and every change of a board as a whole."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from activity.feed.read_marker import saw
from activity.live.presence import note
from boards.addresses import address
from boards.board_page.page import board_page
from boards.board_page.viewer import board_and_viewer
from boards.http.doors import moved, note_place, on_board, signed_in
from boards.http.responses import only, see_other
from boards.models import Board
from boards.views.change_forms import change
from fluxboard.accounts.working_hours import local
from fluxboard.core import parsing


@signed_in
def board(request: Any, key: str) -> HttpResponse:
    """The board; with `?part=board` just its `#board`, for a page that is open already.

    `?finished=FROM..TO` leads to the standup's page of it.
    """
    now = timezone.now()
    found = board_and_viewer(request.user, key, now)
    if found is None:
        return moved(request, key)
    board, role, viewer = found
    note_place(request, key, board, role)
    if refused := only(request, "GET", "HEAD"):
        return refused
    if request.GET.get("finished"):
        return see_other(f"{address('boards:standup', board.key)}?{request.GET.urlencode(safe='.')}")
    return board_page(request, board, role, viewer, _template(request), now)


def _template(request: HttpRequest) -> str:
    return "boards/_board.html" if request.GET.get("part") == "board" else "boards/board.html"


@on_board
def do(request: Any, board: Board, part: str) -> HttpResponse:
    return change(request, f"board.{part}", board)


@on_board
def new_card(request: Any, board: Board) -> HttpResponse:
    """`?column=ID` is the column that the form starts with, `?template=ID` the template, 0 for none.

    Without it, the form begins with the board's default.
    """
    asked = request.GET.get("template", "")
    there = board.templates.select_related("assignee").filter(removed_at=None)
    pk = parsing.whole_number(asked)
    template = there.filter(**({"is_default": True} if not asked else {"pk": pk or 0})).first()
    today = local(timezone.now(), request.user.zone).date()
    started = {"template": template, "today": today} if request.method != "POST" else {}
    return change(request, "card.created", board, column=request.GET.get("column"), **started)


@on_board
def presence(request: Any, board: Board) -> HttpResponse:
    """POST `card` (a key; empty: the board itself) and `editing`: where this person is. Never logged."""
    if refused := only(request, "POST"):
        return refused
    number = parsing.card_number(request.POST.get("card", "").rpartition("-")[2])
    card = board.cards.filter(number=number).first() if number is not None else None
    note(board, request.user, card, is_editing=bool(request.POST.get("editing")))
    return HttpResponse(status=204)


@on_board
def seen(request: Any, board: Board) -> HttpResponse:
    """POST `first`, `last`, `me`: what an open page showed this person while they were there. Never logged.

    A page of somebody who is not signed in any more says nothing for whoever is.
    """
    if refused := only(request, "POST"):
        return refused
    first, last, me = (parsing.whole_number(request.POST.get(name, "")) for name in ("first", "last", "me"))
    if first is not None and last is not None and me == request.user.pk:
        saw(request.user, board, first, last, timezone.now())
    return HttpResponse(status=204)


@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """`?template=SLUG` is the board template that the form starts with."""
    return change(request, "board.created", template=request.GET.get("template", ""))
