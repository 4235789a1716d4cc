"""What happens to cards."""

from __future__ import annotations

import datetime as dt
from typing import Any

from activity.errors import Refused
from activity.log.record import Log, Shown
from boards.actions.base import action, fresh_card, writing
from boards.actions.cards.limits import clean_spec, clean_title, rows_of
from boards.actions.conflicts import settle_text, settle_value
from boards.actions.facts import person_fact, thing_fact
from boards.actions.labels import fresh_label
from boards.models import (
    SPEC_FIELDS,
    Board,
    Card,
    Column,
    Label,
)
from fluxboard.core.ordering import position_between


@action
def retitle_card(card: Card, title: str, *, by: Any, seen: int | None = None) -> Card:
    with writing(card.board, by, card=card) as log:
        card = fresh_card(log, card)
        title = settle_text(log, card, "title", "Title", clean_title(title), seen)
        if title != card.title:
            before, card.title = card.title, title
            log.record(
                "card.retitled",
                card,
                before={"title": before},
                after={"title": title},
                shown=Shown(as_it_is=True),
            )
            log.keep_last(card, "title")
        return card


@action
def specify_card(card: Card, field: str, text: str, *, by: Any, seen: int | None = None) -> Card:
    """Write one of the four micro-spec fields; two people's edits of it merge by line."""
    if field not in SPEC_FIELDS:
        raise Refused("Choose what, why, done when or constraints.")
    with writing(card.board, by, card=card) as log:
        card = fresh_card(log, card)
        text = clean_spec(text, field)
        text = settle_text(log, card, field, SPEC_FIELDS[field], text, seen, by_line=True)
        text = clean_spec(text, field)
        before = getattr(card, field)
        if text != before:
            setattr(card, field, text)
            log.record(
                "card.specified",
                card,
                before={field: before},
                after={field: text},
                shown=Shown(as_it_is=True),
            )
            log.keep_last(card, field)
        return card


def luggage_for(card: Card, board: Board) -> tuple[list[Label], list[Any], dict[str, Any]]:
    """What of a card's labels and participants goes along to `board`; and what is left off, for the log.

    That is empty where nothing is; an assignee who is not on the board stands in it as well.
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


@action
def date_card(card: Card, due: dt.date | None, *, by: Any, seen: int | None = None) -> Card:
    """Due on a date, the same one in every time zone; None takes it away."""
    with writing(card.board, by, card=card) as log:
        card = fresh_card(log, card)
        theirs, yours = (day.isoformat() if day else "" for day in (card.due, due))
        if theirs == yours:
            return card
        settle_value(log, card, "due", "Due", theirs=theirs, yours=yours, seen=seen, values=(theirs, yours))
        card.due = due
        log.record("card.dated", card, before={"due": theirs or None}, after={"due": yours or None})
        card.keep("due")
        return card


def first_column(board: Board) -> Column:
    """The column in which work waits to be begun: the first that is not done, else the first of all."""
    columns = list(board.columns.current().in_board_order())
    return next((column for column in columns if not column.is_done), columns[0])


def to_column(log: Log, card: Card, column: Column) -> None:
    before = {"column": thing_fact(card.column), "position": card.position}
    card.column, card.position = column, position_between(rows_of(column))
    card.moved_at = log.now
    after = {"column": thing_fact(column), "position": card.position}
    log.record("card.moved", card, before=before, after=after, shown=Shown(left=True))
    card.keep("column", "position", "moved_at")
