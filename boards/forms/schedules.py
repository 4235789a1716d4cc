"""Forms about card templates on a calendar."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils import timezone

from activity.errors import Refused
from activity.log.record import By
from boards import actions
from boards.forms.base import ChangeForm
from boards.forms.rota import RotaField, people_in_turn
from boards.models import Column, Template
from fluxboard.accounts.time_zones import listed
from fluxboard.accounts.working_hours import local
from fluxboard.core.recurrence import FIRST_WORKING_DAY, PLACES, WEEKDAYS, Rule

_REPEATS = [
    ("weekly", "Weekly, on days"),
    ("date", "Monthly, on a date"),
    ("weekday", "Monthly, on a weekday"),
    ("working", "On the first working day of the month"),
    ("rule", "By a rule of one’s own"),
]
_OWNERS = [("assignee", "The template’s assignee"), ("rota", "Several people in turn")]
_ENDS = [("", "Never"), ("until", "On a day"), ("count", "After some cards")]


class ScheduleForm(ChangeForm):
    least = "member"
    page = "boards:settings_templates"


class _ScheduleFields(ScheduleForm):
    """When a card opens by itself; `thing` is the board or the schedule."""

    repeats = forms.ChoiceField(label="Repeats", choices=_REPEATS, initial="weekly", widget=forms.RadioSelect)
    weekdays = forms.MultipleChoiceField(
        label="Weekly: on",
        required=False,
        choices=list(WEEKDAYS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    weeks = forms.IntegerField(
        label="Weekly: every how many weeks",
        required=False,
        min_value=1,
        max_value=100,
        initial=1,
        widget=forms.NumberInput({"class": "field__short"}),
    )
    date = forms.TypedChoiceField(
        label="Monthly: on day",
        required=False,
        coerce=int,
        choices=[*((day, str(day)) for day in range(1, 32)), (-1, "Last")],
        help_text="Months that have no such day are passed over.",
    )
    place = forms.TypedChoiceField(
        label="Monthly: on the", required=False, coerce=int, choices=list(PLACES.items())
    )
    weekday = forms.ChoiceField(label="Weekday of the month", required=False, choices=list(WEEKDAYS.items()))
    rule = forms.CharField(
        label="Rule of one’s own",
        required=False,
        widget=forms.TextInput({"maxlength": 200, "autocomplete": "off", "spellcheck": "false"}),
        help_text="29 February comes in leap years only. An RRULE as calendars have it, such as "
        "<code>FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1</code>.",
    )
    first = forms.DateField(label="From", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(
        label="At",
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text="By the clock there, in summer and winter. An hour that it skips counts as the next.",
    )
    zone = forms.ChoiceField(label="Time zone", required=False)
    ends = forms.ChoiceField(label="Ends", required=False, choices=_ENDS, widget=forms.RadioSelect)
    until = forms.DateField(
        label="Last day", required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    count = forms.IntegerField(
        label="How many cards",
        required=False,
        min_value=1,
        max_value=1000,
        widget=forms.NumberInput({"class": "field__short"}),
    )
    owners = forms.ChoiceField(
        label="Whose card it is",
        required=False,
        choices=_OWNERS,
        initial="assignee",
        widget=forms.RadioSelect,
    )
    rota = RotaField()
    column = forms.ModelChoiceField(Column.objects.none(), label="Column", empty_label=None)

    def __init__(self, thing: Any = None, data: Any = None, **initial: Any) -> None:
        super().__init__(thing, data, **initial)
        zones: Any = self.fields["zone"]
        held = str(self.initial.get("zone") or "")
        names = dict.fromkeys((*listed(), *([held] if held else [])))
        zones.choices = [("", "That of whoever gets the card"), *((name, name) for name in names)]
        column: Any = self.fields["column"]
        column.queryset = self.board.columns.current().in_board_order()
        column.error_messages["invalid_choice"] = "That column is not on this board."
        rota: Any = self.fields["rota"]
        rota.people = people_in_turn(self.board, None if self.is_new else thing)

    def about_to_show(self, reader: Any) -> None:
        if self.is_new and not self.is_bound:
            self.initial.setdefault("first", local(timezone.now(), reader.zone).date())
            self.initial.setdefault("time", "09:00")

    @property
    def rota_places(self) -> list[list[tuple[str, str, bool]]]:
        """The places of the rota, as `boards/_rota.html` draws them."""
        rota: Any = self.fields["rota"]
        return rota.places(self["rota"].value())

    @property
    def values(self) -> dict[str, Any]:
        typed = self.cleaned_data
        chosen = {name: typed[name] for name in ("first", "time", "zone", "column")}
        is_picked = "pick-rota" in self.data  # after a conflict one of two rotas, which may be none
        chosen["rota"] = typed["rota"] if typed["owners"] == "rota" or is_picked else []
        if typed["owners"] == "rota" and not typed["rota"] and not is_picked:
            raise Refused("Choose at least one person to take turns.", "rota")
        # After a conflict one of two rules has been chosen, as it is written.
        rule = typed["rule"] if "pick-rule" in self.data else _rule(typed)
        return {"rule": rule} | chosen


def _rule(typed: dict[str, Any]) -> str:
    """What was chosen, as a rule. Raises `Refused` beside the field that is missing."""
    match typed["repeats"]:
        case "weekly":
            if not typed["weekdays"]:
                raise Refused("Choose at least one day of the week.", "weekdays")
            base = f"FREQ=WEEKLY;INTERVAL={typed['weeks'] or 1};BYDAY={','.join(typed['weekdays'])}"
        case "date":
            if not typed["date"]:
                raise Refused("Choose a day of the month.", "date")
            base = f"FREQ=MONTHLY;BYMONTHDAY={typed['date']}"
        case "weekday":
            if not typed["place"] or not typed["weekday"]:
                raise Refused("Choose which weekday of the month.", "weekday")
            base = f"FREQ=MONTHLY;BYDAY={typed['place']}{typed['weekday']}"
        case "working":
            base = FIRST_WORKING_DAY
        case _:
            if not typed["rule"].strip():
                raise Refused("Write a rule.", "rule")
            return f"{typed['rule'].strip()}{_end(typed)}"
    return f"{base.replace('INTERVAL=1;', '')}{_end(typed)}"


def _end(typed: dict[str, Any]) -> str:
    match typed["ends"]:
        case "until":
            if typed["until"] is None:
                raise Refused("Choose the last day.", "until")
            return f";UNTIL={typed['until']:%Y%m%d}"
        case "count":
            if typed["count"] is None:
                raise Refused("Say how many cards.", "count")
            return f";COUNT={typed['count']}"
    return ""


class SaveSchedule(_ScheduleFields):
    verb = "schedule.saved"
    is_new = True
    heading = "Open cards on a calendar"
    submit = "Put it on the calendar"
    said = "It is on the calendar."
    tone = "btn--primary"

    template = forms.ModelChoiceField(Template.objects.none(), label="Card template", empty_label=None)
    field_order = ("template",)

    def __init__(self, thing: Any = None, data: Any = None, **initial: Any) -> None:
        super().__init__(thing, data, **initial)
        template: Any = self.fields["template"]
        template.queryset = thing.templates.filter(removed_at=None)
        template.error_messages["invalid_choice"] = "That template is not on this board any more."

    def perform(self, by: By, seen: int | None) -> Any:
        template = self.cleaned_data["template"]
        template.board = self.thing
        return actions.save_schedule(template, by=by, **self.values)


class ChangeSchedule(_ScheduleFields):
    verb = "schedule.changed"
    heading = "Change when cards open"
    submit = "Save"

    def start(self, thing: Any) -> dict[str, Any]:
        """The rule as it is written; the ends that it has are part of that."""
        held = {name: getattr(thing, name) for name in ("rule", "first", "time", "zone")}
        rota = [one.person_id for one in thing.places]
        held |= {"column": thing.column_id, "rota": rota, "owners": "rota" if rota else "assignee"}
        return held | {"repeats": "rule"} | _chosen(Rule.read(thing.rule))

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.change_schedule(self.thing, by=by, seen=seen, **self.values)


def _chosen(rule: Rule) -> dict[str, Any]:
    """What the form's fields hold for a rule that they can say; else the rule as it is written."""
    parts = dict(part.split("=") for part in rule.base.split(";"))
    names, by_day = parts.keys() - {"FREQ"}, parts.get("BYDAY", "")
    ends: dict[str, Any] = {"ends": "", "rule": rule.base}
    if rule.until:
        ends |= {"ends": "until", "until": rule.until}
    elif rule.count:
        ends |= {"ends": "count", "count": rule.count}
    if rule.base == str(Rule.read(FIRST_WORKING_DAY)):
        return ends | {"repeats": "working", "rule": ""}
    if parts["FREQ"] == "WEEKLY" and by_day and names <= {"BYDAY", "INTERVAL"}:
        weeks = int(parts.get("INTERVAL", "1"))
        return ends | {"repeats": "weekly", "weekdays": by_day.split(","), "weeks": weeks, "rule": ""}
    if names == {"BYMONTHDAY"} and parts["BYMONTHDAY"] in {"-1", *map(str, range(1, 32))}:
        return ends | {"repeats": "date", "date": int(parts["BYMONTHDAY"]), "rule": ""}
    nth = re.fullmatch(r"(-?[1-4])([A-Z]{2})", by_day)
    if parts["FREQ"] == "MONTHLY" and names == {"BYDAY"} and nth:
        return ends | {"repeats": "weekday", "place": int(nth[1]), "weekday": nth[2], "rule": ""}
    return ends


class PauseSchedule(ScheduleForm):
    verb = "schedule.paused"
    heading = "Pause this schedule"
    submit = "Pause"
    said = "Paused. No card opens until you let it go on."
    look = "button"

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.pause_schedule(self.thing, by=by)


class ResumeSchedule(ScheduleForm):
    verb = "schedule.resumed"
    heading = "Let this schedule go on"
    submit = "Go on"
    said = "It goes on. What would have opened meanwhile does not."
    look = "button"

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.resume_schedule(self.thing, by=by)


class SkipCard(ScheduleForm):
    verb = "schedule.skipped"
    heading = "Skip the next card"
    submit = "Skip the next"
    said = "The next card is skipped."
    look = "button"

    day = forms.DateField(widget=forms.HiddenInput)

    def start(self, thing: Any) -> dict[str, Any]:
        return {"day": thing.coming[0].day.isoformat() if thing.coming else ""}

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.skip_card(self.thing, self.cleaned_data["day"], by=by)


class RemoveSchedule(ScheduleForm):
    verb = "schedule.removed"
    heading = "Take this off the calendar"
    submit = "Remove"
    said = "It is off the calendar. The cards that it opened stay."
    look = "button"

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.remove_schedule(self.thing, by=by)


class RestoreSchedule(ScheduleForm):
    verb = "schedule.restored"
    heading = "Put this back on the calendar"
    submit = "Restore"
    said = "It is back on the calendar."
    look = "button"
    page = "boards:archive"

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.restore_schedule(self.thing, by=by)
