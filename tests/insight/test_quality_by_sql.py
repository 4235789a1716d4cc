"""The figures of what is written against another SQL of their definitions: demo, and two imported boards."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from fluxboard.features.insight.figures import Figure
from fluxboard.features.insight.load import load_insight
from fluxboard.features.insight.measures import days_between
from fluxboard.features.insight.quality.answers import asked_questions
from fluxboard.features.insight.quality.blocks import ended_blocks
from fluxboard.features.insight.quality.coverage import changed_cards, explained
from fluxboard.features.insight.quality.hours import writings
from fluxboard.features.insight.quality.readiness import begun_ready
from fluxboard.features.insight.quality.silence import silences
from fluxboard.features.insight.quality.threads import ended_threads
from fluxboard.features.insight.scope import Scope
from tests.insight.test_by_sql import ask, scopes  # noqa: F401 — a fixture

# Of a person `u`, whether `day` is one on which they work.
WORKS = """
    extract(isodow FROM day) = ANY(u.work_days) AND NOT day::date = ANY(u.days_off)
    AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(u.away) w
                    WHERE day::date BETWEEN (w->>'first')::date AND (w->>'last')::date)
"""
COVERAGE = f"""
    WITH steps AS (
        SELECT id, card_id, actor_id, (at AT TIME ZONE %(zone)s)::date AS on_day,
            before->'column'->>'id' AS was, after->'column'->>'id' AS now, verb = 'card.blocked' AS is_block
        FROM activity_activity
        WHERE board_id = ANY(%(boards)s) AND source_at IS NULL AND card_id IS NOT NULL
          AND at >= %(start)s AND at < %(end)s
          AND (verb = 'card.blocked' OR coalesce(after->>'effect', verb) IN ('card.moved', 'card.transferred')
               AND after->'column' IS NOT NULL AND before->'column' IS NOT NULL
               AND before->'column'->>'id' <> after->'column'->>'id')
    ), units AS (
        SELECT DISTINCT card_id, on_day FROM steps s
        WHERE is_block OR (SELECT was FROM steps f WHERE NOT f.is_block AND f.card_id = s.card_id
                             AND f.on_day = s.on_day ORDER BY id LIMIT 1)
                       <> (SELECT now FROM steps l WHERE NOT l.is_block AND l.card_id = s.card_id
                             AND l.on_day = s.on_day ORDER BY id DESC LIMIT 1)
    ), whose AS (
        SELECT n.*, (SELECT actor_id FROM steps s WHERE s.card_id = n.card_id AND s.on_day = n.on_day
                     ORDER BY id DESC LIMIT 1) AS actor_id FROM units n
    ), windows AS (
        SELECT w.*, on_day::timestamp AT TIME ZONE %(zone)s AS since,
            (SELECT min(day)::date + 1 FROM generate_series(on_day + 1, on_day + 30, interval '1 day') day
              WHERE {WORKS})::timestamp AT TIME ZONE u.time_zone AS until
        FROM whose w JOIN accounts_user u ON u.id = w.actor_id
    ), judged AS (
        SELECT on_day, until, EXISTS (
            SELECT 1 FROM activity_activity a WHERE a.card_id = w.card_id AND a.source_at IS NULL
              AND a.verb IN ('comment.posted', 'question.asked', 'decision.recorded', 'card.blocked')
              AND a.at >= w.since AND a.at < w.until) AS is_written
        FROM windows w
    )
    SELECT count(*), count(*) FILTER (WHERE is_written) FROM judged WHERE is_written OR until <= %(now)s
"""
UNBLOCKED = """
    WITH rows AS (
        SELECT card_id, id, at, coalesce(after->>'effect', verb) AS what FROM activity_activity
        WHERE coalesce(after->>'effect', verb) IN ('card.blocked', 'card.unblocked') AND at < %(end)s
    )
    SELECT extract(epoch FROM e.at - (
        SELECT min(b.at) FROM rows b WHERE b.card_id = e.card_id AND b.id < e.id AND b.what = 'card.blocked'
          AND NOT EXISTS (SELECT 1 FROM rows x WHERE x.card_id = e.card_id AND x.what = 'card.unblocked'
                            AND x.id > b.id AND x.id < e.id))) / 86400
    FROM rows e JOIN activity_activity a ON a.id = e.id
    WHERE e.what = 'card.unblocked' AND a.board_id = ANY(%(boards)s) AND e.at >= %(start)s ORDER BY 1
"""
# Minute by minute: how long who answered was at work between the question and the answer.
ANSWERED = f"""
    SELECT c.id, (SELECT count(*) FROM generate_series(c.at, a.at - interval '1 minute', '1 minute') t
        CROSS JOIN LATERAL (SELECT date_trunc('day', t AT TIME ZONE u.time_zone) AS day,
                                   (t AT TIME ZONE u.time_zone)::time AS clock) AS here
        WHERE clock >= u.work_start AND clock < u.work_end AND {WORKS}) / 60.0,
        a.at > s.answer_by
    FROM comments_comment c
    JOIN activity_activity q ON q.subject = c.uid AND q.verb = 'question.asked'
    JOIN activity_activity a ON a.subject = c.uid AND a.verb IN ('question.answered', 'thread.settled')
    JOIN accounts_user u ON u.id = a.actor_id
    JOIN comments_ask s ON s.comment_id = c.id AND s.person_id = u.id
    WHERE c.kind = 'question' AND q.board_id = ANY(%(boards)s) AND c.at >= %(start)s AND c.at < %(end)s
      AND c.settled_how <> 'closed' AND c.removed_at IS NULL AND c.source_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM activity_activity h
                      WHERE h.subject = c.uid AND h.verb = 'question.handed_on')
"""
THREADS = """
    SELECT count(*) FROM comments_comment c JOIN boards_card k ON k.id = c.card_id
    WHERE k.board_id = ANY(%(boards)s) AND c.parent_id IS NULL
      AND c.settled_at >= %(start)s AND c.settled_at < %(end)s
      AND (SELECT count(*) FROM comments_comment r
            WHERE r.removed_at IS NULL AND (r.id = c.id OR r.parent_id = c.id) AND r.at <= c.settled_at) > 1
"""
ROUNDS = """
    SELECT coalesce(sum((SELECT count(*) FROM comments_comment r
        WHERE r.parent_id = c.id AND r.removed_at IS NULL AND r.at <= c.settled_at AND r.author_id <> (
            SELECT p.author_id FROM comments_comment p
            WHERE (p.id = c.id OR p.parent_id = c.id) AND p.removed_at IS NULL AND p.id < r.id
            ORDER BY p.id DESC LIMIT 1))), 0)
    FROM comments_comment c JOIN boards_card k ON k.id = c.card_id
    WHERE k.board_id = ANY(%(boards)s) AND c.parent_id IS NULL
      AND c.settled_at >= %(start)s AND c.settled_at < %(end)s
"""
AFTER_HOURS = f"""
    SELECT count(*), count(*) FILTER (WHERE NOT ({WORKS} AND clock >= work_start AND clock < work_end))
    FROM activity_activity a JOIN accounts_user u ON u.id = a.actor_id
    CROSS JOIN LATERAL (SELECT date_trunc('day', a.at AT TIME ZONE u.time_zone) AS day,
                               (a.at AT TIME ZONE u.time_zone)::time AS clock) AS here
    WHERE a.board_id = ANY(%(boards)s) AND a.source_at IS NULL AND a.at >= %(start)s AND a.at < %(end)s
      AND a.via IN ('web', 'api', 'slack', 'email')
      AND a.verb IN ('comment.posted', 'question.asked', 'decision.recorded', 'card.blocked', 'card.created',
                     'card.specified', 'card.retitled', 'comment.edited', 'item.added', 'item.reworded')
"""
SILENT_NOW = """
    SELECT extract(epoch FROM %(now)s - (
        SELECT max(coalesce(a.source_at, a.at)) FROM activity_activity a
        WHERE a.card_id = k.id AND a.verb IN (
            'comment.posted', 'question.asked', 'decision.recorded', 'card.blocked', 'card.created',
            'card.specified', 'card.retitled', 'comment.edited', 'item.added', 'item.reworded'))) / 86400
    FROM boards_card k WHERE k.column_id = ANY(%(columns)s) AND k.archived_at IS NULL ORDER BY 1
"""
# All that was ever said of the three, the newest last.
READY = """
    SELECT count(*), count(*) FILTER (WHERE owner[1] AND (why[1] OR done[1])) FROM (
        SELECT b.card_id,
            (SELECT array_agg(coalesce(jsonb_typeof(a.after->'assignee'), '') = 'object' ORDER BY a.id DESC)
               FROM activity_activity a WHERE a.card_id = b.card_id AND a.id <= b.id
                AND (a.after ? 'number' AND a.verb LIKE 'card%%' OR a.verb = 'card.assigned')) AS owner,
            (SELECT array_agg(coalesce(jsonb_typeof(a.after->'why'), '') = 'object' ORDER BY a.id DESC)
               FROM activity_activity a WHERE a.card_id = b.card_id AND a.id <= b.id
                AND (a.after ? 'number' AND a.verb LIKE 'card%%' OR a.after ? 'why')) AS why,
            (SELECT array_agg(coalesce(jsonb_typeof(a.after->'done_when'), '') = 'object' ORDER BY a.id DESC)
               FROM activity_activity a WHERE a.card_id = b.card_id AND a.id <= b.id
                AND (a.after ? 'number' AND a.verb LIKE 'card%%' OR a.after ? 'done_when')) AS done
        FROM (
            SELECT DISTINCT ON (card_id) card_id, id, now FROM (
                SELECT *, lag(now = ANY(%(inside)s), 1, false)
                    OVER (PARTITION BY card_id ORDER BY id) AS was_in
                FROM (SELECT card_id, id, at, source_at, after->'column'->>'id' AS now FROM activity_activity
                      WHERE board_id = ANY(%(boards)s) AND card_id IS NOT NULL
                        AND coalesce(after->>'effect', verb) IN
                            ('card.created', 'card.moved', 'card.transferred')) p) s
            WHERE at >= %(start)s AND at < %(end)s AND source_at IS NULL
              AND now = ANY(%(inside)s) AND NOT coalesce(was_in, false)
              AND coalesce((SELECT l.after->'column'->>'id' = ANY(%(inside)s) FROM activity_activity l
                   WHERE l.card_id = s.card_id AND l.at < %(end)s AND l.board_id = ANY(%(boards)s)
                     AND coalesce(l.after->>'effect', l.verb)
                       IN ('card.created', 'card.moved', 'card.transferred')
                   ORDER BY l.id DESC LIMIT 1), false)
              AND NOT coalesce((SELECT f.after->'column'->>'id' = ANY(%(inside)s) FROM activity_activity f
                   WHERE f.card_id = s.card_id AND (f.at < %(start)s OR f.source_at IS NOT NULL)
                     AND f.board_id = ANY(%(boards)s) AND coalesce(f.after->>'effect', f.verb)
                       IN ('card.created', 'card.moved', 'card.transferred')
                   ORDER BY f.id DESC LIMIT 1), false)
            ORDER BY card_id, id DESC) b
        WHERE b.now = ANY(%(begun)s)) judged
"""


def asked(scope: Scope) -> dict[str, Any]:
    return {
        "boards": scope.ids,
        "start": scope.start,
        "end": scope.end,
        "now": scope.now,
        "zone": scope.reader.time_zone,
        "begun": list(scope.begun),
        "inside": list(scope.begun | scope.done),
        "columns": list(scope._begun),
    }


def figure_of(scope: Scope, name: str) -> Figure:
    return next(one for chapter in load_insight(scope, None) for one in chapter.figures if one.name == name)


def test_each_figure_of_writing_is_what_another_sql_says(scopes: dict[str, Scope]) -> None:  # noqa: F811
    seen: Counter[str] = Counter()
    for name, scope in scopes.items():
        values = asked(scope)
        said = [written for _, written in explained(scope, changed_cards(scope))]
        assert ask(COVERAGE, **values) == [(len(said), sum(said))], name
        blocks = sorted(days_between(one.start, one.end) for one in ended_blocks(scope))
        assert blocks == pytest.approx([float(days) for (days,) in ask(UNBLOCKED, **values)]), name
        ready = [is_ready for _, is_ready in begun_ready(scope)]
        assert ask(READY, **values) == [(len(ready), sum(ready))], name
        threads = ended_threads(scope)
        assert ask(THREADS, **values) == [(len(threads),)], name
        assert ask(ROUNDS, **values) == [(sum(one.rounds for one in threads),)], name
        after = [outside for *_, outside in writings(scope)]
        assert ask(AFTER_HOURS, **values) == [(len(after), sum(after))], name
        (silent,) = silences(scope, [scope.now])
        assert sorted(silent) == pytest.approx([float(days) for (days,) in ask(SILENT_NOW, **values)]), name
        seen += Counter(said=len(said), blocks=len(blocks), ready=len(ready), after=len(after))
        seen += Counter(threads=len(threads), silent=len(silent))
    assert min(seen.values()) > 5, seen


def test_the_working_time_of_answers_is_what_counting_minutes_says(scopes: dict[str, Scope]) -> None:  # noqa: F811
    for name, scope in scopes.items():
        rows = ask(ANSWERED, **asked(scope))
        found = [one for one in asked_questions(scope) if one.took is not None]
        known = sorted(float(hours) for _, hours, _ in rows)
        mine = sorted(one.took for one in found if one.took is not None)
        assert mine == pytest.approx(known, abs=0.04), name
        assert sum(bool(one.is_late) for one in found) == sum(late for *_, late in rows), name
        assert found or name == "from Trello", name


def test_decisions_are_what_their_table_says(scopes: dict[str, Scope]) -> None:  # noqa: F811
    for name, scope in scopes.items():
        ((count, cards),) = ask(
            "SELECT count(*), count(DISTINCT card_id) FROM comments_decision"
            " WHERE board_id = ANY(%(boards)s) AND at >= %(start)s AND at < %(end)s",
            **asked(scope),
        )
        facts = figure_of(scope, "decisions").facts
        assert (
            (facts[0] == (str(count), f"on {cards} card{'s' if cards > 1 else ''}")) if count else not facts
        ), name
