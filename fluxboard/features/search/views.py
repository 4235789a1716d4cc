"""`/search/?q=`: one field over all that I may see. htmx gets the hits alone, for the dialog."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.http import urlencode

from boards import page_frame
from boards.card_fields import choice_fields
from boards.http.doors import signed_in
from boards.http.responses import is_scripted, only, show
from fluxboard.accounts.rate_limits import limited
from fluxboard.core import parsing
from fluxboard.features.search.results import SEARCHED_KINDS, last_touched
from fluxboard.features.search.search import search
from fluxboard.features.search.syntax import parse_search

_A_PAGE = 50
_AT_FIRST = 12
IN_DIALOG = 5
_FURTHEST = 40
OPERATORS = [
    ("by:", "me or a name"),
    ("in:", "a board"),
    ("label:", "a label"),
    ("column:", "a column"),
    *((f"{field.name}:", ", ".join(field.value.choices)) for field in choice_fields()),
    ("is:", "blocked, unready, decision, question, archived, mine"),
    ("done:", "finished in 2026-10, or 2026-10-01..2026-10-15"),
    ("after:", "2026-10"),
    ("before:", "2026-10-15"),
    ('"…"', "words in a row"),
    ("-", "without a word"),
]


@signed_in
@limited("search", "GET", "HEAD")
def search_page(request: Any) -> HttpResponse:
    """GET: the hits of `q`, or of `only` one kind from `page` on; without `q` the cards touched last."""
    if refused := only(request, "GET", "HEAD"):
        return refused
    asked = parse_search(request.GET.get("q", ""))
    kind = request.GET.get("only", "") if request.GET.get("only") in SEARCHED_KINDS else ""
    page = _page(request.GET.get("page", ""))
    in_dialog = is_scripted(request)
    most = IN_DIALOG if in_dialog else _A_PAGE if kind else _AT_FIRST
    results = search(asked, request.user, most=most, only=kind, skip=(page - 1) * _A_PAGE if kind else 0)
    context = {
        "asked": asked,
        "results": results,
        "recent": [] if asked else last_touched(request.user),
        "here": f"/search/?{urlencode({'q': asked.typed})}",
        "only": kind,
        "page": page,
        "next_page": page + 1 if page < _FURTHEST else 0,
        "operators": OPERATORS,
        "is_dialog": in_dialog,
    }
    if in_dialog:
        return show(request, "search/_options.html", context)
    return show(request, "search/page.html", context | page_frame.frame(request.user, None, None, "search"))


def _page(typed: str) -> int:
    return min(max(parsing.whole_number(typed) or 1, 1), _FURTHEST)
