"""`/`: what waits on me, what is new since I left, what is due, and my boards."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse
from django.utils import timezone

from activity.feed.catch_up import minutes_for, put_off_by
from activity.feed.read_marker import WORDS_A_CHANGE, news_of
from boards import page_frame
from boards.http.doors import signed_in
from boards.http.responses import show
from boards.invitations import asking
from boards.models import Board
from comments.waiting import waiting_on
from fluxboard.accounts.team_hours import city_of
from fluxboard.features.home.boards import home_boards, my_cards
from fluxboard.features.now.load import load_now

ASKED_SHOWN = 20


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET"])
    reader: Any = request.user
    now = timezone.now()
    here = now.astimezone(reader.zone)
    context = page_frame.frame(reader, None, None, "home") | home_boards(reader)
    context |= my_cards(reader, here.date()) | since_you_left(reader, context["boards"])
    waits = [wait for wait in waiting_on(reader, now) if wait.until is None]
    context |= {"waits": waits}
    context |= {"asked": list(asking(reader, now)[:ASKED_SHOWN])}
    context |= {"now": load_now(context["boards"], reader, now, waits=waits), "now_url": reverse("now")}
    context |= {"greeting": greeting(here), "here": here, "city": city_of(reader)}
    return show(request, "home/home.html", context)


def since_you_left(reader: Any, boards: list[Board]) -> dict[str, Any]:
    """What is new on each of the reader's boards, in numbers, and what they kept for later. Two queries."""
    keys = [board.pk for board in boards]
    news = news_of(reader, keys)
    new = [(board, news[board.pk]) for board in boards if board.pk in news and news[board.pk].count]
    words = sum(there.count for _, there in new) * WORDS_A_CHANGE
    return {
        "since": [{"board": board, "news": there} for board, there in new],
        "fresh": {board.pk for board, _ in new},
        "since_at": min((there.at for _, there in new if there.at), default=None),
        "minutes": minutes_for(words),
        "later": len(put_off_by(reader, keys)),
    }


def greeting(here: dt.datetime) -> str:
    """What one says at this hour of the reader's day."""
    if here.hour < 5:
        return "Good night"
    if here.hour < 12:
        return "Good morning"
    return "Good afternoon" if here.hour < 18 else "Good evening"
