"""The forms of a trial: owners say when the standup stops, and decide at the end what comes of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone

from activity.log.board_verbs import TRIAL_CHOICES
from activity.log.record import By
from boards import actions
from boards.forms.base import ChangeForm, text_field
from boards.models import Trial
from boards.models.trial import LARGEST, LENGTH, LONGEST
from fluxboard.accounts import times
from fluxboard.accounts.calendar import DAY
from fluxboard.core.recurrence import WEEKDAYS
from fluxboard.features.trial.report import load_report


def _number(label: str, most: int, what: str) -> forms.IntegerField:
    between = f"Between 1 and {most} {what}."
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=most,
        widget=forms.NumberInput({"class": "field__short"}),
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), between),
    )


class TrialForm(ChangeForm):
    page = "boards:trial"

    def back(self, done: Any) -> str:
        trial = done if isinstance(done, Trial) else self.thing
        if isinstance(trial, Trial) and trial.removed_at is None:
            return reverse("boards:trial_report", args=[self.board.key, trial.pk])
        return super().back(done)


class _TrialFields(TrialForm):
    stops = forms.DateField(
        label="Our standup stops on",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=f"The first day without it. {LENGTH} days before are compared with {LENGTH} from then on.",
        error_messages={"required": "Choose a day.", "invalid": "Choose a day."},
    )
    minutes = _number("Minutes that it took", LONGEST, "minutes")
    team = _number("How many people took part", LARGEST, "people")
    weekdays = forms.MultipleChoiceField(
        label="On which days",
        choices=list(WEEKDAYS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose the days on which the standup was held."},
    )

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("stops", "minutes", "team", "weekdays")}


class StartTrial(_TrialFields):
    verb = "trial.started"
    is_new = True
    heading = "Our standup stops"
    submit = "Begin the trial"
    said = "It is said, and in the log."
    tone = "btn--primary"

    def about_to_show(self, reader: Any) -> None:
        if self.is_bound:
            return
        today = times.today_of(reader, timezone.now())
        self.initial.setdefault("stops", today + (7 - today.weekday()) * DAY)
        self.initial.setdefault("minutes", 15)
        self.initial.setdefault(
            "team", max(2, min(LARGEST, self.board.members.filter(is_active=True).count()))
        )
        self.initial.setdefault("weekdays", [*WEEKDAYS][:5])

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.start_trial(self.thing, by=by, **self.values)


class ChangeTrial(_TrialFields):
    verb = "trial.changed"
    heading = "Change the trial"
    said = "Changed."

    def __init__(self, thing: Any = None, data: Any = None, **initial: Any) -> None:
        if data is not None and "pick-weekdays" in data:  # after a conflict, in one word
            data = data.copy()
            data.setlist("weekdays", data["weekdays"].split())
        super().__init__(thing, data, **initial)

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.change_trial(self.thing, by=by, seen=seen, **self.values)


class RemoveTrial(TrialForm):
    verb = "trial.removed"
    look = "button"
    heading = "Call off the trial?"
    submit = "Call it off"
    said = "The trial is called off."

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.remove_trial(self.thing, by=by)


class DecideTrial(TrialForm):
    verb = "trial.decided"
    heading = "What comes of it"
    submit = "Record it"
    said = "It is decided, and in the log with the report."
    tone = "btn--primary"

    choice = forms.ChoiceField(
        label="From now on",
        choices=list(TRIAL_CHOICES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what comes of it."},
    )
    text = text_field("Why", rows=3, help_text="For those who read it in a year.")

    def start(self, thing: Any) -> dict[str, Any]:
        return {}

    def perform(self, by: By, seen: int | None) -> Any:
        report = load_report(self.thing, self.board, by.user, by.now)
        typed = self.cleaned_data
        return actions.decide_trial(self.thing, typed["choice"], typed["text"], report.as_logged(), by=by)


class ReopenTrial(TrialForm):
    verb = "trial.reopened"
    look = "button"
    heading = "Decide again?"
    submit = "Decide again"
    said = "It can be decided again."

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.reopen_trial(self.thing, by=by)
