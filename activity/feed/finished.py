"""What came to done in a stretch of time: net, out of the log.

A card counts as done in a column that counts as done today, archived or not. Net: a card that came to done
and went back is not finished, one that went there three times is finished once, by the last time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from fluxboard.core.postgres.statements import rows_of

MOST_DAYS = 366
MOST_STEPS = 100_000  # that are looked at, the newest

# The changes by which a card came into a column or left one, on `boards` from `start` to before `end`, but
# for those that an import brought.
COLUMN_STEPS = """
    board_id = ANY(%(boards)s) AND source_at IS NULL AND at >= %(start)s AND at < %(end)s
    AND card_id IS NOT NULL
    AND verb IN ('card.created', 'card.moved', 'card.transferred', 'change.undone')
    AND (verb <> 'change.undone' OR after->>'effect' IN ('card.created', 'card.moved', 'card.transferred'))
    AND (before->'column'->>'id') IS DISTINCT FROM (after->'column'->>'id')
"""
_STEPS = f"""
    SELECT card_id, at, actor_id, before->'column'->>'id', after->'column'->>'id'
    FROM (SELECT * FROM activity_activity WHERE {COLUMN_STEPS} ORDER BY at DESC, id DESC LIMIT %(most)s) steps
    ORDER BY id
"""  # noqa: S608 — constants


@dataclass(frozen=True)
class ColumnStep:
    """A card came from one column into another, by uid; None for none (it was new, or left the board)."""

    card: int
    at: dt.datetime
    by: int | None
    was: str | None
    now: str | None


@dataclass(frozen=True)
class NetFinish:
    """What the steps of a stretch come to for one card.

    Whether it was done before the first and after the last of them; `done` is the step that last brought it
    to done, `undone` the one that last took it back.
    """

    was_done: bool
    is_done: bool
    done: ColumnStep | None = None
    undone: ColumnStep | None = None

    def then(self, later: NetFinish) -> NetFinish:
        """The net of this stretch and the next one."""
        return NetFinish(self.was_done, later.is_done, later.done or self.done, later.undone or self.undone)

    @property
    def is_finished(self) -> bool:
        return self.is_done and not self.was_done

    @property
    def was_taken_back(self) -> bool:
        """Whether it was done before or within the stretch, and not at its end."""
        return not self.is_done and (self.was_done or self.done is not None)


def net(steps: Iterable[ColumnStep], done: Collection[str]) -> dict[int, NetFinish]:
    """What `steps` (in order) come to, by card; `done` are the uids of the columns that count as done."""
    found: dict[int, NetFinish] = {}
    for step in steps:
        was, now = step.was in done, step.now in done
        one = NetFinish(was, now, step if now and not was else None, step if was and not now else None)
        found[step.card] = found[step.card].then(one) if step.card in found else one
    return found


def column_steps_between(boards: Iterable[int], start: dt.datetime, end: dt.datetime) -> list[ColumnStep]:
    """The steps on `boards` (ids) from `start` to before `end`, in order: MOST_STEPS, the newest. One query.

    With so many there are earlier ones, and what they come to is told from the first of these on.
    """
    values = {"boards": list(boards), "start": start, "end": end, "most": MOST_STEPS}
    return [ColumnStep(*row) for row in rows_of(_STEPS, values)]
