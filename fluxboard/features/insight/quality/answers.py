"""How long questions waited for an answer, in the working hours of whoever answered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from fluxboard.accounts.answer_deadlines import worked_between
from fluxboard.accounts.models import User
from fluxboard.core.postgres.statements import rows_of
from fluxboard.features.insight.figures import Figure
from fluxboard.features.insight.measures import FEWEST_PEOPLE, hours_words, median, percent
from fluxboard.features.insight.scope import Scope
from fluxboard.features.insight.trend import tell_spans

MOST = 2000  # the newest

# Questions that were asked on these boards, wherever their cards are by now, and stand: when, who answered
# and when that was, since when it waited for them (handed on, else asked), and by when an answer was expected
# of them, else of who still owes one first. A decision or an outcome in its thread is an answer.
_QUESTIONS = """
    SELECT c.at, answered.actor_id, answered.at,
        coalesce(handed.at, c.at), coalesce(theirs.answer_by, owed.answer_by), c.settled_at
    FROM (
        SELECT DISTINCT subject FROM activity_activity
        WHERE board_id = ANY(%(boards)s) AND at >= %(start)s AND at < %(end)s
          AND source_at IS NULL AND verb = 'question.asked') here
    JOIN comments_comment c ON c.uid = here.subject
    LEFT JOIN LATERAL (
        SELECT a.actor_id, a.at FROM activity_activity a
        WHERE a.card_id = c.card_id AND a.subject = c.uid AND c.settled_how IN ('answered', 'decided')
          AND coalesce(a.after->>'effect', a.verb) IN ('question.answered', 'thread.settled')
        ORDER BY a.id DESC LIMIT 1) answered ON true
    LEFT JOIN comments_ask theirs ON theirs.comment_id = c.id AND theirs.person_id = answered.actor_id
    LEFT JOIN LATERAL (
        SELECT max(a.at) AS at FROM activity_activity a JOIN accounts_user u ON u.id = answered.actor_id
        WHERE a.card_id = c.card_id AND a.subject = c.uid AND a.verb = 'question.handed_on'
          AND a.after->'asks'->0->'person'->>'id' = u.uid::text) handed ON true
    LEFT JOIN LATERAL (
        SELECT min(s.answer_by) AS answer_by FROM comments_ask s
        WHERE s.comment_id = c.id AND s.handed_to_id IS NULL) owed ON true
    WHERE c.kind = 'question' AND c.source_at IS NULL AND c.removed_at IS NULL
    ORDER BY c.at DESC, c.id LIMIT %(most)s
"""


@dataclass(frozen=True)
class AskedQuestion:
    """`took`: how many hours the answerer worked meanwhile; None without an answer.

    `is_late`: it was answered after the moment by which an answer was expected, or has none by now; None
    where that is still to come, nothing was expected, or it was closed.
    """

    day: dt.date
    by: int | None
    took: float | None
    is_late: bool | None


def asked_questions(scope: Scope) -> list[AskedQuestion]:
    """Two queries."""
    values = {"boards": scope.ids, "start": scope.start, "end": scope.end, "most": MOST}
    rows = rows_of(_QUESTIONS, values)
    people = User.objects.in_bulk({by for _, by, *_ in rows if by is not None})
    found = []
    for asked_at, by, answered_at, waited_from, answer_by, settled_at in rows:
        took = None
        if answered_at is not None and by in people:
            took = worked_between(people[by], waited_from, answered_at).total_seconds() / 3600
        is_late = None
        if answer_by is not None and answered_at is not None:
            is_late = answered_at > answer_by
        elif answer_by is not None and settled_at is None and answer_by < scope.now:
            is_late = True
        found.append(AskedQuestion(scope.day_of(asked_at), by, took, is_late))
    return found


def answers_figure(scope: Scope) -> Figure:
    figure = Figure(
        "answers",
        "Time to an answer",
        "Questions asked in these days: how much of the answerer's own working time passed from when it"
        " came to them until their answer, or the outcome that they wrote in its thread; late is what was"
        " answered after the time expected, or is still open after it.",
    )
    found = asked_questions(scope)
    due = [one for one in found if one.is_late is not None]
    answered = [one for one in found if one.took is not None]
    figure.facts = [(f"{len(found):,}", "asked")]
    if len(found) == MOST:
        figure.said = [f"Looked at are the newest {MOST:,}."]
    if len({one.by for one in answered}) < FEWEST_PEOPLE:
        figure.said = [*figure.said, f"Told only where {FEWEST_PEOPLE} people or more have answered."]
    else:
        if due:
            figure.facts = [
                *figure.facts,
                (percent(sum(bool(one.is_late) for one in due), len(due)), f"late, of {len(due):,} due"),
            ]
        took = [(one.day, one.took) for one in answered if one.took is not None]
        tell_spans(figure, scope, took, "answered", hours_words, by=[one.by for one in answered])
    own = [one.took for one in answered if one.by == scope.reader.pk and one.took is not None]
    if own:
        figure.own = f"Yours: {len(own)} answered, median {hours_words(median(own))} of your working time."
    return figure
