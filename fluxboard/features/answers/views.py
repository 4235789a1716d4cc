"""What may answer a question before it is asked: beside the form while it is typed, or as a page.

A script gets the list alone. Without one a button of the form leads here: the same form comes back with all
that was typed, and the list beside it.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from boards import page_frame
from boards.forms.base import with_choices
from boards.forms.cards import CreateCard
from boards.http.changes import FormProblem, TypedValues
from boards.http.doors import on_board, require
from boards.http.on_card import frame_for, on_card
from boards.http.responses import is_scripted, only, show
from boards.models import Board, Card, Role
from boards.views.cards import show_form
from comments.answerers import answerers
from comments.models import Comment
from comments.views import picked
from fluxboard.accounts.rate_limits import limited
from fluxboard.features.answers.load import Answer, answers_to

_FOUND = "answers/_found.html"


def _answers(request: Any, text: str, besides: int | None = None) -> list[Answer]:
    return answers_to(text, request.user, timezone.now(), besides=besides)


@on_card
@limited("search", "GET", "HEAD", "POST")
def for_question(request: Any, card: Card) -> HttpResponse:
    """GET `?text=`: the list. POST what the form of a question has: that form again, with the list."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    require(request, Role.MEMBER)
    typed = TypedValues(request.POST if request.method == "POST" else request.GET)
    context = {"answers": _answers(request, typed.get("text")), "looked": True, "may_answer": True}
    if is_scripted(request):
        return show(request, _FOUND, context | {"card": card})
    context |= {
        "problem": FormProblem(200, typed),
        "parent": typed.get("parent"),
        "picked": picked(typed, "ask"),
        "answerers": answerers(card.board, request.user, timezone.now()),
    }
    return show_form(request, card, "comments/forms/ask.html", "Ask a question", context)


@on_card
@limited("search", "GET", "HEAD")
def for_asked(request: Any, card: Card, pk: int) -> HttpResponse:
    """GET: what may answer an open question of the card, each with the button that says so."""
    if refused := only(request, "GET", "HEAD"):
        return refused
    require(request, Role.MEMBER)
    questions = Comment.objects.filter(card=card, kind=Comment.Kind.QUESTION, removed_at=None)
    question = get_object_or_404(questions.select_related("author"), pk=pk)
    question.card = card
    context = frame_for(request, card) | {
        "card": card,
        "board": card.board,
        "question": question,
        "answers": _answers(request, question.text, question.pk) if question.is_open_question else [],
    }
    return show(request, "answers/answers.html", context)


@on_board
@limited("search", "GET", "HEAD", "POST")
def for_card(request: Any, board: Board) -> HttpResponse:
    """GET `?title=`: the list. POST what the form of a new card has: that form again, with the list."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    require(request, Role.MEMBER)
    typed = request.POST if request.method == "POST" else request.GET
    found = {"answers": _answers(request, typed.get("title", "")), "looked": True}
    if is_scripted(request):
        return show(request, _FOUND, found)
    many = {"labels": typed.getlist("labels")}
    form = CreateCard(board, **{name: typed.get(name, "") for name in CreateCard.base_fields} | many)
    with_choices(form)
    frame = page_frame.frame(request.user, board, request.role, "form")
    return show(request, "boards/form.html", {"form": form, **frame, **found})
