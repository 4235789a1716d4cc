"""How many of the cards that moved or were blocked have somebody's words on why, soon."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from activity.feed.finished import COLUMN_STEPS
from fluxboard.accounts.calendar import DAY, FURTHEST_BACK, is_off, midnight
from fluxboard.accounts.models import User
from fluxboard.core.postgres.statements import rows_of
from fluxboard.features.insight.figures import Figure
from fluxboard.features.insight.quality.writing import REASONS
from fluxboard.features.insight.scope import Scope
from fluxboard.features.insight.trend import tell_shares

MOST = 20_000  # of a page, the newest

# Each card on each day on which it came into another column and stayed there, or was blocked; by whom last.
_CHANGED = f"""
    SELECT card_id, day, (array_agg(actor_id ORDER BY id DESC))[1] FROM (
        SELECT card_id, (at AT TIME ZONE %(zone)s)::date AS day, max(id) AS id,
            (array_agg(actor_id ORDER BY id DESC))[1] AS actor_id
        FROM activity_activity
        WHERE {COLUMN_STEPS} AND before->'column' IS NOT NULL AND after->'column' IS NOT NULL
        GROUP BY 1, 2
        HAVING (array_agg(before->'column'->>'id' ORDER BY id))[1]
            IS DISTINCT FROM (array_agg(after->'column'->>'id' ORDER BY id DESC))[1]
        UNION ALL
        SELECT card_id, (at AT TIME ZONE %(zone)s)::date, id, actor_id
        FROM activity_activity
        WHERE board_id = ANY(%(boards)s) AND source_at IS NULL AND at >= %(start)s AND at < %(end)s
          AND verb = 'card.blocked' AND card_id IS NOT NULL
    ) AS changed
    GROUP BY 1, 2 ORDER BY 2 DESC, 1 LIMIT %(most)s
"""  # noqa: S608 — constants
_WRITTEN = """
    SELECT n FROM unnest(%(cards)s::bigint[], %(starts)s::timestamptz[], %(untils)s::timestamptz[])
        WITH ORDINALITY AS told(card, start, until, n)
    WHERE EXISTS (
        SELECT 1 FROM activity_activity a
        WHERE a.card_id = told.card AND a.at >= told.start AND a.at < told.until
          AND a.board_id = ANY(%(boards)s)
          AND a.source_at IS NULL AND a.verb = ANY(%(reasons)s::text[]))
"""


@dataclass(frozen=True)
class ChangedCard:
    """A card that changed on `day`; `until`: when the next working day of who changed it is over."""

    card: int
    day: dt.date
    until: dt.datetime


def changed_cards(scope: Scope) -> list[ChangedCard]:
    """Two queries."""
    values = {
        "boards": scope.ids,
        "start": scope.start,
        "end": scope.end,
        "zone": scope.reader.time_zone,
        "most": MOST,
    }
    rows = rows_of(_CHANGED, values)
    people = User.objects.in_bulk({actor for *_, actor in rows if actor is not None})
    until: dict[tuple[Any, dt.date], dt.datetime] = {}
    found = []
    for card, day, actor in rows:
        if (actor, day) not in until:
            until[actor, day] = end_of_next_working_day(people.get(actor, scope.reader), day)
        found.append(ChangedCard(card, day, until[actor, day]))
    return found


def next_working_day(person: Any, day: dt.date) -> dt.date:
    """The person's first working day after `day`; of nobody's days, the next."""
    days = (day + n * DAY for n in range(1, FURTHEST_BACK + 1))
    return next(
        (one for one in days if one.isoweekday() in person.work_days and not is_off(person, one)), day + DAY
    )


def end_of_next_working_day(person: Any, day: dt.date) -> dt.datetime:
    """When that day is over, by the person's clock."""
    return midnight(next_working_day(person, day) + DAY, person.zone)


def explained(scope: Scope, changed: list[ChangedCard]) -> list[tuple[dt.date, float]]:
    """Each day with 1 where somebody wrote why, 0 where nobody did; without those whose time is not over.

    One query.
    """
    values = {
        "cards": [one.card for one in changed],
        "starts": [midnight(one.day, scope.reader.zone) for one in changed],
        "untils": [one.until for one in changed],
        "reasons": list(REASONS),
        "boards": scope.ids,
    }
    written = {n - 1 for (n,) in rows_of(_WRITTEN, values)} if changed else set()
    return [
        (one.day, float(place in written))
        for place, one in enumerate(changed)
        if place in written or one.until <= scope.now
    ]


def coverage_figure(scope: Scope) -> Figure:
    figure = Figure(
        "coverage",
        "Said why",
        "Cards that came into another column or were blocked, once a day each: on how many somebody "
        "wrote a comment, question, decision or reason that day or by the end of the next working day "
        "of who changed it.",
    )
    changed = changed_cards(scope)
    if len(changed) == MOST:
        figure.said = [f"Looked at are the newest {MOST:,}."]
    return tell_shares(figure, scope, explained(scope, changed), "changes of a card", "with written words")
