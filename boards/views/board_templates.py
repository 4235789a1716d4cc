"""Boards as templates, and copies of boards: `/b/templates/`, `/b/FLX/template/`, `/b/FLX/copy/`."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import models
from django.http import Http404, HttpResponse
from django.urls import reverse

from activity.log.record import By
from boards.actions import copy_board, save_board_template, suggested_key
from boards.board_plan import BoardPlan
from boards.board_templates import BUILT_IN
from boards.http.changes import FormProblem, perform
from boards.http.doors import on_board, require, signed_in
from boards.http.responses import only, show
from boards.models import Board, BoardTemplate, Role
from boards.page_frame import frame
from fluxboard.core import limits

TAKEN = {
    "cards": "Open cards, with labels and checklists, nothing ticked",
    "people": "People, in their roles",
}


@signed_in
def listed(request: Any) -> HttpResponse:
    """GET: what each board template brings; one's own can be deleted here."""
    if refused := only(request, "GET", "HEAD"):
        return refused
    saved = [
        {"template": one, "plan": BoardPlan.read(one.plan), "is_own": one.owner_id == request.user.pk}
        for one in BoardTemplate.objects.usable_by(request.user)
    ]
    context = frame(request.user, None, None, "templates") | {"built_in": BUILT_IN, "saved": saved}
    return show(request, "boards/templates.html", context)


@on_board
def save(request: Any, board: Board) -> HttpResponse:
    """GET: the form. POST `name`, and `is_shared` to offer it to everybody."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    require(request, Role.OWNER)
    if request.method != "POST":
        return _save_page(request, board)

    def act(by: By, seen: int | None) -> BoardTemplate:
        is_shared = bool(request.POST.get("is_shared"))
        return save_board_template(board, request.POST.get("name", ""), by=by, is_shared=is_shared)

    def back(saved: BoardTemplate | None) -> str:
        messages.success(request, "Saved. New boards can begin with it.")
        return reverse("boards:board_templates")

    return perform(request, act, back=back, again=lambda problem: _save_page(request, board, problem))


def _save_page(request: Any, board: Board, problem: FormProblem | None = None) -> HttpResponse:
    context = {
        "plan": BoardPlan.of(board),
        "name": problem.typed["name"] if problem else board.name,
        "is_shared": bool(problem and problem.typed["is_shared"]),
        "problem": problem,
    }
    bars = frame(request.user, board, request.role, "settings")
    return show(request, "boards/save_template.html", bars | context, problem.status if problem else 200)


@signed_in
def delete(request: Any, pk: int) -> HttpResponse:
    """POST: one's own is gone; twice is once. Boards that were made by it stay as they are."""
    if refused := only(request, "POST"):
        return refused
    if pk > models.BigIntegerField.MAX_BIGINT:
        raise Http404

    def act(by: By, seen: int | None) -> None:
        BoardTemplate.objects.filter(owner=request.user, pk=pk).delete()

    def back(_: Any) -> str:
        messages.success(request, "The template is deleted. Boards that began with it stay as they are.")
        return reverse("boards:board_templates")

    return perform(request, act, back=back, again=lambda problem: listed(request))


@on_board
def copy(request: Any, board: Board) -> HttpResponse:
    """GET: what to take along. POST `name`, `key` (empty: made from the name) and `take`."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    require(request, Role.MEMBER)
    if request.method != "POST":
        return _copy_page(request, board)

    def act(by: By, seen: int | None) -> Board:
        typed = request.POST
        take = typed.getlist("take")
        return copy_board(board, typed.get("name", ""), by=by, key=typed.get("key", ""), take=take)

    def back(made: Board | None) -> str:
        if made is None:
            return reverse("home")
        messages.success(request, f"{made.key} is a copy of {board.key}.")
        return made.get_absolute_url()

    return perform(request, act, back=back, again=lambda problem: _copy_page(request, board, problem))


def _copy_page(request: Any, board: Board, problem: FormProblem | None = None) -> HttpResponse:
    name = f"{board.name[: limits.BOARD_NAME - 7]} (copy)"
    typed = problem.typed if problem else None
    taken = typed.getlist("take") if typed else []
    context = {
        "name": typed["name"] if typed else name,
        "key": typed["key"] if typed else suggested_key(name),
        "take": [(one, words, one in taken) for one, words in TAKEN.items()],
        "plan": BoardPlan.of(board),
        "problem": problem,
        "errors": problem.errors if problem else {},
    }
    bars = frame(request.user, board, request.role, "settings")
    return show(request, "boards/copy.html", bars | context, problem.status if problem else 200)
