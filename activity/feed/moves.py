"""Which cards were moved from one column into another in a stretch of time, and by whom: out of the log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from activity.feed.finished import COLUMN_STEPS
from fluxboard.core.postgres.statements import rows_of

_MOST = 1000  # cards, those moved last

# A new card was not moved.
_MOVES = f"""
    SELECT card_id, at, actor_id, was, now FROM (
        SELECT DISTINCT ON (card_id) id, card_id, at, actor_id,
            before->'column'->>'name' AS was, after->'column'->>'name' AS now
        FROM activity_activity
        WHERE {COLUMN_STEPS}
          AND 'card.created' NOT IN (verb, coalesce(after->>'effect', ''))
          AND (%(anyone)s OR actor_id = ANY(%(by)s::bigint[]))
          AND coalesce(actor_id <> ALL(%(not_by)s::bigint[]), true)
          AND (%(from_anywhere)s OR before->'column'->>'id' = ANY(%(origins)s::text[]))
          AND (%(to_anywhere)s OR after->'column'->>'id' = ANY(%(targets)s::text[]))
          AND (%(anywhere)s OR before->'column'->>'id' = ANY(%(either)s::text[])
               OR after->'column'->>'id' = ANY(%(either)s::text[]))
        ORDER BY card_id, id DESC
    ) AS moves
    ORDER BY id DESC LIMIT %(most)s
"""  # noqa: S608 — constants


@dataclass(frozen=True)
class Move:
    """The last move of a card that fits; the columns by their names of that day, None for another board."""

    card: int
    at: dt.datetime
    by: int | None
    was: str | None
    now: str | None


@dataclass(frozen=True)
class MovesAsked:
    """Which moves: from `start` to before `end`, by one of the people, from and to one of the columns (uids).

    `either` are columns that were left or come into. None is anything; an empty collection is nothing.
    Moves by one of `not_by` do not count.
    """

    start: dt.datetime
    end: dt.datetime
    by: Collection[int] | None = None
    origins: Collection[str] | None = None
    targets: Collection[str] | None = None
    either: Collection[str] | None = None
    not_by: Collection[int] = ()


def moved_cards(boards: Collection[int], asked: MovesAsked) -> list[Move]:
    """The last such move of each card that had one, the newest first, at most `_MOST`. One query."""
    values = {
        "boards": list(boards),
        "start": asked.start,
        "end": asked.end,
        "anyone": asked.by is None,
        "by": list(asked.by or ()),
        "not_by": list(asked.not_by),
        "from_anywhere": asked.origins is None,
        "origins": list(asked.origins or ()),
        "to_anywhere": asked.targets is None,
        "targets": list(asked.targets or ()),
        "anywhere": asked.either is None,
        "either": list(asked.either or ()),
        "most": _MOST,
    }
    return [Move(*row) for row in rows_of(_MOVES, values)]
