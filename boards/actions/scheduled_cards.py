"""Opening the cards of a schedule, each once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from activity.log.record import By
from activity.models import Via
from boards.actions.base import action, writing
from boards.actions.cards.create import TemplateContent, write_card, write_steps
from boards.actions.cards.edit import first_column
from boards.actions.cards.limits import card_rows, clean_title
from boards.actions.schedules import read_schedule
from boards.models import Card, RotaPlace, Schedule, Template
from fluxboard.core import limits
from fluxboard.core.ordering import position_between

MISSED = dt.timedelta(days=14)  # how far back a card opens that was missed; what is older never opens
LATE = dt.timedelta(minutes=15)  # a card that opens so much after its time was missed, and says so


def open_card(schedule: Schedule, now: dt.datetime) -> Card | None:
    """Open the card that is due by `now`, if there still is one; whoever asks, and however often.

    The board's lock and `next_at` decide: each day opens one card. A full column takes it all the same, and
    the log says when it was due and whether that is long over.
    """
    return _open(schedule, by=By(schedule.made_by, via=Via.SCHEDULE, now=now))


@action
def _open(schedule: Schedule, *, by: Any) -> Card | None:
    with writing(schedule.board, by) as log:
        schedule = read_schedule(log, schedule)
        if schedule.removed_at is not None or schedule.next_at is None or schedule.next_at > log.now:
            return None
        turn = next(schedule.turns(1, log.now.date() - MISSED), None)
        if turn is None or turn.at > log.now:  # what it waits for has changed meanwhile
            Schedule.objects.filter(pk=schedule.pk).update(next_at=turn.at if turn else None)
            return None
        column = schedule.column if not schedule.column.is_archived else first_column(log.board)
        column.board = log.board
        begun = TemplateContent.of(log, schedule.template)
        is_late = log.now - turn.at > LATE
        told: dict[str, Any] = {
            "schedule": {"id": str(schedule.uid), "name": schedule.template.name},
            "slot": turn.day.isoformat(),
        }
        if is_late:
            told["late"] = True
        if schedule.places:
            person = schedule.in_turn_at(log.now) if is_late else turn.person
            begun.fields["assignee"] = person
            told |= {} if person is not None else {"nobody_at_work": True}
            RotaPlace.objects.filter(schedule=schedule, person=person).update(last=turn.day)
        card = write_card(
            log,
            column,
            position_between(card_rows(column)),
            title=clean_title(_title(begun, schedule.template, turn.day)),
            source=schedule.template,
            told=told,
            **begun.fields,
        )
        write_steps(log, card, begun.steps)
        # Read anew: the turn has gone on.
        Schedule.objects.filter(pk=schedule.pk).update(upto=turn.day)
        Schedule.objects.filter(pk=schedule.pk).wait_anew()
        return card


def _title(begun: TemplateContent, template: Template, day: dt.date) -> str:
    """The title that a card has which nobody types one for: the template's name stands where that would."""
    typed = template.name if "{title}" in begun.pattern else ""
    return begun.title(typed, day)[: limits.TITLE].strip() or template.name
