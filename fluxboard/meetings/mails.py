"""Who is to get which calendar entry by mail, each once, whoever else asks at the same time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import F, Q

from boards.models import Membership
from fluxboard.accounts.models import User
from fluxboard.meetings.models import Meeting, MeetingMail

AT_ONCE = 200  # meetings in one round
MOST_ATTEMPTS = 5
LEASE = dt.timedelta(minutes=5)
_LATE = dt.timedelta(days=2)  # how long one that was called off is told of


def meetings_to_tell(now: dt.datetime) -> list[Meeting]:
    """Those that are to come, and those that were called off lately, on boards that are not archived."""
    states = Meeting.State
    ahead = Q(state=states.PLANNED, starts_at__gt=now)
    off = Q(state__in=(states.CANCELLED, states.NOT_NEEDED), ended_at__gt=now - _LATE)
    rows = Meeting.objects.filter(ahead | off, board__archived_at=None)
    return list(rows.select_related("board", "organiser").order_by("starts_at", "pk")[:AT_ONCE])


def readers_of(meeting: Meeting) -> list[Any]:
    """Those invited who read mail at an address of their own, and are on the board."""
    there = Membership.objects.filter(board=meeting.board_id).values("user")
    people = User.objects.able_to_sign_in().with_proved_address()
    return list(people.filter(meetings=meeting, pk__in=there).order_by("pk"))


def to_tell(meeting: Meeting) -> Iterator[tuple[Any, bool]]:
    """Who has not heard of the meeting as it is: each with whether their entry is to be withdrawn.

    Who was asked and is not invited any more, or is asked to a meeting that was called off, has it withdrawn.
    Three queries.
    """
    told: dict[int, MeetingMail] = {}
    for mail in meeting.mails.order_by("sequence", "pk"):
        if mail.sent_at or mail.sending_at:
            told[mail.person_id] = mail
    readers = readers_of(meeting)
    if meeting.state == Meeting.State.PLANNED:
        for person in readers:
            last = told.pop(person.pk, None)
            if last is None or last.is_cancel or last.sequence < meeting.sequence:
                yield person, False
    left = [pk for pk, mail in told.items() if not mail.is_cancel]
    for person in User.objects.able_to_sign_in().with_proved_address().filter(pk__in=left).order_by("pk"):
        yield person, True


def claim(meeting: Meeting, person: Any, now: dt.datetime, *, is_cancel: bool) -> MeetingMail | None:
    """Take this mail for `LEASE`; None when somebody else has it, or it has been tried often enough."""
    named = {"meeting": meeting, "person": person, "sequence": meeting.sequence, "is_cancel": is_cancel}
    MeetingMail.objects.get_or_create(**named)
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - LEASE)
    mine = MeetingMail.objects.filter(
        free, **named, sent_at=None, sending_at=None, attempts__lt=MOST_ATTEMPTS
    )
    if not mine.update(claimed_at=now, attempts=F("attempts") + 1):
        return None
    return MeetingMail.objects.filter(**named, claimed_at=now).first()


def begin(mail: MeetingMail, now: dt.datetime) -> bool:
    """Mark that the mail server gets it now. False when the claim has passed to somebody else."""
    rows = MeetingMail.objects.filter(pk=mail.pk, claimed_at=mail.claimed_at, sending_at=None, sent_at=None)
    return bool(rows.update(sending_at=now))


def sent(mail: MeetingMail, now: dt.datetime) -> None:
    MeetingMail.objects.filter(pk=mail.pk).update(sent_at=now)


def refused(mail: MeetingMail) -> None:
    """The mail server said no: it is tried again when the lease is over."""
    MeetingMail.objects.filter(pk=mail.pk, sent_at=None).update(sending_at=None)


def unreachable(mail: MeetingMail) -> None:
    """There was no mail server to talk to: it is tried again when the lease is over, however often."""
    MeetingMail.objects.filter(pk=mail.pk, sent_at=None).update(sending_at=None, attempts=F("attempts") - 1)
