"""The values of a card, each once: what sets it, how it is called, kept, shown, typed, found and exported.

A field's name and words are those of its verb (`activity.log.verbs`), so that the log, the pages and undo say
the same. Actions, forms, undo, the check against the log, time travel, exports, tables and filters go by
this table; what else a card has (its place, labels, participants, a block) has verbs and code of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from activity.log.values import Kind, Value
from activity.log.verbs import CARD_VALUES, VERBS, Verb
from boards.models import Card, Role
from fluxboard.core import limits


@dataclass(frozen=True)
class CardField:
    """A value of a card: `value` as the log has it, and the `verb` that sets it.

    `longest`: characters that it can have. `form` and `shown` are the templates of its form and of what it
    shows, where it is one of the properties on a card's page that have nothing but that. `least`: who may set
    it. `is_optional`: it is only on boards that have chosen it.
    """

    value: Value
    verb: Verb
    longest: int = 0
    form: str = ""
    shown: str = ""
    least: Role = Role.MEMBER
    is_optional: bool = False

    @property
    def name(self) -> str:
        """In the log, on the model, in forms and in addresses."""
        return self.value.name

    @property
    def label(self) -> str:
        return self.value.label

    @property
    def part(self) -> str:
        """The last part of its verb, by which its form is addressed: `dated`."""
        return self.verb.name.partition(".")[2]

    @property
    def kind(self) -> Kind:
        return self.value.kind

    def is_on(self, chosen: Collection[str]) -> bool:
        """Whether the cards of a board have it that has chosen these optional fields."""
        return not self.is_optional or self.name in chosen

    def held(self, card: Card) -> Any:
        """The value as the model has it."""
        return getattr(card, self.name)

    def fact(self, card: Card) -> Any:
        """The value as the log has it."""
        return self.value.fact(self.held(card))

    def sent(self, held: Any) -> str:
        """The value as a form sends it."""
        if self.kind is Kind.PERSON:
            return str(held.pk if held else "")
        return self.value.fact(held) or ""

    def words(self, card: Card) -> str:
        """The value for people; a day as it stands in the log."""
        return self.value.words(self.fact(card))

    def cell(self, card: Card) -> Any:
        """The value for a spreadsheet: a choice by its word, nothing for nothing."""
        return self.words(card) if self.kind is Kind.CHOICE and self.held(card) else self.held(card)


class Chip(NamedTuple):
    """What a card's front shows of an optional field."""

    name: str
    label: str
    icon: str
    words: str


def _field(verb: str, name: str = "", **more: Any) -> CardField:
    sets = VERBS[verb].sets
    return CardField(CARD_VALUES[name] if name else sets[0], VERBS[verb], **more)


_ALL = (
    _field("card.retitled", longest=limits.TITLE),
    *(_field("card.specified", value.name, longest=limits.TEXT) for value in VERBS["card.specified"].sets),
    _field("card.assigned"),
    _field("card.dated", form="cards/forms/due.html", shown="cards/values/due.html"),
    _field("card.sized", form="cards/forms/choice.html", shown="cards/values/choice.html", is_optional=True),
)
CARD_FIELDS: Mapping[str, CardField] = {field.name: field for field in _ALL}


def optional_fields() -> dict[str, str]:
    """What a board can switch on for its cards: labels by name."""
    return {field.name: field.label for field in CARD_FIELDS.values() if field.is_optional}


def choice_fields() -> list[CardField]:
    """The fields that hold one of a few values."""
    return [field for field in CARD_FIELDS.values() if field.kind is Kind.CHOICE]


def chips(chosen: Collection[str], fact_of: Callable[[CardField], Any]) -> list[Chip]:
    """What a front shows of the optional fields that its board has `chosen`.

    `fact_of` gives what the log has of a field, now or at some moment.
    """
    shown = [(field, fact_of(field)) for field in choice_fields() if field.is_on(chosen)]
    return [
        Chip(field.name, field.label, field.verb.icon, field.value.words(fact))
        for field, fact in shown
        if fact
    ]
