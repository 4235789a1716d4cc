"""The form of a new card: one title, or many from pasted lines."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.urls import reverse

from activity.errors import Refused
from activity.log.record import By
from boards import actions
from boards.forms.base import ChangeForm, text_field
from boards.forms.choices import LabelsField, owner_field, with_people
from boards.models import SPEC_FIELDS, Card, Column, Template
from boards.title_pattern import filled
from fluxboard.accounts.working_hours import local
from fluxboard.core import parsing


def _begun(template: Template | None, today: dt.date | None) -> dict[str, Any]:
    """What the form of a new card holds at first; the owner is offered while they are on the board."""
    if template is None or today is None:
        return {}
    owner = template.assignee
    return {
        **{name: getattr(template, name) for name in (*SPEC_FIELDS, "steps")},
        "title": filled(template.title, today),
        "labels": [label.pk for label in template.labels.filter(removed_at=None)],
        "assignee": owner.pk if owner is not None and owner.is_active else None,
    }


class CreateCard(ChangeForm):
    """`thing` is the board. Several lines as a title make a card each; `before`/`after` is a card's key."""

    verb = "card.created"
    is_new = True
    least = "member"
    heading = "New card"
    submit = "Add the card"
    said = ""
    tone = "btn--primary"
    beside = "answers/_for_card.html"

    title = forms.CharField(
        label="Title",
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 2, "required": True, "autofocus": True}),
        help_text="Several lines make several cards.",
    )
    column = forms.ModelChoiceField(Column.objects.none(), label="Column", empty_label=None)
    what = text_field("What", rows=2)
    why = text_field("Why", rows=2)
    done_when = text_field("Done when", rows=2)
    constraints = text_field("Constraints", rows=2)
    steps = text_field("Checklist", rows=2, help_text="An item in each line.")
    labels = LabelsField()
    assignee = owner_field()
    template = forms.ModelChoiceField(Template.objects.none(), required=False, widget=forms.HiddenInput)
    quick = forms.CharField(required=False, widget=forms.HiddenInput)
    before = forms.CharField(required=False, widget=forms.HiddenInput)
    after = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, thing: Any = None, data: Any = None, **initial: Any) -> None:
        template = initial.get("template")
        super().__init__(thing, data, **(_begun(template, initial.pop("today", None)) | initial))
        templates: Any = self.fields["template"]
        templates.queryset = thing.templates.filter(removed_at=None)
        templates.error_messages["invalid_choice"] = "That template is not on this board any more."
        column: Any = self.fields["column"]
        column.queryset = thing.columns.current().in_board_order()
        column.error_messages["invalid_choice"] = "That column is not on this board."
        if self.data.get("quick"):
            self.part = "boards/_quick.html"
        with_people(self, thing)

    def part_context(self) -> dict[str, Any]:
        asked = self["column"].value()
        field: Any = self.fields["column"]
        columns = field.queryset
        column = next((one for one in columns if str(one.pk) == str(asked)), columns.first())
        return {"board": self.thing, "column": column}

    def perform(self, by: By, seen: int | None) -> Any:
        typed = self.cleaned_data
        column, is_many = typed["column"], len(typed["title"].strip().split("\n")) > 1
        column.board = self.thing
        place: dict[str, Any] = {name: self._card(typed[name]) for name in ("before", "after") if typed[name]}
        said = {name: typed[name] for name in (*SPEC_FIELDS, "steps") if typed[name].strip()}
        template = typed["template"]
        if typed["quick"] and "template" not in self.data:
            template = self.thing.templates.filter(is_default=True, removed_at=None).first()
        if typed["quick"] and template is not None:  # which asks for a title alone
            day = local(by.now, by.user.zone).date()
            cards = actions.create_cards(column, typed["title"], by=by, template=template, day=day, **place)
            return cards if is_many else cards[0]
        if is_many:
            if said or typed["assignee"] or typed["labels"]:
                raise Refused("Several titles at once can have nothing but a title each.", "title")
            return actions.create_cards(column, typed["title"], by=by, **place)
        more = {"assignee": typed["assignee"], "labels": typed["labels"], "template": template}
        return actions.create_card(column, typed["title"], by=by, **more, **place, **said)

    def _card(self, key: str) -> Card:
        named = parsing.card_key(key)
        card = self.thing.cards.filter(number=named.number).first() if named else None
        if card is None or card.key != key:
            raise Refused(f"There is no card {key} here.", "column")
        return card

    @property
    def begins_with(self) -> list[tuple[Any, str]]:
        """The templates that a new card can begin with instead: id and name of each."""
        field: Any = self.fields["template"]
        return [(value, name) for value, name in field.choices if value]

    def back(self, done: Any) -> str:
        last = done[-1] if isinstance(done, list) else done
        return reverse("boards:board", args=[self.thing.key]) + (f"#card-{last.pk}" if last else "")
