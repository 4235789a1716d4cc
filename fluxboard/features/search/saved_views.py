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
from fluxboard.features.search.views import page


@signed_in
def save(request: Any) -> HttpResponse:
    """POST `name`, `q`, and `board` (its key; empty: for the person alone)."""
    if refused := only(request, "POST"):
        return refused
    query, key = request.POST.get("q", ""), request.POST.get("board", "").replace("\0", "")
    board = get_object_or_404(Board.objects.visible_to(request.user), key=key) if key else None

    def act(by: By, seen: int | None) -> Any:
        name = request.POST.get("name", "")
        if board is None:
            return actions.save_own_search(request.user, name, query)
        return actions.save_search(board, name, query, by=by)

    said = f"Saved for everyone on {board.name}." if board else "Saved, for you alone."
    return _perform(request, act, said, lambda problem: page(request, query, problem))


@signed_in
def rename(request: Any, pk: int) -> HttpResponse:
    """POST `name`."""
    if refused := only(request, "POST"):
        return refused
    own = get_object_or_404(OwnSearch, user=request.user, pk=pk)

    def act(by: By, seen: int | None) -> Any:
        return actions.rename_own_search(own, request.POST.get("name", ""))

    return _perform(request, act, "Renamed.", lambda problem: page(request, own.query, problem, own))


@signed_in
def share(request: Any, pk: int) -> HttpResponse:
    """POST `board`: from then on it is the board's, in place of one's own."""
    if refused := only(request, "POST"):
        return refused
    own = get_object_or_404(OwnSearch, user=request.user, pk=pk)
    key = request.POST.get("board", "").replace("\0", "")
    board = get_object_or_404(Board.objects.visible_to(request.user), key=key)

    def act(by: By, seen: int | None) -> Any:
        shared = actions.save_search(board, own.name, own.query, by=by)
        OwnSearch.objects.filter(pk=own.pk).delete()
        return shared

    said = f"{own.name} is everyone's on {board.name} now."
    return _perform(request, act, said, lambda problem: page(request, own.query, problem, own))


@signed_in
def delete(request: Any, pk: int) -> HttpResponse:
    """POST: one's own is gone; twice is once."""
    if refused := only(request, "POST"):
        return refused
    if pk > models.BigIntegerField.MAX_BIGINT:
        raise Http404

    def act(by: By, seen: int | None) -> None:
        OwnSearch.objects.filter(user=request.user, pk=pk).delete()

    return _perform(request, act, "Deleted.", lambda problem: page(request, "", problem))


def _perform(
    request: Any,
    act: Callable[[By, int | None], Any],
    said: str,
    again: Callable[[FormProblem], HttpResponse],
) -> HttpResponse:
    def back(saved: Any) -> str:
        messages.success(request, said)
        return saved.get_absolute_url() if saved is not None else "/search/"

    return perform(request, act, back=back, again=again)
