"""For whom a check-in is open: in their own morning, on the boards where they want one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef

from boards.models import Board, CheckIn, Membership, Role
from boards.models.check_in import is_check_in_day
from fluxboard.accounts.away import today_there
from fluxboard.accounts.working_hours import local


def due_check_ins(boards: Iterable[Board], person: Any, now: dt.datetime) -> list[Board]:
    """Those of `boards` that have a check-in for `person` which they have not given. One query at most."""
    today = today_there(person, now)
    if local(now, person.time_zone).time() < person.work_start:
        return []
    current = [board for board in boards if not board.is_archived]
    offered = {board.pk: board for board in current if is_check_in_day(board.check_ins, person, today)}
    if not offered:
        return []
    given = CheckIn.objects.filter(board=OuterRef("board"), person=person, day=today, removed_at=None)
    wanted = Membership.objects.filter(board__in=offered, user=person, wants_check_in=True)
    there = wanted.exclude(role=Role.VIEWER).exclude(Exists(given)).values_list("board", flat=True)
    return sorted((offered[pk] for pk in there), key=lambda board: board.name)
