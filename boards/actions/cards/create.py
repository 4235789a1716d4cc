"""Create cards, one or many at once."""

from __future__ import annotations

from typing import Any

from activity.errors import Refused
from activity.log.record import FrameNotes, Log
from boards.actions.base import action, refuse_many, writing
from boards.actions.cards.facts import card_facts
from boards.actions.cards.limits import card_rows, clean_spec, clean_title, refuse_full
from boards.actions.cards.people import assignable
from boards.actions.columns import fresh_column
from boards.models import Card, Column
from fluxboard.core import limits
from fluxboard.core.ordering import position_between, positions_between


def take_number(log: Log) -> int:
    number = log.board.next_number
    log.board.next_number = number + 1
    log.board.save(update_fields=["next_number"])
    return number


def write_card(log: Log, column: Column, position: str, *, title: str, **fields: Any) -> Card:
    """A new card, within an open change."""
    several = {"of_several": True} if fields.pop("of_several", False) else {}
    if log.board.next_number > limits.CARDS:  # fewer were ever made, so none need be counted
        there = log.board.cards.count()
        refuse_many(there, limits.CARDS, "A board can have {} cards, archived ones included.", "title")
    card = Card(
        board=log.board,
        column=column,
        number=take_number(log),
        position=position,
        title=title,
        moved_at=log.now,
        created_at=log.now,
        **fields,
    )
    log.record("card.created", card, after=card_facts(card) | several, shown=FrameNotes(columns=[column]))
    card.save()
    return card


@action
def create_card(
    column: Column,
    title: str,
    *,
    by: Any,
    before: Card | None = None,
    after: Card | None = None,
    what: str = "",
    why: str = "",
    done_when: str = "",
    constraints: str = "",
    assignee: Any = None,
) -> Card:
    """A card next to a neighbour, or at the column's end."""
    with writing(column.board, by) as log:
        column = fresh_column(log, column)
        title = clean_title(title)
        spec = {"what": what, "why": why, "done_when": done_when, "constraints": constraints}
        spec = {field: clean_spec(text, field) for field, text in spec.items()}
        assignable(log, assignee)
        refuse_full(log, column)
        position = position_between(card_rows(column), before=before, after=after)
        return write_card(log, column, position, title=title, assignee=assignee, **spec)


def titles_in(text: str) -> list[str]:
    """One title for each line that has one, without list marks such as "- " and "1. "."""
    lines = (line.strip() for line in text.replace("\r", "\n").split("\n"))
    return [bare for line in lines if (bare := _without_mark(line))]


def _without_mark(line: str) -> str:
    for mark in ("- [ ] ", "- [x] ", "- ", "* ", "• ", "– "):
        if line.startswith(mark):
            return line[len(mark) :].strip()
    return line


@action
def create_cards(
    column: Column, text: str, *, by: Any, before: Card | None = None, after: Card | None = None
) -> list[Card]:
    """A card for each line of a pasted text, in order, at one place; all of them or none."""
    with writing(column.board, by) as log:
        column = fresh_column(log, column)
        lines = titles_in(text)
        if not lines:
            raise Refused("The title can't be empty.", "title")
        if len(lines) > limits.AT_ONCE:
            raise Refused(f"At most {limits.AT_ONCE} cards at once; this has {len(lines)} lines.", "title")
        titles = [clean_title(title) for title in lines]
        refuse_full(log, column, coming=len(titles))
        positions = positions_between(card_rows(column), len(titles), before=before, after=after)
        several = len(titles) > 1
        return [
            write_card(log, column, position, title=title, of_several=several)
            for title, position in zip(titles, positions, strict=True)
        ]
