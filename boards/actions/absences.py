"""When a person is away: said once, by them or an owner of a board of theirs, and told on all their boards.

What stands with the person (`fluxboard.accounts.away`) and a row in the log of each current board that they
are on change in one transaction.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from activity.errors import Forbidden, Refused
from activity.log.record import By, Log
from activity.log.transaction import change
from boards.actions.base import UNCHECKED_DOORS, action
from boards.actions.clean import cleaned
from boards.actions.facts import person_fact
from boards.models import Board, Membership, Role
from fluxboard.accounts.away import (
    ABSENCES_KEPT,
    LONGEST_ABSENCE,
    MOST_ABSENCES,
    Absence,
    days_words,
    today_there,
)
from fluxboard.accounts.calendar import DAY
from fluxboard.accounts.signals import person_changed

LONGEST_REASON = 120


@action
def say_away(
    person: Any, first: dt.date, last: dt.date, *, by: Any, reason: str = "", cover: Any = None
) -> Any:
    """`person` is away from `first` to `last`, both included, on their own calendar; `cover` stands in.

    Said by themselves or by an owner of a board that they are on, else `Forbidden`. Raises `Refused` for days
    that are over or taken, and for a cover who shares no board with them.
    """
    with _telling(person, by) as (person, logs):
        made = Absence(str(uuid.uuid4()), first, last, _reason(reason), *_cover(person, cover))
        _put(person, made, by.now)
        for log in logs:
            _record(log, "member.away", person, made)
        return person


@action
def change_absence(
    person: Any,
    stretch: str,
    first: dt.date,
    last: dt.date,
    *,
    by: Any,
    reason: str = "",
    cover: Any = None,
) -> Any:
    """Other days, another reason or cover for a stretch. Raises as `say_away` does, and where it is gone."""
    with _telling(person, by) as (person, logs):
        was = _stretch(person, stretch)
        now = Absence(was.id, first, last, _reason(reason), *_cover(person, cover))
        if now != was:
            _put(person, now, by.now)
            for log in logs:
                _record(log, "member.away_changed", person, now, was)
        return person


@action
def come_back(person: Any, stretch: str, *, by: Any) -> Any:
    """Take a stretch back: one that has begun ends yesterday, any other never was."""
    with _telling(person, by) as (person, logs):
        was = _stretch(person, stretch)
        yesterday = today_there(person, by.now) - DAY
        if was.last <= yesterday:
            raise Refused("These days are over.")
        _end(logs, person, was, yesterday if was.first <= yesterday else None)
        return person


# --- undone, within the open change of one board ---------------------------------------------------------


def unsay(log: Log, person: Any, stretch: str) -> None:
    """Undo that a stretch was said: it never was."""
    with _telling(person, log.by, log) as (person, logs):
        _end(logs, person, _stretch(person, stretch), None)


def say_again(log: Log, person: Any, now: Absence, *, known: Absence) -> None:
    """Undo a change or an end: the stretch is `now` as it was before that.

    `known` is what that had made of it. Raises `Refused` when it has been changed again since.
    """
    with _telling(person, log.by, log) as (person, logs):
        standing = next((one for one in person.away if one.id == now.id), None)
        left = known if known.last >= known.first else None
        if _days(standing) != _days(left):
            raise Refused("These days were changed again since. Change them where they stand.")
        if standing is not None and not now.cover and not known.cover:  # who covers may be unknown here
            now = replace(now, cover=standing.cover, cover_name=standing.cover_name)
        _put(person, now, log.now)
        for one in logs:
            if standing is None:
                _record(one, "member.away", person, now)
            else:
                _record(one, "member.away_changed", person, now, standing)


def _days(absence: Absence | None) -> Any:
    return absence and (absence.first, absence.last, absence.reason)


# --- the pieces ------------------------------------------------------------------------------------------


@contextmanager
def _telling(person: Any, by: By, within: Log | None = None) -> Iterator[tuple[Any, list[Log]]]:
    """The person as they are now, locked, and the open logs of their current boards; saved at the end.

    `within`: the open log of an undo on one of the boards. The others are written to as well, as what they
    are, since nothing was undone there.
    """
    from boards.rendering.fragments import frames

    if within is not None and within.board.is_archived:
        raise Refused("This board is archived. Restore it first.")
    ids = set(Board.objects.of(person).current().values_list("pk", flat=True))
    opened = [within] if within is not None else []
    others = sorted(ids - {log.board.pk for log in opened})
    quiet = By(by.user, via=by.via, now=by.now) if within is not None else by
    with transaction.atomic():
        if not others:
            yield from _locked(person, by, opened)
            return
        with change(quiet, *others, render=frames) as logs:
            yield from _locked(person, by, [*opened, *logs])


def _locked(person: Any, by: By, logs: list[Log]) -> Iterator[tuple[Any, list[Log]]]:
    _refuse_others(person, by, [log.board.pk for log in logs])
    now = get_user_model()._default_manager.select_for_update(no_key=True).get(pk=person.pk)
    yield now, logs
    now.save(update_fields=["away"])
    person.away = now.away
    person_changed.send(type(now), person=now, kind="clock")


def _refuse_others(person: Any, by: By, boards: list[int]) -> None:
    if by.via in UNCHECKED_DOORS or (by.user.pk == person.pk and by.user.is_active):
        return
    owned = Membership.objects.filter(user=by.user, user__is_active=True, role=Role.OWNER, board__in=boards)
    if not owned.filter(board__memberships__user=person).exists():
        raise Forbidden("Only they, or an owner of a board that they are on, can say when someone is away.")


def _stretch(person: Any, stretch: str) -> Absence:
    found: Absence | None = next((one for one in person.away if one.id == stretch), None)
    if found is None:
        raise Refused("These days have been taken back.")
    return found


def _reason(typed: str) -> str:
    return cleaned(typed, field="reason", what="A reason", longest=LONGEST_REASON, needed=False)


def _cover(person: Any, cover: Any) -> tuple[str, str]:
    if cover is None:
        return "", ""
    if cover.pk == person.pk:
        raise Refused("Someone else has to cover.", "cover")
    if not substitutes(person).filter(pk=cover.pk).exists():
        raise Refused(f"{cover.name} is on none of the boards.", "cover")
    return str(cover.uid), cover.name


def substitutes(person: Any) -> Any:
    """Who can cover for `person`: active people who can change something on a board of theirs."""
    writers = Membership.objects.filter(
        board__in=Board.objects.of(person).current().values("pk"), role__in=[Role.OWNER, Role.MEMBER]
    )
    people = get_user_model()._default_manager.filter(pk__in=writers.values("user"), is_active=True)
    return people.exclude(pk=person.pk).order_by("name", "pk")


def _put(person: Any, absence: Absence, now: dt.datetime) -> None:
    """Set a stretch among the person's, where its days allow it; what is long over goes."""
    today = today_there(person, now)
    others = [one for one in person.away if one.id != absence.id]
    if absence.last < absence.first:
        raise Refused("The last day comes before the first.", "last")
    if (absence.last - absence.first).days >= LONGEST_ABSENCE:
        raise Refused("That is more than two years.", "last")
    if absence.last < today:
        raise Refused("These days are over.", "last")
    if (absence.first - today).days > LONGEST_ABSENCE:
        raise Refused("That is more than two years ahead.", "first")
    for one in others:
        if absence.overlaps(one):
            raise Refused(
                f"Away {days_words(one.first, one.last, today)} already. Change that instead.", "first"
            )
    if sum(one.last >= today for one in others) >= MOST_ABSENCES:
        raise Refused(f"There can be {MOST_ABSENCES} stretches ahead.", "first")
    kept = [one for one in others if (today - one.last).days <= ABSENCES_KEPT]
    person.away = sorted([*kept, absence], key=lambda one: one.first)


def _end(logs: list[Log], person: Any, was: Absence, last: dt.date | None) -> None:
    others = [one for one in person.away if one.id != was.id]
    if last is not None:
        others.append(replace(was, last=last))
    person.away = sorted(others, key=lambda one: one.first)
    for log in logs:
        after = {"person": person_fact(person), "stretch": was.id, "last": str(last) if last else None}
        log.record("member.back", person, before=_facts(log, was), after=after)


def _record(log: Log, verb: str, person: Any, now: Absence, was: Absence | None = None) -> None:
    facts = {"person": person_fact(person), "stretch": now.id, **_facts(log, now)}
    before = {} if was is None else {k: v for k, v in _facts(log, was).items() if facts[k] != v}
    log.record(verb, person, before=before, after=facts)


def _facts(log: Log, absence: Absence) -> dict[str, Any]:
    """A stretch as a board's log tells it; the cover only where they are on that board."""
    there = Membership.objects.filter(board=log.board, user__uid=absence.cover) if absence.cover else None
    knows = there is not None and there.exists()
    return {
        "first": str(absence.first),
        "last": str(absence.last),
        "reason": absence.reason,
        "cover": {"id": absence.cover, "name": absence.cover_name} if knows else None,
    }
