"""How far each of the demo team has read: to where the boards stood when they last went home."""

from __future__ import annotations

import datetime as dt
from typing import Any

from activity.models import Activity, Reading
from boards.models import Membership
from fluxboard.accounts import working_hours

AWAY = dt.timedelta(hours=10)
_STEP = dt.timedelta(minutes=30)
_FURTHEST = dt.timedelta(days=7)


def went_home(person: Any, now: dt.datetime) -> dt.datetime:
    """The end of the person's last stretch of work that was over ten hours before `now`."""
    at = now - AWAY
    while now - at < _FURTHEST:
        until = working_hours.works_until(person, at)
        if until is not None and until <= now - AWAY:
            return until
        at -= _STEP
    return now - _FURTHEST


def leave_unread(now: dt.datetime) -> None:
    """Set everyone's line on each of their boards."""
    for membership in Membership.objects.select_related("user"):
        home = went_home(membership.user, now)
        told = Activity.objects.filter(board=membership.board_id, at__lte=home).order_by("-seq").first()
        Reading.objects.update_or_create(
            user=membership.user,
            board_id=membership.board_id,
            defaults={"seq": told.seq if told else 0, "at": home},
        )
