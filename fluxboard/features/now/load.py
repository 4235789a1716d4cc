"""The state of things on some boards, read and arranged for one reader."""

from __future__ import annotations

import datetime as dt
from typing import Any

from boards.card_states import CardScope
from boards.models import Board
from comments.waiting import Wait
from fluxboard.accounts import times
from fluxboard.features.now.cards import card_groups
from fluxboard.features.now.groups import NOW_GROUPS, SOON, Now
from fluxboard.features.now.talk import (
    decisions_group,
    handed_on,
    questions_group,
    threads_group,
    waiting_group,
)


def load_now(
    boards: list[Board],
    reader: Any,
    now: dt.datetime,
    subject: Any | None = None,
    waits: list[Wait] | None = None,
    *,
    soon: dt.timedelta = SOON,
    still: int | None = None,
) -> Now:
    """What stands on `boards` at `now`, in a fixed number of queries.

    `boards`: those that the reader sees and asked for. `subject`: a person whose part alone is shown.
    `waits`: what waits on them and is not put off, where it is loaded already. `soon`: how far ahead dates
    are told. `still`: for how many days a card has not moved to be told; None for what its board says.
    """
    today = times.today_of(reader, now)
    found = [
        waiting_group(boards, subject or reader, reader, now, waits),
        *card_groups(CardScope(boards, today, now, still), subject, reader, soon),
        questions_group(boards, subject, reader, now),
        threads_group(boards, subject),
        decisions_group(boards, subject, today, now),
    ]
    groups = sorted(found, key=lambda group: list(NOW_GROUPS).index(group.name))
    return Now(
        [group for group in groups if group.total],
        subject,
        [group for group in groups if not group.total],
        handed_on=handed_on(boards, subject),
    )
