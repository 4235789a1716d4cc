"""The two tables for spreadsheets, CSV by RFC 4180 in UTF-8 with a byte order mark.

A cell that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any

from activity.log.values import Kind
from boards.card_fields import CARD_FIELDS
from boards.models import Board

BOM = "\ufeff"
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
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
    yield BOM + _row(map(cell, heading))
    for row in rows:
        yield _row(map(cell, row))


def _row(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


class Cards:
    """The first table: a column for each thing that a card of the board has, a row for each card."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.columns: list[tuple[str, Callable[[Any], Any]]] = [
            ("Key", lambda card: f"{board.key}-{card.number}"),
            *self._fields(Kind.LINE),
            ("Column", lambda card: card.column.name),
            ("Archived", lambda card: "yes" if card.is_archived or card.column.is_archived else ""),
            *self._fields(Kind.PERSON),
            ("Participants", lambda card: _names(card.participants.all())),
            ("Labels", lambda card: _names(card.labels.all())),
            *self._fields(Kind.DAY, Kind.CHOICE),
            ("Blocked by", _blocked),
            *self._fields(Kind.MARKDOWN),
            ("Items done", attrgetter("items_done")),
            ("Items", attrgetter("items_total")),
            ("Comments", attrgetter("comments_count")),
            ("Decisions", attrgetter("decisions_count")),
            ("Created (UTC)", attrgetter("created_at")),
            ("In this column since (UTC)", attrgetter("moved_at")),
        ]

    def _fields(self, *kinds: Kind) -> list[tuple[str, Callable[[Any], Any]]]:
        chosen = self.board.card_fields
        fields = [field for field in CARD_FIELDS.values() if field.kind in kinds and field.is_on(chosen)]
        return [(field.label, field.cell) for field in fields]

    @property
    def heading(self) -> list[str]:
        return [name for name, _ in self.columns]

    def rows(self) -> Iterator[list[Any]]:
        """Each card of the board, in the order of their numbers."""
        cards = self.board.cards.select_related(
            "column", "assignee", "blocked_by_user", "blocked_by_card__board"
        )
        cards = cards.prefetch_related("participants", "labels").order_by("number")
        for card in cards.iterator(500):
            yield [cell_of(card) for _, cell_of in self.columns]


def _names(things: Iterable[Any]) -> str:
    return ", ".join(sorted(thing.name for thing in things))


def _blocked(card: Any) -> str:
    by: Any = card.blocked_by_card.key if card.blocked_by_card else card.blocked_by_user
    return ": ".join(filter(None, [str(by or ""), card.blocked_reason]))


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
        at = activity.happened_at
        key = self.cards.get(activity.subject, "")
        self.rows.append([activity.seq, at, key, began, place, activity.actor and activity.actor.name])


def _name(fact: Any) -> str:
    return str(fact.get("name", "")) if isinstance(fact, dict) else ""
