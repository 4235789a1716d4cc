"""How long cards were blocked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from boards.card_states import CardScope, cards_that
from fluxboard.core.postgres.statements import rows_of
from fluxboard.features.insight.figures import Figure
from fluxboard.features.insight.measures import days_between
from fluxboard.features.insight.scope import Scope
from fluxboard.features.insight.trend import tell_spans

MOST = 5000  # cards

# All blocks and their ends of the cards on which one ended in the days, the newest MOST of them; whether each
# was on one of the boards asked for. Where a card went afterwards is not told.
BLOCKS = """
    SELECT a.card_id, a.at, coalesce(a.after->>'effect', a.verb), a.after->'undoes'->>'verb', a.source_at,
        a.board_id = ANY(%(boards)s)
    FROM activity_activity a
    WHERE a.card_id IN (
        SELECT b.card_id FROM activity_activity b
        WHERE b.board_id = ANY(%(boards)s) AND b.at >= %(start)s AND b.at < %(end)s AND b.card_id IS NOT NULL
          AND b.verb IN ('card.blocked', 'card.unblocked', 'question.answered', 'question.closed',
                         'thread.settled', 'change.undone')
          AND coalesce(b.after->>'effect', b.verb) = 'card.unblocked'
        GROUP BY b.card_id ORDER BY max(b.at) DESC LIMIT %(most)s)
      AND a.at < %(end)s AND a.verb IN ('card.blocked', 'card.unblocked', 'change.undone')
      AND coalesce(a.after->>'effect', a.verb) IN ('card.blocked', 'card.unblocked')
    ORDER BY a.card_id, a.id
"""


@dataclass
class Block:
    """A card was blocked from `start` to `end`, which was on one of the boards asked for if `is_here`."""

    start: dt.datetime
    end: dt.datetime
    is_here: bool = True


def blocks_of(rows: Iterable[tuple[Any, ...]]) -> list[Block]:
    """The blocks that came to an end, of one card's rows: when, what, the verb of what that undid, and where.

    A block that was undone was none, and one whose end was undone goes on.
    """
    found: list[Block] = []
    since: dt.datetime | None = None
    for at, effect, undid, is_here in rows:
        if effect == "card.blocked":
            if undid == "card.unblocked" and found and since is None:
                since = found.pop().start
            since = since or at
        elif since is not None:
            if undid != "card.blocked":
                found.append(Block(since, at, is_here))
            since = None
    return found


def ended_blocks(scope: Scope) -> list[Block]:
    """Those that ended in the days. One query."""
    by_card: dict[int, list[tuple[Any, ...]]] = {}
    values = {"boards": scope.ids, "start": scope.start, "end": scope.end, "most": MOST}
    for card, at, effect, undid, source_at, is_here in rows_of(BLOCKS, values):
        by_card.setdefault(card, []).append((source_at or at, effect, undid, is_here))
    ended = [block for rows in by_card.values() for block in blocks_of(rows)]
    return [block for block in ended if block.is_here and scope.start <= block.end < scope.end]


def blocks_figure(scope: Scope) -> Figure:
    figure = Figure(
        "unblocking",
        "Time to unblock",
        "Blocks that ended in these days, from when the card was blocked until somebody said that it is"
        " free, by the clock; a block that was undone does not count.",
    )
    ended = ended_blocks(scope)
    tell_spans(
        figure,
        scope,
        [(scope.day_of(block.end), days_between(block.start, block.end)) for block in ended],
        "unblocked",
    )
    still = cards_that("blocked", CardScope(scope.boards, scope.today, scope.now)).count()
    figure.facts = [*figure.facts, (f"{still:,}", "blocked now")]
    return figure
