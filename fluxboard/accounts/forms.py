"""What people type about themselves: their name, their clock, how others see them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from fluxboard.accounts.models import HUES, User, weekdays
from fluxboard.accounts.time_zones import meant, resolve
from fluxboard.core import limits, parsing, texts
from fluxboard.core.mail import can_send_mail

WEEKDAY_CHOICES = [(1, "Mon"), (2, "Tue"), (3, "Wed"), (4, "Thu"), (5, "Fri"), (6, "Sat"), (7, "Sun")]
_NO_MAIL = "This server sends no mail, so none comes until it does. What you choose here is kept."
HUE_NAMES = ("Red", "Orange", "Olive", "Green", "Teal", "Blue", "Violet", "Pink")


class ZoneField(forms.CharField):
    """A time zone by its name or its city; cleans to the name in the IANA database."""

    widget = forms.TextInput(
        attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false", "data-behaviour": "zone"}
    )
    default_error_messages = {
        "unknown": "We know no time zone called “%(typed)s”. Try the nearest big city.",
        "several": "“%(typed)s” does not say which clock. Do you mean %(names)s? Write that, or a city.",
    }

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        name = resolve(typed)
        if typed and not name and (names := meant(typed)):
            params = {"typed": typed, "names": " or ".join(names)}
            raise ValidationError(self.error_messages["several"], code="several", params=params)
        if typed and not name:
            raise ValidationError(self.error_messages["unknown"], code="unknown", params={"typed": typed})
        return name or ""


class ClockFields(forms.Form):
    """Zone, working days and hours. Hours that end before they start run over midnight."""

    time_zone = ZoneField(label="Time zone", max_length=64)
    work_days = forms.TypedMultipleChoiceField(
        label="Working days",
        coerce=int,
        choices=WEEKDAY_CHOICES,
        widget=forms.CheckboxSelectMultiple,
        initial=weekdays,
        required=False,
    )
    work_start = forms.TimeField(
        label="From",
        initial=dt.time(9),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    work_end = forms.TimeField(
        label="Until",
        initial=dt.time(17, 30),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start, end = cleaned.get("work_start"), cleaned.get("work_end")
        if start is not None and start == end:
            self.add_error("work_end", "Work has to end at another time than it starts.")
        return cleaned


class DigestFields(forms.Form):
    """Whether a digest comes by e-mail, and at which hour of the person's own working days."""

    digest_on = forms.BooleanField(
        label="A digest by email on each working day",
        required=False,
        initial=True,
        help_text="What waits on you, decisions, and what changed. Not when there is nothing new.",
    )
    digest_at = forms.TimeField(
        label="At",
        required=False,
        initial=dt.time(9),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not can_send_mail():
            for name in {"digest_on", "nudge_on"} & self.fields.keys():
                self.fields[name].help_text = _NO_MAIL

    def clean_digest_at(self) -> dt.time:
        at: dt.time = self.cleaned_data["digest_at"] or self.get_initial_for_field(
            self.fields["digest_at"], "digest_at"
        )
        return at


class DaysOffField(forms.CharField):
    """Days off as lines of a text, `2026-12-24` or `2026-12-24 to 2027-01-02`; cleans to sorted dates."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})
    default_error_messages = {
        "unknown": "“%(typed)s” is no day. Write 2026-12-24, or 2026-12-24 to 2027-01-02.",
        "many": "That is more than %(most)s days.",
    }
    most = 100

    def prepare_value(self, value: Any) -> Any:
        """Stretches of days as one line each; what was typed as it was."""
        if not isinstance(value, list):
            return value
        stretches: list[list[dt.date]] = []
        for day in sorted(set(value)):
            if stretches and day - stretches[-1][-1] == dt.timedelta(days=1):
                stretches[-1].append(day)
            else:
                stretches.append([day])
        return "\n".join(f"{days[0]} to {days[-1]}" if len(days) > 1 else str(days[0]) for days in stretches)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def clean(self, value: Any) -> list[dt.date]:
        typed = super().clean(value)
        days: set[dt.date] = set()
        for line in filter(None, (part.strip() for part in re.split(r"[\n,;]", typed))):
            first, last = self._stretch(line)
            if (last - first).days >= self.most:
                raise ValidationError(self.error_messages["many"], code="many", params={"most": self.most})
            days |= {first + dt.timedelta(days=ahead) for ahead in range((last - first).days + 1)}
        if len(days) > self.most:
            raise ValidationError(self.error_messages["many"], code="many", params={"most": self.most})
        return sorted(days)

    def _stretch(self, line: str) -> tuple[dt.date, dt.date]:
        words = [word for word in line.split() if word not in {"to", "until", "-", "–"}]
        days = [day for word in words if (day := parsing.day(word)) and day.year >= parsing.EARLIEST_YEAR]
        if not 0 < len(days) == len(words) < 3 or days[-1] < days[0]:
            raise ValidationError(self.error_messages["unknown"], code="unknown", params={"typed": line})
        return days[0], days[-1]


class NameField(forms.CharField):
    """A person's name: one line, spaces tidied, at most 80 characters, something to be seen."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Name")
        kwargs.setdefault("max_length", limits.PERSON_NAME)
        kwargs.setdefault("strip", False)
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("autocomplete", "name")

    def to_python(self, value: Any) -> str:
        try:
            return texts.tidied(super().to_python(value) or "", limits.PERSON_NAME)
        except texts.NotKept as problem:
            raise ValidationError(f"A name {problem}", code="invalid") from None


class PersonForm(forms.ModelForm):
    """Something of a person that they set themselves. Saving writes only what changed."""

    def __init__(self, data: Any = None, *, instance: User) -> None:
        self._before = {name: getattr(instance, name) for name in self._meta.fields or ()}
        super().__init__(data, instance=instance)
        if instance.time_zone == "UTC":  # nobody chose it yet: the browser may guess
            self.fields["time_zone"].widget.attrs["data-guess"] = ""

    @property
    def changed(self) -> list[str]:
        """The fields whose value is another one than the person had, as cleaned."""
        return [name for name, value in self._before.items() if self.cleaned_data.get(name) != value]

    def save(self, commit: bool = True) -> User:
        person: User = self.instance
        if commit and self.changed:
            person.save(update_fields=self.changed)
        return person


class StartForm(ClockFields, DigestFields, PersonForm):
    """What somebody is asked once, after their first sign-in."""

    class Meta:
        model = User
        fields = ("time_zone", "work_days", "work_start", "work_end", "digest_on", "digest_at")


class ProfileForm(ClockFields, DigestFields, PersonForm):
    """The profile page. `instance` is the person."""

    name = NameField()
    handle = forms.CharField(
        label="Handle",
        max_length=30,
        help_text="For mentions: @handle. Lower-case letters, digits, dot, dash.",
        error_messages={"unique": "Somebody else has this handle."},
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    hue = forms.TypedChoiceField(
        label="Colour",
        coerce=int,
        choices=list(zip(HUES, HUE_NAMES, strict=True)),
        widget=forms.RadioSelect,
    )
    days_off = DaysOffField(
        label="Days off",
        required=False,
        help_text="One day or stretch a line: 2026-12-24, or 2026-12-24 to 2027-01-02.",
    )
    nudge_on = forms.BooleanField(
        label="An email when an answer of yours is due within the hour",
        required=False,
        help_text="Only while you are at work.",
    )
    theme = forms.ChoiceField(
        label="Theme",
        required=False,
        choices=User._meta.get_field("theme").choices,  # type: ignore[arg-type]
        widget=forms.RadioSelect,
    )
    shortcuts = forms.BooleanField(
        label="Single-key shortcuts",
        required=False,
        help_text="Letters and space act on the focused card. Turn them off if you use voice input.",
    )

    class Meta:
        model = User
        fields = (
            "name",
            "handle",
            "hue",
            "time_zone",
            "work_days",
            "work_start",
            "work_end",
            "days_off",
            "digest_on",
            "digest_at",
            "nudge_on",
            "theme",
            "shortcuts",
        )

    def clean_handle(self) -> str:
        return self.cleaned_data["handle"].strip().removeprefix("@").lower()
