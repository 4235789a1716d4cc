"""Undo changes of a single value, for all verbs that are nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from boards.actions import board as boards
from boards.actions import checklists, columns, labels
from boards.actions.cards import edit
from boards.undo.registry import Undo, undoes

# The verbs that set one value of a thing: its name in log and table alike, in words, and by which action.
VALUES: dict[str, tuple[str, str, Callable[..., Any]]] = {
    "board.renamed": ("name", "Name", boards.rename_board),
    "board.rekeyed": ("key", "Key", boards.rekey_board),
    "board.described": ("description", "Description", boards.describe_board),
    "column.renamed": ("name", "Name", columns.rename_column),
    "column.limited": ("wip_limit", "Limit", columns.limit_column),
    "label.renamed": ("name", "Name", labels.rename_label),
    "label.recoloured": ("hue", "Colour", labels.recolour_label),
    "card.retitled": ("title", "Title", edit.retitle_card),
    "checklist.renamed": ("name", "Checklist", checklists.rename_checklist),
    "item.reworded": ("text", "Item", checklists.reword_item),
}


@undoes(*VALUES)
def _value_set(undo: Undo) -> None:
    field, label, set_value = VALUES[undo.activity.effect]
    thing = undo.thing
    value = undo.settled(thing, field, label, now=getattr(thing, field), was=undo.before[field])
    set_value(thing, value, by=undo.by)
