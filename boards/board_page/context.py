"""What the board's templates are given: a column with what of it is shown, the chips, the filter form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.safestring import SafeString

from boards.board_page.chips import CHIPS
from boards.board_page.filters import DUE, NONE, STATE_FILTERS, TALK_FILTERS, Filters
from boards.card_fields import CardField, choice_fields
from boards.models import Board, Column, Label
from fluxboard.core import parsing

AT_FIRST = 25
AT_MOST = 1000


@dataclass
class ColumnOnPage:
    """A column with what of it is on the page: `fronts` of the first cards, how many `more` there are."""

    column: Column
    count: int | str
    count_html: SafeString
    fronts: list[SafeString]
    shown: int
    found: int
    is_folded: bool
    query: QueryDict

    @property
    def left(self) -> int:
        return self.found - self.shown

    @property
    def next_step(self) -> int:
        """How many cards the link for more asks for, counted from the first."""
        return self.shown + max(AT_FIRST, self.shown)

    @property
    def next_count(self) -> int:
        return min(self.left, self.next_step - self.shown)

    @property
    def more_url(self) -> str:
        """The same page with the next cards of this column."""
        query = self.query.copy()
        query.pop("part", None)
        others = [value for value in query.getlist("more") if not value.startswith(f"{self.column.pk}:")]
        query.setlist("more", [*others, f"{self.column.pk}:{self.next_step}"])
        return f"?{query.urlencode(safe=':')}#column-{self.column.pk}"


def more_asked(query: QueryDict) -> dict[int, int]:
    """How many cards `?more=ID:N` asks for, by column."""
    asked = {}
    for value in query.getlist("more"):
        pk, _, count = value.partition(":")
        column, many = parsing.whole_number(pk), parsing.whole_number(count)
        if column is not None and many is not None:
            asked[column] = min(many, AT_MOST)
    return asked


def chips_of(board: Board, filters: Filters, counts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The toolbar's chips, each with its count and with the address that turns it on or off."""
    return [
        {
            "name": chip.name,
            "icon": chip.icon,
            "words": chip.says(board),
            "is_on": filters.has(chip),
            "count": counts[chip.name],
            "url": filters.toggled(chip.param, chip.value) or board.get_absolute_url(),
        }
        for chip in CHIPS
    ]


def filter_form(
    board: Board,
    filters: Filters,
    columns: Sequence[Column],
    labels: Sequence[Label],
    people: Iterable[tuple[int, str]],
) -> dict[str, Any]:
    """What the filter form offers; `people` by id and name."""
    return {
        "labels": labels,
        "people": [{"pk": pk, "name": name} for pk, name in people],
        "columns": columns,
        "choices": [_offered(field, filters) for field in choice_fields() if field.is_on(board.card_fields)],
        "due": DUE.items(),
        "talk": TALK_FILTERS.items(),
        "stands": STATE_FILTERS.items(),
        "kept": [("mine", "1")] * filters.mine
        + [("waiting", "1")] * filters.waiting
        + [("is", fact) for fact in sorted(filters.facts - TALK_FILTERS.keys() - STATE_FILTERS.keys())],
    }


def _offered(field: CardField, filters: Filters) -> dict[str, Any]:
    values = [*field.value.choices.items(), (NONE, field.value.empty)]
    options = [(value, words, (field.name, value) in filters.choices) for value, words in values]
    return {"name": field.name, "label": field.label, "options": options}
