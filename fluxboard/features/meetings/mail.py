"""The mail that brings a meeting into somebody's calendar, changes it there, or takes it out again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from fluxboard.accounts import times
from fluxboard.accounts.email_addresses import is_proved
from fluxboard.core.mail import Mail, mail_host
from fluxboard.core.public_url import public_url
from fluxboard.features.digest.addresses import absolute
from fluxboard.features.meetings.load import TopicRow, topic_rows
from fluxboard.meetings.calendar import CANCEL, calendar_entry
from fluxboard.meetings.mails import readers_of
from fluxboard.meetings.models import Meeting


class CalendarMail(Mail):
    """A mail whose calendar entry mail programs act on: its part says by which method (RFC 6047)."""

    def __init__(self, *args: Any, entry: bytes, method: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.method = method
        self.attach_alternative(entry.decode(), "text/calendar")

    def message(self, **options: Any) -> Any:
        made = super().message(**options)
        for part in made.walk():
            if part.get_content_type() == "text/calendar":
                part.set_param("method", self.method)
        return made


def sender_address() -> str:
    """The bare address that mails come from."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def meeting_mail(meeting: Meeting, person: Any, now: dt.datetime, *, is_cancel: bool) -> Mail:
    """Its mail to one of those invited, in their own hours; with `is_cancel` the one that takes it out."""
    rows = topic_rows(meeting, now)
    method = CANCEL if is_cancel else "REQUEST"
    subject = (
        f"{_occasion(meeting, is_cancel)}: {meeting.title}, {times.exact(meeting.starts_at, person, now)}"
    )
    uid = f"meeting.{meeting.uid}"
    return CalendarMail(
        f"Fluxboard: {subject}",
        told(meeting, rows, person, now, is_cancel=is_cancel),
        [str(person.email)],
        entry=entry_of(meeting, method, rows, person, now),
        method=method,
        name=f"{uid}.{meeting.sequence}.{method.lower()}.{person.uid}",
        answers=[f"{uid}.{person.uid}"],
    )


def _occasion(meeting: Meeting, is_cancel: bool) -> str:
    if meeting.state == Meeting.State.NOT_NEEDED:
        return "Not needed"
    return "Cancelled" if is_cancel else "Meeting"


def told(
    meeting: Meeting, rows: Iterable[TopicRow], person: Any, now: dt.datetime, *, is_cancel: bool = False
) -> str:
    """What a mail or a calendar says about the meeting: its agenda, or what was decided without it."""
    context = {
        "meeting": meeting,
        "rows": list(rows),
        "url": absolute(meeting.get_absolute_url()),
        "at": times.exact(meeting.starts_at, person, now),
        "is_cancel": is_cancel,
    }
    text = render_to_string("meetings/mail.txt", context)
    return "\n".join(line.rstrip() for line in text.splitlines()).strip() + "\n"


def entry_of(
    meeting: Meeting,
    method: str,
    rows: Iterable[TopicRow],
    person: Any,
    now: dt.datetime,
    *,
    is_invited: bool = True,
) -> bytes:
    """The calendar entry for one reader; addresses of others are told to those who are invited."""
    organiser = meeting.organiser.email if is_invited and is_proved(meeting.organiser) else ""
    return calendar_entry(
        meeting,
        method,
        host=mail_host(),
        url=absolute(meeting.get_absolute_url()) if public_url() else "",
        description=told(meeting, rows, person, now, is_cancel=method == CANCEL),
        organiser=organiser or sender_address(),
        attendees=readers_of(meeting) if is_invited else (),
        now=now,
    )
