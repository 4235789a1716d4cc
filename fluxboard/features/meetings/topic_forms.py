"""The forms of the topics of an agenda."""

from __future__ import annotations

from typing import Any

from django import forms

from activity.log.record import By
from boards.forms.base import ChangeForm, name_field, text_field
from boards.models import Column, Role
from fluxboard.core import limits
from fluxboard.features.meetings.fields import (
    PeopleField,
    card_called,
    card_field,
    fill,
    minutes_field,
    person_field,
    plan_of_line,
    plan_of_thing,
)
from fluxboard.meetings.actions import outcomes, topics
from fluxboard.meetings.models import Topic


class TopicForm(ChangeForm):
    least = "member"

    @classmethod
    def stands_on(cls) -> str:
        return "Meeting" if cls.is_new else "Topic"

    def start(self, thing: Any) -> dict[str, Any]:
        return {}

    def back(self, done: Any) -> str:
        topic = done if done is not None else self.thing
        if not isinstance(topic, Topic):
            return str(topic.get_absolute_url())
        return f"{topic.meeting.get_absolute_url()}#topic-{topic.pk}"


class AddTopic(TopicForm):
    verb = "topic.added"
    is_new = True
    heading = "Put a topic on the agenda"
    submit = "Add"
    said = ""

    text = name_field("Topic", limits.TITLE)
    owner = person_field("Owner")
    minutes = minutes_field("Minutes", topics.MINUTES)
    about = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, thing: Any = None, data: Any = None, **initial: Any) -> None:
        super().__init__(thing, data, **initial)
        self.fields["text"].help_text = "Words, or the key of a card."
        fill(self, self.board, "owner")

    def perform(self, by: By, seen: int | None) -> Any:
        typed = self.cleaned_data
        more = {"owner": typed["owner"], "minutes": typed["minutes"]}
        plan = plan_of_thing(self.board, typed["about"], text=typed["text"], **more)
        return topics.add_topic(self.thing, plan or plan_of_line(self.board, typed["text"], **more), by=by)


class ChangeTopic(TopicForm):
    verb = "topic.changed"
    heading = "Change the topic"

    text = name_field("Topic", limits.TITLE)
    owner = person_field("Owner")
    minutes = minutes_field("Minutes", topics.MINUTES)

    def __init__(self, thing: Any = None, data: Any = None, **initial: Any) -> None:
        super().__init__(thing, data, **initial)
        fill(self, self.board, "owner")
        if thing.about is not None:
            self.fields["text"].label = "In your words"
            self.fields["text"].help_text = "Not needed: it is about something on the board."

    def start(self, thing: Any) -> dict[str, Any]:
        return {"text": thing.text, "owner": thing.owner_id, "minutes": thing.minutes}

    def perform(self, by: By, seen: int | None) -> Any:
        return topics.change_topic(self.thing, by=by, seen=seen, **self.cleaned_data)


class MoveTopic(TopicForm):
    verb = "topic.moved"
    heading = "Move the topic"
    submit = "Move"
    said = ""

    before = forms.ModelChoiceField(
        Topic.objects.none(), label="Before", required=False, empty_label="At the end"
    )

    def __init__(self, thing: Any = None, data: Any = None, **initial: Any) -> None:
        super().__init__(thing, data, **initial)
        field: Any = self.fields["before"]
        field.queryset = thing.meeting.topics.filter(dropped_at=None).exclude(pk=thing.pk)
        field.error_messages["invalid_choice"] = "That topic is not on this agenda any more."

    def perform(self, by: By, seen: int | None) -> Any:
        return topics.move_topic(self.thing, by=by, before=self.cleaned_data["before"])


class NoteTopic(TopicForm):
    verb = "topic.noted"
    heading = "Notes"
    submit = "Save the notes"
    said = ""
    part = "meetings/_notes.html"

    notes = text_field("Notes", rows=6, help_text="Several can write at once; lines of both are kept.")

    def start(self, thing: Any) -> dict[str, Any]:
        return {"notes": thing.notes}

    def perform(self, by: By, seen: int | None) -> Any:
        return topics.note_topic(self.thing, self.cleaned_data["notes"], by=by, seen=seen)


class SettleTopic(TopicForm):
    verb = "topic.settled"
    heading = "What came out of it"
    submit = "Record the outcome"
    said = ""
    tone = "btn--primary"

    outcome = forms.ChoiceField(
        label="Outcome",
        choices=[choice for choice in Topic.Outcome.choices if choice[0] != Topic.Outcome.WRITTEN],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what came out.", "invalid_choice": "Choose what came out."},
    )
    text = text_field(
        "In words", rows=3, help_text="The decision, the action, the question, or why there is nothing."
    )
    assignee = person_field("Who does it")
    due = forms.DateField(
        label="By when",
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Choose a day."},
    )
    column = forms.ModelChoiceField(Column.objects.none(), label="Column", required=False, empty_label=None)
    ask = PeopleField("Who answers", "Each has until their own answer-by, in their own working hours.")
    decided_by = PeopleField("Who decided")
    card = card_field("On the card")

    def __init__(self, thing: Any = None, data: Any = None, **initial: Any) -> None:
        super().__init__(thing, data, **initial)
        fill(self, self.board, "assignee", "decided_by")
        ask: Any = self.fields["ask"]
        writers = self.board.memberships.filter(role__in=(Role.OWNER, Role.MEMBER)).values("user")
        ask.queryset = self.board.members.filter(is_active=True, pk__in=writers).order_by("name", "pk")
        column: Any = self.fields["column"]
        column.queryset = self.board.columns.current().in_board_order()
        column.error_messages["invalid_choice"] = "That column is not on this board."
        own = "on its own card" if thing.about is not None else "on a new card for it"
        self.fields["card"].help_text = f"The key of a card; left empty, {own}."

    def perform(self, by: By, seen: int | None) -> Any:
        typed = self.cleaned_data
        column = typed["column"]
        if column is not None:
            column.board = self.board
        outcome = outcomes.TopicOutcome(
            kind=typed["outcome"],
            text=typed["text"],
            card=card_called(self.board, typed["card"]),
            owner=typed["assignee"],
            due=typed["due"],
            column=column,
            asked=list(typed["ask"]),
            decided_by=list(typed["decided_by"]),
        )
        return outcomes.settle_topic(self.thing, outcome, by=by)


class ReopenTopic(TopicForm):
    verb = "topic.reopened"
    heading = "Take the outcome back"
    submit = "Take back"
    said = "The topic is open again. What it made stays."
    look = "button"

    def perform(self, by: By, seen: int | None) -> Any:
        return topics.reopen_topic(self.thing, by=by)


class DropTopic(TopicForm):
    verb = "topic.dropped"
    heading = "Take the topic off the agenda"
    submit = "Take off"
    said = "It is off the agenda."
    look = "button"

    def perform(self, by: By, seen: int | None) -> Any:
        return topics.drop_topic(self.thing, by=by)


class RestoreTopic(TopicForm):
    verb = "topic.restored"
    heading = "Put the topic back on the agenda"
    submit = "Put back"
    said = "It is on the agenda again."
    look = "button"

    def perform(self, by: By, seen: int | None) -> Any:
        return topics.restore_topic(self.thing, by=by)
