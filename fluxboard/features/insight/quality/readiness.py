"""How many cards were ready when work on them began."""

from __future__ import annotations

import datetime as dt

from activity.feed.finished import net
from boards.models.card import is_ready
from fluxboard.core.postgres.statements import rows_of
from fluxboard.features.insight.figures import Figure
from fluxboard.features.insight.finishing import column_steps
from fluxboard.features.insight.scope import Scope
from fluxboard.features.insight.trend import tell_shares

# What each card had at its moment; a card that is told whole has what is not in the row, too: nothing.
_HAD = """
    SELECT asked.card, asked.moment,
        jsonb_typeof(owner.fact) = 'object', jsonb_typeof(why.fact) = 'object',
        jsonb_typeof(done.fact) = 'object'
    FROM unnest(%(cards)s::bigint[], %(moments)s::timestamptz[]) AS asked(card, moment)
    LEFT JOIN LATERAL (
        SELECT a.after->'assignee' AS fact FROM activity_activity a
        WHERE a.card_id = asked.card AND a.at <= asked.moment
          AND (a.after ? 'number' OR a.after ? 'assignee')
          AND coalesce(a.after->>'effect', a.verb) IN ('card.created', 'card.transferred', 'card.assigned')
        ORDER BY a.id DESC LIMIT 1) owner ON true
    LEFT JOIN LATERAL (
        SELECT a.after->'why' AS fact FROM activity_activity a
        WHERE a.card_id = asked.card AND a.at <= asked.moment
          AND (a.after ? 'number' OR a.after ? 'why')
          AND coalesce(a.after->>'effect', a.verb) IN ('card.created', 'card.transferred', 'card.specified')
        ORDER BY a.id DESC LIMIT 1) why ON true
    LEFT JOIN LATERAL (
        SELECT a.after->'done_when' AS fact FROM activity_activity a
        WHERE a.card_id = asked.card AND a.at <= asked.moment
          AND (a.after ? 'number' OR a.after ? 'done_when')
          AND coalesce(a.after->>'effect', a.verb) IN ('card.created', 'card.transferred', 'card.specified')
        ORDER BY a.id DESC LIMIT 1) done ON true
"""


def begun_ready(scope: Scope) -> list[tuple[dt.date, float]]:
    """Each day on which work on a card began, with 1 where it was ready then. Two queries.

    Work that was taken back to wait within the days did not begin.
    """
    inside = scope.begun | scope.done
    nets = net(column_steps(scope), inside)
    moments = {
        card: one.done.at
        for card, one in nets.items()
        if one.is_finished and one.done and one.done.now in scope.begun
    }
    rows = rows_of(_HAD, {"cards": list(moments), "moments": list(moments.values())}) if moments else []
    return [
        (scope.day_of(moment), float(is_ready(owner or None, why, done_when)))
        for _, moment, owner, why, done_when in rows
    ]


def readiness_figure(scope: Scope) -> Figure:
    figure = Figure(
        "ready",
        "Ready before begun",
        "Of the cards that came into work in these days and were not taken back to wait: how many had "
        "an owner, and a why or a definition of done, at that moment.",
    )
    return tell_shares(figure, scope, begun_ready(scope), "cards begun", "were ready")
