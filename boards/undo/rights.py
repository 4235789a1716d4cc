"""What may be undone, and by whom: what pages offer. The engine and the actions refuse everybody else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from activity.log.undone import undone
from activity.log.verbs import VERBS
from activity.models import Activity, Via
from boards.models import Role
from boards.undo.registry import ONLY

_ABSENCES = ("member.away", "member.away_changed", "member.back")
NEARBY = 200  # rows of the log that are looked through for what else a request did


def why_not(activity: Activity) -> str:
    """Why an activity can't be undone whatever happens meanwhile; empty for what can."""
    if activity.source_at is not None or activity.via == Via.IMPORT:
        return "This came with an import. It is as it was there."
    return VERBS[activity.effect].final


def least_role(activity: Activity) -> Role:
    """The role that the change back takes at least."""
    noun = activity.effect.partition(".")[0]
    if activity.effect in _ABSENCES:
        return Role.VIEWER  # for themselves: `boards.undo.absences`
    return Role.OWNER if noun in ("board", "column", "member") else Role.MEMBER


def may_undo(activity: Activity, reader: Any, role: Role | None) -> bool:
    """Whether this reader, who has `role` on its board, may make the change back, as far as the log tells."""
    only = ONLY.get(activity.effect)
    return (
        role is not None
        and role.covers(least_role(activity))
        and not why_not(activity)
        and (only is None or only(activity, reader, role))
    )


def undoable(
    activities: Iterable[Activity], reader: Any, roles: Mapping[int, Role | None]
) -> set[tuple[int, int]]:
    """Board and seq of those that a reader may undo who has these `roles` (by board id). Two queries at most.

    What one request did is undone as one, so all of it that is here must be theirs to undo.
    """
    asked = list(activities)
    theirs = [one for one in asked if may_undo(one, reader, roles.get(one.board_id))]
    mine = {one.pk for one in theirs}
    others = {_request_of(one) for one in asked if one.pk not in mine}
    others |= _requests_on_columns([one for one in theirs if roles.get(one.board_id) != Role.OWNER])
    open_to_them = [one for one in theirs if one.request_id is None or _request_of(one) not in others]
    return {(activity.board_id, activity.seq) for activity in open_to_them} - undone(open_to_them)


def _request_of(activity: Activity) -> tuple[int, Any, int | None]:
    return activity.board_id, activity.request_id, activity.actor_id


def _requests_on_columns(activities: list[Activity]) -> set[tuple[int, Any, int | None]]:
    """The requests that put cards away, or brought them back, along with their column. One query, or none."""
    seqs: dict[tuple[int, Any, int | None], list[int]] = {}
    for one in activities:
        if one.effect in ("card.archived", "card.restored") and one.request_id is not None:
            seqs.setdefault(_request_of(one), []).append(one.seq)
    if not seqs:
        return set()
    nearby = Q()
    for (board, request, actor), those in seqs.items():
        reach = (min(those) - NEARBY, max(those) + NEARBY)
        nearby |= Q(board=board, seq__range=reach, request_id=request, actor=actor)
    rows = Activity.objects.filter(nearby)
    return {_request_of(row) for row in rows if row.effect.startswith("column.")}


def was_changed_since(activity: Activity, thing: Any) -> bool:
    """Whether a field that `activity` set on `thing` has been set again since."""
    return any(thing.field_seqs.get(name, 0) > activity.seq for name in activity.before)
