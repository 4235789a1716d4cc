"""Each field of a card, and each verb, is known wherever it has to be; a place that forgets one is named."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.template.loader import get_template

from activity.log.replay.cards import _new_card
from activity.log.replay.state import FOLDS
from activity.log.values import Kind, Value
from activity.log.verb_registry import Verb
from activity.log.verbs import CARD_VALUES, UNDONE, VERBS
from boards import actions as act
from boards.actions import erase
from boards.actions.cards.facts import card_facts
from boards.actions.cards.transfer import CARRIED_TEXTS
from boards.board_page.filters import Filters
from boards.card_fields import CARD_FIELDS, optional_fields
from boards.card_page.context import properties_of
from boards.models import Board, Card
from boards.rendering.fragments import FRAGMENT_PARTS, STRUCTURE
from boards.undo.registry import INVERSES
from boards.views.cards import DEEDS
from fluxboard.features.board_export.csv_sheets import Cards
from fluxboard.features.board_export.fact_types import SHAPES
from fluxboard.features.board_export.schema import BY_NAME
from fluxboard.features.time_travel.board_at import PastFront
from fluxboard.features.verification.tables import state_of_tables

SYMBOLS = set(re.findall(r'id="i-([a-z-]+)"', (settings.BASE_DIR / "static" / "icons.svg").read_text()))
LOG_PAGE = (settings.BASE_DIR / "docs" / "log.md").read_text()
# Values that can be nothing: the words for that are their own.
CAN_BE_NOTHING = {Kind.PERSON, Kind.DAY, Kind.CHOICE}


# Nothing of these stands on an open page of the board.
WITHOUT_FRAGMENT = {
    "member",
    "search",
    "template",
    "schedule",
    "checkin",
    "trial",
    "weeklylink",
    "meeting",
    "topic",
    "change",
    "history",
}


def forgotten_for_verb(verb: Verb) -> set[str]:
    """The places that do not know a verb, each by its name."""
    facts = {*verb.facts, *(value.name for value in verb.sets)}
    knows = {
        "words": verb.deed.strip() and all(words.strip() or not words for words in verb.feed.values()),
        "icon": verb.icon in SYMBOLS,
        "replay": verb.name in FOLDS,
        "undo": verb.name in INVERSES or verb.final or verb.name == UNDONE,
        "frame": verb.noun in {*FRAGMENT_PARTS, *STRUCTURE, *WITHOUT_FRAGMENT},
        "shape of its facts": facts <= SHAPES.keys(),
        "docs/log.md": re.search(
            rf"^\| `{verb.noun}` \|.*\b{verb.name.partition('.')[2]}\b", LOG_PAGE, re.MULTILINE
        ),
    }
    return {place for place, known in knows.items() if not known}


def forgotten_for_field(name: str, value: Value, verb: Verb, board: Board, card: Card) -> set[str]:
    """The places that do not know a field of a card, each by its name."""
    field = CARD_FIELDS.get(name)
    told = {"number": 1, "title": "", "column": {"id": "c"}, "position": "a0"}
    tables = state_of_tables(board).cards[str(card.uid)]
    knows = {
        "model": has_field(name),
        "card_fields": field is not None,
        "label": value.label,
        "words for nothing": value.empty or value.kind not in CAN_BE_NOTHING,
        "words for each choice": value.choices or value.kind is not Kind.CHOICE,
        "replay": name in _new_card(told),
        "tables": name in tables,
        "export": name in {one.name for one in BY_NAME["cards"].fields},
        "shape of its fact": name in SHAPES,
        "spreadsheet": value.label in Cards(board).heading,
        "undo": verb.name in INVERSES,
        "form": verb.name in {deed.verb for deed in DEEDS.values()},
        "property": is_property(name, value, card),
        "filter": value.kind is not Kind.CHOICE or is_filter(name, value),
        "time travel": value.kind is Kind.CHOICE or name in STOOD or name in FRONT_THEN,
        "erasure": not value.is_typed or name in erase.FIELDS,
        "transfer": not value.is_typed or name in CARRIED_TEXTS,
        "facts of a new card": not has_field(name) or name in card_facts(filled(card, name, value)),
    }
    return {place for place, known in knows.items() if not known}


# What time travel shows of a card besides the table's chips.
STOOD = {value.name for value in VERBS["card.specified"].sets}
FRONT_THEN = {one.name for one in dataclasses.fields(PastFront)}


def has_field(name: str) -> bool:
    try:
        return bool(Card._meta.get_field(name))
    except FieldDoesNotExist:
        return False


def is_property(name: str, value: Value, card: Card) -> bool:
    """Whether the card's page lists it, with templates that are there; texts and people have their own."""
    if value.kind not in (Kind.DAY, Kind.CHOICE):
        return True
    shown = next((one for one in properties_of(card) if one.name == name), None)
    return shown is not None and all(map(get_template, (shown.form, shown.shown)))


def is_filter(name: str, value: Value) -> bool:
    from django.http import QueryDict

    asked = next(iter(value.choices), "")
    return (name, asked) in Filters.of(QueryDict(f"{name}={asked}")).choices


def filled(card: Card, name: str, value: Value) -> Card:
    """The card as it would be with something in that field; not saved."""
    import datetime as dt

    something: Any = {Kind.DAY: dt.date(2026, 10, 16), Kind.PERSON: card.board.members.first()}
    setattr(card, name, something.get(value.kind, next(iter(value.choices), "x")))
    return card


@pytest.fixture
def everything_on(board: Board, ana: Any) -> Board:
    """A board whose cards have all that cards can have."""
    return act.configure_board(board, by=ana, card_fields=list(optional_fields()))


@pytest.mark.parametrize("name", sorted(VERBS))
def test_every_place_knows_the_verb(name: str):
    assert forgotten_for_verb(VERBS[name]) == set()


@pytest.mark.parametrize("name", sorted(CARD_VALUES))
def test_every_place_knows_the_field(name: str, everything_on: Board, card: Card):
    card.board = everything_on
    verb = next(verb for verb in VERBS.values() if CARD_VALUES[name] in verb.sets)
    assert forgotten_for_field(name, CARD_VALUES[name], verb, everything_on, card) == set()


def test_no_field_is_in_the_table_that_no_verb_sets():
    assert CARD_FIELDS.keys() == CARD_VALUES.keys()


def test_a_verb_that_is_only_defined_is_missed_everywhere_else():
    pinned = Verb("card.pinned", "pin", "pinned {this}", facts=frozenset({"pinned"}))
    missed = {"icon", "replay", "undo", "shape of its facts", "docs/log.md"}
    assert forgotten_for_verb(pinned) == missed
    assert forgotten_for_verb(dataclasses.replace(pinned, name="pin.set", deed=" ")) == missed | {
        "words",
        "frame",
    }


def test_a_field_that_is_only_named_is_missed_everywhere_else(everything_on: Board, card: Card):
    card.board = everything_on
    weight = Value("weight", "Weight", Kind.CHOICE)
    weighed = Verb("card.weighed", "size", "weighed {this}", sets=(weight,))
    assert forgotten_for_field("weight", weight, weighed, everything_on, card) == {
        "model",
        "card_fields",
        "words for nothing",
        "words for each choice",
        "replay",
        "tables",
        "export",
        "shape of its fact",
        "spreadsheet",
        "undo",
        "form",
        "property",
        "filter",
    }
    note = Value("note", "", Kind.MARKDOWN)
    noted = Verb("card.noted", "edit", "noted {this}", sets=(note,))
    assert forgotten_for_field("note", note, noted, everything_on, card) == {
        "model",
        "card_fields",
        "label",
        "replay",
        "tables",
        "export",
        "shape of its fact",
        "spreadsheet",
        "undo",
        "form",
        "time travel",
        "erasure",
        "transfer",
    }
