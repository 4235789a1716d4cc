"""The things on a board that topics name, by uid: what has gone to another board is not among them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from boards.models import Board, Card, Item
from comments.models import Comment, Decision

type Uids = Iterable[uuid.UUID | None]


def cards_of(board: Board, uids: Uids) -> dict[Any, Card]:
    rows = Card.objects.filter(board=board, uid__in=[uid for uid in uids if uid])
    return _on(board, rows.select_related("assignee", "blocked_by_user", "column"))


def comments_of(board: Board, uids: Uids) -> dict[Any, Comment]:
    rows = Comment.objects.filter(card__board=board, uid__in=[uid for uid in uids if uid])
    found = {row.uid: row for row in rows.select_related("card__assignee", "author")}
    for row in found.values():
        row.card.board = board
    return found


def decisions_of(board: Board, uids: Uids) -> dict[Any, Decision]:
    rows = Decision.objects.filter(board=board, uid__in=[uid for uid in uids if uid])
    found = {row.uid: row for row in rows.select_related("card", "recorded_by")}
    for row in found.values():
        row.board = row.card.board = board
    return found


def items_of(board: Board, uids: Uids) -> dict[Any, Item]:
    rows = Item.objects.filter(checklist__card__board=board, uid__in=[uid for uid in uids if uid])
    found = {row.uid: row for row in rows.select_related("checklist__card")}
    for row in found.values():
        row.checklist.card.board = board
    return found


def _on(board: Board, rows: Any) -> dict[Any, Any]:
    found = {row.uid: row for row in rows}
    for row in found.values():
        row.board = board
    return found
