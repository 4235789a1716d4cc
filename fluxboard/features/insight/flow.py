"""How many cards stood where at the end of each day: out of the log, counted by the database."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from typing import Any

from fluxboard.core.postgres.statements import rows_of
from fluxboard.features.insight.charts import Series, stacked
from fluxboard.features.insight.figures import Figure, Table
from fluxboard.features.insight.scope import Scope, label

MOST_COLUMNS = 10  # drawn one by one; on a board of more, and of several boards, by what they count as
MOST_ROWS = 62  # of the table on the page; the spreadsheet has every day

# Where each card stood on its board, each time from `at` on: in the column `col`, None once it was no longer
# there. One that is put away while done still counts. What an import brought counts from the import on.
STOOD = """
    WITH told AS (
        SELECT board_id, subject, card_id, seq, at,
            CASE verb WHEN 'change.undone' THEN after->>'effect' ELSE verb END AS effect,
            after->'column'->>'id' AS came
        FROM activity_activity
        WHERE board_id = ANY(%(boards)s) AND at < %(end)s
          AND verb IN ('card.created', 'card.moved', 'card.transferred', 'card.archived', 'card.restored',
                       'change.undone')
    ), known AS (
        SELECT *,
            count(*) FILTER (WHERE effect IN ('card.created', 'card.moved', 'card.transferred'))
                OVER so_far AS place,
            count(*) FILTER (WHERE effect <> 'card.moved') OVER so_far AS shelf
        FROM told
        WHERE effect IN ('card.created', 'card.moved', 'card.transferred', 'card.archived', 'card.restored')
        WINDOW so_far AS (PARTITION BY board_id, subject ORDER BY seq)
    ), placed AS (
        SELECT board_id, subject, card_id, seq, at,
            max(came) OVER (PARTITION BY board_id, subject, place) AS col,
            bool_or(effect = 'card.archived') OVER (PARTITION BY board_id, subject, shelf) AS is_away
        FROM known
    ), stood AS (
        SELECT board_id, subject, card_id, seq, at,
            CASE WHEN NOT is_away OR col = ANY(%(done)s::text[]) THEN col END AS col
        FROM placed
    )
"""
_CHANGES = f"""
    {STOOD}, steps AS (
        SELECT at, col, lag(col) OVER (PARTITION BY board_id, subject ORDER BY seq) AS was FROM stood
    )
    SELECT greatest((at AT TIME ZONE %(zone)s)::date, %(before)s::date) AS day, place, sum(change)
    FROM steps CROSS JOIN LATERAL (VALUES (col, 1), (was, -1)) AS told(place, change)
    WHERE col IS DISTINCT FROM was AND place IS NOT NULL
    GROUP BY 1, 2 HAVING sum(change) <> 0
"""  # noqa: S608 — constants

DEFINITION = (
    "Cards in each column at the end of each day, in the columns that there are today; a card put away while "
    "done still counts as done, one put away before that no longer counts."
)
_HUES = ("s-6", "s-2", "s-7", "s-5", "s-8", "s-3", "s-1")
ELSEWHERE = "In columns put away"


def stood(scope: Scope) -> tuple[list[dt.date], dict[str, list[int]]]:
    """The days, and for each column (by uid) how many cards stood there at the end of each. One query."""
    before = scope.days.first - dt.timedelta(1)
    values: dict[str, Any] = {
        "boards": scope.ids,
        "end": scope.end,
        "done": list(scope.done),
        "zone": scope.reader.time_zone,
        "before": before,
    }
    changes: dict[str, dict[dt.date, int]] = defaultdict(dict)
    for day, place, change in rows_of(_CHANGES, values):
        changes[place][day] = int(change)
    days = [before + dt.timedelta(n) for n in range((scope.days.last - before).days + 1)]
    counts: dict[str, list[int]] = {}
    for place, by_day in changes.items():
        total, row = 0, []
        for day in days:
            total += by_day.get(day, 0)
            row.append(total)
        counts[place] = row[1:]
    return days[1:], counts


def bands(scope: Scope) -> list[tuple[str, str, set[str]]]:
    """What is told apart, from done upwards: its words, its look, and the columns (uids) in it."""
    current = [column for column in reversed(scope.columns) if not column.is_archived]
    if len(scope.boards) == 1 and len(current) <= MOST_COLUMNS:
        hues = itertools.cycle(_HUES)
        return [
            (column.name, "s-done" if column.is_done else next(hues), {str(column.uid)})
            for column in sorted(current, key=lambda column: not column.is_done)
        ]
    uids = {str(column.uid) for column in current}
    return [
        ("Done", "s-done", uids & scope.done),
        ("Under way", "s-work", uids & scope.begun),
        ("Waiting, or put aside", "s-wait", uids - scope.done - scope.begun),
    ]


def flow_figure(scope: Scope) -> Figure:
    """One query."""
    days, counts = stood(scope)
    told = bands(scope)
    named = set().union(*(uids for _, _, uids in told))
    told.append((ELSEWHERE, "s-gone", counts.keys() - named))
    series = []
    for words, look, uids in told:
        values = [sum(column) for column in zip(*(counts[uid] for uid in uids & counts.keys()), strict=True)]
        if values and any(values):
            series.append(Series(words, look, values))
    figure = Figure("flow", "Cumulative flow", DEFINITION)
    if not series:
        figure.said = ["There was no card in these days."]
        return figure
    figure.facts = _facts(scope, counts)
    heading = ["Day", *(one.words for one in series)]
    rows = [[day.isoformat(), *(int(one.values[n] or 0) for one in series)] for n, day in enumerate(days)]
    figure.sheet = lambda: Table(heading, rows)
    shown = (
        days if len(days) <= MOST_ROWS else [day for day in days if day.isoweekday() == 7 or day == days[-1]]
    )
    figure.table = Table(heading, [[scope.words(day), *rows[(day - days[0]).days][1:]] for day in shown])
    figure.chart = stacked(
        "Cards in each column, day by day",
        "At the end: " + ", ".join(f"{one.words} {one.values[-1]:.0f}" for one in series) + ".",
        [label(day) for day in days],
        series,
    )
    return figure


def _facts(scope: Scope, counts: dict[str, list[int]]) -> list[tuple[str, str]]:
    """How much was under way at the beginning and at the end, and by how many cards done has grown."""
    ends = {}
    for name, uids in (("work", scope.begun), ("done", scope.done)):
        rows = [counts[uid] for uid in uids if uid in counts]
        ends[name] = (sum(row[0] for row in rows), sum(row[-1] for row in rows))
    (first, last), (was, now) = ends["work"], ends["done"]
    return [
        (f"{first:,} → {last:,}", "under way, on the first and the last day"),
        (f"{now - was:+,}" if now != was else "No change", "in done, from the first day to the last"),
    ]
