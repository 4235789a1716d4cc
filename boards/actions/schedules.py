"""Card templates on a calendar: when they open cards, and opening them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from activity.errors import Clash, Refused
from activity.log.record import By, Log
from activity.models import Via
from boards.actions.base import action, refuse_many, writing
from boards.actions.cards.create import TemplateContent, write_card, write_steps
from boards.actions.cards.edit import first_column
from boards.actions.cards.limits import card_rows, clean_title
from boards.actions.columns import fresh_column
from boards.actions.conflicts import base_of, settle_value
from boards.actions.facts import thing_fact
from boards.actions.templates import fresh_template, write_off_calendar
from boards.models import Card, Column, Schedule, Template
from boards.recurrence import NoRule, Rule
from fluxboard.accounts.time_zones import known
from fluxboard.core import limits
from fluxboard.core.ordering import position_between

_FIRST = dt.timedelta(days=5 * 366)  # as far from today as a schedule may begin
# What can be changed about a schedule, with its labels.
VALUES = {"rule": "Repeats", "first": "From", "time": "At", "zone": "Time zone", "column": "Column"}


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
) -> Schedule:
    """Open a card of `template` on each day that `rule` names, from `first` on, at `time` in `zone`.

    Without a zone, in that of the template's assignee. A day that is over opens no card. Raises `Refused` for
    a rule that can't be followed or names no day to come.
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
        _pass(log, schedule)
        _refuse_never(schedule)
        log.record("schedule.saved", schedule, after=facts_of(schedule) | _upto(schedule))
        schedule.save()
        return schedule


@action
def change_schedule(schedule: Schedule, *, by: Any, seen: int | None = None, **values: Any) -> Schedule:
    """Set what is given of `VALUES`. Raises `Clash` where somebody else changed the same since `seen`."""
    with writing(schedule.board, by) as log:
        schedule = _fresh(log, schedule)
        was, old = facts_of(schedule), _upto(schedule)
        for name, value in _checked(log, schedule, values).items():
            setattr(schedule, name, value)
        yours = facts_of(schedule)
        changed = _settled(
            log, schedule, [name for name in values if was[name] != yours[name]], was, yours, seen
        )
        if changed:
            if {"rule", "first", "time", "zone"} & set(changed):
                _begin_anew(log, schedule, changed)
                _refuse_never(schedule)
            before, after = {one: was[one] for one in changed}, {one: yours[one] for one in changed}
            if _upto(schedule) != old:
                before, after = before | old, after | _upto(schedule)
            log.record("schedule.changed", schedule, before=before, after=after)
            schedule.keep(*changed, "upto", "next_at")
        return schedule


def _checked(log: Log, schedule: Schedule, values: dict[str, Any]) -> dict[str, Any]:
    """The values as they are kept. Raises `Refused` beside the field."""
    checks: dict[str, Any] = {
        "rule": _rule,
        "first": lambda day: _first(log, day),
        "time": _minute,
        "zone": _zone,
        "column": lambda one: one if one.pk == schedule.column_id else fresh_column(log, one),
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
                setattr(schedule, name, getattr(_read(log, schedule), name))
                continue
        try:
            sent = (_sent(theirs[name]), _sent(yours[name]))
            settle_value(
                log,
                schedule,
                name,
                VALUES[name],
                theirs=theirs[name],
                yours=yours[name],
                seen=seen,
                values=sent,
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
        schedule = _read(log, schedule)
        if schedule.removed_at is None:
            return schedule
        fresh_template(log, schedule.template)
        schedule.removed_at = None
        _pass(log, schedule)
        after = facts_of(schedule) | _upto(schedule) | {"paused": schedule.is_paused}
        log.record("schedule.restored", schedule, after=after)
        schedule.keep("removed_at", "upto", "next_at")
        return schedule


def open_card(schedule: Schedule, now: dt.datetime) -> Card | None:
    """Open the card that is due by `now`, if there still is one; whoever asks, and however often.

    The board's lock and `next_at` decide: each day opens one card. A full column takes it all the same, and
    the log says when it was due and whether that is long over.
    """
    return _open(schedule, by=By(schedule.made_by, via=Via.SCHEDULE, now=now))


@action
def _open(schedule: Schedule, *, by: Any) -> Card | None:
    with writing(schedule.board, by) as log:
        schedule = _read(log, schedule)
        if schedule.removed_at is not None or schedule.next_at is None or schedule.next_at > log.now:
            return None
        day = next(iter(schedule.next_days(1, log.now.date() - MISSED)), None)
        if day is None or schedule.moment_of(day) > log.now:  # what it waits for has changed meanwhile
            next_at = schedule.moment_of(day) if day is not None else None
            Schedule.objects.filter(pk=schedule.pk).update(next_at=next_at)
            return None
        column = schedule.column if not schedule.column.is_archived else first_column(log.board)
        column.board = log.board
        begun = TemplateContent.of(log, schedule.template)
        is_late = log.now - schedule.moment_of(day) > LATE
        told = {
            "schedule": {"id": str(schedule.uid), "name": schedule.template.name},
            "slot": day.isoformat(),
        }
        card = write_card(
            log,
            column,
            position_between(card_rows(column)),
            title=clean_title(_title(begun, schedule.template, day)),
            source=schedule.template,
            told=told | ({"late": True} if is_late else {}),
            **begun.fields,
        )
        write_steps(log, card, begun.steps)
        schedule.upto = day
        schedule.wait()
        Schedule.objects.filter(pk=schedule.pk).update(upto=day, next_at=schedule.next_at)
        return card


def _title(begun: TemplateContent, template: Template, day: dt.date) -> str:
    """The title that a card has which nobody types one for: the template's name stands where that would."""
    typed = template.name if "{title}" in begun.pattern else ""
    return begun.title(typed, day)[: limits.TITLE].strip() or template.name


MISSED = dt.timedelta(days=14)  # how far back a card opens that was missed; what is older never opens
LATE = dt.timedelta(minutes=15)  # a card that opens so much after its time was missed, and says so


def facts_of(schedule: Schedule) -> dict[str, Any]:
    """A schedule as the log has it."""
    return {
        "template": thing_fact(schedule.template),
        "column": thing_fact(schedule.column),
        "rule": schedule.rule,
        "first": schedule.first.isoformat(),
        "time": f"{schedule.time:%H:%M}",
        "zone": schedule.zone,
    }


def _upto(schedule: Schedule) -> dict[str, str | None]:
    return {"upto": schedule.upto.isoformat() if schedule.upto else None}


def _pass(log: Log, schedule: Schedule) -> None:
    """Days whose moment is over are done with; then set when the next card opens."""
    yesterday = log.now.date() - dt.timedelta(days=2)
    if schedule.first <= yesterday and (schedule.upto is None or schedule.upto < yesterday):
        schedule.upto = yesterday
    for day in schedule.next_days(4):
        if schedule.moment_of(day) > log.now:
            break
        schedule.upto = day
    schedule.wait()


def _refuse_never(schedule: Schedule) -> None:
    if not schedule.next_days(1):
        raise Refused("This never opens a card: no day to come is like that.", "rule")


def _fresh(log: Log, schedule: Schedule) -> Schedule:
    now = _read(log, schedule)
    if now.removed_at is not None:
        raise Refused("That is not on the calendar any more.")
    return now


def _read(log: Log, schedule: Schedule) -> Schedule:
    related = Schedule.objects.select_related("template__assignee", "column", "made_by")
    now = related.get(pk=schedule.pk, board=log.board)
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
    if isinstance(fact, dict):
        return str(Column.objects.filter(uid=fact["id"]).values_list("pk", flat=True).first() or "")
    return str(fact)
