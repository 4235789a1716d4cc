"""The form of a new card: one title, or many from pasted lines."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.urls import reverse

from activity.errors import Refused
from activity.log.record import By
from boards import actions
from boards.forms.base import ChangeForm, text_field
from boards.models import SPEC_FIELDS, Card, Column
from fluxboard.core import parsing


class CreateCard(ChangeForm):
    """`thing` is the board. Several lines as a title make a card each; `before`/`after` is a card's key."""

    verb = "card.created"
    is_new = True
    least = "member"
    heading = "New card"
    submit = "Add the card"
    said = ""
    tone = "btn--primary"

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
    assignee = forms.ModelChoiceField(
        get_user_model().objects.none(), label="Assignee", required=False, empty_label="Nobody yet"
    )
    quick = forms.CharField(required=False, widget=forms.HiddenInput)
    before = forms.CharField(required=False, widget=forms.HiddenInput)
    after = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, thing: Any = None, data: Any = None, **initial: Any) -> None:
        super().__init__(thing, data, **initial)
        column: Any = self.fields["column"]
        column.queryset = thing.columns.current().in_board_order()
        column.error_messages["invalid_choice"] = "That column is not on this board."
        if self.data.get("quick"):
            self.part = "boards/_quick.html"
        assignee: Any = self.fields["assignee"]
        assignee.queryset = thing.members.filter(is_active=True).order_by("name")

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
        said = {name: typed[name] for name in SPEC_FIELDS if typed[name].strip()}
        if is_many:
            if said or typed["assignee"]:
                raise Refused("Several titles at once can have no description and no assignee.", "title")
            return actions.create_cards(column, typed["title"], by=by, **place)
        return actions.create_card(column, typed["title"], by=by, assignee=typed["assignee"], **place, **said)

    def _card(self, key: str) -> Card:
        named = parsing.card_key(key)
        card = self.thing.cards.filter(number=named.number).first() if named else None
        if card is None or card.key != key:
            raise Refused(f"There is no card {key} here.", "column")
        return card

    def back(self, done: Any) -> str:
        last = done[-1] if isinstance(done, list) else done
        return reverse("boards:board", args=[self.thing.key]) + (f"#card-{last.pk}" if last else "")
