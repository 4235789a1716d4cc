"""Forms about a board as a whole."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse

from activity.log.record import By
from boards import actions
from boards.board_templates import BUILT_IN, plan_called
from boards.card_fields import optional_fields
from boards.forms.base import ChangeForm, name_field, text_field
from boards.models import BoardTemplate
from boards.models.check_in import CHECK_INS
from fluxboard.core import limits

_KEY = {
    "pattern": "[A-Za-z][A-Za-z0-9]{1,7}",
    "maxlength": 8,
    "autocapitalize": "characters",
    "autocomplete": "off",
    "spellcheck": "false",
    "title": "2 to 8 letters and digits, a letter first, such as FLX",
}


class CreateBoard(ChangeForm):
    verb = "board.created"
    is_new = True
    heading = "New board"
    submit = "Make the board"
    said = "Your board is ready."
    tone = "btn--primary"

    name = name_field("Name", limits.BOARD_NAME, autofocus=True, required=True)
    key = forms.CharField(
        label="Key",
        required=False,
        widget=forms.TextInput({**_KEY, "data-suggest-from": "name"}),
        help_text="Stands before each card's number, as in FLX-12. Left empty, it is made from the name.",
    )
    description = text_field("What is it for?", rows=3, help_text="Markdown.")
    template = forms.CharField(
        label="Begin with",
        required=False,
        widget=forms.RadioSelect,
        help_text="Columns, labels, norms and card templates: all of it can be changed. "
        '<a href="/b/templates/">What each brings</a>',
    )

    def about_to_show(self, reader: Any) -> None:
        widget: Any = self.fields["template"].widget
        widget.choices = [("", "Three columns"), *((one.slug, one.name) for one in BUILT_IN)]
        widget.choices += [
            (f"own-{one.pk}", one.name) for one in BoardTemplate.objects.usable_by(reader).defer("plan")
        ]

    def perform(self, by: By, seen: int | None) -> Any:
        typed = self.cleaned_data
        plan = plan_called(typed["template"], by.user)
        return actions.create_board(
            typed["name"],
            by=by,
            key=typed["key"],
            description=typed["description"],
            plan=plan,
            starter=not typed["template"].startswith("own-"),
        )

    def back(self, done: Any) -> str:
        return reverse("boards:board", args=[done.key]) if done else reverse("home")


class RenameBoard(ChangeForm):
    verb = "board.renamed"
    heading = "Rename this board"
    submit = "Rename"
    look = "row"

    name = name_field("Name", limits.BOARD_NAME, required=True)

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.rename_board(self.thing, self.cleaned_data["name"], by=by, seen=seen)


class RekeyBoard(ChangeForm):
    verb = "board.rekeyed"
    heading = "Change the key"
    submit = "Change the key"
    look = "row"

    key = forms.CharField(
        label="Key",
        required=False,
        widget=forms.TextInput({**_KEY, "required": True}),
        help_text="Addresses with the old key lead to the new one.",
    )

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.rekey_board(self.thing, self.cleaned_data["key"], by=by)

    def back(self, done: Any) -> str:
        return reverse(self.page, args=[(done or self.thing).key])


class DescribeBoard(ChangeForm):
    verb = "board.described"
    heading = "Describe this board"
    submit = "Save the description"

    description = text_field(
        "Description",
        rows=5,
        help_text="What the board is for, and how the team works on it. Markdown.",
    )

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.describe_board(self.thing, self.cleaned_data["description"], by=by, seen=seen)


class ConfigureBoard(ChangeForm):
    verb = "board.configured"
    heading = "Limits and age"

    wip_rule = forms.ChoiceField(
        label="When a column is at its limit",
        choices=[
            ("warn", "Warn, and let the card in"),
            ("refuse", "Turn the card away"),
        ],
        widget=forms.RadioSelect,
    )
    stale_after = forms.IntegerField(
        label="Cards are stale after",
        widget=forms.NumberInput({"min": 1, "max": 365, "class": "field__short"}),
        help_text="Days without a move, until the card's age turns amber.",
    )
    answer_days = forms.IntegerField(
        label="Questions are answered within",
        required=False,
        widget=forms.NumberInput({"min": 1, "max": 30, "class": "field__short"}),
        help_text="Working days, each in the hours of the person who is asked.",
    )
    check_ins = forms.ChoiceField(
        label="Check-ins",
        required=False,
        choices=list(CHECK_INS.items()),
        help_text="For those who want one: in their own morning, filled in with what they did here.",
    )
    card_fields = forms.MultipleChoiceField(
        label="Cards also have",
        required=False,
        choices=lambda: list(optional_fields().items()),
        widget=forms.CheckboxSelectMultiple,
        help_text="Shown on each card that has one, and on its page.",
    )

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.configure_board(self.thing, by=by, **self.cleaned_data)


class OpenBoard(ChangeForm):
    verb = "board.opened"
    heading = "Open this board to everyone"
    submit = "Open the board"

    open_to = forms.ChoiceField(
        label="Everyone who is signed in",
        choices=[("viewer", "may read it"), ("member", "may take part, like a member")],
        widget=forms.RadioSelect,
        initial="viewer",
    )

    def start(self, thing: Any) -> dict[str, Any]:
        return {"open_to": thing.open_to or "viewer"}

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.open_board(self.thing, self.cleaned_data["open_to"], by=by)


class CloseBoard(ChangeForm):
    verb = "board.closed"
    heading = "Members only"
    submit = "Close the board to everyone but its members"
    look = "button"

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.close_board(self.thing, by=by)

    def back(self, done: Any) -> str:
        return reverse("boards:settings", args=[self.thing.key])


class ArchiveBoard(ChangeForm):
    verb = "board.archived"
    heading = "Archive this board"
    submit = "Archive the board"
    said = "The board is archived. Nothing on it can be changed until it is restored."
    look = "button"

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.archive_board(self.thing, by=by)


class RestoreBoard(ChangeForm):
    verb = "board.restored"
    heading = "Restore this board"
    submit = "Restore the board"
    said = "The board is back."
    look = "button"
    tone = "btn--primary"

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.restore_board(self.thing, by=by)
