"""Saving a profile, and how others see a person."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from fluxboard.accounts.away import away_words
from fluxboard.accounts.forms import PersonForm
from fluxboard.accounts.models import User
from fluxboard.accounts.signals import person_changed
from fluxboard.accounts.time_zones import city
from fluxboard.accounts.times import when
from fluxboard.accounts.working_hours import local, next_at_work, works_until

LOOKS = {"name", "handle", "hue"}
CLOCK = {"time_zone", "work_days", "work_start", "work_end", "days_off"}


@transaction.atomic
def save_profile(form: PersonForm) -> User:
    """Save a valid form and tell the house what of it others can see."""
    person, changed = form.save(), set(form.changed)
    for kind, fields in (("looks", LOOKS), ("clock", CLOCK)):
        if changed & fields:
            person_changed.send(User, person=person, kind=kind)
    return person


def presented(person: User, now: dt.datetime) -> str:
    """A person in one line: `Ana, Lisbon, at work until 17:30`."""
    who = f"{person.first_name}, {city(person.time_zone)}"
    if away := away_words(person, now):
        return f"{who}, {away}"
    until = works_until(person, now)
    if until:
        return f"{who}, at work until {local(until, person.zone):%H:%M}"
    start = next_at_work(person, now)
    return (
        f"{who}, at work again {when(start, person, now)}"
        if start
        else f"{who}, {local(now, person.zone):%H:%M}"
    )
