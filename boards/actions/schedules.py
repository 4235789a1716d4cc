"""Card templates on a calendar: when they open cards, and for whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model

from activity.errors import Clash, Refused
from activity.log.record import Log
from activity.log.verbs import VERBS
from boards.actions.base import action, refuse_many, writing
from boards.actions.cards.people import assignable
from boards.actions.columns import fresh_column
from boards.actions.conflicts import base_of, settle_value
from boards.actions.facts import person_fact, thing_fact
from boards.actions.templates import fresh_template, write_off_calendar
from boards.models import Column, RotaPlace, Schedule, Template
from fluxboard.accounts.time_zones import known
from fluxboard.core import limits
from fluxboard.core.recurrence import NoRule, Rule

_FIRST = dt.timedelta(days=5 * 366)  # as far from today as a schedule may begin
# What can be changed about a schedule, with its labels.
VALUES = {value.name: value for value in VERBS["schedule.changed"].sets}


@action
def save_schedule(
    template: Template,
    rule: str,
    *,
    by: Any,
    column: Column,
    first: dt.date,
    time: dt.time = dt.time(9),
    zone: str = "",
    rota: Sequence[Any] = (),
) -> Schedule:
    """Open a card of `template` on each day that `rule` names, from `first` on, at `time` in `zone`.

    Without a zone, in that of whoever gets the card: the template's assignee, or those of `rota` in turn. A
    day that is over opens no card. Raises `Refused` for a rule that can't be followed or names no day to
    come.
    """
    with writing(template.board, by) as log:
        there = Schedule.objects.filter(board=log.board).count()
        refuse_many(there, limits.SCHEDULES, "A board can have {} schedules, removed ones included.", "rule")
        template = fresh_template(log, template)
        schedule = Schedule(
            board=log.board, template=template, column=fresh_column(log, column), made_by=log.by.user
        )
        schedule.rule, schedule.first, schedule.zone = _rule(rule), _first(log, first), _zone(zone)
        schedule.time = _minute(time)
        schedule.places = _rota(log, schedule, rota)
        _pass(log, schedule)
        _refuse_never(schedule)
        log.record("schedule.saved", schedule, after=facts_of(schedule) | _upto(schedule))
        schedule.save()
        _write_rota(schedule)
        return schedule


@action
def change_schedule(schedule: Schedule, *, by: Any, seen: int | None = None, **values: Any) -> Schedule:
    """Set what is given of `VALUES`. Raises `Clash` where somebody else changed the same since `seen`."""
    with writing(schedule.board, by) as log:
        schedule = _fresh(log, schedule)
        was, old = facts_of(schedule), _upto(schedule)
        for name, value in _checked(log, schedule, values).items():
            setattr(schedule, _attribute(name), value)
        yours = facts_of(schedule)
        changed = _settled(
            log, schedule, [name for name in values if was[name] != yours[name]], was, yours, seen
        )
        if changed:
            if {"rule", "first", "time", "zone"} & set(changed):
                _begin_anew(log, schedule, changed)
                _refuse_never(schedule)
            else:
                schedule.wait()
            before, after = {one: was[one] for one in changed}, {one: yours[one] for one in changed}
            if _upto(schedule) != old:
                before, after = before | old, after | _upto(schedule)
            log.record("schedule.changed", schedule, before=before, after=after)
            schedule.keep(*(name for name in changed if name != "rota"), "upto", "next_at")
            if "rota" in changed:
                _write_rota(schedule)
        return schedule


def _checked(log: Log, schedule: Schedule, values: dict[str, Any]) -> dict[str, Any]:
    """The values as they are kept. Raises `Refused` beside the field."""
    checks: dict[str, Any] = {
        "rule": _rule,
        "first": lambda day: _first(log, day),
        "time": _minute,
        "zone": _zone,
        "column": lambda one: one if one.pk == schedule.column_id else fresh_column(log, one),
        "rota": lambda people: _rota(log, schedule, people),
    }
    return {name: checks[name](value) for name, value in values.items()}


def _settled(
    log: Log,
    schedule: Schedule,
    names: list[str],
    theirs: dict[str, Any],
    yours: dict[str, Any],
    seen: int | None,
) -> list[str]:
    """Those of `names` that are to change: not what somebody else changed and the form only carried along.

    Raises one `Clash` for all that both changed.
    """
    changed, differences = [], []
    for name in names:
        if seen is not None and schedule.changed_since(name, seen):
            base, _ = base_of(log, schedule, name, seen)
            if base == yours[name]:
                held = _attribute(name)
                setattr(schedule, held, getattr(read_schedule(log, schedule), held))
                continue
        try:
            sent = (_sent(theirs[name]), _sent(yours[name]))
            settle_value(
                log,
                schedule,
                name,
                VALUES[name].label,
                theirs=theirs[name],
                yours=yours[name],
                seen=seen,
                values=sent,
                in_words=VALUES[name].words,
            )
        except Clash as clash:
            differences += clash.differences
        changed.append(name)
    if differences:
        raise Clash(differences, schedule.version, schedule)
    return changed


def _begin_anew(log: Log, schedule: Schedule, changed: list[str]) -> None:
    """Wait by another rule or hour: days that were skipped ahead by the old rule are open again."""
    today = log.now.date()
    if {"rule", "first"} & set(changed) and schedule.upto is not None and schedule.upto > today:
        schedule.upto = today
    _pass(log, schedule)


@action
def pause_schedule(schedule: Schedule, *, by: Any) -> Schedule:
    with writing(schedule.board, by) as log:
        schedule = _fresh(log, schedule)
        if not schedule.is_paused:
            schedule.is_paused = True
            schedule.wait()
            log.record("schedule.paused", schedule, before={"paused": False}, after={"paused": True})
            schedule.keep("is_paused", "next_at")
        return schedule


@action
def resume_schedule(schedule: Schedule, *, by: Any) -> Schedule:
    """Let it go on; what would have opened meanwhile does not."""
    with writing(schedule.board, by) as log:
        schedule = _fresh(log, schedule)
        if schedule.is_paused:
            schedule.is_paused = False
            before = {"paused": True} | _upto(schedule)
            _pass(log, schedule)
            log.record("schedule.resumed", schedule, before=before, after={"paused": False} | _upto(schedule))
            schedule.keep("is_paused", "upto", "next_at")
        return schedule


@action
def skip_card(schedule: Schedule, day: dt.date, *, by: Any) -> Schedule:
    """The card of `day`, which has to be the next, does not open. The same once more changes nothing."""
    with writing(schedule.board, by) as log:
        schedule = _fresh(log, schedule)
        if schedule.upto is not None and day <= schedule.upto:
            return schedule
        if schedule.next_days(1) != [day]:
            raise Refused("That is not the next card of this schedule any more. Reload the page.", "day")
        return _set_upto(log, schedule, day)


@action
def done_up_to(schedule: Schedule, day: dt.date | None, *, now: str | None, by: Any) -> Schedule:
    """Set up to which day it is done with, as before something was skipped; days that are over stay so.

    `now`: up to which day it has to be done with; raises `Refused` where something came or was skipped since.
    """
    with writing(schedule.board, by) as log:
        schedule = _fresh(log, schedule)
        if _upto(schedule)["upto"] != now:
            raise Refused("Since then another card of this schedule has opened or was skipped.")
        return _set_upto(log, schedule, day)


def _set_upto(log: Log, schedule: Schedule, day: dt.date | None) -> Schedule:
    before = _upto(schedule)
    schedule.upto = day
    _pass(log, schedule)
    if _upto(schedule) != before:
        log.record("schedule.skipped", schedule, before=before, after=_upto(schedule))
        schedule.keep("upto", "next_at")
    return schedule


@action
def remove_schedule(schedule: Schedule, *, by: Any) -> Schedule:
    """Take a template off the calendar; the cards that it opened stay."""
    with writing(schedule.board, by) as log:
        schedule = _fresh(log, schedule)
        write_off_calendar(log, schedule, schedule.template)
        return schedule


@action
def restore_schedule(schedule: Schedule, *, by: Any) -> Schedule:
    """Put it back; what would have opened meanwhile does not. Raises `Refused` where its template is gone."""
    with writing(schedule.board, by) as log:
        schedule = read_schedule(log, schedule)
        if schedule.removed_at is None:
            return schedule
        fresh_template(log, schedule.template)
        schedule.removed_at = None
        _pass(log, schedule)
        turns = [
            {"id": str(one.person.uid), "name": one.person.name, "last": one.last.isoformat()}
            for one in schedule.places
            if one.last
        ]
        after = facts_of(schedule) | _upto(schedule) | {"paused": schedule.is_paused, "turns": turns}
        log.record("schedule.restored", schedule, after=after)
        schedule.keep("removed_at", "upto", "next_at")
        return schedule


def facts_of(schedule: Schedule) -> dict[str, Any]:
    """A schedule as the log has it."""
    return {
        "template": thing_fact(schedule.template),
        "column": thing_fact(schedule.column),
        "rule": schedule.rule,
        "first": schedule.first.isoformat(),
        "time": f"{schedule.time:%H:%M}",
        "zone": schedule.zone,
        "rota": [person_fact(one.person) for one in schedule.places],
    }


def _attribute(name: str) -> str:
    """Where a schedule has one of `VALUES`."""
    return "places" if name == "rota" else name


def _rota(log: Log, schedule: Schedule, people: Sequence[Any]) -> list[RotaPlace]:
    """The rota of these people, each with the turn that they had. Raises `Refused` beside the field."""
    refuse_many(0, limits.ROTA, "A rota can have {} people.", "rota", coming=len(people))
    there = {one.person_id: one for one in schedule.places}
    for place, person in enumerate(people):
        if person in people[:place]:
            raise Refused(f"{person.name} stands in the rota twice.", "rota")
        if (
            person.pk not in there
        ):  # who has left since is passed over, and is in turn again once they are back
            assignable(log, person, "rota")
    return [
        RotaPlace(
            schedule=schedule,
            person=person,
            place=place,
            last=there[person.pk].last if person.pk in there else None,
        )
        for place, person in enumerate(people)
    ]


def _write_rota(schedule: Schedule) -> None:
    schedule.rota.all().delete()
    for one in schedule.places:
        one.schedule = schedule
    RotaPlace.objects.bulk_create(schedule.places)


def _upto(schedule: Schedule) -> dict[str, str | None]:
    return {"upto": schedule.upto.isoformat() if schedule.upto else None}


def _pass(log: Log, schedule: Schedule) -> None:
    """Days whose moment is over are done with; then set when the next card opens."""
    yesterday = log.now.date() - dt.timedelta(days=2)
    if schedule.first <= yesterday and (schedule.upto is None or schedule.upto < yesterday):
        schedule.upto = yesterday
    for turn in schedule.turns(4):
        if turn.at > log.now:
            break
        schedule.upto = turn.day
    schedule.wait()


def _refuse_never(schedule: Schedule) -> None:
    if not schedule.next_days(1):
        raise Refused("This never opens a card: no day to come is like that.", "rule")


def _fresh(log: Log, schedule: Schedule) -> Schedule:
    now = read_schedule(log, schedule)
    if now.removed_at is not None:
        raise Refused("That is not on the calendar any more.")
    return now


def read_schedule(log: Log, schedule: Schedule) -> Schedule:
    now = Schedule.objects.complete().get(pk=schedule.pk, board=log.board)
    now.board = now.template.board = now.column.board = log.board
    return now


def _rule(text: str) -> str:
    try:
        return str(Rule.read(text))
    except NoRule as problem:
        raise Refused(str(problem), "rule") from None


def _first(log: Log, day: dt.date) -> dt.date:
    if abs(day - log.now.date()) > _FIRST:
        raise Refused("Choose a day within five years.", "first")
    return day


def _zone(name: str) -> str:
    if name and name not in known():
        raise Refused("Choose a time zone.", "zone")
    return name


def _minute(time: dt.time) -> dt.time:
    return time.replace(second=0, microsecond=0, tzinfo=None)


def _sent(fact: Any) -> str:
    """A fact as the form sends it: a column by its row."""
    if isinstance(fact, list):
        uids = [person["id"] for person in fact]
        pks = {
            str(uid): pk for uid, pk in get_user_model().objects.filter(uid__in=uids).values_list("uid", "pk")
        }
        return ",".join(str(pks[uid]) for uid in uids)
    if isinstance(fact, dict):
        return str(Column.objects.filter(uid=fact["id"]).values_list("pk", flat=True).first() or "")
    return str(fact)
