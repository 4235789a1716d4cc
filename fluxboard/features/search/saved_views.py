"""`/search/saved/…`: save what is searched for, for oneself or for a board; change one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import models
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from activity.log.record import By
from boards import actions
from boards.http.changes import FormProblem, perform
from boards.http.doors import signed_in
from boards.http.responses import only
from boards.models import Board, OwnSearch
from fluxboard.accounts.rate_limits import limited
from fluxboard.features.search.views import page


@signed_in
@limited("search")
def save(request: Any) -> HttpResponse:
    """POST `name`, `q`, and `board` (its key; empty: for the person alone)."""
    if refused := only(request, "POST"):
        return refused
    query, board = request.POST.get("q", ""), _board(request) if request.POST.get("board") else None

    def act(by: By, seen: int | None) -> Any:
        name = request.POST.get("name", "")
        if board is None:
            return actions.save_own_search(request.user, name, query)
        return actions.save_search(board, name, query, by=by)

    said = f"Saved for everyone on {board.name}." if board else "Saved, for you alone."
    return _perform(request, act, said, lambda problem: page(request, query, problem))


@signed_in
@limited("search")
def rename(request: Any, pk: int) -> HttpResponse:
    """POST `name`: one's own search is called so."""
    if refused := only(request, "POST"):
        return refused

    def act(by: By, seen: int | None) -> Any:
        return actions.rename_own_search(request.user, pk, request.POST.get("name", ""))

    return _perform(request, act, "Renamed.", lambda problem: _list(request, problem, pk))


@signed_in
@limited("search")
def share(request: Any, pk: int) -> HttpResponse:
    """POST `board`: from then on it is the board's, in place of one's own."""
    if refused := only(request, "POST"):
        return refused
    board = _board(request)

    def act(by: By, seen: int | None) -> Any:
        return actions.share_own_search(request.user, pk, board, by=by)

    said = f"It is everyone's on {board.name} now."
    return _perform(request, act, said, lambda problem: _list(request, problem, pk))


@signed_in
@limited("search")
def delete(request: Any, pk: int) -> HttpResponse:
    """POST: one's own is gone; twice is once."""
    if refused := only(request, "POST"):
        return refused
    if pk > models.BigIntegerField.MAX_BIGINT:
        raise Http404

    def act(by: By, seen: int | None) -> None:
        actions.delete_own_search(request.user, pk)

    return _perform(request, act, "Deleted.", lambda problem: _list(request, problem, pk))


def _board(request: Any) -> Board:
    key = request.POST.get("board", "").replace("\0", "")
    return get_object_or_404(Board.objects.visible_to(request.user), key=key)


def _list(request: Any, problem: FormProblem, pk: int) -> HttpResponse:
    """The page of all saved searches, with the problem beside the one that it is about."""
    own = OwnSearch.objects.filter(user=request.user, pk=pk).first()
    return page(request, "", problem, own)


def _perform(
    request: Any,
    act: Callable[[By, int | None], Any],
    said: str,
    again: Callable[[FormProblem], HttpResponse],
) -> HttpResponse:
    def back(saved: Any) -> str:
        messages.success(request, said)
        return saved.get_absolute_url() if saved is not None else "/search/"

    try:
        return perform(request, act, back=back, again=again)
    except OwnSearch.DoesNotExist as gone:
        raise Http404 from gone
