"""Find a card through the person: what isn't theirs is a 404, a key that it had leads on."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponse

from boards import page_frame
from boards.http.doors import signed_in
from boards.models import Card, FormerCardKey, Membership, Role
from fluxboard.core import parsing
from fluxboard.core.postgres.statements import PARAM_NUMBER, PARAM_USER, PARAM_WORD, PreparedQuery


def card_called(key: str, reader: Any) -> Card | None:
    """The card that has this key now, with its board, column and people; None for what isn't the reader's."""
    return _card_and_role(key, reader)[0]


def _card_and_role(key: str, reader: Any, *, bare: bool = False) -> tuple[Card | None, Role | None]:
    """The card and what the reader is on its board. One query.

    `bare`: without its people and the card that blocks it, for what reads it again under the board's lock.
    """
    named = parsing.card_key(key)
    if named is None or not reader.is_active:
        return None, None
    card: Any = _card_of_key(bare=bare).first(key=named.board, number=named.number, user=reader.pk)
    return (card, card.board.best_role(card.given)) if card is not None else (None, None)


@functools.cache
def _card_of_key(*, bare: bool) -> PreparedQuery[Card]:
    given = Membership.objects.filter(board=OuterRef("board"), user=PARAM_USER).values("role")[:1]
    about = ["board", "column"]
    if not bare:
        about += ["assignee", "blocked_by_user", "blocked_by_card__board"]
    cards = Card.objects.filter(board__key=PARAM_WORD, number=PARAM_NUMBER).select_related(*about)
    theirs = cards.annotate(given=Subquery(given)).exclude(given=None, board__open_to="")
    return PreparedQuery(theirs, {PARAM_WORD: "key", PARAM_NUMBER: "number", PARAM_USER: "user"})


def on_card(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view gets `request` and `card`; `request.role` is the person's `Role` on its board.

    A former key leads to the present one with the method kept, so that a form sent to it is not lost.
    """

    @functools.wraps(view)
    @signed_in
    def found(request: Any, key: str, *args: Any, **kwargs: Any) -> HttpResponse:
        card, request.role = _card_and_role(key, request.user, bare=request.method == "POST")
        if card is None:
            return _moved(request, key)
        request.place = request.path.replace(f"/{key}/", f"/card {card.pk}/", 1)
        return view(request, card, *args, **kwargs)

    return found


def frame_for(request: Any, card: Card) -> dict[str, Any]:
    """What the bars around the card's pages show."""
    return page_frame.frame(request.user, card.board, request.role, "card")


def _moved(request: HttpRequest, key: str) -> HttpResponse:
    card = _formerly(key)
    present = card_called(card.key, request.user) if card else None
    if present is None or present.key == key:
        raise Http404
    response = HttpResponse(status=301 if request.method in ("GET", "HEAD") else 307)
    response["Location"] = request.get_full_path().replace(f"/{key}/", f"/{present.key}/", 1)
    response["Cache-Control"] = "no-store"
    return response


def _formerly(key: str) -> Card | None:
    named = parsing.card_key(key)
    if named is None:
        return None
    of_board = Q(board__key=named.board) | Q(board__former_keys__key=named.board)
    former = FormerCardKey.objects.filter(of_board, number=named.number).select_related("card__board").first()
    if former is not None:
        return former.card
    renamed = Card.objects.filter(board__former_keys__key=named.board, number=named.number)
    return renamed.select_related("board").first()
