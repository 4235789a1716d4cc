"""Undo from the log: what a request did is taken back by one form, `/b/FLX/undo/345/`."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from activity.feed.load import tell_in_public, those, with_what_it_is_about
from activity.feed.sentences import sentence
from activity.log.record import By
from activity.log.undone import together, undone
from activity.log.verbs import UNDONE
from activity.models import Activity
from boards import page_frame
from boards.http.changes import FormProblem, perform
from boards.http.doors import on_board, require
from boards.http.responses import is_scripted, only, show
from boards.models import Board, Role
from boards.undo.engine import undo_change
from boards.undo.registry import UndoChoice
from boards.undo.rights import least_role, may_undo, why_not
from fluxboard.accounts import times
from fluxboard.accounts.safe_redirect import way_on

_SHOWN = 12


@on_board
def undo(request: Any, board: Board, seq: int) -> HttpResponse:
    """GET: what the undo would take back, with the form. POST: undo it, and all that was done with it."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    require(request, Role.MEMBER)
    asked = Activity.objects.filter(board=board, seq=seq).first()
    if asked is None:
        raise Http404
    done = together(asked)
    for activity in done:
        require(request, least_role(activity))
    if request.method != "POST":
        if not all(may_undo(one, request.user, request.role) for one in done if not why_not(one)):
            raise PermissionDenied("This is not yours to take back.")
        return show(request, "boards/undo.html", _context(request, board, done))

    def act(by: By, seen: int | None) -> Any:
        return undo_change(board, seq, by=by, choice=_choice(request, seen))

    def again(problem: FormProblem) -> HttpResponse:
        return _show_again(request, board, done, problem)

    return perform(request, act, back=_back(request, board, done), again=again)


def _choice(request: HttpRequest, seen: int | None) -> UndoChoice:
    """What a conflict form says: for each field that was changed since, before, now or a mix of both."""
    picks = {name.removeprefix("pick-"): value for name, value in request.POST.items() if name[:5] == "pick-"}
    return UndoChoice(
        seen=seen if picks else None,
        keep=[name for name, pick in picks.items() if pick == "theirs"],
        mixed={name: request.POST.get(f"mix-{name}", "") for name, pick in picks.items() if pick == "mix"},
    )


def _show_again(request: Any, board: Board, done: list[Activity], problem: FormProblem) -> HttpResponse:
    """422: why not, in a line. 409: before, now and after, to choose from."""
    if problem.status == 409:
        context = {
            "problem": problem,
            "verb": UNDONE,
            "action": request.path,
            "back": _back(request, board, done),
            "is_undo": True,
        }
        if is_scripted(request):
            return show(request, "boards/_conflict.html", context, status=409)
        frame = page_frame.frame(request.user, board, request.role, "undo")
        return show(request, "boards/conflict.html", frame | context, status=409)
    context = {"refusal": next((word for words in problem.errors.values() for word in words), "")}
    if is_scripted(request):
        return show(request, "boards/_refusal.html", context, status=problem.status)
    return show(request, "boards/undo.html", _context(request, board, done) | context, status=problem.status)


def _context(request: Any, board: Board, done: list[Activity]) -> dict[str, Any]:
    over = undone(done)
    left = [activity for activity in done if (activity.board_id, activity.seq) not in over]
    rows = those([activity.pk for activity in (left or done)][:_SHOWN])
    told = tell_in_public(with_what_it_is_about(rows, [board]))
    today = times.today_of(request.user, timezone.now())
    reasons = [reason for activity in done if (reason := why_not(activity))]
    return page_frame.frame(request.user, board, request.role, "undo") | {
        "entries": [sentence(one, today) for one in told],
        "count": len(left or done),
        "more": max(0, len(left or done) - _SHOWN),
        "is_undone": not left,
        "is_redo": done[0].verb == UNDONE,
        "with_card": _is_in_sight(request, board, done[0].card),
        "reason": reasons[0] if reasons else "",
        "action": request.path,
        "next": _next(request),
        "back": _back(request, board, done),
    }


def _next(request: HttpRequest) -> str:
    """Where the form was asked for, if that is an address of ours."""
    return way_on(request, request.POST.get("next", "") or request.GET.get("next", ""))


def _back(request: HttpRequest, board: Board, done: list[Activity]) -> str:
    """The page to go on with: where one came from, else the history of the one card, else the board."""
    if to := _next(request):
        return to
    card = done[0].card if len({activity.card_id for activity in done}) == 1 else None
    if card is None or not _is_in_sight(request, board, card):
        return board.get_absolute_url()
    return f"{reverse('boards:card', args=[card.key])}?tab=history"


def _is_in_sight(request: HttpRequest, board: Board, card: Any) -> bool:
    """Whether the reader may know where a card is by now: it can be on a board that is not theirs."""
    if card is None or card.board_id == board.pk:
        return True
    return Board.objects.visible_to(request.user).filter(pk=card.board_id).exists()
