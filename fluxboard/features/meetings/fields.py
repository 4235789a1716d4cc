"""What the forms of meetings and of topics are made of."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib.auth import get_user_model

from activity.errors import Refused
from boards.models import Board, Card
from comments.models import Comment, Decision
from fluxboard.core import parsing
from fluxboard.meetings.actions.base import LONGEST
from fluxboard.meetings.actions.topics import TopicPlan, kind_for

SHORT = {"class": "field__short"}


class PeopleField(forms.ModelMultipleChoiceField):
    """Any of a board's people; `fill` says of which."""

    def __init__(self, label: str, help_text: str = "") -> None:
        people = get_user_model().objects.none()
        super().__init__(
            people, label=label, required=False, help_text=help_text, widget=forms.CheckboxSelectMultiple
        )
        self.error_messages["invalid_choice"] = "Somebody whom you chose is not on this board."
        self.error_messages["invalid_pk_value"] = self.error_messages["invalid_choice"]


def person_field(label: str) -> forms.ModelChoiceField:
    field = forms.ModelChoiceField(
        get_user_model().objects.none(), label=label, required=False, empty_label="Nobody"
    )
    field.error_messages["invalid_choice"] = "Choose somebody who is on this board."
    return field


def minutes_field(label: str, initial: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=LONGEST,
        initial=initial,
        widget=forms.NumberInput(SHORT),
        error_messages={"required": f"Between 1 and {LONGEST} minutes."},
    )


def card_field(label: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.TextInput({"maxlength": 20, "autocomplete": "off", **SHORT}),
    )


def card_called(board: Board, typed: str) -> Card | None:
    """The card of `board` that has this key; None where nothing was typed."""
    if not typed.strip():
        return None
    named = parsing.card_key(typed.strip().upper())
    card: Card | None = None
    if named is not None and named.board == board.key:
        card = board.cards.filter(number=named.number).first()
    if card is None:
        raise Refused(f"There is no card {typed.strip()[:20]} on this board.", "card")
    card.board = board
    return card


def fill(form: forms.Form, board: Board, *names: str) -> None:
    for name in names:
        field: Any = form.fields[name]
        field.queryset = board.members.filter(is_active=True).order_by("name", "pk")


def plan_of_line(board: Board, line: str, **more: Any) -> TopicPlan:
    """A topic of typed words: about the card whose key they are, else in these words."""
    named = parsing.card_key(line.strip())
    if named is not None and named.board == board.key:
        card = board.cards.filter(number=named.number).first()
        if card is not None:
            return TopicPlan.about_thing(card, **more)
    return TopicPlan(text=line, **more)


def plan_of_thing(board: Board, typed: str, **more: Any) -> TopicPlan | None:
    """A topic about the thing of `board` that has this uid: a comment, a card or a decision."""
    if not typed:
        return None
    uid: uuid.UUID | None = parsing.identifier(typed)
    if uid is not None:
        of_board = (
            Comment.objects.filter(card__board=board).select_related("card"),
            Card.objects.filter(board=board),
            Decision.objects.filter(board=board),
        )
        for rows in of_board:
            thing: Any = rows.filter(uid=uid).first()
            if thing is not None:
                return TopicPlan(kind_for(thing), thing.uid, **more)
    raise Refused("What this is about is not on this board any more.", "about")
