"""`/b/KEY/weekly/`: a board's week, in few rows."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from boards import page_frame
from boards.http.doors import on_board
from boards.http.responses import show
from boards.models import Board
from fluxboard.accounts import times
from fluxboard.accounts.rate_limits import limited
from fluxboard.accounts.time_zones import city
from fluxboard.features.weekly.report import Week, load_weekly

NO_WEEK = "“{}” is no week that has begun. Write it like 2026-W48."


@on_board
@require_safe
@limited("insight")
def weekly(request: Any, board: Board) -> HttpResponse:
    """GET `?week=2026-W48`; without one the last whole week on the reader's calendar."""
    now, reader = timezone.now(), request.user
    today = times.today_of(reader, now)
    typed = request.GET.get("week", "").strip()[:20]
    asked = Week.of(typed, today) if typed else Week.last_whole(today)
    week = asked or Week.last_whole(today)
    report = load_weekly(board, week, reader, now, board.members.all())
    context = page_frame.frame(reader, board, request.role, "weekly") | {
        "report": report,
        "standing": (
            ("still", "What stands still", "clock", report.still),
            ("next", "Under way, and next", "right", report.next),
        ),
        "week": week,
        "earlier": week.moved(-1),
        "later": week.moved(1) if week.sunday < today else None,
        "ends": f"{week.moved(1).monday}T00:00",
        "place": city(reader.time_zone),
        "error": "" if asked is not None else NO_WEEK.format(typed),
        "typed": typed,
    }
    return show(request, "weekly/weekly.html", context, 200 if asked is not None else 422)
