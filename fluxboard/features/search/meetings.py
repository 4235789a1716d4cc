"""Meetings by the words of their titles, topics, notes and reasons."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Prefetch, Q

from fluxboard.features.search.marks import Marks
from fluxboard.features.search.results import Hit
from fluxboard.features.search.syntax import SearchQuery
from fluxboard.meetings.models import Meeting, Topic

_TEXTS = ("text", "notes", "reason")


def meetings_with(asked: SearchQuery, boards: tuple[int, ...], most: int) -> list[Hit]:
    """The latest meetings in which each of the words is said somewhere. Two queries at most."""
    found = Meeting.objects.filter(board__in=boards)
    said = Q(pk__in=[])
    for term in asked.terms:
        there = Q(pk__in=[])
        for name in _TEXTS:
            there |= Q(**{f"{name}__folded__contains": term.typed})
        said |= there
        topics = Topic.objects.filter(there, meeting=OuterRef("pk"), dropped_at=None)
        titled = Q(title__folded__contains=term.typed) | Q(reason__folded__contains=term.typed)
        found = found.filter(titled | Exists(topics))
    first = Topic.objects.filter(said, dropped_at=None).order_by("position", "pk")
    rows = found.select_related("board", "organiser").prefetch_related(
        Prefetch("topics", first, to_attr="topics_found")
    )
    marks = Marks.of(asked.terms, is_inside=True)
    return [_hit(meeting, marks) for meeting in rows.order_by("-starts_at", "-pk")[:most]]


def _hit(meeting: Meeting, marks: Marks) -> Hit:
    found: list[Topic] = getattr(meeting, "topics_found", [])
    texts = [getattr(topic, name) for topic in found for name in _TEXTS]
    text = next((marks.snippet(one) for one in texts if marks.first(one) is not None), "")
    state = () if meeting.state == Meeting.State.CLOSED else (meeting.get_state_display(),)
    return Hit(
        "meeting",
        meeting.get_absolute_url(),
        marks.line(meeting.title),
        meeting.board.key,
        text,
        meeting.starts_at,
        None,
        tuple(map(str, state)),
    )
