"""What happens to meetings by the clock: those that are not needed are called off, the invited hear of it."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import Error

from activity.errors import NotDone
from boards.models import Board
from fluxboard.core.mail_delivery import Refusal, Unreachable, hand_over
from fluxboard.core.postgres.deadlines import deadlines
from fluxboard.features.meetings.mail import meeting_mail
from fluxboard.meetings import mails
from fluxboard.meetings.actions.meetings import call_off
from fluxboard.meetings.models import Meeting, Topic
from fluxboard.meetings.states import Things

log = logging.getLogger("fluxboard.meetings")

AT_ONCE = 200  # meetings in one round
EACH_SECONDS = 60.0
Clock = Callable[[], dt.datetime]
Stop = Callable[[], bool]


@dataclass
class MeetingMails:
    """What one round did."""

    sent: int = 0
    failed: int = 0


def call_off_unneeded(clock_now: Clock, stop: Stop = lambda: False) -> int:
    """Mark the meetings as not needed whose topics were all settled before they begin; returns how many.

    Each once, whoever else does the same. Raises Django's database errors.
    """
    done = 0
    with deadlines.within(EACH_SECONDS):
        found = ahead(clock_now())
    for meeting in found:
        if stop():
            break
        with _alone(meeting), deadlines.within(EACH_SECONDS):
            if _is_settled(meeting) and call_off(meeting, clock_now()) is not None:
                done += 1
    return done


def ahead(now: dt.datetime) -> list[Meeting]:
    """The meetings that are planned and have a topic, the next first."""
    archived = Board.objects.exclude(archived_at=None)
    rows = Meeting.objects.filter(state=Meeting.State.PLANNED, starts_at__gt=now)
    rows = rows.exclude(board__in=archived).select_related("board", "organiser")
    return list(rows.order_by("starts_at", "pk")[:AT_ONCE])


def _is_settled(meeting: Meeting) -> bool:
    """Whether nothing on the agenda is left to talk about, as far as can be told without the board's lock."""
    topics = list(Topic.objects.filter(meeting=meeting, dropped_at=None))
    things = Things.of(meeting.board, topics)
    return bool(topics) and all(things.is_settled(topic) for topic in topics)


def send_entries(clock_now: Clock, stop: Stop = lambda: False) -> MeetingMails:
    """Send each calendar entry that is due, once, whoever else does the same at the same time.

    What cannot be sent is logged and tried again later: no exception of a mail server comes out of here.
    """
    done = MeetingMails()
    with deadlines.within(EACH_SECONDS):
        found = mails.meetings_to_tell(clock_now())
    for meeting in found:
        with _alone(meeting):
            with deadlines.within(EACH_SECONDS):
                due = list(mails.to_tell(meeting))
            for person, is_cancel in due:
                if stop():
                    return done
                with deadlines.within(EACH_SECONDS):
                    _send(meeting, person, is_cancel, clock_now, done)
    return done


def _send(meeting: Meeting, person: Any, is_cancel: bool, clock_now: Clock, done: MeetingMails) -> None:
    claimed = mails.claim(meeting, person, clock_now(), is_cancel=is_cancel)
    if claimed is None:
        return
    about = {"meeting": meeting.pk, "person": person.pk}
    try:
        mail = meeting_mail(meeting, person, clock_now(), is_cancel=is_cancel)
        if hand_over(mail, lambda: mails.begin(claimed, clock_now())):
            mails.sent(claimed, clock_now())
            done.sent += 1
    except Refusal:
        mails.refused(claimed)
        done.failed += 1
        log.warning("calendar entry refused", extra=about, exc_info=True)
    except Unreachable:
        mails.unreachable(claimed)
        done.failed += 1
        log.warning("mail server out of reach", extra=about, exc_info=True)
    except OSError:  # the line broke after the mail had begun to go out
        done.failed += 1
        log.warning("calendar entry may not have arrived", extra=about, exc_info=True)


@contextlib.contextmanager
def _alone(meeting: Meeting) -> Iterator[None]:
    """One meeting that goes wrong keeps no other from its turn. Raises Django's database errors."""
    try:
        yield
    except Error:
        raise
    except NotDone:
        log.warning("a meeting can't be called off", extra={"meeting": meeting.pk}, exc_info=True)
    except Exception:
        log.exception("something about a meeting went wrong", extra={"meeting": meeting.pk})
