"""The forms of meetings."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from activity.errors import Refused
from activity.log.record import By
from boards.forms.base import ChangeForm, name_field, text_field
from boards.models import Board
from fluxboard.accounts.working_hours import local, local_moment
from fluxboard.core import limits, parsing
from fluxboard.features.meetings.fields import (
    PeopleField,
    card_called,
    card_field,
    fill,
    minutes_field,
    plan_of_line,
)
from fluxboard.meetings.actions import meetings
from fluxboard.meetings.actions.topics import TopicPlan
from fluxboard.meetings.agenda import Suggestion, suggestion_of, suggestions
from fluxboard.meetings.models import Meeting, Topic

_NO_DAY = {"required": "Choose a day.", "invalid": "Choose a day."}
_NO_TIME = {"required": "Choose a time.", "invalid": "Choose a time."}
MORE = 50  # topics in one text
_MOST_HELD = 100  # topics that a form carries


class MeetingForm(ChangeForm):
    least = "member"
    page = "boards:meetings"

    def back(self, done: Any) -> str:
        meeting = done if done is not None else self.thing
        return super().back(done) if isinstance(meeting, Board) else str(meeting.get_absolute_url())


class _MeetingFields(MeetingForm):
    """When a meeting is, and who is invited; `thing` is the board or the meeting."""

    title = name_field("Title", limits.MEETING_TITLE)
    day = forms.DateField(
        label="Day",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages=_NO_DAY,
    )
    time = forms.TimeField(
        label="Begins at",
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages=_NO_TIME,
    )
    minutes = minutes_field("Minutes", 30)
    invited = PeopleField("Invited")

    def __init__(self, thing: Any = None, data: Any = None, **initial: Any) -> None:
        super().__init__(thing, data, **initial)
        fill(self, self.board, "invited")

    def about_to_show(self, reader: Any) -> None:
        city = reader.time_zone.rpartition("/")[2].replace("_", " ")
        self.fields["time"].help_text = f"On your clock ({city})."
        self.begin(reader)

    def begin(self, reader: Any) -> None:
        """What a form that nobody has filled in begins with."""

    def values_for(self, by: By) -> dict[str, Any]:
        """What was chosen; the moment is that of the writer's clock."""
        typed = self.cleaned_data
        chosen = {name: typed[name] for name in ("title", "minutes")} | {"invited": list(typed["invited"])}
        return chosen | {"starts_at": self._moment(by)}

    def _moment(self, by: By) -> dt.datetime:
        settled = self.data.get("starts_at")  # after a conflict, as the log has it
        if settled and "pick-starts_at" in self.data:
            at = parsing.moment(settled, dt.UTC)
            if at is None:
                raise Refused("Choose a day.", "day")
            return at
        try:
            return local_moment(self.cleaned_data["day"], self.cleaned_data["time"], by.user.time_zone)
        except (OverflowError, ValueError):
            raise Refused("Choose a day within two years.", "day") from None


class PlanMeeting(_MeetingFields):
    verb = "meeting.planned"
    is_new = True
    heading = "Plan a meeting"
    submit = "Plan it"
    said = "It is planned."
    tone = "btn--primary"

    kind = forms.ChoiceField(
        label="Kind",
        required=False,
        choices=Meeting.Kind.choices,
        help_text="A kind brings topics of its own, with what the board says about them since the last one.",
        error_messages={"invalid_choice": "Choose what kind of meeting it is."},
    )
    card = card_field("The incident’s card", "Its key. What happened to it stands beside the first topic.")
    topics = forms.MultipleChoiceField(
        label="Agenda",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="What waits for talk on this board. Everyone on it can add to the agenda beforehand.",
    )
    more = text_field("More topics", rows=3, help_text="One a line: words, or the key of a card.")

    def __init__(self, thing: Any = None, data: Any = None, **initial: Any) -> None:
        super().__init__(thing, data, **initial)
        self.order_fields(["kind", "title", "day", "time", "minutes", "invited", "card"])
        self.offered = suggestions(thing, timezone.now())
        field: Any = self.fields["topics"]
        field.choices = [_choice(one) for one in self.offered]
        held = self.data.getlist("topics")[:_MOST_HELD] if hasattr(self.data, "getlist") else []
        known = {one.value for one in self.offered}
        # What the form was asked for with, and what has been settled, or put on another agenda, since it was
        # shown; the action looks again.
        for value in dict.fromkeys([*self.initial.get("topics", []), *held]):
            plan = _plan_of(value) if value not in known else None
            one = suggestion_of(thing, plan) if plan is not None else None
            field.choices += [_choice(one)] if one is not None else []
        if not field.choices:
            field.widget = forms.MultipleHiddenInput()

    def begin(self, reader: Any) -> None:
        if self.is_bound:
            return
        tomorrow = local(timezone.now(), reader.zone).date() + dt.timedelta(days=1)
        self.initial.setdefault("day", tomorrow)
        self.initial.setdefault("time", "10:00")
        self.initial.setdefault("topics", [one.value for one in self.offered])
        self.initial.setdefault("invited", [reader.pk])

    def perform(self, by: By, seen: int | None) -> Any:
        plans = [plan for value in self.cleaned_data["topics"] if (plan := _plan_of(value))]
        lines = [line.strip() for line in self.cleaned_data["more"].splitlines() if line.strip()]
        if len(lines) > MORE:
            raise Refused(f"At most {MORE} topics at once.", "more")
        plans += [plan_of_line(self.thing, line) for line in lines]
        kind, values = self.cleaned_data["kind"], self.values_for(by)
        if kind and not values["title"].strip():
            values["title"] = Meeting.Kind(kind).label
        card = card_called(self.thing, self.cleaned_data["card"]) if kind == Meeting.Kind.INCIDENT else None
        return meetings.plan_meeting(self.thing, by=by, topics=plans, kind=kind, card=card, **values)


def _choice(one: Suggestion) -> tuple[str, str]:
    return one.value, f"{one.key} {one.title} ({one.why.lower()})"


def _plan_of(value: str) -> TopicPlan | None:
    """What a suggestion's value names."""
    kind, _, uid = value.partition(":")
    about = parsing.identifier(uid)
    known = kind in Topic.Kind.values and kind != Topic.Kind.TEXT and about is not None
    return TopicPlan(kind, about) if known else None


class ChangeMeeting(_MeetingFields):
    verb = "meeting.changed"
    heading = "Change the meeting"

    def start(self, thing: Any) -> dict[str, Any]:
        return {"title": thing.title, "minutes": thing.minutes}

    def begin(self, reader: Any) -> None:
        if not self.is_bound:
            there = local(self.thing.starts_at, reader.zone)
            self.initial.update(day=there.date(), time=f"{there:%H:%M}")
            self.initial["invited"] = list(self.thing.invited.values_list("pk", flat=True))

    def perform(self, by: By, seen: int | None) -> Any:
        return meetings.change_meeting(self.thing, by=by, seen=seen, **self.values_for(by))


class StartMeeting(MeetingForm):
    verb = "meeting.started"
    heading = "Begin the meeting"
    submit = "Begin"
    said = ""
    look = "button"
    tone = "btn--primary"

    def perform(self, by: By, seen: int | None) -> Any:
        return meetings.start_meeting(self.thing, by=by)


class TurnTo(MeetingForm):
    verb = "meeting.turned"
    heading = "Turn to another topic"
    submit = "Turn to it"
    said = ""

    topic = forms.ModelChoiceField(Topic.objects.none(), label="Topic", required=False, empty_label="None")

    def __init__(self, thing: Any = None, data: Any = None, **initial: Any) -> None:
        super().__init__(thing, data, **initial)
        field: Any = self.fields["topic"]
        field.queryset = thing.topics.filter(dropped_at=None)
        field.error_messages["invalid_choice"] = "That topic is not on this agenda any more."

    def start(self, thing: Any) -> dict[str, Any]:
        return {}

    def perform(self, by: By, seen: int | None) -> Any:
        return meetings.turn_to(self.thing, self.cleaned_data["topic"], by=by)


class CloseMeeting(MeetingForm):
    verb = "meeting.closed"
    heading = "Close the meeting"
    submit = "Close the meeting"
    said = "Closed. These are its minutes."
    look = "button"
    tone = "btn--primary"

    def perform(self, by: By, seen: int | None) -> Any:
        return meetings.close_meeting(self.thing, by=by)


class CancelMeeting(MeetingForm):
    verb = "meeting.cancelled"
    heading = "Cancel the meeting"
    submit = "Cancel the meeting"
    said = "Cancelled."

    reason = text_field("Reason", rows=2, help_text="Not needed.")

    def start(self, thing: Any) -> dict[str, Any]:
        return {}

    def perform(self, by: By, seen: int | None) -> Any:
        return meetings.cancel_meeting(self.thing, self.cleaned_data["reason"], by=by)


class ReopenMeeting(MeetingForm):
    verb = "meeting.reopened"
    heading = "Plan the meeting again"
    submit = "Plan it again"
    said = "It is planned again."
    look = "button"

    def perform(self, by: By, seen: int | None) -> Any:
        return meetings.reopen_meeting(self.thing, by=by)
