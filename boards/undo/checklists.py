"""Undo changes of checklists and their items."""

from __future__ import annotations

from boards.actions import checklists, promotion
from boards.models import Checklist, Item
from boards.undo.find import called, card_on, person_called
from boards.undo.registry import Undo, undoes


@undoes("checklist.added", "checklist.restored")
def _checklist_added(undo: Undo) -> None:
    if undo.thing.removed_at is None:
        checklists.remove_checklist(undo.thing, by=undo.by)


@undoes("checklist.removed")
def _checklist_removed(undo: Undo) -> None:
    checklists.restore_checklist(undo.thing, by=undo.by)


@undoes("item.added", "item.restored")
def _item_added(undo: Undo) -> None:
    if undo.thing.removed_at is None:
        checklists.remove_item(undo.thing, by=undo.by)


@undoes("item.removed")
def _item_removed(undo: Undo) -> None:
    checklists.restore_item(undo.thing, by=undo.by)


@undoes("item.checked")
def _item_checked(undo: Undo) -> None:
    checklists.uncheck_item(undo.thing, by=undo.by)


@undoes("item.unchecked")
def _item_unchecked(undo: Undo) -> None:
    person = person_called(undo, undo.before.get("by"))
    if person is None:
        checklists.check_item(undo.thing, by=undo.by)
    else:
        checklists.check_again(undo.thing, person, by=undo.by)


@undoes("item.moved")
def _item_moved(undo: Undo) -> None:
    item = undo.thing
    if undo.goes_back(item, "checklist", str(item.checklist.uid), _in_checklist):
        to = called(Checklist.objects, undo.before["checklist"])
        checklists.move_item(item, by=undo.by, to=to, at=undo.before["position"])


def _in_checklist(item: Item, uid: str) -> tuple[str, list[tuple[str, str]]]:
    rows = Item.objects.current().filter(checklist__uid=uid).exclude(pk=item.pk).in_order()
    name = Checklist.objects.filter(uid=uid).values_list("name", flat=True).first()
    return name or "", list(rows.values_list("position", "text"))


@undoes("item.promoted")
def _item_promoted(undo: Undo) -> None:
    promotion.point_item(undo.thing, card_on(undo.before["card"]), by=undo.by)
