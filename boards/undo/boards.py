"""Undo changes of boards, members, columns, labels, saved searches and card templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from activity.errors import Clash, Refused
from boards.actions import board as boards
from boards.actions import columns, labels, membership, schedules, searches, templates
from boards.actions.claiming import claimed_by
from boards.models import Column, Label, Membership
from boards.undo.find import column_on, person_called
from boards.undo.registry import Undo, undoes, version_of


@undoes("board.configured")
def _configured(undo: Undo) -> None:
    board = undo.log.board
    values = _settled(undo, board, {name: getattr(board, name) for name in undo.before})
    boards.configure_board(board, by=undo.by, **values)


def _settled(undo: Undo, thing: Any, present: dict[str, Any]) -> dict[str, Any]:
    """What each of several values of one change is to be again; `present` are their facts now.

    Raises one `Clash` for all that somebody changed since.
    """
    values, differences = {}, []
    for name, now in present.items():
        try:
            values[name] = undo.settled(thing, name, now=now, was=undo.before[name])
        except Clash as clash:
            differences += clash.differences
    if differences:
        raise Clash(differences, version_of(thing), thing)
    return values


@undoes("board.opened", "board.closed")
def _opened(undo: Undo) -> None:
    board = undo.log.board
    to = undo.settled(board, "open_to", now=board.open_to, was=undo.before["open_to"])
    if to:
        boards.open_board(board, to, by=undo.by)
    else:
        boards.close_board(board, by=undo.by)


@undoes("board.created")
def _board_created(undo: Undo) -> None:
    """A board is not unmade: it is archived, with all that it began with, and redo restores it."""
    boards.archive_board(undo.log.board, by=undo.by)


@undoes("board.archived")
def _board_archived(undo: Undo) -> None:
    boards.restore_board(undo.log.board, by=undo.by)


@undoes("board.restored")
def _board_restored(undo: Undo) -> None:
    boards.archive_board(undo.log.board, by=undo.by)


@undoes("member.added")
def _member_added(undo: Undo) -> None:
    membership.remove_member(undo.log.board, undo.thing, by=undo.by)


@undoes("member.removed")
def _member_removed(undo: Undo) -> None:
    person = undo.thing
    if not person.is_active:
        raise Refused(f"{person.name} is deactivated, and can't come back to a board before that ends.")
    if claimed_by(undo.log.board, person.uid):
        raise Refused(f"Somebody has taken over what stood under the name {person.name}.")
    membership.add_member(undo.log.board, person, undo.before["role"], by=undo.by)


@undoes("member.role_changed")
def _role_changed(undo: Undo) -> None:
    person = undo.thing
    standing = Membership.objects.filter(board=undo.log.board, user=person).first()
    if standing is None:
        raise Refused(f"{person.name} is not on this board any more.")
    role = undo.settled(standing, "role", now=standing.role, was=undo.before["role"])
    membership.change_role(undo.log.board, person, role, by=undo.by)


@undoes("column.added", "column.restored")
def _column_added(undo: Undo) -> None:
    if not undo.thing.is_archived:
        columns.archive_column(undo.thing, by=undo.by)


@undoes("column.archived")
def _column_archived(undo: Undo) -> None:
    columns.restore_column(undo.thing, by=undo.by)


@undoes("column.moved")
def _column_moved(undo: Undo) -> None:
    if undo.goes_back(undo.thing, "", "", _on_the_board):
        columns.move_column(undo.thing, by=undo.by, at=undo.before["position"])


def _on_the_board(column: Column, _: str) -> tuple[str, list[tuple[str, str]]]:
    rows = Column.objects.current().filter(board=column.board).exclude(pk=column.pk).in_board_order()
    return "", list(rows.values_list("position", "name"))


@undoes("column.marked_done")
def _column_marked(undo: Undo) -> None:
    columns.mark_done_column(undo.thing, undo.before["is_done"], by=undo.by)


@undoes("label.created", "label.restored")
def _label_created(undo: Undo) -> None:
    if undo.thing.removed_at is None:
        labels.remove_label(undo.thing, by=undo.by)


@undoes("label.removed")
def _label_removed(undo: Undo) -> None:
    labels.restore_label(undo.thing, by=undo.by)


@undoes("search.saved", "search.restored")
def _search_saved(undo: Undo) -> None:
    if undo.thing.removed_at is None:
        searches.remove_search(undo.thing, by=undo.by)


@undoes("search.removed")
def _search_removed(undo: Undo) -> None:
    searches.restore_search(undo.thing, by=undo.by)


@undoes("template.saved", "template.restored")
def _template_saved(undo: Undo) -> None:
    if undo.thing.removed_at is None:
        templates.remove_template(undo.thing, by=undo.by)


@undoes("template.removed")
def _template_removed(undo: Undo) -> None:
    templates.restore_template(undo.thing, by=undo.by)


@undoes("template.changed")
def _template_changed(undo: Undo) -> None:
    template = undo.thing
    if template.removed_at is not None:
        raise Refused("That template was removed. Restore it first.")
    present = templates.facts_of(template, template.labels.all())
    values = _settled(undo, template, {name: present[name] for name in undo.before})
    if "labels" in values:
        ids = [fact["id"] for fact in values["labels"]]
        values["labels"] = list(Label.objects.filter(board=template.board_id, uid__in=ids, removed_at=None))
    if "assignee" in values:
        values["assignee"] = person_called(undo, values["assignee"])
    templates.change_template(template, by=undo.by, **values)


@undoes("schedule.saved", "schedule.restored")
def _schedule_saved(undo: Undo) -> None:
    if undo.thing.removed_at is None:
        schedules.remove_schedule(undo.thing, by=undo.by)


@undoes("schedule.removed")
def _schedule_removed(undo: Undo) -> None:
    schedules.restore_schedule(undo.thing, by=undo.by)


@undoes("schedule.paused")
def _schedule_paused(undo: Undo) -> None:
    schedules.resume_schedule(undo.thing, by=undo.by)


@undoes("schedule.resumed")
def _schedule_resumed(undo: Undo) -> None:
    schedules.pause_schedule(undo.thing, by=undo.by)


@undoes("schedule.skipped")
def _schedule_skipped(undo: Undo) -> None:
    was = _read(dt.date.fromisoformat, undo.before["upto"])
    schedules.done_up_to(undo.thing, was, now=undo.after["upto"], by=undo.by)


def _read(read: Callable[[str], Any], fact: Any) -> Any:
    """A fact as its thing has it; `Refused` for one that this program would not have written."""
    try:
        return read(fact) if fact is not None else None
    except (TypeError, ValueError):
        raise Refused("What it was can't be read any more.") from None


@undoes("schedule.changed")
def _schedule_changed(undo: Undo) -> None:
    schedule = undo.thing
    present = schedules.facts_of(schedule)
    values = _settled(undo, schedule, {name: present[name] for name in undo.before if name in present})
    if "first" in values:
        values["first"] = _read(dt.date.fromisoformat, values["first"])
    if "time" in values:
        values["time"] = _read(dt.time.fromisoformat, values["time"])
    if "column" in values:
        values["column"] = column_on(undo, values["column"])
    if "rota" in values:
        values["rota"] = [person_called(undo, fact) for fact in values["rota"]]
    schedules.change_schedule(schedule, by=undo.by, **values)
