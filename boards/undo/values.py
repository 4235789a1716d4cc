"""Undo changes of a single value, for all verbs that are nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from activity.log.values import Kind
from boards.actions import board as boards
from boards.actions import checklists, columns, labels, searches, templates
from boards.actions.cards.edit import set_value
from boards.actions.cards.people import assignable
from boards.card_fields import CARD_FIELDS
from boards.undo.find import person_called
from boards.undo.registry import Undo, undoes

# The verbs that set one value of a thing, and the action that does it. In log and table it has one name.
VALUES: dict[str, Callable[..., Any]] = {
    "board.renamed": boards.rename_board,
    "board.rekeyed": boards.rekey_board,
    "board.described": boards.describe_board,
    "column.renamed": columns.rename_column,
    "column.limited": columns.limit_column,
    "label.renamed": labels.rename_label,
    "label.recoloured": labels.recolour_label,
    "search.renamed": searches.rename_search,
    "template.made_default": templates.make_default,
    "checklist.renamed": checklists.rename_checklist,
    "item.reworded": checklists.reword_item,
}


@undoes(*VALUES)
def _value_set(undo: Undo) -> None:
    (value,) = undo.verb.sets
    thing = undo.thing
    was = undo.settled(thing, value.name, now=getattr(thing, value.name), was=undo.before[value.name])
    VALUES[undo.verb.name](thing, was, by=undo.by)


@undoes(*{field.verb.name for field in CARD_FIELDS.values()})
def _card_value_set(undo: Undo) -> None:
    field = next(field for name, field in CARD_FIELDS.items() if name in undo.before)
    card = undo.thing
    was = undo.settled(card, field.name, now=field.fact(card), was=undo.before[field.name])
    if field.kind is Kind.PERSON:
        set_value(card, field, person_called(undo, was), by=undo.by, check=assignable)
    else:
        set_value(card, field, field.value.held(was), by=undo.by)
