"""`/search/?q=`: one field over all that I may see. htmx gets the hits alone, for the dialog."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.http import urlencode

from boards import page_frame
from boards.http.changes import FormProblem
from boards.http.doors import signed_in
from boards.http.responses import is_scripted, only, show
from boards.models import OwnSearch
from fluxboard.accounts.rate_limits import limited
from fluxboard.core import parsing
from fluxboard.features.search.results import SEARCHED_KINDS, last_touched
from fluxboard.features.search.saved import boards_of, may_save, shelves
from fluxboard.features.search.search import search
from fluxboard.features.search.syntax import SEARCH_OPERATORS, parse_search

_A_PAGE = 50
_AT_FIRST = 12
IN_DIALOG = 5
_FURTHEST = 40
_HELP = [
    *((f"{name}:", takes) for name, takes in SEARCH_OPERATORS.items()),
    ('"…"', "words in a row"),
    ("-", "without that: -word, -is:blocked, -label:bug, -owner:me"),
]


@signed_in
@limited("search", "GET", "HEAD")
def search_page(request: Any) -> HttpResponse:
    """GET: the hits of `q`, or of `only` one kind from `page` on; without `q` the cards touched last."""
    if refused := only(request, "GET", "HEAD"):
        return refused
    return page(request, request.GET.get("q", ""))


def page(
    request: Any, typed: str, problem: FormProblem | None = None, saved: OwnSearch | None = None
) -> HttpResponse:
    """The page of a search; with the `problem` of a form on it, which is that of `saved` or of saving it.

    Without anything asked for it is the page of the saved searches, with what changes them.
    """
    asked = parse_search(typed)
    kind = request.GET.get("only", "") if request.GET.get("only") in SEARCHED_KINDS else ""
    in_dialog = is_scripted(request) and problem is None
    is_paged = bool(kind or asked.done or asked.has_moves)  # hits of one kind, fifty at a time
    most = IN_DIALOG if in_dialog else _A_PAGE if is_paged else _AT_FIRST
    number = _page(request.GET.get("page", ""))
    results = search(asked, request.user, most=most, only=kind, skip=(number - 1) * _A_PAGE if kind else 0)
    boards, roles = ([], {}) if in_dialog and asked else boards_of(request.user)
    context: dict[str, Any] = {
        "asked": asked,
        "results": results,
        "recent": [] if asked else last_touched(request.user),
        "here": f"/search/?{urlencode({'q': asked.typed})}",
        "only": kind,
        "page": number,
        "is_paged": is_paged and not in_dialog,
        "next_page": number + 1 if number < _FURTHEST else 0,
        "operators": _HELP,
        "is_dialog": in_dialog,
        "shelves": [] if asked else shelves(request.user, boards, roles),
    }
    if in_dialog:
        return show(request, "search/_options.html", context)
    places = [board for board in boards if may_save(roles[board.pk])]
    context |= {"problem": problem, "problem_of": saved, "places": places}
    context |= page_frame.frame(request.user, None, None, "search")
    return show(request, "search/page.html", context, problem.status if problem else 200)


def _page(typed: str) -> int:
    return min(max(parsing.whole_number(typed) or 1, 1), _FURTHEST)
