"""For how long nobody has written anything on the cards that are under way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from fluxboard.accounts.calendar import DAY, midnight
from fluxboard.core.postgres.statements import rows_of
from fluxboard.features.insight.figures import Figure, Measure, Table
from fluxboard.features.insight.flow import STOOD
from fluxboard.features.insight.measures import FEWEST, median
from fluxboard.features.insight.quality.writing import WRITTEN
from fluxboard.features.insight.scope import Scope
from fluxboard.features.insight.trend import median_words, too_few, weekly_spans

MOST = 20_000

# Of each moment, the cards that were under way and when something was last written on each.
_SILENT = f"""
    {STOOD}, spells AS (
        SELECT card_id, col, at AS since,
            lead(at) OVER (PARTITION BY board_id, subject ORDER BY seq) AS until
        FROM stood
    ), asked AS (
        SELECT moments.n, moments.moment, s.card_id
        FROM unnest(%(moments)s::timestamptz[]) WITH ORDINALITY AS moments(moment, n)
        JOIN spells s ON s.since < moments.moment AND (s.until IS NULL OR s.until >= moments.moment)
        WHERE s.col = ANY(%(begun)s::text[])
        ORDER BY moments.n DESC LIMIT %(most)s
    )
    SELECT asked.n, extract(epoch FROM asked.moment - last.at)::float8 / 86400
    FROM asked CROSS JOIN LATERAL (
        SELECT max(coalesce(a.source_at, a.at)) AS at FROM activity_activity a
        WHERE a.card_id = asked.card_id AND a.at < asked.moment AND a.verb = ANY(%(written)s::text[])) last
    WHERE last.at IS NOT NULL
"""  # noqa: S608 — constants


def silences(scope: Scope, moments: Sequence[dt.datetime]) -> list[list[float]]:
    """Of each moment, for how many days nothing was written on each card that was under way. One query."""
    values = {
        "boards": scope.ids,
        "end": scope.end,
        "done": list(scope.done),
        "begun": list(scope.begun),
        "moments": list(moments),
        "written": list(WRITTEN),
        "most": MOST,
    }
    found: list[list[float]] = [[] for _ in moments]
    for n, days in rows_of(_SILENT, values):
        found[n - 1].append(days)
    return found


def silence_figure(scope: Scope) -> Figure:
    figure = Figure(
        "silence",
        "Since the last words",
        "Cards under way at the end of each week (or now): how long before that somebody last wrote on "
        "them, be it a comment, a question, a decision, a reason, an item or the card's own words.",
    )
    moments = [min(midnight(week.last + DAY, scope.reader.zone), scope.now) for week in scope.weeks]
    weeks = silences(scope, moments)
    last = weeks[-1]
    figure.facts = [(f"{len(last):,}", "cards at the end of these days")]
    if len(last) >= FEWEST:
        figure.measure = Measure(median(last), median_words(last), len(last))
        figure.facts = [*figure.facts, (figure.measure.words, "median")]
    else:
        figure.said = [too_few(len(last), "at their end")]
    if any(weeks):
        figure.table = Table(
            ["Week from", "Cards", "Median"],
            [
                [week.words, len(here), median_words(here)]
                for week, here in zip(scope.weeks, weeks, strict=True)
            ],
        )
        figure.chart = weekly_spans(scope, figure, weeks)
    return figure
