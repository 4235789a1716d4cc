"""Changes of a board's card templates and of their schedules, and which templates quick add offers."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from boards.http.doors import on_board, require
from boards.http.responses import only, show
from boards.models import SPEC_FIELDS, Board, Card, Column, Item, Role, Schedule, Template
from boards.views.change_forms import change
from fluxboard.core import limits, parsing


@on_board
def new(request: Any, board: Board) -> HttpResponse:
    """`?card=FLX-12` is the card that the form starts with."""
    named = parsing.card_key(request.GET.get("card", ""))
    card = board.cards.filter(number=named.number).first() if named and named.board == board.key else None
    return change(request, "template.saved", board, **(_like(card) if card is not None else {}))


def _like(card: Card) -> dict[str, Any]:
    """What a template holds that is made of a card: all but its title, its owner and its date."""
    items = Item.objects.filter(checklist__in=card.checklists.current()).current()
    texts = items.order_by("checklist__position", "position").values_list("text", flat=True)
    return {
        "name": card.title[: limits.TEMPLATE_NAME],
        **{name: getattr(card, name) for name in SPEC_FIELDS},
        "steps": "\n".join(texts[: limits.AT_ONCE]),
        "labels": [label.pk for label in card.labels.filter(removed_at=None)],
    }


@on_board
def do(request: Any, board: Board, pk: int, part: str) -> HttpResponse:
    template = get_object_or_404(Template.objects.select_related("assignee"), board=board, pk=pk)
    template.board = board
    return change(request, f"template.{part}", template)


@on_board
def choices(request: Any, board: Board, pk: int) -> HttpResponse:
    """GET: the templates that the quick add of a column offers; `pk` is the column's."""
    if refused := only(request, "GET", "HEAD"):
        return refused
    require(request, Role.MEMBER)
    column = get_object_or_404(Column, board=board, pk=pk)
    there = list(board.templates.filter(removed_at=None))
    context = {"column": column, "board": board, "templates": there}
    return show(
        request,
        "boards/_quick_templates.html",
        context | {"has_default": any(one.is_default for one in there)},
    )


@on_board
def new_schedule(request: Any, board: Board) -> HttpResponse:
    """`?template=ID` is the template that the form starts with."""
    return change(request, "schedule.saved", board, template=request.GET.get("template"))


@on_board
def do_schedule(request: Any, board: Board, pk: int, part: str) -> HttpResponse:
    schedule = get_object_or_404(Schedule.objects.complete(), board=board, pk=pk)
    schedule.board = board
    return change(request, f"schedule.{part}", schedule)
