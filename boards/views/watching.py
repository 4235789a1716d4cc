"""`/c/KEY-12/watch/` and `/b/KEY/watch/`: watch or stop watching; whoever sees it may, viewers too."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect

from boards.http.doors import on_board
from boards.http.on_card import on_card
from boards.http.responses import is_scripted, only, show
from boards.models import Board, Card
from boards.watching import unwatch, watch, watching


@on_card
def card(request: Any, card: Card) -> HttpResponse:
    """POST `watching`: 1 watches the card, 0 stops. A script gets the button, a browser the page again."""
    return _turn(request, card, "cards/_watch.html", "card")


@on_board
def board(request: Any, board: Board) -> HttpResponse:
    """The same for a board."""
    return _turn(request, board, "boards/_watch.html", "board")


def _turn(request: Any, thing: Board | Card, template: str, name: str) -> HttpResponse:
    if refused := only(request, "POST"):
        return refused
    (watch if request.POST.get("watching") == "1" else unwatch)(thing, request.user)
    if is_scripted(request):
        return show(request, template, {name: thing, "watching": watching(thing, request.user)})
    response = HttpResponseRedirect(thing.get_absolute_url())
    response.status_code = 303
    return response
