"""`/b/KEY/weekly/links/`: an owner's links to the weekly report; `/week/TOKEN/`: what they open."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import InternalError
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from activity.log.record import By
from boards import actions, page_frame
from boards.http.changes import FormProblem, perform
from boards.http.doors import on_board, require
from boards.http.responses import only, show
from boards.models import Board, Role, WeeklyLink
from fluxboard.accounts import times
from fluxboard.accounts.attempts import network_of
from fluxboard.accounts.rate_limits import wait_by_name
from fluxboard.accounts.time_zones import city
from fluxboard.core.secret_tokens import new_token, token_digest
from fluxboard.features.weekly.forms import LinkForm
from fluxboard.features.weekly.public import public_report
from fluxboard.features.weekly.report import Week

_FRESH = "fresh_weekly_link"
MOST_ENDED = 50  # that are listed, the newest


@on_board
def links(request: Any, board: Board) -> HttpResponse:
    """GET: the links, and the form. POST `parts`, `days`: one more; its address is shown once."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    require(request, Role.OWNER)
    if request.method != "POST":
        return _page(request, board, LinkForm())
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _page(request, board, form, 422)
    token, typed = new_token(), form.cleaned_data
    here = reverse("boards:weekly_links", args=[board.key])

    def act(by: By, seen: int | None) -> Any:
        return actions.make_weekly_link(board, typed["parts"], token=token, days=typed["days"], by=by)

    def again(problem: FormProblem) -> HttpResponse:
        for name, words in problem.errors.items():
            form.add_error(name if name in form.fields else None, words)
        return _page(request, board, form, problem.status)

    def back(link: Any) -> str:
        # The same form sent twice made one link, with the address that was shown first.
        if bytes(link.token_hash) == token_digest(token):
            way = request.build_absolute_uri(reverse("weekly_public", args=[token]))
            request.session[_FRESH] = {"board": board.pk, "address": way}
        return here

    return perform(request, act, back=back, again=again)


@on_board
def revoke(request: Any, board: Board, pk: int) -> HttpResponse:
    """POST: that link opens nothing any more."""
    if refused := only(request, "POST"):
        return refused
    require(request, Role.OWNER)
    link = get_object_or_404(WeeklyLink, board=board, pk=pk)
    link.board = board

    def act(by: By, seen: int | None) -> Any:
        return actions.revoke_weekly_link(link, by=by)

    def back(done: Any) -> str:
        messages.success(request, "That link does not work any more.")
        return reverse("boards:weekly_links", args=[board.key])

    return perform(
        request, act, back=back, again=lambda problem: _page(request, board, LinkForm(), problem.status)
    )


def _page(request: Any, board: Board, form: LinkForm, status: int = 200) -> HttpResponse:
    now = timezone.now()
    links = board.weekly_links.select_related("made_by").order_by("-created_at", "-pk")
    working = list(links.working(now))  # a few: `limits.WEEKLY_LINKS` for each owner that there was
    ended = links.exclude(pk__in=[link.pk for link in working])[:MOST_ENDED]
    context = page_frame.frame(request.user, board, request.role, "weekly") | {
        "form": form,
        "rows": [*((link, True) for link in working), *((link, False) for link in ended)],
        "fresh": _fresh_address(request, board),
        "may": not board.is_archived,
    }
    return show(request, "weekly/links.html", context, status)


def _fresh_address(request: Any, board: Board) -> str:
    """The address of a link that was just made on this board, once."""
    made = request.session.get(_FRESH)
    if not made or made["board"] != board.pk:
        return ""
    del request.session[_FRESH]
    return str(made["address"])


@login_not_required
def public(request: Any, token: str) -> HttpResponse:
    """GET `?week=2026-W48`: the report, for whoever has the address. 410 for one that does not work."""
    now = timezone.now()
    if wait := wait_by_name("weekly", network_of(get_adapter().get_client_ip(request))):
        response = show(request, "weekly/gone.html", {"wait": wait}, 429)
        response["Retry-After"] = str(wait)
        return _private(response)
    link = WeeklyLink.objects.working(now).with_token(token).select_related("board", "made_by").first()
    if link is None:
        return _private(show(request, "weekly/gone.html", {}, 410))
    if refused := only(request, "GET", "HEAD"):
        return _private(refused)
    today = times.today_of(link.made_by, now)
    last, first = Week.last_whole(today), Week.last_whole(times.today_of(link.made_by, link.created_at))
    typed = request.GET.get("week", "")[:20]
    asked = Week.of(typed, today) if typed else last
    week = asked if asked is not None and first.monday <= asked.monday <= last.monday else last
    if request.method == "GET":
        _count_opening(link, now)
    context = {
        "link": link,
        "board_name": link.board.name,
        "week": week,
        "report": public_report(link, week, now),
        "earlier": week.moved(-1) if week.monday > first.monday else None,
        "later": week.moved(1) if week.monday < last.monday else None,
        "place": city(link.made_by.time_zone),
        "until": _day(link, link.expires_at),
    }
    return _private(show(request, "weekly/public.html", context))


def _count_opening(link: WeeklyLink, now: dt.datetime) -> None:
    """A database that takes no writes just now counts nothing and turns nobody away."""
    with contextlib.suppress(InternalError):
        WeeklyLink.objects.filter(pk=link.pk).update(opened=F("opened") + 1, opened_at=now)


def _day(link: WeeklyLink, at: dt.datetime) -> str:
    here = at.astimezone(link.made_by.zone).date()
    return times.day_words(here, here)


def _private(response: HttpResponse) -> HttpResponse:
    """Not for a search engine, nor for a cache, nor for the next page's Referer."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response
