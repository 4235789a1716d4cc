"""Find what an activity names, as it is now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model

from activity.errors import Refused
from boards.actions.claiming import claimed_by
from boards.models import Card, Column, Label
from boards.undo.registry import Undo


def called(rows: Any, fact: Mapping[str, Any]) -> Any:
    """The row that a fact names; `Refused` where it is not here, as with what came from elsewhere."""
    found = rows.filter(uid=fact["id"]).first()
    if found is None:
        raise Refused(f"{fact.get('name') or fact.get('key') or 'What it was'} is not here any more.")
    return found


def person_called(undo: Undo, fact: Mapping[str, Any] | None) -> Any:
    """Who a fact names; where somebody has taken that name over on the board, they."""
    if not fact:
        return None
    uid = claimed_by(undo.log.board, fact["id"])
    return called(get_user_model().objects, {**fact, "id": uid} if uid else fact)


def column_on(undo: Undo, fact: Mapping[str, Any]) -> Column:
    column: Column = called(Column.objects.select_related("board").filter(board=undo.log.board), fact)
    return column


def label_on(undo: Undo, fact: Mapping[str, Any]) -> Label:
    label: Label = called(Label.objects.select_related("board").filter(board=undo.log.board), fact)
    return label


def card_on(fact: Mapping[str, Any] | None) -> Card | None:
    return called(Card.objects, fact) if fact else None
