"""`/b/KEY/check-in/`: one's own check-in of the day, prefilled from the log, and whether one wants any.

Nobody sees who gave none: only what was given is shown, on the standup.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from activity.log.record import By
from boards import actions, page_frame
from boards.actions.check_ins import own_check_in
from boards.http.changes import FormProblem, perform
from boards.http.doors import on_board, require
from boards.http.responses import next_of, only, see_other, show
from boards.models import Board, Membership, Role
from boards.models.check_in import CHECK_INS
from fluxboard.core import limits
from fluxboard.features.check_in.facts import CheckInFact, facts_for


@on_board
def check_in(request: Any, board: Board) -> HttpResponse:
    """GET: the page. POST: `text` and the `show`n facts, or `all` of them, are today's check-in."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    require(request, Role.MEMBER)
    if request.method != "POST":
        return _page(request, board)
    facts, _ = facts_for(board, request.user, timezone.now())
    text, wanted = request.POST.get("text", ""), set(request.POST.getlist("show"))
    shown = [one for one in facts if request.POST.get("all") or one.code in wanted]

    def act(by: By, seen: int | None) -> Any:
        kept = [one.as_logged() for one in shown]
        return actions.give_check_in(board, text, kept, by=by, seen=seen)

    def again(problem: FormProblem) -> HttpResponse:
        codes = {one.code for one in shown}
        return _page(request, board, text=text, codes=codes, errors=problem.errors, status=problem.status)

    def back(done: Any) -> str:
        messages.success(request, "Your check-in is on the standup.")
        return next_of(request) or reverse("boards:check_in", args=[board.key])

    return perform(request, act, back=back, again=again)


@on_board
def take_back(request: Any, board: Board) -> HttpResponse:
    """POST: today's check-in of one's own is taken back."""
    if refused := only(request, "POST"):
        return refused
    require(request, Role.MEMBER)
    there = own_check_in(board, request.user, timezone.now())
    here = reverse("boards:check_in", args=[board.key])
    if there is None:
        messages.info(request, "There is no check-in of yours for today.")
        return see_other(here)

    def act(by: By, seen: int | None) -> Any:
        return actions.remove_check_in(there, by=by)

    def again(problem: FormProblem) -> HttpResponse:
        return _page(request, board, errors=problem.errors, status=problem.status)

    return perform(request, act, back=here, again=again)


@on_board
def want(request: Any, board: Board) -> HttpResponse:
    """POST `wanted`: 1 has one's check-ins opened in the morning, 0 not. It is one's own and in no log."""
    if refused := only(request, "POST"):
        return refused
    require(request, Role.MEMBER)
    is_wanted = request.POST.get("wanted") == "1"
    Membership.objects.filter(board=board, user=request.user).update(wants_check_in=is_wanted)
    return see_other(reverse("boards:check_in", args=[board.key]))


def _page(
    request: Any,
    board: Board,
    *,
    text: str | None = None,
    codes: set[str] | None = None,
    errors: dict[str, list[str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    """`text` and `codes` are what was typed and ticked on the page that comes back."""
    now, reader = timezone.now(), request.user
    there = own_check_in(board, reader, now)
    facts, since = facts_for(board, reader, now) if board.check_ins else ([], now)
    if codes is None:
        left = {one.code for one in facts} if there is None else {str(one["code"]) for one in there.shown}
        codes = left
    membership = Membership.objects.filter(board=board, user=reader).first()
    problems = errors or {}
    context = page_frame.frame(reader, board, request.role, "standup") | {
        "how_often": CHECK_INS.get(board.check_ins, "") if board.check_ins else "",
        "there": there,
        "seen": there.version if there is not None else 0,
        "text": text if text is not None else there.text if there is not None else "",
        "lines": _lines(facts, codes),
        "since": since,
        "longest": limits.CHECK_IN,
        "errors": problems.pop("text", []),
        "others": [words for some in problems.values() for words in some],
        "is_member": membership is not None,
        "is_wanted": membership is not None and membership.wants_check_in,
        "is_owner": request.role == Role.OWNER,
        "may": bool(board.check_ins) and not board.is_archived,
    }
    return show(request, "check_in/check_in.html", context, status)


def _lines(facts: list[CheckInFact], codes: set[str]) -> list[tuple[str, list[tuple[CheckInFact, bool]]]]:
    """The facts by their headings, each with whether it stands."""
    lines: dict[str, list[tuple[CheckInFact, bool]]] = {}
    for fact in facts:
        lines.setdefault(fact.heading, []).append((fact, fact.code in codes))
    return list(lines.items())
