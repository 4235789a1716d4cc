"""What happens to checklists and their items. The card's counts change along, in the same transaction."""

from __future__ import annotations

from typing import Any

from activity.errors import Refused
from activity.log.record import Log
from boards.actions.base import action, fresh_card, refuse_many, writing
from boards.actions.clean import cleaned
from boards.actions.conflicts import settle_text
from boards.actions.facts import card_fact, person_fact
from boards.actions.lines import titles_in
from boards.models import Card, Checklist, Item
from fluxboard.core import limits
from fluxboard.core.ordering import position_again, position_between, positions_between
from fluxboard.core.postgres.statements import one_row

LONG_ITEM = limits.ITEM
_COUNTS = """
    SELECT count(*), count(i.checked_at) FROM boards_item i JOIN boards_checklist l ON l.id = i.checklist_id
    WHERE l.card_id = %(card)s AND l.removed_at IS NULL AND i.removed_at IS NULL
"""


def list_fact(checklist: Checklist) -> dict[str, str]:
    return {"id": str(checklist.uid)}


def fresh_checklist(log: Log, card: Card, checklist: Checklist) -> Checklist:
    now = Checklist.objects.filter(pk=checklist.pk, card=card).first()
    if now is None or now.removed_at is not None:
        raise Refused("That checklist was removed.", "checklist")
    now.card = card
    return now


def fresh_item(log: Log, item: Item) -> tuple[Card, Item]:
    """The item and its card as they are now that the board is locked."""
    now = Item.objects.select_related("checklist__card", "checked_by").get(pk=item.pk)
    card = fresh_card(log, now.checklist.card)
    if now.removed_at is not None or now.checklist.removed_at is not None:
        raise Refused("That item was removed.", "item")
    now.checklist.card = card
    return card, now


def keep_counts(card: Card) -> None:
    """Count the card's items again, and save that with its stamped version."""
    card.items_total, card.items_done = one_row(_COUNTS, {"card": card.pk})
    card.keep("items_total", "items_done")


@action
def add_checklist(card: Card, name: str, *, by: Any) -> Checklist:
    with writing(card.board, by) as log:
        card = fresh_card(log, card)
        return write_checklist(log, card, name)


def write_checklist(log: Log, card: Card, name: str) -> Checklist:
    """A new checklist at the card's end, within an open change."""
    name = cleaned(name or "Checklist", field="name", what="The name", longest=limits.CHECKLIST_NAME)
    there = list(card.checklists.in_order())
    current = sum(one.removed_at is None for one in there)
    refuse_many(current, limits.CHECKLISTS, "A card can have {} checklists.", "name")
    position = position_between(there)
    checklist = Checklist(card=card, name=name, position=position)
    log.record("checklist.added", checklist, card=card, after={"name": name, "position": position})
    checklist.save()
    card.keep()
    return checklist


@action
def rename_checklist(checklist: Checklist, name: str, *, by: Any, seen: int | None = None) -> Checklist:
    with writing(checklist.card.board, by) as log:
        card = fresh_card(log, checklist.card)
        checklist = fresh_checklist(log, card, checklist)
        name = cleaned(name, field="name", what="The name", longest=limits.CHECKLIST_NAME)
        name = settle_text(log, checklist, "name", "Checklist", name, seen)
        if name != checklist.name:
            before, checklist.name = checklist.name, name
            log.record(
                "checklist.renamed", checklist, card=card, before={"name": before}, after={"name": name}
            )
            checklist.keep("name")
            card.keep()
        return checklist


@action
def remove_checklist(checklist: Checklist, *, by: Any) -> Checklist:
    """Take a checklist off its card, items and all; an activity for each item, then one for the list."""
    with writing(checklist.card.board, by) as log:
        card = fresh_card(log, checklist.card)
        checklist = fresh_checklist(log, card, checklist)
        for item in checklist.items.current().in_order():
            item.checklist = checklist
            _write_removed(log, card, item)
        checklist.removed_at = log.now
        log.record("checklist.removed", checklist, card=card, before={"name": checklist.name})
        checklist.keep("removed_at")
        keep_counts(card)
        return checklist


@action
def restore_checklist(checklist: Checklist, *, by: Any) -> Checklist:
    """Bring a checklist back to its place, with the items that were removed together with it."""
    with writing(checklist.card.board, by) as log:
        card = fresh_card(log, checklist.card)
        checklist = Checklist.objects.get(pk=checklist.pk)
        if checklist.removed_at is None:
            return checklist
        checklist.card = card
        together = list(checklist.items.filter(removed_at=checklist.removed_at).in_order())
        checklist.removed_at = None
        checklist.position = position_again(list(card.checklists.in_order()), checklist)
        facts = {"name": checklist.name, "position": checklist.position}
        log.record("checklist.restored", checklist, card=card, after=facts)
        checklist.keep("removed_at", "position")
        for item in together:
            item.checklist = checklist
            _write_restored(log, card, item)
        keep_counts(card)
        return checklist


@action
def add_items(checklist: Checklist, text: str, *, by: Any) -> list[Item]:
    """An item for each line of the text, at the list's end; all of them or none."""
    with writing(checklist.card.board, by) as log:
        card = fresh_card(log, checklist.card)
        checklist = fresh_checklist(log, card, checklist)
        return write_items(log, card, checklist, text)


def write_items(log: Log, card: Card, checklist: Checklist, text: str, field: str = "text") -> list[Item]:
    """An item for each line of `text` (what the form calls `field`), within an open change."""
    lines = titles_in(text)
    if not lines:
        raise Refused("The item can't be empty.", field)
    if len(lines) > limits.AT_ONCE:
        raise Refused(f"At most {limits.AT_ONCE} items at once; this has {len(lines)} lines.", field)
    texts = [cleaned(line, field=field, what="The item", longest=LONG_ITEM) for line in lines]
    return write_texts(log, card, checklist, texts, field)


def write_texts(
    log: Log, card: Card, checklist: Checklist, texts: list[str], field: str = "text"
) -> list[Item]:
    """An item for each of `texts`, at the list's end, within an open change."""
    refuse_many(card.items_total, limits.ITEMS, "A card can have {} items.", field, coming=len(texts))
    positions = positions_between(list(checklist.items.in_order()), len(texts))
    items = [
        _write_item(log, card, checklist, line, position, several=len(texts) > 1)
        for line, position in zip(texts, positions, strict=True)
    ]
    keep_counts(card)
    return items


def _write_item(
    log: Log, card: Card, checklist: Checklist, text: str, position: str, *, several: bool
) -> Item:
    item = Item(checklist=checklist, text=text, position=position)
    facts = {"text": text, "position": position, "checklist": list_fact(checklist)}
    log.record("item.added", item, card=card, after=facts | ({"of_several": True} if several else {}))
    item.save()
    return item


@action
def reword_item(item: Item, text: str, *, by: Any, seen: int | None = None) -> Item:
    with writing(item.checklist.card.board, by) as log:
        card, item = fresh_item(log, item)
        text = cleaned(text, field="text", what="The item", longest=LONG_ITEM)
        text = settle_text(log, item, "text", "Item", text, seen)
        if text != item.text:
            before, item.text = item.text, text
            log.record("item.reworded", item, card=card, before={"text": before}, after={"text": text})
            item.keep("text")
            card.keep()
        return item


@action
def check_item(item: Item, *, by: Any) -> Item:
    return _tick(item, by, is_checked=True)


@action
def uncheck_item(item: Item, *, by: Any) -> Item:
    return _tick(item, by, is_checked=False)


@action
def check_again(item: Item, person: Any, *, by: Any) -> Item:
    """Tick an item that `person` had ticked before."""
    return _tick(item, by, is_checked=True, person=person)


def _tick(item: Item, by: Any, *, is_checked: bool, person: Any = None) -> Item:
    with writing(item.checklist.card.board, by) as log:
        card, item = fresh_item(log, item)
        if item.is_checked != is_checked:
            item.checked_at = log.now if is_checked else None
            had = {"by": person_fact(item.checked_by)} if item.checked_by else {}
            has = {"by": person_fact(person)} if person else {}
            item.checked_by = (person or by.user) if is_checked else None
            log.record(
                "item.checked" if is_checked else "item.unchecked",
                item,
                card=card,
                before={"checked": not is_checked, "text": item.text} | had,
                after={"checked": is_checked, "text": item.text} | has,
            )
            item.keep("checked_at", "checked_by")
            keep_counts(card)
        return item


@action
def copy_checklist(checklist: Checklist, to: Card, *, by: Any) -> Checklist:
    """The same checklist once more at the end of a card, also of another board; nothing in it is ticked.

    Raises `Refused` for a removed checklist.
    """
    if checklist.removed_at is not None:
        raise Refused("That checklist was removed.", "checklist")
    with writing(to.board, by) as log:
        card = fresh_card(log, to)
        return write_checklist_like(log, card, checklist)


def write_checklist_like(log: Log, card: Card, checklist: Checklist) -> Checklist:
    """A checklist with the name and the items of another, within an open change; nothing in it is ticked."""
    texts = list(checklist.items.current().in_order().values_list("text", flat=True))
    refuse_many(0, limits.ROWS_AT_ONCE, "At most {} items can be copied at once.", coming=len(texts))
    copy = write_checklist(log, card, checklist.name)
    if texts:
        write_texts(log, card, copy, texts)
    return copy


@action
def move_item(
    item: Item,
    *,
    by: Any,
    to: Checklist | None = None,
    before: Item | None = None,
    after: Item | None = None,
    at: str | None = None,
) -> Item:
    """Next to a neighbour in a checklist of the same card (its own by default), else to its end.

    `at` is a place that it had there before.
    """
    with writing(item.checklist.card.board, by) as log:
        card, item = fresh_item(log, item)
        target = fresh_checklist(log, card, to) if to is not None else item.checklist
        rows = list(target.items.in_order())
        position = (
            position_between(rows, moving=item, before=before, after=after)
            if at is None
            else position_again(rows, item, at)
        )
        was = {"checklist": list_fact(item.checklist), "position": item.position}
        order = [row.pk for row in rows]
        placed = sorted([*((row.position, row.pk) for row in rows if row.pk != item.pk), (position, item.pk)])
        stays = position == item.position if at is not None else [pk for _, pk in placed] == order
        if item.checklist_id == target.pk and stays:
            return item
        item.checklist, item.position = target, position
        now = {"checklist": list_fact(target), "position": position}
        log.record("item.moved", item, card=card, before=was, after=now)
        item.keep("checklist", "position")
        card.keep()
        return item


@action
def remove_item(item: Item, *, by: Any) -> Item:
    with writing(item.checklist.card.board, by) as log:
        card, item = fresh_item(log, item)
        _write_removed(log, card, item)
        keep_counts(card)
        return item


def _write_removed(log: Log, card: Card, item: Item) -> None:
    item.removed_at = log.now
    facts = {
        "text": item.text,
        "position": item.position,
        "checklist": list_fact(item.checklist),
        "checked": item.is_checked,
    }
    log.record("item.removed", item, card=card, before=facts)
    item.keep("removed_at")


@action
def restore_item(item: Item, *, by: Any) -> Item:
    """Bring an item back to its place, ticked if it was.

    Raises `Refused` while its checklist is removed.
    """
    with writing(item.checklist.card.board, by) as log:
        item = Item.objects.select_related("checklist__card", "checked_by").get(pk=item.pk)
        card = fresh_card(log, item.checklist.card)
        if item.checklist.removed_at is not None:
            raise Refused(f"Its checklist {item.checklist.name} was removed. Restore that first.")
        if item.removed_at is not None:
            _write_restored(log, card, item)
            keep_counts(card)
        return item


def _write_restored(log: Log, card: Card, item: Item) -> None:
    item.removed_at = None
    item.position = position_again(list(item.checklist.items.in_order()), item)
    facts = {
        "text": item.text,
        "position": item.position,
        "checklist": list_fact(item.checklist),
        "checked": item.is_checked,
        "checked_by": person_fact(item.checked_by),
        "promoted_to": card_fact(item.promoted_to),
    }
    log.record("item.restored", item, card=card, after=facts)
    item.keep("removed_at", "position")
