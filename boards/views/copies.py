"""A card, or a checklist, once more: `/c/FLX-12/copy/` and `/c/FLX-12/checklists/3/copy/`."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.html import format_html

from activity.errors import Refused
from activity.log.record import By
from boards.actions import copy_card, copy_checklist
from boards.http.changes import FormProblem, perform
from boards.http.doors import require
from boards.http.on_card import card_called, frame_for, on_card
from boards.http.responses import only, show
from boards.models import Board, Card, Checklist, Column, Membership, Role
from fluxboard.core import parsing

TAKEN = {
    "owner": "Assignee",
    "due": "Due date",
    "labels": "Labels",
    "checklists": "Checklists, nothing ticked",
}


@on_card
def card(request: Any, card: Card) -> HttpResponse:
    """GET: what to take along, and where to. POST `title`, `column` (an id), `take` (any of `COPIED`)."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    require(request, Role.MEMBER)
    if request.method != "POST":
        return _card_page(request, card)

    def act(by: By, seen: int | None) -> Card:
        column = _column(request)
        return copy_card(
            card, column, request.POST.get("title", ""), by=by, take=request.POST.getlist("take")
        )

    def back(made: Card | None) -> str:
        if made is None:
            return card.get_absolute_url()
        messages.success(request, format_html("{} is a copy of {}.", made.key, card.key))
        return made.get_absolute_url()

    return perform(request, act, back=back, again=lambda problem: _card_page(request, card, problem))


def _column(request: Any) -> Column:
    """The column that the form chose, of a board on which this person may write."""
    pk = parsing.whole_number(request.POST.get("column", ""))
    columns = Column.objects.select_related("board").filter(pk=pk or 0)
    column = columns.filter(board__in=_writable(request.user)).first()
    if column is None:
        raise Refused("Choose a column.", "column")
    return column


def _writable(person: Any) -> Any:
    """The boards on which this person may add cards."""
    mine = Membership.objects.filter(user=person, role__in=[Role.OWNER, Role.MEMBER]).values("board")
    return Board.objects.current().filter(Q(id__in=mine) | Q(open_to=Role.MEMBER))


def _card_page(request: Any, card: Card, problem: FormProblem | None = None) -> HttpResponse:
    columns = Column.objects.current().filter(board__in=_writable(request.user)).select_related("board")
    rows = sorted(columns, key=lambda one: (one.board_id != card.board_id, one.board.name, one.position))
    typed = problem.typed if problem else None
    context = {
        "card": card,
        "columns": rows,
        "to": typed["column"] if typed else str(card.column_id),
        "title": typed["title"] if typed else card.title,
        "take": [
            (name, words, typed is None or name in typed.getlist("take")) for name, words in TAKEN.items()
        ],
        "problem": problem,
        "errors": problem.errors if problem else {},
    }
    status = problem.status if problem else 200
    return show(request, "boards/copy_card.html", frame_for(request, card) | context, status)


@on_card
def checklist(request: Any, card: Card, pk: int) -> HttpResponse:
    """GET: onto which card. POST `card`, its key."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    require(request, Role.MEMBER)
    copied = get_object_or_404(Checklist, card=card, pk=pk, removed_at=None)
    if request.method != "POST":
        return _checklist_page(request, card, copied)

    def act(by: By, seen: int | None) -> Checklist:
        to = card_called(request.POST.get("card", "").strip().upper(), request.user)
        if to is None:
            raise Refused("There is no such card. Write its key, such as FLX-12.", "card")
        return copy_checklist(copied, to, by=by)

    def back(made: Checklist | None) -> str:
        if made is None:
            return card.get_absolute_url()
        messages.success(request, format_html("{} is on {} as well.", made.name, made.card.key))
        return f"{made.card.get_absolute_url()}#checklist-{made.pk}"

    return perform(
        request, act, back=back, again=lambda problem: _checklist_page(request, card, copied, problem)
    )


def _checklist_page(
    request: Any, card: Card, copied: Checklist, problem: FormProblem | None = None
) -> HttpResponse:
    context = {
        "card": card,
        "checklist": copied,
        "to": problem.typed["card"] if problem else card.key,
        "problem": problem,
        "errors": problem.errors if problem else {},
    }
    status = problem.status if problem else 200
    return show(request, "boards/copy_checklist.html", frame_for(request, card) | context, status)
