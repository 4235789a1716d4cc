"""The form of a link to the weekly report."""

from __future__ import annotations

from django import forms

from boards.models.weekly_link import LINK_DAYS, WEEKLY_PARTS


class LinkForm(forms.Form):
    parts = forms.MultipleChoiceField(
        label="It shows",
        choices=list(WEEKLY_PARTS.items()),
        initial=["finished", "decided"],
        widget=forms.CheckboxSelectMultiple({"data-field": "parts"}),
        error_messages={
            "required": "Choose what it shows.",
            "invalid_choice": "Choose among what can be shown.",
        },
        help_text="Keys and titles always stand there, links into the board never. Titles, decisions and "
        "what people wrote are shown as they are: a name within one stays.",
    )
    days = forms.TypedChoiceField(
        label="It works for",
        coerce=int,
        choices=[(days, f"{days} days") for days in LINK_DAYS],
        initial=30,
        widget=forms.Select({"data-field": "days"}),
    )
