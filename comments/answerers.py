"""Whom one can ask, those at work first, and how an ask reads to one reader."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model

from boards.models import Board, Membership, Role
from comments.models import Ask
from fluxboard.accounts import working_hours
from fluxboard.accounts.away import away_now, away_words, cover_of
from fluxboard.accounts.times import WEEKDAYS
from fluxboard.core.postgres.statements import PARAM_BOARD, PreparedQuery


@dataclass(frozen=True)
class Answerer:
    """Someone who can be asked: `words` say where and when they are at work, `is_at_work` whether now."""

    person: Any
    words: str
    is_at_work: bool


def answerers(board: Board, reader: Any, now: dt.datetime) -> list[Answerer]:
    """The members who can answer `reader`: those at work first, then by who starts next. One query."""
    writers = [person for person in _writers().all(board=board.pk) if person.pk != reader.pk]
    return as_answerers(writers, now)


@functools.cache
def _writers() -> PreparedQuery[Any]:
    members = Membership.objects.filter(board=PARAM_BOARD, role__in=[Role.OWNER, Role.MEMBER])
    writers = get_user_model().objects.filter(pk__in=members.values("user"), is_active=True)
    return PreparedQuery(writers, {PARAM_BOARD: "board"})


def as_answerers(people: Iterable[Any], now: dt.datetime) -> list[Answerer]:
    """`people` in the order in which one would ask them."""
    people = list(people)
    return [
        Answerer(person, availability(person, now, people), working_hours.is_at_work(person, now))
        for person in working_hours.at_work_first(people, now)
    ]


def availability(person: Any, now: dt.datetime, among: Collection[Any] = ()) -> str:
    """`Tokyo, 17:14, at work for 46 more min`, or `New York, 04:14, starts in 4 h 46 min, no answer …`."""
    words = working_hours.at_work_words(person, now, among)
    at = f"{_city(person)}, {working_hours.local(now, person.time_zone):%H:%M}"
    if not words:
        return at
    later = "" if working_hours.is_told_as_it_is(person, now) else ", no answer expected before"
    return f"{at}, {words}{later}"


def _city(person: Any) -> str:
    """`New York` for `America/New_York`."""
    return str(person.time_zone).rpartition("/")[2].replace("_", " ")


def hour_of(person: Any, at: dt.datetime) -> str:
    """A moment on the person's own clock: `Thu 17:30 in New York`."""
    there = working_hours.local(at, person.time_zone)
    return f"{WEEKDAYS[there.weekday()]} {there:%H:%M} in {_city(person)}"


@dataclass(frozen=True)
class AskShown:
    """Someone whom an open or ended question waits or waited for, and by when, there as well.

    `away` says until when they are, `cover` who could be asked instead.
    """

    person: Any
    answer_by: dt.datetime | None
    there: str
    is_mine: bool
    can_answer: bool = True
    away: str = ""
    cover: Any = None

    @property
    def look(self) -> tuple[Any, ...]:
        where = (self.there, self.away, self.cover and self.cover.pk)
        return (self.person.pk, self.person.name, self.answer_by, *where, self.is_mine, self.can_answer)


def asks_shown(
    asks: Iterable[Any], reader: Any, now: dt.datetime | None = None, covers: Collection[Any] = ()
) -> list[AskShown]:
    """Those of `asks` (with their people and `can_answer`) that were not handed on.

    For an open question, `now` and who `covers` for its people tell who is away.
    """
    asks = list(asks)
    asked = {ask.person_id for ask in asks}
    free = [person for person in covers if person.pk not in asked]
    return [
        AskShown(
            ask.person,
            ask.answer_by,
            _there(ask, reader),
            ask.person_id == reader.pk,
            ask.can_answer,
            away_words(ask.person, now, covers) if now else "",
            cover_of(absence, free) if now and (absence := away_now(ask.person, now)) else None,
        )
        for ask in asks
        if ask.handed_to_id is None
    ]


def _there(ask: Ask, reader: Any) -> str:
    if ask.answer_by is None or ask.person.time_zone == reader.time_zone:
        return ""
    return hour_of(ask.person, ask.answer_by)
