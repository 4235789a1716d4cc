"""How far each of the demo team has read: to where the boards stood when they last went home."""

from __future__ import annotations

import datetime as dt
from typing import Any

from activity.models import Activity, ReadDay, Reading
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


def keep_days(now: dt.datetime) -> None:
    """What everyone had read at the end of each of their working days: all that was there by noon."""
    days: list[ReadDay] = []
    for membership in Membership.objects.select_related("user"):
        person, log = membership.user, Activity.objects.filter(board=membership.board_id)
        moments = dict(log.order_by("seq").values_list("seq", "at"))
        first = min(moments.values()).astimezone(person.zone).date()
        for n in range((now.astimezone(person.zone).date() - first).days):
            day = first + dt.timedelta(n)
            noon = dt.datetime.combine(day, dt.time(12), person.zone)
            seq = max((seq for seq, at in moments.items() if at <= noon), default=0)
            if day.isoweekday() in person.work_days and seq:
                days.append(ReadDay(user=person, board_id=membership.board_id, day=day, seq=seq))
    ReadDay.objects.bulk_create(days)
