"""`/`: my boards, and what of mine is due or blocked."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone

from boards import pages
from boards.views._doing import show, signed_in


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET"])
    reader: Any = request.user
    now = timezone.now()
    here = now.astimezone(reader.zone)
    context = pages.frame(reader, None, None, "home") | pages.home_boards(reader)
    context |= pages.my_cards(reader, here.date()) | {"greeting": greeting(here), "here": here}
    return show(request, "home/home.html", context)


def greeting(here: dt.datetime) -> str:
    """What one says at this hour of the reader's day."""
    if here.hour < 5:
        return "Good night"
    if here.hour < 12:
        return "Good morning"
    return "Good afternoon" if here.hour < 18 else "Good evening"
