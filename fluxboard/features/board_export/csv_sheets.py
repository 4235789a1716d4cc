"""The two tables for spreadsheets, CSV by RFC 4180 in UTF-8 with a byte order mark.

A cell that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator
from typing import Any

from boards.models import SPEC_FIELDS, Board

BOM = "\ufeff"
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CARDS = (
    "Key",
    "Title",
    "Column",
    "Archived",
    "Assignee",
    "Participants",
    "Labels",
    "Due",
    "Blocked by",
    *SPEC_FIELDS.values(),
    "Items done",
    "Items",
    "Comments",
    "Decisions",
    "Created (UTC)",
    "In this column since (UTC)",
)
MOVES = ("Seq", "At (UTC)", "Card", "From", "To", "By")


def cell(value: Any) -> str:
    """A value as a cell: nothing for None, moments in UTC, and never a formula."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return f"{value.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}"
    words = str(value)
    return f"'{words}" if words.startswith(BEGINS_A_FORMULA) else words


def sheet(heading: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The table, piece by piece."""
    yield BOM + _row(heading)
    for row in rows:
        yield _row(map(cell, row))


def _row(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def card_rows(board: Board) -> Iterator[list[Any]]:
    """Each card of the board, in the order of their numbers."""
    cards = board.cards.select_related("column", "assignee", "blocked_by_user", "blocked_by_card__board")
    cards = cards.prefetch_related("participants", "labels").order_by("number")
    for card in cards.iterator(500):
        blocked: Any = card.blocked_by_card.key if card.blocked_by_card else card.blocked_by_user
        yield [
            f"{board.key}-{card.number}",
            card.title,
            card.column.name,
            "yes" if card.is_archived or card.column.is_archived else "",
            card.assignee,
            ", ".join(sorted(person.name for person in card.participants.all())),
            ", ".join(sorted(label.name for label in card.labels.all())),
            card.due,
            ": ".join(filter(None, [str(blocked or ""), card.blocked_reason])),
            *(getattr(card, name) for name in SPEC_FIELDS),
            card.items_done,
            card.items_total,
            card.comments_count,
            card.decisions_count,
            card.created_at,
            card.moved_at,
        ]


class Moves:
    """The rows of the second table, gathered while the log goes by."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.key = board.key
        self.cards: dict[Any, str] = {}
        self.rows: list[list[Any]] = []

    def note(self, activity: Any) -> None:
        """Keep an activity that put a card into a column, or took it off the board."""
        verb, before, after = activity.effect, activity.before, activity.after
        if verb == "board.created" or verb == "board.rekeyed":
            self.key = str(after.get("key", self.key))
        if verb not in {"card.created", "card.moved", "card.transferred"}:
            return
        if "number" in after:
            self.cards[activity.subject] = f"{self.key}-{after['number']}"
        place = _name(after.get("column")) or _name(after.get("board"))
        began = _name(before.get("column")) or _name(before.get("board"))
        if place == began and verb == "card.moved":
            return
        at = activity.source_at or activity.at
        key = self.cards.get(activity.subject, "")
        self.rows.append([activity.seq, at, key, began, place, activity.actor and activity.actor.name])


def _name(fact: Any) -> str:
    return str(fact.get("name", "")) if isinstance(fact, dict) else ""
