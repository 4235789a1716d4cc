"""What has been undone, and what was done together: questions to the log that an undo begins with."""

from __future__ import annotations

from collections.abc import Iterable

from activity.models import Activity
from fluxboard.core.postgres.statements import rows_of

LogPlace = tuple[int, int]  # a board's id, and a seq on it

# The undos of some activities, the undos of those, and so on.
_CHAIN = """
    WITH RECURSIVE undos AS (
        SELECT a.board_id, a.seq, (a.after->'undoes'->>'seq')::bigint AS undoes
        FROM activity_activity a
        JOIN unnest(%(boards)s::bigint[], %(seqs)s::bigint[]) AS wanted(board, seq)
          ON a.board_id = wanted.board AND (a.after->'undoes'->>'seq')::bigint = wanted.seq
        WHERE a.verb = 'change.undone'
        UNION
        SELECT a.board_id, a.seq, (a.after->'undoes'->>'seq')::bigint
        FROM activity_activity a
        JOIN undos ON a.board_id = undos.board_id AND (a.after->'undoes'->>'seq')::bigint = undos.seq
        WHERE a.verb = 'change.undone')
    SELECT board_id, seq, undoes FROM undos
"""
STRETCH = 500


def undone(activities: Iterable[Activity]) -> set[LogPlace]:
    """Which of `activities` are undone: by an undo that was not undone itself. One query, none for none."""
    asked = [(activity.board_id, activity.seq) for activity in activities]
    if not asked:
        return set()
    rows = rows_of(_CHAIN, {"boards": [board for board, _ in asked], "seqs": [seq for _, seq in asked]})
    over: set[LogPlace] = set()
    # An undo comes after what it undoes, so from the newest on each is settled before it counts. A loop:
    # people can undo and redo one change as often as they like, and Python's stack is not that deep.
    for board, seq, undoes in sorted(rows, reverse=True):
        if (board, seq) not in over:
            over.add((board, undoes))
    return over.intersection(asked)


def together(activity: Activity) -> list[Activity]:
    """All that was done by the request that did `activity`, on its board and others, oldest first.

    Without a request id: itself, and its other half where a card went to another board.
    """
    rows = {activity.pk: activity}
    if activity.request_id is not None:
        rows |= {row.pk: row for row in _around(activity)}
    for row in list(rows.values()):
        if row.effect == "card.transferred":
            halves = Activity.objects.filter(card=row.card_id, at=row.at, actor=row.actor_id).doing(
                row.effect
            )
            rows |= {half.pk: half for half in halves.filter(request_id=row.request_id)}
    return [rows[pk] for pk in sorted(rows)]


def _around(activity: Activity) -> list[Activity]:
    """A request's activities on a board stand side by side, since the board was locked meanwhile."""
    reach = STRETCH
    while True:
        low, high = activity.seq - reach, activity.seq + reach
        found = list(
            Activity.objects.filter(
                board=activity.board_id,
                seq__range=(low, high),
                request_id=activity.request_id,
                actor=activity.actor_id,
            ).order_by("seq")
        )
        if found[0].seq > low and found[-1].seq < high:
            return found
        reach *= 4
