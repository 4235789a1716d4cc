"""Forms about the card templates of a board."""

from __future__ import annotations

from typing import Any

from django import forms

from activity.log.record import By
from boards import actions
from boards.forms.base import ChangeForm, name_field, text_field
from boards.forms.choices import LabelsField, owner_field, with_people
from boards.models import SPEC_FIELDS
from boards.title_pattern import MARKS
from fluxboard.core import limits

_TEXTS = ("name", "title", *SPEC_FIELDS, "steps")


class TemplateForm(ChangeForm):
    least = "member"
    page = "boards:settings_templates"


class _TemplateFields(TemplateForm):
    """What a template is made of; `thing` is the board or the template."""

    name = name_field("Name", limits.TEMPLATE_NAME, required=True)
    title = forms.CharField(
        label="Title",
        required=False,
        strip=False,
        widget=forms.TextInput({"maxlength": limits.TITLE, "autocomplete": "off"}),
        help_text="What the title begins with. It can have {}.".format(
            ", ".join(f"<code>{{{mark}}}</code>" for mark in MARKS)
        ),
    )
    what = text_field(
        "What", rows=3, help_text="Write what whoever uses it is to say, as a question or a heading."
    )
    why = text_field("Why", rows=2)
    done_when = text_field("Done when", rows=3)
    constraints = text_field("Constraints", rows=2)
    steps = text_field("Checklist", rows=4, help_text="An item in each line.")
    labels = LabelsField()
    assignee = owner_field()

    def __init__(self, thing: Any = None, data: Any = None, **initial: Any) -> None:
        super().__init__(thing, data, **initial)
        with_people(self, self.board)

    @property
    def values(self) -> dict[str, Any]:
        typed = self.cleaned_data
        return {name: typed[name] for name in (*_TEXTS, "labels", "assignee")}


class SaveTemplate(_TemplateFields):
    verb = "template.saved"
    is_new = True
    heading = "New card template"
    submit = "Save the template"
    said = "The template is there for everyone on the board."
    tone = "btn--primary"

    def perform(self, by: By, seen: int | None) -> Any:
        values = self.values
        return actions.save_template(self.thing, values.pop("name"), by=by, **values)


class ChangeTemplate(_TemplateFields):
    verb = "template.changed"
    heading = "Change this card template"
    submit = "Save the template"

    def start(self, thing: Any) -> dict[str, Any]:
        worn = thing.labels.filter(removed_at=None) if thing.pk else []
        return super().start(thing) | {"labels": [label.pk for label in worn], "assignee": thing.assignee_id}

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.change_template(self.thing, by=by, seen=seen, **self.values)


class MakeDefault(TemplateForm):
    verb = "template.made_default"
    heading = "What new cards begin with"
    look = "button"

    is_default = forms.BooleanField(required=False, widget=forms.HiddenInput)

    @property
    def submit(self) -> str:  # type: ignore[override]
        return "No longer the default" if self.thing.is_default else "Make it the default"

    def start(self, thing: Any) -> dict[str, Any]:
        return {"is_default": not thing.is_default}

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.make_default(self.thing, self.cleaned_data["is_default"], by=by)


class RemoveTemplate(TemplateForm):
    verb = "template.removed"
    heading = "Remove this card template"
    submit = "Remove"
    said = "The template is gone. It is in the archive, with the way back."
    look = "button"

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.remove_template(self.thing, by=by)


class RestoreTemplate(TemplateForm):
    verb = "template.restored"
    heading = "Restore this card template"
    submit = "Restore"
    said = "The template is back."
    look = "button"
    page = "boards:archive"

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.restore_template(self.thing, by=by)
