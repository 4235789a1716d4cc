"""How much of what people did was read by somebody else, and soon."""

from __future__ import annotations

import datetime as dt

from django.db.models import Min

from activity.models import ReadDay
from fluxboard.accounts.models import User
from fluxboard.core.postgres.statements import rows_of
from fluxboard.features.insight.figures import Figure
from fluxboard.features.insight.measures import FEWEST_PEOPLE
from fluxboard.features.insight.quality.coverage import next_working_day
from fluxboard.features.insight.scope import Scope
from fluxboard.features.insight.trend import tell_shares

MOST = 10_000  # the newest

_DONE = """
    SELECT board_id, seq, actor_id, at FROM activity_activity
    WHERE board_id = ANY(%(boards)s) AND source_at IS NULL AND at >= %(start)s AND at < %(end)s
      AND actor_id IS NOT NULL AND via IN ('web', 'api', 'slack', 'email')
    ORDER BY at DESC, id DESC LIMIT %(most)s
"""
# Whoever had read up to a change has done so since it was made; to the west that can be a day earlier.
_READ = """
    SELECT n FROM unnest(%(boards)s::bigint[], %(seqs)s::bigint[], %(actors)s::bigint[], %(days)s::date[],
            %(untils)s::date[])
        WITH ORDINALITY AS done(board, seq, actor, day, until, n)
    WHERE EXISTS (
        SELECT 1 FROM activity_readday r
        WHERE r.board_id = done.board AND r.day >= done.day - 1 AND r.day <= done.until
          AND r.user_id <> done.actor AND (r.seq >= done.seq OR r.seen @> done.seq))
"""


def read_changes(scope: Scope) -> list[tuple[dt.date, int, float]]:
    """Day and person of each change, and 1 where somebody else has read it in time; three queries.

    Without those whose time is not over yet, unless they are read, and those from before readings were kept.
    """
    kept = ReadDay.objects.filter(board__in=scope.boards).aggregate(first=Min("day"))["first"]
    if kept is None:
        return []
    values = {"boards": scope.ids, "start": scope.start, "end": scope.end, "most": MOST}
    rows = [row for row in rows_of(_DONE, values) if scope.day_of(row[3]) >= kept]
    people = User.objects.in_bulk({actor for _, _, actor, _ in rows})
    until: dict[tuple[int, dt.date], dt.date] = {}
    days = [at.astimezone(people[actor].zone).date() for _, _, actor, at in rows]
    for (_, _, actor, _), day in zip(rows, days, strict=True):
        if (actor, day) not in until:
            until[actor, day] = next_working_day(people[actor], day)
    untils = [until[actor, day] for (_, _, actor, _), day in zip(rows, days, strict=True)]
    asked = {
        "boards": [board for board, *_ in rows],
        "seqs": [seq for _, seq, *_ in rows],
        "actors": [actor for _, _, actor, _ in rows],
        "days": days,
        "untils": untils,
    }
    read = {n - 1 for (n,) in rows_of(_READ, asked)} if rows else set()
    return [
        (scope.day_of(at), actor, float(place in read))
        for place, (_, _, actor, at) in enumerate(rows)
        if place in read or untils[place] < scope.today
    ]


def reading_figure(scope: Scope) -> Figure:
    figure = Figure(
        "reading",
        "Read by somebody else",
        "Of what people did by hand in these days: how much somebody else had read by the end of the next "
        "working day of who did it, each by their own calendar. Read is what was marked as read, and what "
        "came in on a page that somebody looked at.",
    )
    found = read_changes(scope)
    if len(found) >= MOST:
        figure.said = [f"Looked at are the newest {MOST:,}."]
    if not found:
        figure.said = [
            "Nothing is known of it in these days: what is read is kept since this figure is there."
        ]
        return figure
    if len({by for _, by, _ in found}) < FEWEST_PEOPLE:
        figure.said = [*figure.said, f"Told only where {FEWEST_PEOPLE} people or more have done something."]
        return figure
    values = [(day, read) for day, _, read in found]
    return tell_shares(figure, scope, values, "changes", "read in time", by=[by for _, by, _ in found])
