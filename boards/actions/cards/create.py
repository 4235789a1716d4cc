"""Create cards, one or many at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from activity.errors import Refused
from activity.log.record import FrameNotes, Log
from boards.actions.base import action, refuse_many, writing
from boards.actions.cards.facts import card_facts
from boards.actions.cards.limits import card_rows, clean_spec, clean_title, refuse_full
from boards.actions.cards.people import assignable, is_assignable
from boards.actions.checklists import write_checklist, write_checklist_like, write_items
from boards.actions.columns import fresh_column
from boards.actions.facts import card_fact, thing_fact
from boards.actions.labels import fresh_label
from boards.actions.lines import titles_in
from boards.actions.templates import fresh_template, present_owner
from boards.card_fields import CARD_FIELDS
from boards.models import SPEC_FIELDS, Board, Card, Column, Label, Template
from boards.title_pattern import filled
from fluxboard.core import limits
from fluxboard.core.ordering import position_between, positions_between

# What a copy can take along besides the micro-spec.
COPIED = ("owner", "due", "labels", "checklists")


def take_number(log: Log) -> int:
    number = log.board.next_number
    log.board.next_number = number + 1
    log.board.save(update_fields=["next_number"])
    return number


def write_card(
    log: Log,
    column: Column,
    position: str,
    *,
    title: str,
    labels: Sequence[Label] = (),
    source: Template | Card | None = None,
    told: Mapping[str, Any] = MappingProxyType({}),
    **fields: Any,
) -> Card:
    """A new card with its labels, within an open change.

    `source`: the template or card that it was begun from; `told`: what else the log says of its beginning.
    """
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
    facts = card_facts(card) | _source_fact(source) | dict(told)
    if labels:
        facts["labels"] = [thing_fact(label) for label in labels]
    log.record("card.created", card, after=facts, shown=FrameNotes(columns=[column]))
    card.save()
    if labels:
        card.labels.set(labels)
    return card


def _source_fact(source: Template | Card | None) -> dict[str, Any]:
    if source is None:
        return {}
    if isinstance(source, Card):
        return {"copied_from": card_fact(source)}
    return {"template": thing_fact(source)}


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
    labels: Iterable[Label] = (),
    steps: str = "",
    template: Template | None = None,
) -> Card:
    """A card next to a neighbour, or at the column's end.

    `steps`: the items of its checklist, one in each line. `template`: the one that it was begun from, for the
    record; what comes from it is handed over like what is typed.
    """
    with writing(column.board, by) as log:
        column = fresh_column(log, column)
        title = clean_title(title)
        spec = {"what": what, "why": why, "done_when": done_when, "constraints": constraints}
        spec = {field: clean_spec(text, field) for field, text in spec.items()}
        assignable(log, assignee)
        refuse_full(log, column)
        position = position_between(card_rows(column), before=before, after=after)
        worn = [fresh_label(log, label) for label in labels]
        values: dict[str, Any] = {"title": title, "labels": worn, "assignee": assignee, "source": template}
        card = write_card(log, column, position, **values | spec)
        write_steps(log, card, steps)
        return card


def write_steps(log: Log, card: Card, steps: str) -> None:
    """The checklist that a new card begins with, where `steps` has any line, within an open change."""
    if titles_in(steps):
        write_items(log, card, write_checklist(log, card, ""), steps, "steps")


@action
def create_cards(
    column: Column,
    text: str,
    *,
    by: Any,
    before: Card | None = None,
    after: Card | None = None,
    template: Template | None = None,
    day: dt.date | None = None,
) -> list[Card]:
    """A card for each line of a pasted text, in order, at one place; all of them or none.

    Each begins from `template`, where there is one; `day` is today where the person is, for its title.
    """
    with writing(column.board, by) as log:
        column = fresh_column(log, column)
        lines = titles_in(text)
        if not lines:
            raise Refused("The title can't be empty.", "title")
        if len(lines) > limits.AT_ONCE:
            raise Refused(f"At most {limits.AT_ONCE} cards at once; this has {len(lines)} lines.", "title")
        begun = TemplateContent.of(log, template)
        if len(lines) * begun.rows > limits.ROWS_AT_ONCE:
            most = limits.ROWS_AT_ONCE // begun.rows
            raise Refused(f"At most {most} cards at once from this template; this has {len(lines)}.", "title")
        titles = [clean_title(begun.title(line, day or log.now.date())) for line in lines]
        refuse_full(log, column, coming=len(titles))
        positions = positions_between(card_rows(column), len(titles), before=before, after=after)
        several = len(titles) > 1
        cards = []
        for title, position in zip(titles, positions, strict=True):
            told = {"of_several": True} if several else {}
            card = write_card(log, column, position, title=title, source=template, told=told, **begun.fields)
            write_steps(log, card, begun.steps)
            cards.append(card)
        return cards


@dataclass(frozen=True)
class TemplateContent:
    """What a new card gets from a template, as things are now; all empty without one."""

    pattern: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    steps: str = ""

    @classmethod
    def of(cls, log: Log, template: Template | None) -> TemplateContent:
        """Within an open change. Raises `Refused` for one that was removed meanwhile."""
        if template is None:
            return cls()
        now = fresh_template(log, template)
        return cls(
            now.title,
            {
                **{name: getattr(now, name) for name in SPEC_FIELDS},
                "assignee": present_owner(log, now),
                "labels": list(now.labels.filter(removed_at=None)),
            },
            now.steps,
        )

    @property
    def rows(self) -> int:
        """How many rows of the log one card makes, about."""
        return 1 + len(titles_in(self.steps))

    def title(self, typed: str, day: dt.date) -> str:
        return filled(self.pattern, day, typed)


def optional_values(card: Card, board: Board) -> dict[str, Any]:
    """What a copy of `card` on `board` has of the fields that are only on boards which chose them."""
    chosen = board.card_fields
    fields = (field for field in CARD_FIELDS.values() if field.is_optional and field.is_on(chosen))
    return {field.name: field.held(card) for field in fields}


@action
def copy_card(card: Card, to: Column, title: str, *, by: Any, take: Collection[str] = COPIED) -> Card:
    """A new card with another's micro-spec and what of `COPIED` it is to take along; nothing is ticked.

    It stands below the other where both are in one column, else at the end. A label goes by its name to
    another board, and people go who are on it.
    """
    if set(take) - set(COPIED):
        raise Refused("Choose from what there is to take along.", "take")
    with writing(to.board, by) as log:
        column = fresh_column(log, to)
        title = clean_title(title)
        refuse_full(log, column)
        after = card if card.column_id == column.pk and not card.is_archived else None
        values: dict[str, Any] = {name: getattr(card, name) for name in SPEC_FIELDS}
        values["assignee"] = card.assignee if "owner" in take and is_assignable(log, card.assignee) else None
        values["due"] = card.due if "due" in take else None
        values |= optional_values(card, log.board)
        names = [label.name for label in card.labels.filter(removed_at=None)] if "labels" in take else []
        values["labels"] = list(log.board.labels.filter(removed_at=None, name__in=names))
        position = position_between(card_rows(column), after=after)
        made = write_card(log, column, position, title=title, source=card, **values)
        if "checklists" in take:
            lists = list(card.checklists.current().in_order())
            items = sum(one.items.current().count() for one in lists)
            refuse_many(0, limits.ROWS_AT_ONCE, "At most {} items can be copied at once.", coming=items)
            for one in lists:
                write_checklist_like(log, made, one)
        return made
