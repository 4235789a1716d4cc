"""What people type about themselves: their name, their clock, how others see them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from fluxboard.accounts.models import HUES, User, weekdays
from fluxboard.accounts.zones import resolve

WEEKDAY_CHOICES = [(1, "Mon"), (2, "Tue"), (3, "Wed"), (4, "Thu"), (5, "Fri"), (6, "Sat"), (7, "Sun")]
HUE_NAMES = ("Red", "Orange", "Olive", "Green", "Teal", "Blue", "Violet", "Pink")


class ZoneField(forms.CharField):
    """A time zone by its name or its city; cleans to the name in the IANA database."""

    widget = forms.TextInput(
        attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false", "data-behaviour": "zone"}
    )
    default_error_messages = {"unknown": "We know no time zone called “%(typed)s”. Try the nearest big city."}

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        name = resolve(typed)
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


class NameField(forms.CharField):
    """A person's name: one line, spaces tidied, at most 80 characters."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Name")
        kwargs.setdefault("max_length", 80)
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("autocomplete", "name")

    def to_python(self, value: Any) -> str:
        return " ".join((super().to_python(value) or "").split())


class ProfileForm(ClockFields, forms.ModelForm):
    """The profile page. `instance` is the person; saving writes only what changed."""

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
            "theme",
            "shortcuts",
        )

    def __init__(self, data: Any = None, *, instance: User) -> None:
        self._before = {name: getattr(instance, name) for name in self.Meta.fields}
        super().__init__(data, instance=instance)
        if instance.time_zone == "UTC":  # nobody chose it yet: the browser may guess
            self.fields["time_zone"].widget.attrs["data-guess"] = ""

    @property
    def changed(self) -> list[str]:
        """The fields whose value is another one than the person had, as cleaned."""
        return [name for name, value in self._before.items() if self.cleaned_data.get(name) != value]

    def clean_handle(self) -> str:
        return self.cleaned_data["handle"].strip().removeprefix("@").lower()

    def save(self, commit: bool = True) -> User:
        person: User = self.instance
        if commit and self.changed:
            person.save(update_fields=self.changed)
        return person
