"""Each figure against another SQL of its definition, on the demo and on two imported boards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from boards.models import Column
from fluxboard.accounts import times
from fluxboard.features.insight.ageing import ageing_figure
from fluxboard.features.insight.finishing import finished_cards, throughput_figure
from fluxboard.features.insight.flow import stood
from fluxboard.features.insight.measures import median, reached
from fluxboard.features.insight.query import usual_days
from fluxboard.features.insight.scope import Scope
from tests.insight.sources import all_sources

# What happened to the places of cards, each with the column that it left the card in.
PLACES = """
    SELECT board_id, card_id, id, at, source_at, after->'column'->>'id' AS now
    FROM activity_activity
    WHERE board_id = ANY(%(boards)s) AND card_id IS NOT NULL
      AND coalesce(after->>'effect', verb) IN ('card.created', 'card.moved', 'card.transferred')
"""
IN_DONE = "now IN (SELECT uid::text FROM boards_column WHERE is_done)"
# Done at the end, and neither at the beginning nor when it was imported: by where each card stood then.
FINISHED = f"""
    WITH places AS ({PLACES}),
    ends AS (SELECT DISTINCT ON (card_id) card_id, {IN_DONE} AS is_done
             FROM places WHERE at < %(end)s ORDER BY card_id, id DESC),
    begins AS (SELECT DISTINCT ON (card_id) card_id, {IN_DONE} AS is_done
               FROM places WHERE at < %(start)s OR source_at IS NOT NULL ORDER BY card_id, id DESC),
    steps AS (SELECT *, lag({IN_DONE}, 1, false) OVER (PARTITION BY card_id ORDER BY id) AS was_done
              FROM places)
    SELECT e.card_id,
        (SELECT max(at) FROM steps s WHERE s.card_id = e.card_id AND at >= %(start)s AND at < %(end)s
            AND source_at IS NULL AND {IN_DONE} AND NOT coalesce(was_done, false))
    FROM ends e LEFT JOIN begins b USING (card_id)
    WHERE e.is_done AND NOT coalesce(b.is_done, false)
"""
# The first place in work after the last one that was neither in work nor done.
CYCLES = f"""
    WITH places AS ({PLACES}), finished AS (
        SELECT * FROM unnest(%(cards)s::bigint[], %(dones)s::timestamptz[]) AS told(card_id, done))
    SELECT f.card_id, extract(epoch FROM f.done - p.at) / 86400
    FROM finished f JOIN places p USING (card_id)
    WHERE p.at <= f.done AND p.now = ANY(%(begun)s) AND p.source_at IS NULL
      AND NOT EXISTS (
        SELECT 1 FROM places q WHERE q.card_id = p.card_id AND q.id > p.id AND q.at <= f.done
          AND NOT coalesce(q.now = ANY(%(inside)s), false))
      AND NOT EXISTS (
        SELECT 1 FROM places q WHERE q.card_id = p.card_id AND q.id < p.id AND q.now = ANY(%(begun)s)
          AND NOT EXISTS (
            SELECT 1 FROM places r WHERE r.card_id = p.card_id AND r.id > q.id AND r.id < p.id
              AND NOT coalesce(r.now = ANY(%(inside)s), false)))
"""
# Of each day: the last place of each card until its end, and whether it had been put away by then.
STOOD = """
    WITH days AS (SELECT unnest(%(days)s::date[]) AS day, unnest(%(ends)s::timestamptz[]) AS until)
    SELECT day, p.now, count(*)
    FROM days CROSS JOIN (SELECT DISTINCT board_id, subject FROM activity_activity
                          WHERE board_id = ANY(%(boards)s) AND verb LIKE 'card.%%') c
    CROSS JOIN LATERAL (
        SELECT a.after->'column'->>'id' AS now FROM activity_activity a
        WHERE a.board_id = c.board_id AND a.subject = c.subject AND a.at < until
          AND coalesce(a.after->>'effect', a.verb) IN ('card.created', 'card.moved', 'card.transferred')
        ORDER BY a.seq DESC LIMIT 1) p
    LEFT JOIN LATERAL (
        SELECT coalesce(a.after->>'effect', a.verb) = 'card.archived' AS is_away FROM activity_activity a
        WHERE a.board_id = c.board_id AND a.subject = c.subject AND a.at < until
          AND coalesce(a.after->>'effect', a.verb) IN
              ('card.created', 'card.transferred', 'card.archived', 'card.restored')
        ORDER BY a.seq DESC LIMIT 1) s ON true
    WHERE p.now IS NOT NULL AND (NOT s.is_away OR p.now = ANY(%(done)s))
    GROUP BY 1, 2
"""


def ask(statement: str, **values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


@pytest.fixture
def scopes(db: Any) -> Iterator[dict[str, Scope]]:
    ana, sources = all_sources()
    now = timezone.now() + dt.timedelta(hours=1)
    days = usual_days(times.today_of(ana, now))
    return {name: Scope(boards, days, ana, now) for name, boards in sources.items()}


def test_each_figure_of_flow_is_what_another_sql_says(scopes: dict[str, Scope]) -> None:
    seen = 0
    for name, scope in scopes.items():
        found = finished_cards(scope)
        told = dict(ask(FINISHED, boards=scope.ids, start=scope.start, end=scope.end))
        assert {one.card: one.done for one in found} == told, name
        cycles = dict(
            ask(
                CYCLES,
                boards=scope.ids,
                cards=list(told),
                dones=list(told.values()),
                begun=list(scope.begun),
                inside=list(scope.begun | scope.done),
            )
        )
        assert {one.card: one.cycle for one in found if one.cycle is not None} == pytest.approx(
            {card: float(days) for card, days in cycles.items()}
        ), name
        rows = throughput_figure(scope, found).table
        assert rows is not None
        assert sum(row[1] for row in rows.rows) == len(told)
        days, counts = stood(scope)
        ends = [scope.end - dt.timedelta(len(days) - 1 - place) for place in range(len(days))]
        mine = {
            (day, column): count
            for column, row in counts.items()
            for day, count in zip(days, row, strict=True)
            if count
        }
        others = ask(STOOD, boards=scope.ids, days=days, ends=ends, done=list(scope.done))
        assert {(day, column): count for day, column, count in others} == mine, name
        begun = Column.objects.filter(pk__in=scope._begun)
        assert ageing_figure(scope, found).facts[0][0] == str(
            sum(column.cards.filter(archived_at=None).count() for column in begun)
        )
        seen += len(found)
        assert found or name == "from Trello", name
    assert seen > 20


def test_medians_are_the_database_s(scopes: dict[str, Scope]) -> None:
    for name, scope in scopes.items():
        cycles = [one.cycle for one in finished_cards(scope) if one.cycle is not None]
        if not cycles:
            assert name == "from Trello"
            continue
        ((middle, most),) = ask(
            "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY v),"
            " percentile_disc(0.85) WITHIN GROUP (ORDER BY v) FROM unnest(%(values)s::float8[]) AS v",
            values=cycles,
        )
        assert (median(cycles), reached(cycles, 0.85)) == pytest.approx((middle, most))
