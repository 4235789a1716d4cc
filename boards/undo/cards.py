"""Undo changes of cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from activity.errors import Refused
from boards.actions.cards import archive, block, edit, move, people, transfer
from boards.actions.cards.facts import block_facts
from boards.models import Card, Column
from boards.undo.find import called, card_on, column_on, label_on, person_called
from boards.undo.registry import ERASED, Undo, undoes


@undoes("card.created", "card.restored")
def _card_created(undo: Undo) -> None:
    archive.archive_card(undo.thing, by=undo.by)


@undoes("card.archived")
def _card_archived(undo: Undo) -> None:
    archive.restore_card(undo.thing, by=undo.by)


@undoes("card.moved")
def _card_moved(undo: Undo) -> None:
    card: Card = undo.thing
    if undo.goes_back(card, "column", str(card.column.uid), _in_column):
        move.move_card(
            card,
            by=undo.by,
            to=column_on(undo, undo.before["column"]),
            at=undo.before["position"],
            archived=undo.was_put_away(),
        )


def _in_column(card: Card, uid: str) -> tuple[str, list[tuple[str, str]]]:
    rows = Card.objects.filter(column__uid=uid, archived_at=None).exclude(pk=card.pk).in_board_order()
    name = Column.objects.filter(uid=uid).values_list("name", flat=True).first()
    return name or "", list(rows.values_list("position", "title"))


@undoes("card.transferred")
def _card_transferred(undo: Undo) -> None:
    """Told on both boards; the newer half, on the board that it came to, brings it back."""
    if "board" in undo.after:
        return
    left = next(
        (
            one.before
            for one in undo.done
            if one.activity.subject == undo.activity.subject and "board" in one.after
        ),
        None,
    )
    if left is None:
        raise Refused("The board that it came from is not known any more.")
    card: Card = undo.thing
    column = called(Column.objects.select_related("board"), left["column"])
    transfer.return_card(card, by=undo.by, to=column, left=left, kept=undo.after)


@undoes("card.joined")
def _card_joined(undo: Undo) -> None:
    people.leave_card(undo.thing, person_called(undo, undo.after["participant"]), by=undo.by)


@undoes("card.left")
def _card_left(undo: Undo) -> None:
    people.join_card(undo.thing, person_called(undo, undo.before["participant"]), by=undo.by)


@undoes("card.labelled")
def _card_labelled(undo: Undo) -> None:
    if not _follows_its_label(undo, undo.after["label"]):
        edit.unlabel_card(undo.thing, label_on(undo, undo.after["label"]), by=undo.by)


@undoes("card.unlabelled")
def _card_unlabelled(undo: Undo) -> None:
    if not _follows_its_label(undo, undo.before["label"]):
        edit.label_card(undo.thing, label_on(undo, undo.before["label"]), by=undo.by)


def _follows_its_label(undo: Undo, label: Mapping[str, Any]) -> bool:
    """Whether the label itself goes or comes back along, and sees to its cards, archived ones too."""
    return any(
        one.activity.effect.startswith("label.") and str(one.activity.subject) == label["id"]
        for one in undo.done
    )


@undoes("card.blocked", "card.unblocked")
def _card_blocked(undo: Undo) -> None:
    card = undo.thing
    if undo.before.get("reason") is None or undo.after.get("reason") is None:
        raise Refused(ERASED)
    now, was, left = (_block(facts) for facts in (block_facts(card), undo.before, undo.after))
    if now != was and (now != left or undo.set_since("reason")):
        reason = undo.settled(
            card,
            "reason",
            now=_block_words(now),
            was=_block_words(was),
            left=_block_words(left) or "",
        )
        if reason == _block_words(now):
            return
        if reason != _block_words(was):
            was = (reason, *was[1:])
    if not was[0]:
        block.unblock_card(card, by=undo.by)
        return
    person = person_called(undo, {"id": was[1]} if was[1] else None)
    other = card_on({"id": was[2]} if was[2] else None)
    block.block_card(card, was[0], by=undo.by, person=person, card_in_the_way=other)


def _block(facts: Mapping[str, Any] | None) -> tuple[str, str, str]:
    """Reason, whom and which card a block waits for (uids); all empty without one."""
    facts = facts or {}
    person, card = facts.get("person") or {}, facts.get("card") or {}
    return facts.get("reason") or "", person.get("id", ""), card.get("id", "")


def _block_words(block: tuple[str, str, str]) -> str:
    return block[0]
