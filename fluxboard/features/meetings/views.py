"""`/b/KEY/meetings/` and `/b/KEY/meetings/N/`: one address for the agenda, the meeting and its minutes."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from activity.errors import Refused
from boards import page_frame
from boards.forms import with_choices
from boards.http.doors import on_board, require
from boards.http.responses import is_scripted, show
from boards.models import Board, Role
from boards.views.change_forms import change
from fluxboard.core import parsing
from fluxboard.features.meetings import forms as meeting_forms  # noqa: F401 — registers its forms
from fluxboard.features.meetings import load, topic_forms
from fluxboard.features.meetings.fields import plan_of_thing
from fluxboard.features.meetings.mail import entry_of
from fluxboard.meetings.actions.topics import TopicPlan
from fluxboard.meetings.agenda import suggestion_of
from fluxboard.meetings.calendar import CANCEL, PUBLISH, method_for
from fluxboard.meetings.kinds import TOPICS, asks_about
from fluxboard.meetings.models import Meeting, Topic


@on_board
@require_safe
def meetings(request: Any, board: Board) -> HttpResponse:
    """GET: what is planned, and what was; `?before=N` are earlier ones."""
    context = page_frame.frame(request.user, board, request.role, "meetings")
    before = parsing.whole_number(request.GET.get("before", ""))
    kinds = [(kind.value, kind.label, asks_about(kind)) for kind in Meeting.Kind if kind in TOPICS]
    return show(request, "meetings/meetings.html", context | load.listed(board, before) | {"kinds": kinds})


@on_board
def new(request: Any, board: Board) -> HttpResponse:
    """GET: the form; `?about=UID` is a thing for its agenda, `?kind=retro` its kind. POST: plan a meeting."""
    plan = _asked_for(board, request.GET.get("about", ""))
    given: dict[str, Any] = {"topics": [f"{plan.kind}:{plan.about}"]} if plan is not None else {}
    kind = request.GET.get("kind", "")
    if kind in TOPICS:
        given |= {"kind": kind, "title": Meeting.Kind(kind).label} | ({} if plan else {"topics": []})
    return change(request, "meeting.planned", board, **given)


def _asked_for(board: Board, typed: str) -> TopicPlan | None:
    """The topic about what an address names; None for what is not on the board."""
    try:
        return plan_of_thing(board, typed)
    except Refused:
        return None


@on_board
@require_safe
def choose(request: Any, board: Board) -> HttpResponse:
    """GET `?about=UID`: the next agendas that a thing of the board could be put on."""
    require(request, Role.MEMBER)
    plan = _asked_for(board, request.GET.get("about", ""))
    if plan is None:
        raise Http404
    context = page_frame.frame(request.user, board, request.role, "meetings") | load.listed(board, 0)
    return show(request, "meetings/choose.html", context | {"about": suggestion_of(board, plan)})


@on_board
@require_safe
def meeting(request: Any, board: Board, number: int) -> HttpResponse:
    """GET: the page; for htmx its part that changes, or 204 where nothing has happened since `?upto=SEQ`."""
    if is_scripted(request) and request.GET.get("upto") == str(board.seq):
        return HttpResponse(status=204)
    found, now = _meeting(board, number), timezone.now()
    rows = load.topic_rows(found, now)
    days = load.tell_facts(found, rows, request.user, now)
    context = page_frame.frame(request.user, board, request.role, "meetings")
    may = context["can_change"] and found.is_open
    at_hand = next((row for row in rows if row.is_at_hand), None)
    left = [row for row in rows if not row.is_settled]
    context |= {
        "meeting": found,
        "rows": rows,
        "days": days,
        "left": len(left),
        "planned_minutes": sum(row.topic.minutes for row in rows),
        "at_hand": at_hand,
        "next": next((row for row in left if row is not at_hand), None),
        "may": may,
        "is_late": found.state == Meeting.State.PLANNED and found.starts_at <= now,
        "invited": load.invited_to(found, request.user, now),
        "proof": load.proof_of(found),
        "stream": f"{board.get_absolute_url()}live/?ids=1&lastEventId={board.channel}:{board.seq}",
        **_forms(found, at_hand, may=may),
    }
    return show(request, "meetings/_state.html" if is_scripted(request) else "meetings/meeting.html", context)


def _forms(found: Meeting, at_hand: load.TopicRow | None, *, may: bool) -> dict[str, Any]:
    """The forms that stand on the page: one more topic, and what is said of the topic at hand."""
    if not may:
        return {}
    shown: dict[str, Any] = {"add": with_choices(topic_forms.AddTopic(found))}
    if at_hand is not None:
        shown["notes"] = topic_forms.NoteTopic(at_hand.topic)
        if not at_hand.topic.outcome:
            shown["settle"] = with_choices(topic_forms.SettleTopic(at_hand.topic))
    return shown


@on_board
def do(request: Any, board: Board, number: int, part: str) -> HttpResponse:
    """GET: the form of one verb. POST: do it to the meeting, or put a topic on its agenda."""
    verb = "topic.added" if part == "topic-added" else f"meeting.{part}"
    given = {"about": request.GET.get("about", "")} if part == "topic-added" else {}
    return change(request, verb, _meeting(board, number), **given)


@on_board
def do_topic(request: Any, board: Board, number: int, pk: int, part: str) -> HttpResponse:
    """GET: the form of one verb. POST: do it to the topic."""
    found = _meeting(board, number)
    topic = get_object_or_404(Topic.objects.select_related("owner"), meeting=found, pk=pk)
    topic.meeting = found
    response = change(request, f"topic.{part}", topic)
    if part == "noted" and is_scripted(request) and request.method == "POST" and response.status_code == 200:
        topic.refresh_from_db()
        return show(request, "meetings/_notes.html", {"form": topic_forms.NoteTopic(topic)})
    return response


@on_board
@require_safe
def calendar(request: Any, board: Board, number: int) -> HttpResponse:
    """GET: the meeting for a calendar. Those who are invited see who else is."""
    found, now = _meeting(board, number), timezone.now()
    is_mine = found.invited.filter(pk=request.user.pk).exists()
    method = method_for(found) if is_mine or method_for(found) == CANCEL else PUBLISH
    entry = entry_of(found, method, load.topic_rows(found, now), request.user, now, is_invited=is_mine)
    response = HttpResponse(entry, content_type=f"text/calendar; charset=utf-8; method={method}")
    response["Content-Disposition"] = f'attachment; filename="{board.key}-meeting-{found.number}.ics"'
    response["Cache-Control"] = "no-store"
    return response


def _meeting(board: Board, number: int) -> Meeting:
    found = get_object_or_404(Meeting.objects.select_related("organiser"), board=board, number=number)
    found.board = board
    return found
