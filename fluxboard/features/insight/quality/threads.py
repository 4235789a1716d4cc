"""How threads came to their end: after how many rounds, and whether in writing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from fluxboard.core.postgres.statements import rows_of
from fluxboard.features.insight.figures import Figure, Measure, Table
from fluxboard.features.insight.measures import FEWEST, median, number, percent
from fluxboard.features.insight.scope import Scope
from fluxboard.features.insight.trend import FEWEST_A_WEEK, too_few, weekly

MOST = 10_000  # the newest

# Threads of more than one comment that ended in the days and are ended: when, how often the word went from
# one person to another until then (as `comments.escalation` counts), and how they talked at the end.
_THREADS = """
    WITH ended AS (
        SELECT DISTINCT ON (a.subject) a.subject, a.at, a.board_id, a.after
        FROM activity_activity a
        WHERE a.board_id = ANY(%(boards)s) AND a.at >= %(start)s AND a.at < %(end)s
          AND a.verb IN ('card.blocked', 'card.unblocked', 'question.answered', 'question.closed',
                         'thread.settled', 'change.undone')
          AND coalesce(a.after->>'effect', a.verb) IN
              ('question.answered', 'question.closed', 'thread.settled')
        ORDER BY a.subject, a.id DESC
    ), threads AS (
        SELECT c.id, e.at, coalesce(nullif(d.how, ''), e.after->>'how', '') AS how
        FROM ended e JOIN comments_comment c ON c.uid = e.subject
        LEFT JOIN comments_decision d ON d.board_id = e.board_id AND 'D-' || d.number = e.after->>'decision'
        WHERE c.parent_id IS NULL AND c.settled_at IS NOT NULL
        ORDER BY e.at DESC LIMIT %(most)s
    ), said AS (
        SELECT t.id, t.at, t.how, r.author_id,
            lag(r.author_id) OVER (PARTITION BY t.id ORDER BY r.id) AS before
        FROM threads t JOIN comments_comment r ON r.id = t.id OR r.parent_id = t.id
        WHERE r.removed_at IS NULL AND r.at <= t.at
    )
    SELECT at, count(*) FILTER (WHERE before <> author_id), how FROM said
    GROUP BY id, at, how HAVING count(*) > 1 ORDER BY at, id
"""


@dataclass(frozen=True)
class EndedThread:
    day: dt.date
    rounds: int
    is_written: bool


def ended_threads(scope: Scope) -> list[EndedThread]:
    """One query."""
    values = {"boards": scope.ids, "start": scope.start, "end": scope.end, "most": MOST}
    return [EndedThread(scope.day_of(at), rounds, how == "") for at, rounds, how in rows_of(_THREADS, values)]


def threads_figure(scope: Scope) -> Figure:
    figure = Figure(
        "threads",
        "Rounds until an outcome",
        "Threads with a reply that ended in these days: how often the word went from one person to "
        "another until then; in writing is what did not end on a call, in a meeting or in a chat.",
    )
    found = ended_threads(scope)
    figure.facts = [(f"{len(found):,}", "threads ended")]
    if len(found) < FEWEST:
        figure.said = [too_few(len(found), "threads")]
        return figure
    written = sum(one.is_written for one in found)
    rounds = median([one.rounds for one in found])
    figure.measure = Measure(rounds, f"{number(rounds)} rounds", len(found))
    figure.facts = [
        *figure.facts,
        (number(rounds), "rounds (median)"),
        (percent(written, len(found)), "settled in writing"),
    ]
    weeks: list[list[EndedThread]] = [[] for _ in scope.weeks]
    for one in found:
        weeks[scope.week_of(one.day)].append(one)
    figure.table = Table(
        ["Week from", "Threads", "Rounds (median)", "In writing"],
        [
            [
                week.words,
                len(here),
                number(median([one.rounds for one in here])) if here else "–",
                percent(sum(one.is_written for one in here), len(here)),
            ]
            for week, here in zip(scope.weeks, weeks, strict=True)
        ],
    )
    points = [median([one.rounds for one in here]) if len(here) >= FEWEST_A_WEEK else None for here in weeks]
    figure.chart = weekly(scope, figure, points)
    return figure
