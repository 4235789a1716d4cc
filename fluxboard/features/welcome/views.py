"""`/b/KEY/start/`: what someone who is new reads first, instead of asking everybody.

What the board is for, what has been decided, what was talked about most, the last two weeks, and who is who.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, QuerySet, Window
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone

from activity.models import Activity
from boards import page_frame
from boards.http.doors import on_board
from boards.http.responses import only, show
from boards.models import Board, Card, Membership, Role, Welcome
from boards.rendering.markdown import Names, Page, render
from comments.models import Decision
from fluxboard.accounts.team_hours import where_words

LAST = dt.timedelta(days=14)
MOST_DECISIONS = 8
_MOST_CARDS = 6
# What of the last two weeks is told, in this order: words for one, for several, and the verbs.
TOLD = [
    ("new card", "new cards", ("card.created",)),
    ("move", "moves", ("card.moved",)),
    ("comment", "comments", ("comment.posted", "question.asked")),
    ("decision", "decisions", ("decision.recorded",)),
    ("card blocked", "cards blocked", ("card.blocked",)),
]


@on_board
def start(request: Any, board: Board) -> HttpResponse:
    """GET: the introduction. POST: put its offer aside for oneself; leads to the board."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    if request.method == "POST":
        Welcome.objects.to(request.user, board).delete()
        response = HttpResponseRedirect(board.get_absolute_url())
        response.status_code = 303
        return response
    context = page_frame.frame(request.user, board, request.role, "start")
    return show(request, "welcome/welcome.html", context | introduction(board, request.user, timezone.now()))


def introduction(board: Board, reader: Any, now: dt.datetime) -> dict[str, Any]:
    """All that the page shows, in a number of queries that depends on nothing."""
    names = Names.on(board)
    decisions = Decision.objects.filter(board=board, superseded_by=None, card__board=board)
    related = decisions.select_related("card__board", "recorded_by").annotate(in_all=Window(Count("pk")))
    shown: list[Any] = list(related.order_by("-pk")[:MOST_DECISIONS])
    page = Page()
    for decision in shown:
        decision.html = page.draw(decision.text, names)
    since = now - LAST
    finished = _current(board).filter(column__is_done=True, moved_at__gte=since)
    return {
        "purpose": render(board.description, names),
        "decisions": shown,
        "more_decisions": shown[0].in_all - len(shown) if shown else 0,
        "discussed": list(
            _current(board).filter(comments_count__gt=1).order_by("-comments_count", "-version")[:_MOST_CARDS]
        ),
        "lately": _lately(board, since),
        "finished": list(finished.order_by("-moved_at", "-pk")[:_MOST_CARDS]),
        "people": _people(board, now),
        "is_offered": Welcome.objects.to(reader, board).exists(),
    }


def _current(board: Board) -> QuerySet[Card]:
    return Card.objects.current().filter(board=board).select_related("board", "column", "assignee")


def _lately(board: Board, since: dt.datetime) -> list[tuple[int, str]]:
    counted = Activity.objects.filter(board=board, source_at=None, at__gte=since).order_by()
    of = dict(counted.values_list("verb").annotate(Count("pk")))
    told = [(sum(of.get(verb, 0) for verb in verbs), one, several) for one, several, verbs in TOLD]
    return [(number, one if number == 1 else several) for number, one, several in told if number]


def _people(board: Board, now: dt.datetime) -> list[dict[str, Any]]:
    """Active members, owners first, with where they are and whether they are at work."""
    members = Membership.objects.filter(board=board, user__is_active=True).select_related("user")
    everyone = [one.user for one in members]
    ordered = sorted(members, key=lambda one: (-Role(one.role).rank, one.user.name))
    return [
        {
            "person": one.user,
            "role": Role(one.role).label,
            "where": where_words(one.user, now, among=everyone),
        }
        for one in ordered
    ]
