"""Fields that choose from what a board has: its labels and its people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model

from boards.models import Board, Label


class LabelsField(forms.ModelMultipleChoiceField):
    """Any of a board's labels; `with_people` fills it."""

    def __init__(self) -> None:
        super().__init__(
            Label.objects.none(), label="Labels", required=False, widget=forms.CheckboxSelectMultiple
        )
        self.error_messages["invalid_choice"] = "A label that you chose is not on this board any more."
        self.error_messages["invalid_pk_value"] = self.error_messages["invalid_choice"]


def owner_field() -> forms.ModelChoiceField:
    """One of a board's people, or nobody; `with_people` fills it."""
    people = get_user_model().objects.none()
    return forms.ModelChoiceField(people, label="Assignee", required=False, empty_label="Nobody yet")


def with_people(form: forms.Form, board: Board) -> None:
    """Let `form` choose from the labels and the active people of `board`; no labels, no field for them."""
    owner: Any = form.fields["assignee"]
    owner.queryset = board.members.filter(is_active=True).order_by("name")
    there = board.labels.filter(removed_at=None).order_by("name")
    labels: Any = form.fields["labels"]
    labels.queryset = there
    if not there.exists():
        labels.widget = forms.MultipleHiddenInput()
