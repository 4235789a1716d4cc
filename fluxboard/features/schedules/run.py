"""Opens the cards whose time has come, each once, whoever else does the same at the same time."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from django.db.models import QuerySet

from activity.errors import NotDone
from boards.actions.scheduled_cards import open_card
from boards.models import Board, Schedule
from fluxboard.core.postgres.deadlines import deadlines

log = logging.getLogger("fluxboard.schedules")

AT_ONCE = 500  # schedules in one round
EACH = 20  # cards of one schedule in one round: what a server that was down for long has missed
IN_ALL = 200  # cards of one round
CARD_SECONDS = 30.0
AGAIN = dt.timedelta(minutes=10)  # until what could not be opened is tried again


def open_due(clock_now: Callable[[], dt.datetime], stop: Callable[[], bool] = lambda: False) -> int:
    """Open the cards that are due by the clock, those that were missed too; returns how many.

    `stop` is asked between two cards. A schedule whose card can't be opened is logged and tried again some
    minutes later, and keeps no other from going on. Raises Django's database errors.
    """
    opened = 0
    with deadlines.within(CARD_SECONDS):
        found = list(due(clock_now())[:AT_ONCE])
    for schedule in found:
        for _ in range(EACH):
            if stop() or opened == IN_ALL:
                return opened
            if not _open(schedule, clock_now()):
                break
            opened += 1
    return opened


def due(now: dt.datetime) -> QuerySet[Schedule]:
    """What has a card to open by `now`, the longest due first."""
    archived = Board.objects.exclude(archived_at=None)
    return Schedule.objects.filter(next_at__lte=now).exclude(board__in=archived).order_by("next_at", "pk")


def _open(schedule: Schedule, now: dt.datetime) -> bool:
    try:
        with deadlines.within(CARD_SECONDS):
            return open_card(schedule, now) is not None
    except NotDone:
        log.warning("a scheduled card can't be opened", extra={"schedule": schedule.pk}, exc_info=True)
    except Exception:
        log.exception("a scheduled card could not be opened", extra={"schedule": schedule.pk})
    # Behind all others, so that it never keeps them from opening. Raises where there is no database any more.
    Schedule.objects.filter(pk=schedule.pk).update(next_at=now + AGAIN)
    return False
