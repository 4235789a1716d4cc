"""The card page, as a page of its own and as the panel over its board: the card, its comments, its history.

It speaks of three apps, so it is composed here; `boards`, `comments` and `activity` give it their parts.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from activity.feed.load import card_history
from activity.feed.sentences import Sentence, sentence
from activity.models import Activity
from boards.card_fields import CARD_FIELDS
from boards.card_page.context import CARD_PARTS, PART_TEMPLATES, card_context
from boards.http.doors import on_board
from boards.http.on_card import frame_for, on_card
from boards.http.responses import answer, is_scripted, show
from boards.models import Board, Card, Role
from boards.rendering.card_links import mentions_of
from boards.undo.rights import undoable, was_changed_since
from comments.answerers import answerers
from comments.decision_register import decisions_on
from comments.pages import answers_when, thread_of
from comments.waiting import questions_here
from fluxboard.accounts import times
from fluxboard.core import parsing
from fluxboard.features.archive.views import removed_on
from fluxboard.features.card_page.since import since_line
from fluxboard.meetings.agenda import meetings_about

_TALK = ("comments", "history")
_COUNTS = "cards/_counts.html"
# A part that is asked for brings along what shows the same facts elsewhere on the page.
WITH = {"head": ["actions", "since"], "blocks": ["actions"], "comments": ["counts"], "history": ["counts"]}
ALL_TEMPLATES = PART_TEMPLATES | {
    "comments": "comments/_comments.html",
    "history": "feed/_history.html",
    "composer": "comments/_composer.html",
    "waiting": "comments/_waiting.html",
    "decisions": "comments/_decisions.html",
    "mentions": "cards/_mentions.html",
    "since": "cards/_since.html",
    "counts": _COUNTS,
}
# What sets a field of the card: its value can be had again however often it was set since.
VALUES = {field.verb.name for field in CARD_FIELDS.values()} | {"card.blocked", "card.moved"}
_MOST_PEOPLE = 10


@on_card
@require_safe
def card(request: Any, card: Card) -> HttpResponse:
    """GET: the whole card; the panel's part for a script, `?tab=history` with its history."""
    now = timezone.now()
    tab = "history" if request.GET.get("tab") == "history" else "comments"
    context = _page_with(request, card, tab, now) | _since(request, card, now)
    if tab == "history":
        context |= _history(request, card, now)
    return show(request, "cards/_panel.html" if is_scripted(request) else "cards/card.html", context)


@on_card
@require_safe
def since(request: Any, card: Card) -> HttpResponse:
    """GET `?from=visit`, `workday` or a day: what became of the card since, on its page; a part for a script.

    422 with the line of the last visit, and the message beside the field, for what is no day up to today.
    """
    now = timezone.now()
    line = _since(request, card, now)
    status = 422 if line["since"].error else 200
    if is_scripted(request):
        return show(request, "cards/_since.html", {"card": card, "was_chosen": True} | line, status)
    return show(request, "cards/card.html", _page_with(request, card, "comments", now) | line, status)


@on_card
@require_safe
def parts(request: Any, card: Card) -> HttpResponse:
    """GET `?names=head,props`: those parts of the card, each an element with its id, nothing around.

    `from` is the moment of the line that says what is different since.
    """
    asked = request.GET.get("names", "").split(",")
    names = [name for name in ALL_TEMPLATES if name in {*asked, *_along(asked)}]
    response = answer(request, _parts(request, card, names))
    response["X-Flux-Seq"] = str(card.board.seq)
    return response


def _along(names: list[str]) -> set[str]:
    return {other for name in names for other in WITH.get(name, [])}


def _parts(request: Any, card: Card, names: list[str]) -> str:
    now = timezone.now()
    wanted = set(names)
    loaded = wanted & {*CARD_PARTS, "actions"}
    context: dict[str, Any] = {"user": request.user}
    context |= card_context(card, request.user, request.role, now, loaded)
    if wanted & {"comments", "composer"}:
        context |= _comments(request, card, now)
    if wanted & {"waiting", "composer", "decisions"}:
        context |= _asks_of(request, card, now, context["can_write"])
    if "decisions" in wanted:
        context |= _decisions(request, card, now)
    if "mentions" in wanted:
        context |= _mentions(request, card)
    if "since" in wanted:
        context |= _since(request, card, now)
    if "counts" in wanted:
        context |= _counts(card)
    if "history" in wanted:
        context |= _history(request, card, now)
    return "\n".join(render_to_string(ALL_TEMPLATES[name], context, request) for name in names)


@on_card
@require_safe
def history(request: Any, card: Card) -> HttpResponse:
    """GET `?before=ID`: an earlier page of the history; a part for a script, else the card's page with it."""
    now = timezone.now()
    context = card_context(card, request.user, request.role, now, ())
    context |= _history(request, card, now)
    if is_scripted(request):
        return show(request, "feed/_history.html", context)
    context = _page_with(request, card, "history", now) | _since(request, card, now) | context
    return show(request, "cards/card.html", context)


def _page_with(request: Any, card: Card, tab: str, now: dt.datetime) -> dict[str, Any]:
    """What the whole card shows, without the history and the line since a moment."""
    context = frame_for(request, card) | card_context(card, request.user, request.role, now)
    context |= _counts(card) | _tabs(card, tab) | _decisions(request, card, now) | _mentions(request, card)
    context |= _asks_of(request, card, now, context["can_write"]) | {"live": True}
    return context | (_comments(request, card, now) if tab == "comments" else {})


def _comments(request: Any, card: Card, now: dt.datetime) -> dict[str, Any]:
    everything = request.GET.get("comments") == "all"
    thread = thread_of(card, request.user, request.role, now, everything=everything)
    return {"comments": thread, "answers_when": answers_when(card, thread, request.user, now)}


def _asks_of(request: Any, card: Card, now: dt.datetime, can_write: bool) -> dict[str, Any]:
    """What waits on the reader here, and whom they can ask."""
    return {
        "questions_here": questions_here(card, request.user, now),
        "answerers": answerers(card.board, request.user, now) if can_write else [],
    }


def _decisions(request: Any, card: Card, now: dt.datetime) -> dict[str, Any]:
    return {"decisions": decisions_on(card, request.user, now=now)}


def _mentions(request: Any, card: Card) -> dict[str, Any]:
    return {"mentions": mentions_of(card, request.user), "meetings": meetings_about(card)}


def _since(request: Any, card: Card, now: dt.datetime) -> dict[str, Any]:
    return {"since": since_line(card, request.user, now, request.GET.get("from", ""))}


def _counts(card: Card) -> dict[str, Any]:
    return {
        "comments_count": card.comments_count,
        "history_count": Activity.objects.filter(card=card).count(),
        "removed_count": removed_on(card),
    }


def _tabs(card: Card, here: str) -> dict[str, Any]:
    address = card.get_absolute_url()
    return {
        "tabs": [
            {"name": "comments", "label": "Comments", "url": address, "is_here": here == "comments"},
            {
                "name": "history",
                "label": "History",
                "url": f"{address}?tab=history",
                "is_here": here == "history",
            },
        ],
        "tab": here,
    }


def _history(request: Any, card: Card, now: dt.datetime) -> dict[str, Any]:
    before = parsing.whole_number(request.GET.get("before", ""))
    page = card_history(card, before=before, with_removed=request.role.covers(Role.OWNER))
    today = times.today_of(request.user, now)
    can = undoable([told.activity for told in page.told], request.user, {card.board_id: request.role})
    entries = [_with_undo(sentence(told, today), card, can) for told in page.told]
    return {"history": {"entries": entries, "earlier": page.earlier}}


def _with_undo(entry: Sentence, card: Card, can: set[tuple[int, int]]) -> Sentence:
    """An entry with the way back: a value that is no longer the latest is restored, the rest undone."""
    activity = entry.activity
    if (activity.board_id, activity.seq) not in can:
        return entry
    if activity.undoes:
        return replace(entry, undo="Redo")
    older = activity.subject == card.uid and activity.verb in VALUES and was_changed_since(activity, card)
    return replace(entry, undo="Restore this value" if older else "Undo")


@on_board
@require_safe
def people(request: Any, board: Board) -> HttpResponse:
    """GET `?q=ken`: the members whose handle or name begins so, as JSON, for completing a mention."""
    typed = request.GET.get("q", "").lower().lstrip("@")
    members = board.members.filter(is_active=True).order_by("name", "id")
    found = [
        {"id": person.pk, "handle": person.handle, "name": person.name, "hue": person.hue}
        | {"initials": person.initials}
        for person in members
        if person.handle.startswith(typed) or any(w.startswith(typed) for w in person.name.lower().split())
    ]
    response = JsonResponse({"people": found[:_MOST_PEOPLE]})
    response["Cache-Control"] = "no-store"
    return response
