"""A meeting as a calendar has it (RFC 5545): asked for, changed, withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from icalendar import Calendar, Event, vCalAddress, vText

from fluxboard.meetings.models import Meeting

REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"


def method_for(meeting: Meeting) -> str:
    """What a calendar is to do: have the meeting, or have it no more."""
    is_off = meeting.state in (Meeting.State.CANCELLED, Meeting.State.NOT_NEEDED)
    return CANCEL if is_off else REQUEST


def uid_of(meeting: Meeting, host: str) -> str:
    """By which calendars know the meeting, whatever changes about it."""
    return f"{meeting.uid}@{host}"


def calendar_entry(
    meeting: Meeting,
    method: str,
    *,
    host: str,
    url: str,
    description: str,
    organiser: str,
    attendees: Iterable[Any],
    now: dt.datetime,
) -> bytes:
    """The whole calendar object, as UTF-8 with CRLF.

    `organiser` is the address that answers go to, `attendees` are people with proved addresses. Times are in
    UTC, so that no calendar has to know a zone of ours.
    """
    event = Event()
    event.add("uid", uid_of(meeting, host))
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", meeting.starts_at.astimezone(dt.UTC))
    event.add("dtend", meeting.ends_at.astimezone(dt.UTC))
    event.add("summary", meeting.title)
    event.add("description", description)
    event.add("url", url)
    event.add("status", "CANCELLED" if method == CANCEL else "CONFIRMED")
    event["organizer"] = _address(organiser, meeting.organiser.name)
    if method != PUBLISH:
        for person in attendees:
            attendee = _address(person.email, person.name)
            attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
            attendee.params["RSVP"] = vText("FALSE")
            event.add("attendee", attendee, encode=False)
    calendar = Calendar()
    calendar.add("prodid", "-//Fluxboard//Meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    address.params["CN"] = vText(name)
    return address
