"""From when until when a meeting looks back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from fluxboard.meetings.models import Meeting

USUAL = dt.timedelta(days=14)
LONGEST = dt.timedelta(days=366)
_LOOKED_AT = 50  # earlier meetings of the kind


@dataclass(frozen=True)
class LookBack:
    """From `start` until `end`; `last` is the earlier meeting of the kind with which it begins, if any."""

    start: dt.datetime
    end: dt.datetime
    last: Meeting | None


def looks_back(meeting: Meeting, now: dt.datetime) -> LookBack:
    """Since the last meeting of its kind was closed, else two weeks; until it is over, else until now.

    A 1:1 looks back to the last one of the same two. Two queries at most.
    """
    end = meeting.ended_at or now
    last = _last_of_its_kind(meeting)
    start = last.ended_at if last is not None and last.ended_at is not None else end - USUAL
    return LookBack(max(start, end - LONGEST), end, last)


def _last_of_its_kind(meeting: Meeting) -> Meeting | None:
    rows = Meeting.objects.filter(
        board=meeting.board, kind=meeting.kind, state=Meeting.State.CLOSED, starts_at__lt=meeting.starts_at
    ).exclude(pk=meeting.pk)
    if meeting.kind != Meeting.Kind.ONE_TO_ONE:
        return rows.order_by("-starts_at", "-pk").first()
    mine = set(meeting.invited.values_list("pk", flat=True))
    for row in rows.prefetch_related("invited").order_by("-starts_at", "-pk")[:_LOOKED_AT]:
        if {person.pk for person in row.invited.all()} == mine:
            return row
    return None
