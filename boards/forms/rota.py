"""The field of a form that asks for people in an order."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q

from boards.models import Board, Schedule
from fluxboard.core import limits, parsing

_SPARE = 3  # empty places below those that are taken
_FEWEST = 4  # places


class RotaWidget(forms.Widget):
    """A menu of people for each place, drawn by `boards/_rota.html`; their order is that of the page."""

    use_fieldset = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        sent = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        # After a conflict all of them come as one.
        return [one for value in sent for one in str(value)[:1000].split(",") if one]


class RotaField(forms.Field):
    """People of the board in the order in which they take turns; cleans to a list of them.

    `people` are those who can be chosen.
    """

    widget = RotaWidget

    def __init__(self) -> None:
        super().__init__(
            label="In turn",
            required=False,
            help_text="Each card goes to whoever has had none for longest and is at work on that day. "
            "Who is away keeps their turn. With nobody at work, the card opens without an assignee.",
        )
        self.people: list[Any] = []

    def clean(self, value: Any) -> list[Any]:
        there = {person.pk: person for person in self.people}
        found = [there.get(parsing.whole_number(one) or 0) for one in (value or [])[: limits.ROTA + 1]]
        if None in found:
            raise forms.ValidationError("Somebody whom you chose is not on this board any more.")
        return found

    def places(self, value: Any) -> list[list[tuple[str, str, bool]]]:
        """For each place the people, with who stands there; some more places than are taken."""
        taken = [str(one) for one in value or ()][: limits.ROTA]
        free = max(0, min(max(len(taken) + _SPARE, _FEWEST), limits.ROTA) - len(taken))
        names = [(str(person.pk), person.name) for person in self.people]
        return [[(pk, name, pk == one) for pk, name in names] for one in (*taken, *[""] * free)]


def people_in_turn(board: Board, schedule: Schedule | None) -> list[Any]:
    """Who can be in a rota: the board's active people, and whoever is in it already. One query."""
    there = Q(pk__in=board.members.filter(is_active=True).values("pk"))
    if schedule is not None:
        there |= Q(pk__in=[one.person_id for one in schedule.places])
    return list(get_user_model().objects.filter(there).order_by("name", "pk"))
