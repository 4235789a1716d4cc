"""Forms about labels."""

from __future__ import annotations

from typing import Any

from django import forms

from activity.log.record import By
from boards import actions
from boards.forms.base import ChangeForm, name_field
from fluxboard.core import limits

_HUES = [
    (1, "Red"),
    (2, "Orange"),
    (3, "Olive"),
    (4, "Green"),
    (5, "Teal"),
    (6, "Blue"),
    (7, "Violet"),
    (8, "Pink"),
]


def hue_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label="Colour", choices=_HUES, coerce=int, initial=6, widget=forms.RadioSelect
    )


class LabelForm(ChangeForm):
    least = "member"
    page = "boards:settings_labels"


class CreateLabel(LabelForm):
    verb = "label.created"
    is_new = True
    heading = "New label"
    submit = "Add the label"
    look = "row"

    name = name_field("Name of the new label", limits.LABEL_NAME, required=True)
    hue = hue_field()

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.create_label(self.thing, self.cleaned_data["name"], self.cleaned_data["hue"], by=by)


class RenameLabel(LabelForm):
    verb = "label.renamed"
    heading = "Rename this label"
    submit = "Rename"
    look = "row"

    name = name_field("Name", limits.LABEL_NAME, required=True)

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.rename_label(self.thing, self.cleaned_data["name"], by=by, seen=seen)


class RecolourLabel(LabelForm):
    verb = "label.recoloured"
    heading = "Recolour this label"
    submit = "Set"
    look = "row"

    hue = hue_field()

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.recolour_label(self.thing, self.cleaned_data["hue"], by=by)


class RemoveLabel(LabelForm):
    verb = "label.removed"
    heading = "Remove this label from the board and its cards"
    submit = "Remove"
    said = "The label is gone from the board and its cards."
    look = "button"

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.remove_label(self.thing, by=by)


class RestoreLabel(LabelForm):
    verb = "label.restored"
    heading = "Restore this label, also on the cards that it was on"
    submit = "Restore"
    said = "The label is back, also on the cards that it was on."
    look = "button"
    page = "boards:archive"

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.restore_label(self.thing, by=by)
