"""How much of what was written was written outside of the writers' own working hours."""

from __future__ import annotations

import datetime as dt

from fluxboard.accounts.models import User
from fluxboard.accounts.working_hours import is_at_work
from fluxboard.core.postgres.statements import rows_of
from fluxboard.features.insight.figures import Figure
from fluxboard.features.insight.measures import FEWEST_PEOPLE
from fluxboard.features.insight.quality.writing import WRITTEN
from fluxboard.features.insight.scope import Scope
from fluxboard.features.insight.trend import share_words, tell_shares

MOST = 10_000  # the newest

# What people wrote themselves, here.
_WRITINGS = """
    SELECT at, actor_id FROM activity_activity
    WHERE board_id = ANY(%(boards)s) AND source_at IS NULL AND at >= %(start)s AND at < %(end)s
      AND verb = ANY(%(written)s::text[]) AND actor_id IS NOT NULL AND via IN ('web', 'api', 'slack', 'email')
    ORDER BY at DESC LIMIT %(most)s
"""


def writings(scope: Scope) -> list[tuple[dt.datetime, int, float]]:
    """When, by whom, and 1 where that was outside of their working hours as they are today. Two queries."""
    values = {
        "boards": scope.ids,
        "start": scope.start,
        "end": scope.end,
        "written": list(WRITTEN),
        "most": MOST,
    }
    rows = rows_of(_WRITINGS, values)
    people = User.objects.in_bulk({by for _, by in rows})
    # All of one request carry the same moment.
    known: dict[tuple[int, dt.datetime], float] = {}
    for at, by in rows:
        minute = (by, at.replace(second=0, microsecond=0))
        if minute not in known:
            known[minute] = float(not is_at_work(people[by], minute[1]))
    return [(at, by, known[by, at.replace(second=0, microsecond=0)]) for at, by in rows]


def hours_figure(scope: Scope) -> Figure:
    figure = Figure(
        "after_hours",
        "Written after hours",
        "Of what people wrote in these days, by hand: how much outside of the writer's own working "
        "hours, days off and away included, as these are set today.",
    )
    found = writings(scope)
    if len(found) == MOST:
        figure.said = [f"Looked at are the newest {MOST:,}."]
    if len({by for _, by, _ in found}) < FEWEST_PEOPLE:
        figure.said = [*figure.said, f"Told only where {FEWEST_PEOPLE} people or more have written."]
    else:
        values = [(scope.day_of(at), after) for at, _, after in found]
        tell_shares(figure, scope, values, "writings", "after hours", by=[by for _, by, _ in found])
    own = [after for _, by, after in found if by == scope.reader.pk]
    if own:
        figure.own = f"Yours: {share_words(own)} of {len(own):,}."
    return figure
