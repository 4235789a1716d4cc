"""Owners erase texts for good: a deliberate form that says what goes, and asks for the name and a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse

from activity.errors import Refused
from activity.log.erasure import ERASABLE_PARTS, TypedText, texts_by, texts_of
from activity.log.record import By
from activity.models import Activity
from boards import actions, page_frame
from boards.actions.erase import LONG_REASON, uids_of
from boards.http.changes import FormProblem, perform
from boards.http.doors import on_board, require
from boards.http.on_card import on_card
from boards.http.responses import only, show
from boards.models import Board, Card, Membership, Role
from boards.views.cards import whole_number
from fluxboard.accounts.models import User

ALL = "all"
_MOST_CARDS = 50
BESIDE = ("parts", "reason", "confirm")


@on_card
def card(request: Any, card: Card) -> HttpResponse:
    """GET: what of a card's texts can be erased, with how many there are. POST: erase those chosen."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    require(request, Role.OWNER)
    if request.method != "POST":
        return _show_card(request, card)
    typed = request.POST

    def act(by: By, seen: int | None) -> Any:
        _confirm(typed, card.key)
        parts = ERASABLE_PARTS if ALL in typed.getlist("parts") else typed.getlist("parts")
        return actions.erase_card(card, parts, typed.get("reason", ""), by=by, expected=_expected(typed))

    def back(done: Any) -> str:
        messages.success(request, f"Erased. What was written on {card.key} is gone for good.")
        return card.get_absolute_url()

    return perform(request, act, back=back, again=lambda problem: _show_card(request, card, problem))


@on_board
def person(request: Any, board: Board, pk: int) -> HttpResponse:
    """GET: how much one person typed on the board's cards. POST: erase it."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    require(request, Role.OWNER)
    who = _someone_here(board, pk)
    if request.method != "POST":
        return _show_person(request, board, who)
    typed = request.POST

    def act(by: By, seen: int | None) -> Any:
        _confirm(typed, who.name)
        return actions.erase_person(board, who, typed.get("reason", ""), by=by, expected=_expected(typed))

    def back(done: Any) -> str:
        messages.success(request, f"Erased. What {who.name} wrote on this board is gone for good.")
        return reverse("boards:settings_members", args=[board.key])

    return perform(request, act, back=back, again=lambda problem: _show_person(request, board, who, problem))


def _confirm(typed: QueryDict, name: str) -> None:
    said = " ".join(typed.get("confirm", "").split())
    if said.casefold() != " ".join(name.split()).casefold():
        raise Refused(f"Type {name} to confirm. Nothing has been erased.", "confirm")


def _expected(typed: QueryDict) -> int:
    return whole_number(typed.get("texts", ""), "This form is damaged. Reload the page and try again.", "")


def _someone_here(board: Board, pk: int) -> User:
    """A person who is on the board or did something there; a 404 for anyone else."""
    who = User.objects.filter(pk=pk).first()
    if who is None or not (
        Membership.objects.filter(board=board, user=who).exists()
        or Activity.objects.filter(board=board, actor=who).exists()
    ):
        raise Http404
    return who


def _show_card(request: Any, card: Card, problem: FormProblem | None = None) -> HttpResponse:
    texts = texts_of(card)
    counts = _by_part(texts)
    picked = problem.typed.getlist("parts") if problem else []
    context = _context(request, card.board, problem) | {
        "card": card,
        "name": card.key,
        "title": f"Erase texts of {card.key}",
        "back": card.get_absolute_url(),
        "texts": len(texts),
        "parts": [
            (part, words, counts[part], part in picked)
            for part, words in ERASABLE_PARTS.items()
            if counts[part]
        ],
        "is_all": ALL in picked,
    }
    return show(request, "boards/erase.html", context, problem.status if problem else 200)


def _show_person(request: Any, board: Board, who: User, problem: FormProblem | None = None) -> HttpResponse:
    by_card = texts_by(who, uids_of(who, board), board)
    texts = [typed for found in by_card.values() for typed in found]
    counts = _by_part(texts)
    cards = list(Card.objects.filter(pk__in=by_card).order_by("number")[:_MOST_CARDS])
    for each in cards:
        each.board = board
    context = _context(request, board, problem) | {
        "who": who,
        "name": who.name,
        "title": f"Erase what {who.name} wrote",
        "back": reverse("boards:settings_members", args=[board.key]),
        "texts": len(texts),
        "parts": [
            (part, words, counts[part], False) for part, words in ERASABLE_PARTS.items() if counts[part]
        ],
        "cards": [(each, len(by_card[each.pk])) for each in cards],
        "cards_count": len(by_card),
        "more_cards": max(len(by_card) - _MOST_CARDS, 0),
    }
    return show(request, "boards/erase.html", context, problem.status if problem else 200)


def _by_part(texts: Iterable[TypedText]) -> Counter[str]:
    return Counter(part for typed in texts for part in typed.parts)


def _context(request: Any, board: Board, problem: FormProblem | None) -> dict[str, Any]:
    errors = problem.errors if problem else {}
    besides = [line for name in errors if name not in BESIDE for line in errors[name]]
    return page_frame.frame(request.user, board, request.role, "form") | {
        "problem": problem,
        "reason": problem.typed.get("reason", "") if problem else "",
        "most": LONG_REASON,
        "errors": {name: " ".join(errors.get(name, [])) for name in BESIDE},
        "said": " ".join(besides),
    }
