"""`/decisions/` and `/b/KEY/decisions/`: every decision ever made, to filter, to search and to take away."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from boards import page_frame
from boards.http.doors import on_board, signed_in
from boards.http.responses import show
from boards.models import Board, Label
from boards.rendering.markdown import Names, Page
from comments.answerers import asks_shown
from comments.decision_register import (
    DECISIONS_A_PAGE,
    STATES,
    RegisterQuery,
    all_as_markdown,
    as_zip,
    decisions_asked_for,
    questions_asked_for,
)
from fluxboard.accounts import times
from fluxboard.accounts.models import User
from fluxboard.accounts.rate_limits import limited

_MOST = 5000


@signed_in
@require_safe
def decisions(request: Any) -> HttpResponse:
    """GET: the decisions of all boards that I am on. `?format=md` and `?format=zip` take them away."""
    mine = Board.objects.of(request.user)
    return _register(
        request, None, list(mine.order_by("name")), page_frame.frame(request.user, None, None, "decisions")
    )


@on_board
@require_safe
def board_decisions(request: Any, board: Board) -> HttpResponse:
    """GET: the decisions of one board, likewise."""
    return _register(
        request, board, [board], page_frame.frame(request.user, board, request.role, "decisions")
    )


def _register(request: Any, board: Board | None, boards: list[Board], frame: dict[str, Any]) -> HttpResponse:
    asked, reader = RegisterQuery.of(request.GET), request.user
    if request.GET.get("format") in ("md", "zip"):
        return _export(request, board, boards, asked)
    is_open = asked.state == "open"
    found: Any = (questions_asked_for if is_open else decisions_asked_for)(asked, boards, reader)
    rows: list[Any] = list(found[: DECISIONS_A_PAGE + 1])
    names = Names(boards=frozenset(one.key for one in boards))
    page = Page()
    for row in rows:
        row.html = page.draw(row.text, names)
        row.asked = asks_shown(row.asked_of, reader) if is_open else []
    context = frame | {
        "asked": asked,
        "rows": rows[:DECISIONS_A_PAGE],
        "earlier": _with(request, before=str(rows[DECISIONS_A_PAGE - 1].pk))
        if len(rows) > DECISIONS_A_PAGE
        else "",
        "is_open": is_open,
        "none_superseded": not (is_open or asked.state or asked.before)
        and bool(rows)
        and not found.exclude(superseded_by=None).exists(),
        "states": STATES.items(),
        "today": times.today_of(reader, timezone.now()),
        "boards": boards if board is None else [],
        "people": list(User.objects.filter(boards__in=boards).distinct().order_by("name")),
        "labels": list(
            Label.objects.filter(board__in=boards, removed_at=None)
            .values_list("name", flat=True)
            .distinct()
            .order_by("name")
        ),
        "as_markdown": _with(request, format="md", before=""),
        "as_zip": _with(request, format="zip", before=""),
    }
    return show(request, "decisions/register.html", context)


def _with(request: Any, **changed: str) -> str:
    query = request.GET.copy()
    for name, value in changed.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"?{query.urlencode()}"


@limited("export")
def _export(request: Any, board: Board | None, boards: list[Board], asked: RegisterQuery) -> HttpResponse:
    """All that fit, the oldest first: one Markdown file, or a zip with one a decision."""
    found = decisions_asked_for(asked, boards, request.user).prefetch_related("supersedes").order_by("id")
    rows, site = list(found[:_MOST]), request.build_absolute_uri("/").rstrip("/")
    name = f"decisions-{board.key if board else 'all'}-{timezone.now():%Y-%m-%d}"
    if request.GET["format"] == "zip":
        response = HttpResponse(as_zip(rows, request.user, site), content_type="application/zip")
        response["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    else:
        title = f"Decisions of {board.name}" if board else "Decisions"
        text = all_as_markdown(title, rows, request.user, site)
        response = HttpResponse(text, content_type="text/markdown; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.md"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
