"""Answers to a change: a redirect for a browser without scripts, parts of the page for one with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.utils import timezone

from boards import page_frame
from boards.rendering.card_links import fill_references
from boards.rendering.times import fill_times
from fluxboard.accounts.safe_redirect import way_on


def is_scripted(request: Any) -> bool:
    """Whether htmx asks, or a script in its way: they redraw parts, the browser shows pages."""
    return bool(request.htmx)


def show(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """A page or part, its times filled in on the reader's clock, never stored: it carries tokens and ids.

    A template whose name begins with `_` is a part; what the bars of a page show is loaded for a page only.
    """
    values = dict(context or {})
    if "my_boards" in values and not template.rpartition("/")[2].startswith("_"):
        values |= page_frame.bars(request.user, values)
    html = render_to_string(template, values, request)
    return answer(request, html, status)


def answer(request: HttpRequest, html: str, status: int = 200) -> HttpResponse:
    """Like `show`, for HTML that is rendered already.

    A NUL, which can be nowhere but in a form that comes back, stands as the mark that browsers make of it.
    """
    html = html.replace("\0", "\N{REPLACEMENT CHARACTER}")
    html = fill_references(html, request.user, request.get_host())
    response = HttpResponse(fill_times(html, request.user, timezone.now()), status=status)
    response["Cache-Control"] = "no-store"
    response["Vary"] = "Cookie, HX-Request"
    return response


def next_of(request: HttpRequest) -> str:
    """Where a form says that it came from, if that is an address of ours; else empty."""
    return way_on(request, request.POST.get("next", ""))


def say_restored(request: HttpRequest, verb: str, words: str = "") -> None:
    """Tell the page that shows next that something came back. A script says it by the change's frame."""
    if verb.endswith(".restored") and not is_scripted(request):
        messages.success(request, words or "Restored. It is back in its place.")


def see_other(address: str) -> HttpResponse:
    response = HttpResponse(status=303)
    response["Location"] = address
    return response


def only(request: HttpRequest, *methods: str) -> HttpResponse | None:
    """A 405 for other methods, else None."""
    return None if request.method in methods else HttpResponseNotAllowed(methods)
