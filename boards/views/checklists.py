"""What can be done to a card's checklists and their items, from its forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404

from activity.log.record import By
from boards import actions
from boards.card_page.context import checklists_of
from boards.http.changes import FormProblem, chosen, perform
from boards.http.on_card import on_card
from boards.http.responses import only, say_restored
from boards.models import Card, Checklist, Item
from boards.views.cards import back_to, show_again, whole_number

ChecklistAct = Callable[[Any, QueryDict, By, int | None], Any]


def _rename(checklist: Checklist, typed: QueryDict, by: By, seen: int | None) -> Any:
    return actions.rename_checklist(checklist, typed.get("name", ""), by=by, seen=seen)


def _remove(checklist: Checklist, typed: QueryDict, by: By, seen: int | None) -> Any:
    return actions.remove_checklist(checklist, by=by)


def _restore(checklist: Checklist, typed: QueryDict, by: By, seen: int | None) -> Any:
    return actions.restore_checklist(checklist, by=by)


def _add_items(checklist: Checklist, typed: QueryDict, by: By, seen: int | None) -> Any:
    return actions.add_items(checklist, typed.get("text", ""), by=by)


def _reword(item: Item, typed: QueryDict, by: By, seen: int | None) -> Any:
    return actions.reword_item(item, typed.get("text", ""), by=by, seen=seen)


def _check(item: Item, typed: QueryDict, by: By, seen: int | None) -> Any:
    return actions.check_item(item, by=by)


def _uncheck(item: Item, typed: QueryDict, by: By, seen: int | None) -> Any:
    return actions.uncheck_item(item, by=by)


def _move(item: Item, typed: QueryDict, by: By, seen: int | None) -> Any:
    card = item.checklist.card
    before, after = (_neighbour(card, typed, field) for field in ("before", "after"))
    to = None
    if typed.get("checklist"):
        pk = whole_number(typed.get("checklist", ""), "Choose a checklist.", "checklist")
        to = Checklist.objects.filter(pk=pk, card=card).first() or item.checklist
    return actions.move_item(item, by=by, to=to, before=before, after=after)


def _neighbour(card: Card, typed: QueryDict, field: str) -> Item | None:
    if not typed.get(field):
        return None
    pk = whole_number(typed.get(field, ""), "That item has gone.", "")
    return Item.objects.filter(pk=pk, checklist__card=card).first()


def _remove_item(item: Item, typed: QueryDict, by: By, seen: int | None) -> Any:
    return actions.remove_item(item, by=by)


def _restore_item(item: Item, typed: QueryDict, by: By, seen: int | None) -> Any:
    return actions.restore_item(item, by=by)


def _promote(item: Item, typed: QueryDict, by: By, seen: int | None) -> Any:
    return actions.promote_item(item, by=by)


# part of the address: verb, action, form, its title
CHECKLIST_DEEDS: dict[str, tuple[str, ChecklistAct, str, str]] = {
    "renamed": ("checklist.renamed", _rename, "checklist_rename", "Checklist"),
    "removed": ("checklist.removed", _remove, "checklist_remove", "Remove the checklist"),
    "restored": ("checklist.restored", _restore, "checklist_restore", "Restore the checklist"),
    "item-added": ("item.added", _add_items, "item_add", "New items"),
}
ITEM_DEEDS: dict[str, tuple[str, ChecklistAct, str, str]] = {
    "reworded": ("item.reworded", _reword, "item_reword", "Item"),
    "checked": ("item.checked", _check, "item_check", "Item"),
    "unchecked": ("item.unchecked", _uncheck, "item_check", "Item"),
    "moved": ("item.moved", _move, "item_move", "Move the item"),
    "removed": ("item.removed", _remove_item, "item_remove", "Remove the item"),
    "restored": ("item.restored", _restore_item, "item_restore", "Restore the item"),
    "promoted": ("item.promoted", _promote, "item_promote", "Make it a card"),
}


@on_card
def add(request: HttpRequest, card: Card) -> HttpResponse:
    """POST only: a new checklist on the card."""
    if refused := only(request, "POST"):
        return refused
    typed = chosen(request.POST)

    def act(by: By, seen: int | None) -> Any:
        return actions.add_checklist(card, typed.get("name", ""), by=by)

    def back(done: Any) -> str:
        return back_to(request, card, f"#checklist-{done.pk}" if done else "")

    def again(problem: FormProblem) -> HttpResponse:
        return show_again(request, card, "checklist.added", "checklist_add", "New checklist", problem)

    return perform(request, act, back=back, again=again)


@on_card
def checklist_do(request: HttpRequest, card: Card, pk: int, part: str) -> HttpResponse:
    """POST only: `checklist.PART` on one checklist of the card, or new items on it."""
    checklist = get_object_or_404(Checklist, pk=pk, card=card)
    checklist.card = card
    place = f"#checklist-{checklist.pk}"
    return _do(request, card, CHECKLIST_DEEDS.get(part), checklist, place, {"checklist": checklist})


@on_card
def item_do(request: HttpRequest, card: Card, pk: int, part: str) -> HttpResponse:
    """POST only: `item.PART` on one item of the card."""
    item = get_object_or_404(Item.objects.select_related("checklist"), pk=pk, checklist__card=card)
    item.checklist.card = card
    return _do(request, card, ITEM_DEEDS.get(part), item, f"#item-{item.pk}", {"item": item})


def _do(
    request: HttpRequest,
    card: Card,
    deed: tuple[str, ChecklistAct, str, str] | None,
    thing: Any,
    place: str,
    context: dict[str, Any],
) -> HttpResponse:
    if deed is None:
        raise Http404
    if refused := only(request, "POST"):
        return refused
    verb, action, form, title = deed
    typed = chosen(request.POST)

    def act(by: By, seen: int | None) -> Any:
        return action(thing, typed, by, seen)

    def back(done: Any) -> str:
        say_restored(request, verb)
        if verb == "item.promoted" and isinstance(done, Card):
            messages.success(request, f"{done.key} waits in {done.column.name}.")
        return back_to(request, card, place)

    def again(problem: FormProblem) -> HttpResponse:
        shown = context | {"checklists": checklists_of(card)}
        return show_again(request, card, verb, form, title, problem, shown)

    return perform(request, act, back=back, again=again)
