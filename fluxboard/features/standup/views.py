"""`/standup/` and `/b/KEY/standup/`: what the team did, read instead of held as a meeting.

It speaks of the log, of boards and of questions, so it is composed here.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from activity.feed.news_since import count_since
from activity.feed.read_marker import mark_read, places_as_text, places_in, readings_of
from boards import page_frame
from boards.http.doors import on_board, signed_in
from boards.http.responses import is_scripted, only, show
from boards.models import Board, Membership, Role
from fluxboard.accounts import times
from fluxboard.accounts.models import User
from fluxboard.accounts.rate_limits import too_many, wait_for
from fluxboard.accounts.safe_redirect import way_on
from fluxboard.accounts.team_hours import team_clock
from fluxboard.core.postgres import statements
from fluxboard.core.postgres.statements import PARAM_BOARD, PARAM_USER
from fluxboard.features.finished.page import finished_page
from fluxboard.features.now.groups import SHORTLY, Now
from fluxboard.features.now.load import load_now
from fluxboard.features.search.saved import chosen_search, shelves
from fluxboard.features.standup.articles import Feed
from fluxboard.features.standup.load import load
from fluxboard.features.standup.query import STANDUP_GROUPS, StandupQuery
from fluxboard.features.standup.words import (
    filter_words,
    glance,
    long_day,
    nothing_words,
    ranges,
    window_words,
)


@signed_in
def standup(request: Any) -> HttpResponse:
    """GET: over all my boards."""
    if refused := only(request, "GET", "HEAD"):
        return refused
    boards: list[Any] = _boards_of().all(user=request.user.pk)
    roles = {board.pk: board.best_role(board.given) for board in boards}
    return _page(request, boards, roles, page_frame.frame(request.user, None, None, "standup", boards))


@on_board
def board_standup(request: Any, board: Board) -> HttpResponse:
    """GET: of one board."""
    if refused := only(request, "GET", "HEAD"):
        return refused
    frame = page_frame.frame(request.user, board, request.role, "standup")
    return _page(request, [board], {board.pk: request.role}, frame)


@functools.cache
def _boards_of() -> statements.PreparedQuery[Board]:
    boards = Board.objects.of(User(pk=PARAM_USER)).current().annotate(given=F("memberships__role"))
    return statements.PreparedQuery(boards.order_by("name"), {PARAM_USER: "user"})


def _page(
    request: Any, boards: list[Board], roles: Mapping[int, Role | None], frame: dict[str, Any]
) -> HttpResponse:
    """`boards` carry the seq at which they were read, before everything else: what comes later is news."""
    now = timezone.now()
    reader = request.user
    asked = StandupQuery.of(request.GET, reader, now)
    readings = readings_of(reader, boards)
    people = _people(boards)
    if request.GET.get("finished"):
        finished, status = finished_page(request.GET, boards, people, reader, now)
        return show(request, "finished/finished.html", frame | finished, status)
    if asked.search and (wait := wait_for("search", reader)):
        return too_many(request, wait)
    lists = shelves(reader, boards, roles)
    search = chosen_search(asked.search, lists, reader) if asked.search else None
    if search is None:
        asked = replace(asked, search="")
    feed = load(boards, roles, asked, reader, readings, people, now, search)
    today = times.today_of(reader, now)
    state = state_now(boards, asked, people, reader, now)
    if state is not None:
        say_once(feed, state)
    context = frame | {
        "feed": feed,
        "now": state,
        "now_url": reverse("boards:now", args=[boards[0].key]) if frame["board"] else reverse("now"),
        "asked": asked,
        "title": f"Standup, {long_day(today)}",
        "window": window_words(asked.period, reader, today),
        "read_upto": times.when(readings.at, reader, now) if readings.at else "",
        "groups": [(name, asked.url(by=by), by == asked.by) for by, name in STANDUP_GROUPS.items()],
        "ranges": ranges(asked, today),
        "glance": glance(feed, asked),
        "clock": team_clock([person for person in people if person.is_claimed], reader, now),
        "filter": filter_words(boards, people, asked, lists, search),
        "upto": places_as_text(boards),
        "here": request.get_full_path(),
        "is_over_all": frame["board"] is None,
        "told_boards": boards,
        "nothing": nothing_words(asked),
        "check_in_url": _check_in_url(boards, roles) if frame["board"] else "",
        "earlier_url": asked.url(before=str(feed.earlier)) if feed.earlier else "",
    }
    return show(request, "standup/standup.html", context)


def _check_in_url(boards: list[Board], roles: Mapping[int, Role | None]) -> str:
    """Where one gives one's check-in on the board; empty where it has none, or one only reads it."""
    board, role = boards[0], roles[boards[0].pk]
    may = board.check_ins and not board.is_archived and role is not None and role.covers(Role.MEMBER)
    return reverse("boards:check_in", args=[board.key]) if may else ""


def state_now(
    boards: list[Board], asked: StandupQuery, people: list[Any], reader: Any, now: dt.datetime
) -> Any:
    """How things stand, above what people brought about; None where days are asked for that are past."""
    if not asked.shows_now:
        return None
    subject = next((person for person in people if person.pk == asked.person), None)
    return load_now(boards, reader, now, subject, soon=SHORTLY).for_standup()


def say_once(feed: Feed, state: Now) -> None:
    """What stands in the state of things above is not said again of each person."""
    said = {(row.card.pk, row.said) for group in state.groups for row in group.rows}
    for article in feed.articles:
        if article.group is not None:
            article.group.named_above = state.named
            article.group.outcomes = article.group.outcomes.below(state.named, said)


def _people(boards: list[Board]) -> list[Any]:
    found = _members().all(boards=[board.pk for board in boards])
    return sorted(found, key=lambda person: person.name)


@functools.cache
def _members() -> statements.PreparedQuery[User]:
    members = Membership.objects.filter(board__in=[PARAM_BOARD]).values("user")
    return statements.PreparedQuery(
        User.objects.filter(pk__in=members, is_active=True), {PARAM_BOARD: "boards"}
    )


@signed_in
def read(request: Any) -> HttpResponse:
    """POST `upto` (`FLX:345 MOB:23`): all of that has been read. Answers 303 to `next`; a script, 204."""
    if refused := only(request, "POST"):
        return refused
    places = places_in(request.POST.get("upto", ""))
    boards = Board.objects.visible_to(request.user).filter(key__in=places)
    mark_read(request.user, {board: places[board.key] for board in boards}, timezone.now())
    if is_scripted(request):
        return HttpResponse(status=204)
    messages.success(request, "All read.")
    return see_other(request, reverse("standup"))


def see_other(request: HttpRequest, otherwise: str) -> HttpResponse:
    """303 to where the form says that it came from, if that is an address of ours."""
    response = HttpResponse(status=303)
    response["Location"] = way_on(request, request.POST.get("next", "")) or otherwise
    return response


@signed_in
def news(request: Any) -> HttpResponse:
    """GET `?upto=FLX:345+MOB:23`: the pill that tells of what others did since, empty when nothing."""
    if refused := only(request, "GET", "HEAD"):
        return refused
    places = places_in(request.GET.get("upto", ""))
    boards = Board.objects.visible_to(request.user).filter(key__in=places)
    count = count_since({board.pk: places[board.key] for board in boards}, request.user)
    return show(request, "standup/_news_pill.html", {"count": count, "upto": request.GET.get("upto", "")})
