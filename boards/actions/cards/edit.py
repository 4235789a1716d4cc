"""What happens to cards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from activity.errors import Refused
from activity.log.record import FrameNotes, Log
from activity.log.values import Kind
from boards.actions.base import action, fresh_card, writing
from boards.actions.cards.limits import card_rows, clean_text
from boards.actions.conflicts import settle_text, settle_value
from boards.actions.facts import person_fact, thing_fact
from boards.actions.labels import fresh_label
from boards.card_fields import CARD_FIELDS, CardField
from boards.models import SPEC_FIELDS, Board, Card, Column, Label
from fluxboard.core.ordering import position_between


@action
def set_value(
    card: Card,
    field: CardField,
    held: Any,
    *,
    by: Any,
    seen: int | None = None,
    check: Callable[[Log, Any], None] | None = None,
) -> Card:
    """Set a field of a card to what `held` is on the model; nothing happens where it is so already.

    `check` refuses what this board does not take. Raises `Refused` for a field that the board has not chosen.
    """
    with writing(card.board, by, field.least, card=card) as log:
        card = fresh_card(log, card)
        if not field.is_on(log.board.card_fields):
            raise Refused(f"{field.label} is not switched on for the cards of this board.", field.name)
        if field.value.is_typed:
            held = _settled_text(log, card, field, held, seen)
        before, after = field.fact(card), field.value.fact(held)
        if before == after:
            return card
        if check is not None:
            check(log, held)
        if not field.value.is_typed:
            _settled_value(log, card, field, held, seen)
        setattr(card, field.name, held)
        log.record(
            field.verb.name,
            card,
            before={field.name: before},
            after={field.name: after},
            shown=FrameNotes(as_it_is=True),
        )
        log.keep_last(card, field.name)
        return card


def _settled_value(log: Log, card: Card, field: CardField, held: Any, seen: int | None) -> None:
    settle_value(
        log,
        card,
        field.name,
        field.label,
        theirs=field.fact(card),
        yours=field.value.fact(held),
        seen=seen,
        values=(field.sent(field.held(card)), field.sent(held)),
        in_words=field.value.words,
    )


def _settled_text(log: Log, card: Card, field: CardField, text: str, seen: int | None) -> str:
    """The text as it is kept; two people's edits of a long one merge by line."""
    is_long = field.kind is Kind.MARKDOWN
    text = clean_text(text, field)
    text = settle_text(log, card, field.name, field.label, text, seen, by_line=is_long)
    return clean_text(text, field)


def retitle_card(card: Card, title: str, *, by: Any, seen: int | None = None) -> Card:
    return set_value(card, CARD_FIELDS["title"], title, by=by, seen=seen)


def specify_card(card: Card, field: str, text: str, *, by: Any, seen: int | None = None) -> Card:
    """Write one of the four micro-spec fields; two people's edits of it merge by line."""
    if field not in SPEC_FIELDS:
        raise Refused("Choose what, why, done when or constraints.")
    return set_value(card, CARD_FIELDS[field], text, by=by, seen=seen)


def date_card(card: Card, due: dt.date | None, *, by: Any, seen: int | None = None) -> Card:
    """Due on a date, the same one in every time zone; None takes it away."""
    return set_value(card, CARD_FIELDS["due"], due, by=by, seen=seen)


def kept_on_transfer(card: Card, board: Board) -> tuple[list[Label], list[Any], dict[str, Any]]:
    """The labels and participants that a card keeps when it goes to `board`, and what it loses, for the log.

    What it loses names an assignee who is not on that board too; it is empty where nothing is lost.
    """
    theirs = {label.name: label for label in board.labels.filter(removed_at=None)}
    on_card = list(card.labels.all())
    labels = [theirs[label.name] for label in on_card if label.name in theirs]
    lost_labels = [label for label in on_card if label.name not in theirs]
    people = list(card.participants.all())
    staying = [person for person in people if board.role_of(person)]
    everyone = dict.fromkeys([person for person in (card.assignee, *people) if person is not None])
    lost_people = [person for person in everyone if not board.role_of(person)]
    if not lost_labels and not lost_people:
        return labels, staying, {}
    facts = {
        "labels": [thing_fact(label) for label in lost_labels],
        "people": [person_fact(person) for person in lost_people],
    }
    return labels, staying, {"left_off": facts}


@action
def label_card(card: Card, label: Label, *, by: Any) -> Card:
    with writing(card.board, by, card=card) as log:
        card, label = fresh_card(log, card), fresh_label(log, label)
        if not card.labels.filter(pk=label.pk).exists():
            card.labels.add(label)
            log.record("card.labelled", card, after={"label": thing_fact(label)})
            card.keep()
        return card


@action
def unlabel_card(card: Card, label: Label, *, by: Any) -> Card:
    with writing(card.board, by, card=card) as log:
        card = fresh_card(log, card)
        if card.labels.filter(pk=label.pk).exists():
            card.labels.remove(label)
            log.record("card.unlabelled", card, before={"label": thing_fact(label)})
            card.keep()
        return card


def first_column(board: Board) -> Column:
    """The column in which work waits to be begun: the first that is not done, else the first of all."""
    columns = list(board.columns.current().in_board_order())
    return next((column for column in columns if not column.is_done), columns[0])


def to_column(log: Log, card: Card, column: Column) -> None:
    before = {"column": thing_fact(card.column), "position": card.position}
    card.column, card.position = column, position_between(card_rows(column))
    card.moved_at = log.now
    after = {"column": thing_fact(column), "position": card.position}
    log.record("card.moved", card, before=before, after=after, shown=FrameNotes(left=True))
    card.keep("column", "position", "moved_at")
