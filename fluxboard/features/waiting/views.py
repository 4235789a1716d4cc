"""`/waiting/`: what waits on me, and what I wait for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from activity.feed.digest_schedule import next_digest
from boards import page_frame
from boards.board_page.chips import cards_waiting_on
from boards.http.doors import signed_in
from boards.http.responses import only, show
from boards.models import Board, Card, Membership, Role
from comments.answerers import Answerer, as_answerers
from comments.due_reviews import reviews_shown
from comments.waiting import Wait, put_off, take_back, waited_for, waiting_count, waiting_on
from fluxboard.accounts.answer_deadlines import next_morning
from fluxboard.accounts.times import when


@signed_in
def waiting(request: Any) -> HttpResponse:
    """GET: both lists, the oldest first; what is snoozed stands folded below."""
    if refused := only(request, "GET", "HEAD"):
        return refused
    reader, now = request.user, timezone.now()
    waits = waiting_on(reader, now)
    whom = _answerers_by_board(waits, reader, now)
    reviews = reviews_shown((wait.decision for wait in waits if wait.decision), reader, now)
    coming, morning = next_digest(reader, now), next_morning(reader, now)
    context = page_frame.frame(reader, None, None, "waiting") | {
        "next_digest": when(coming, reader, now) if coming else "",
        "morning": when(morning, reader, now) if morning else "",
        "waits": [
            {
                "wait": wait,
                "answerers": whom.get(wait.card.board_id, []),
                "review": reviews[wait.decision.pk] if wait.decision else None,
            }
            for wait in waits
            if not wait.until
        ],
        "later": [wait for wait in waits if wait.until],
        "waited_for": waited_for(reader, now),
    }
    return show(request, "waiting/waiting.html", context)


@signed_in
def counts(request: Any) -> HttpResponse:
    """GET, with `?board=KEY` or not: how much waits on me, as the page's bar and the board's chip show it."""
    if refused := only(request, "GET", "HEAD"):
        return refused
    reader, now = request.user, timezone.now()
    key = request.GET.get("board", "").replace("\0", "")
    board = Board.objects.visible_to(reader).filter(key=key).first()
    context = {"waits_count": waiting_count(reader, now)}
    if board is not None:
        cards = Card.objects.filter(board=board, archived_at=None, column__archived_at=None)
        context["on_board"] = cards.filter(cards_waiting_on(reader)).count()
    return show(request, "waiting/counts.html", context)


def _answerers_by_board(waits: list[Wait], reader: Any, now: dt.datetime) -> dict[int, list[Answerer]]:
    """Whom a question can be handed on to, for each board of `waits`. One query."""
    boards = {wait.card.board_id for wait in waits if wait.kind in ("question", "stranded")}
    members = Membership.objects.filter(
        board__in=boards, role__in=[Role.OWNER, Role.MEMBER], user__is_active=True
    ).exclude(user=reader)
    people: dict[int, list[Any]] = {}
    for member in members.select_related("user"):
        people.setdefault(member.board_id, []).append(member.user)
    return {board: as_answerers(there, now) for board, there in people.items()}


@signed_in
def later(request: Any) -> HttpResponse:
    """POST `what=comment-17`: put it off until my next morning; with `back`, have it wait again."""
    if refused := only(request, "POST"):
        return refused
    reader, now = request.user, timezone.now()
    wait = next((one for one in waiting_on(reader, now) if one.name == request.POST.get("what")), None)
    if wait is None:
        raise Http404
    if "back" in request.POST:
        take_back(reader, wait)
    else:
        messages.success(request, f"Snoozed until {when(put_off(reader, wait, now), reader, now)}.")
    return HttpResponseRedirect("/waiting/", status=303)
