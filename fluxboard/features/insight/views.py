"""`/insight/` and `/b/KEY/insight/`: how work and talk flow, out of the log; of boards, never of persons."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from boards import page_frame
from boards.http.doors import on_board, signed_in
from boards.http.responses import show
from boards.models import Board
from fluxboard.accounts import times
from fluxboard.accounts.rate_limits import limited
from fluxboard.features.board_export.csv_sheets import sheet
from fluxboard.features.insight.figures import Figure
from fluxboard.features.insight.load import load_figure, load_insight
from fluxboard.features.insight.query import MOST_BOARDS, MOST_CARDS, InsightQuery, usual_days
from fluxboard.features.insight.scope import Scope

RANGES = {4: "4 weeks", 8: "8 weeks", 26: "Half a year", 52: "A year"}


@signed_in
@require_safe
def insight(request: Any) -> HttpResponse:
    """GET `?from=2026-10-05&to=2026-11-30&board=FLX&board=MOB`: of several of my boards, else of all."""
    mine = list(Board.objects.of(request.user).current().order_by("name"))
    return _page(request, mine, page_frame.frame(request.user, None, None, "insight", mine))


@on_board
@require_safe
def board_insight(request: Any, board: Board) -> HttpResponse:
    """GET: of one board. `?cards=12` asks when so many will be done; `?format=csv&figure=NAME` is a table."""
    return _page(request, [board], page_frame.frame(request.user, board, request.role, "insight"))


@limited("insight")
def _page(request: Any, boards: list[Board], frame: dict[str, Any]) -> HttpResponse:
    reader, now = request.user, timezone.now()
    today = times.today_of(reader, now)
    asked = InsightQuery.of(request.GET, today)
    chosen = asked.chosen(boards)
    scope = Scope(chosen, asked.days, reader, now)
    if request.GET.get("format") == "csv" and not asked.errors:
        return _spreadsheet(asked, load_figure(scope, request.GET.get("figure", ""), asked.cards))
    context = frame | {
        "asked": asked,
        "chapters": load_insight(scope, asked.cards),
        "unknown": asked.unknown(boards) if frame["board"] is None else [],
        "window": f"{scope.words(asked.days.first)} to {scope.words(asked.days.last)}",
        "ranges": [
            (
                words,
                _url(request, **{"from": days.first.isoformat(), "to": days.last.isoformat()}),
                days == asked.days,
            )
            for words, days in ((words, usual_days(today, weeks)) for weeks, words in RANGES.items())
        ],
        "today": today,
        "began": scope.words(scope.began) if scope.began else "",
        "choices": boards if frame["board"] is None else [],
        "chosen": {board.pk for board in chosen},
        "left_off": MOST_BOARDS if len(boards) > len(chosen) == MOST_BOARDS else 0,
        "most_cards": MOST_CARDS,
        "csv": _url(request, format="csv"),
    }
    return show(request, "insight/insight.html", context, asked.status)


def _url(request: Any, **changed: str) -> str:
    query = request.GET.copy()
    for name, value in changed.items():
        query[name] = value
    return f"?{query.urlencode()}"


def _spreadsheet(asked: InsightQuery, figure: Figure | None) -> HttpResponse:
    """The table behind one figure; 404 for a figure that there is not."""
    if figure is None:
        raise Http404
    table = figure.spreadsheet
    rows = sheet(table.heading, table.rows) if table is not None else sheet(["Nothing to tell"], [])
    response = HttpResponse("".join(rows), content_type="text/csv; charset=utf-8")
    name = f"insight-{figure.name}-{asked.days.first}-{asked.days.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
