"""Move a card to another board, and back."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model

from activity.errors import Refused
from activity.log.record import FrameNotes, Log
from activity.log.transaction import change
from boards.actions.base import action, admit, fresh_card
from boards.actions.cards.create import take_number
from boards.actions.cards.edit import kept_on_transfer
from boards.actions.cards.extensions import CARD_EXTENSIONS, restamp
from boards.actions.cards.facts import full_facts
from boards.actions.cards.limits import card_rows, refuse_full
from boards.actions.columns import fresh_column
from boards.actions.facts import card_fact
from boards.card_fields import CARD_FIELDS
from boards.models import Card, Checklist, Column, FormerCardKey, Item, Role
from fluxboard.core.ordering import position_again, position_between

CARRIED_TEXTS = [name for name, field in CARD_FIELDS.items() if field.value.is_typed]


@action
def transfer_card(card: Card, *, by: Any, to: Column) -> Card:
    """To a column on another board, at its end: a new key there, the old address redirects.

    Both boards record it. Labels go along where the other board has one of that name; people who are not
    on the other board are left off; both boards' logs say which under `left_off`.
    """
    from boards.rendering.fragments import frames

    with change(by, card.board_id, to.board_id, render=frames) as (here, there):
        if here.board.pk == there.board.pk:
            raise Refused("That column is on the same board. Move the card instead.", "column")
        admit(here, Role.MEMBER)
        admit(there, Role.MEMBER)
        card = fresh_card(here, card)
        column = fresh_column(there, to)
        refuse_full(there, column)
        return _transfer(here, there, card, column)


@action
def return_card(card: Card, *, by: Any, to: Column, left: dict[str, Any], kept: dict[str, Any]) -> Card:
    """Back to the board that it was transferred from: to its old number and place, in `to`.

    `left` is all that it was there, `kept` what it was once it had come here: what was left off, such as
    labels and people, it has again, besides all that was changed since.
    """
    from boards.rendering.fragments import frames

    with change(by, card.board_id, to.board_id, render=frames) as (here, there):
        admit(here, Role.MEMBER)
        admit(there, Role.MEMBER)
        card = fresh_card(here, card)
        column = fresh_column(there, to)
        refuse_full(there, column)
        return _transfer(here, there, card, column, left=left, kept=kept)


def _old_number(there: Log, card: Card, left: dict[str, Any]) -> int:
    """The number that a card had on a board before, since its old key leads to it; else the next one."""
    former = FormerCardKey.objects.filter(board=there.board, number=left.get("number", 0), card=card)
    return int(left["number"]) if former.delete()[0] else take_number(there)


def _left_off(left: dict[str, Any], kept: dict[str, Any], name: str, by: str) -> list[str]:
    """The ids of the things under `name` that a card had, and has not kept."""
    here = {thing[by] for thing in kept.get(name, [])}
    return [thing["id"] for thing in left.get(name, []) if thing[by] not in here]


def _transfer(
    here: Log,
    there: Log,
    card: Card,
    column: Column,
    left: dict[str, Any] | None = None,
    kept: dict[str, Any] | None = None,
) -> Card:
    old, was = card_fact(card), card.column
    left, kept = left or {}, kept or {}
    FormerCardKey.objects.create(board=here.board, number=card.number, card=card)
    facts = full_facts(card)
    labels, staying, left_off = kept_on_transfer(card, there.board)
    labels += there.board.labels.filter(removed_at=None, uid__in=_left_off(left, kept, "labels", "name"))
    back = _people(_left_off(left, kept, "participants", "id"))
    staying += [person for person in back if there.board.role_of(person)]
    if card.assignee is None and left.get("assignee") and not kept.get("assignee"):
        card.assignee = next(iter(_people([left["assignee"]["id"]])), None)
    here.record(
        "card.transferred",
        card,
        before=facts,
        after={"board": {"id": str(there.board.uid), "name": there.board.name, "key": there.board.key}}
        | left_off,
        shown=FrameNotes(left=True, columns=[was]),
    )
    card.board, card.column = there.board, column
    card.number = _old_number(there, card, left) if left else take_number(there)
    rows = card_rows(column)
    card.position = position_again(rows, card, left["position"]) if left else position_between(rows)
    card.moved_at = there.now
    if card.assignee and not there.board.role_of(card.assignee):
        card.assignee = None
    card.labels.set(labels)
    card.participants.set(staying)
    for extension in CARD_EXTENSIONS:
        extension.settle_in(card, there, left)
    there.record(
        "card.transferred",
        card,
        before={"card": old, "board": {"id": str(here.board.uid), "name": here.board.name}},
        after=full_facts(card) | left_off,
        shown=FrameNotes(columns=[column]),
    )
    card.field_seqs = dict.fromkeys([*card.field_seqs, *CARRIED_TEXTS], card.version)
    card.keep("board", "column", "number", "position", "moved_at", "assignee")
    _restamp(card)
    for extension in CARD_EXTENSIONS:
        extension.restamp(card)
    return card


def _people(uids: list[str]) -> list[Any]:
    return list(get_user_model().objects.filter(uid__in=uids)) if uids else []


def _restamp(card: Card) -> None:
    """Give the card's checklists the new board's seq, since a seq of the old board means nothing there."""
    restamp(card, Checklist.objects.filter(card=card))
    restamp(card, Item.objects.filter(checklist__card=card))
