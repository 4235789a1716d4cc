"""What happens to columns."""

from __future__ import annotations

import functools
from typing import Any

from activity.errors import Refused
from activity.log.record import Log
from boards.actions.base import action, refuse_many, writing
from boards.actions.clean import cleaned
from boards.actions.conflicts import settle_text
from boards.models import Board, Card, Column, Role
from fluxboard.core import limits
from fluxboard.core.ordering import position_again, position_between
from fluxboard.core.postgres.statements import PARAM_BOARD, PARAM_USER, PreparedQuery


def write_column(
    log: Log, name: str, position: str, *, is_done: bool = False, wip_limit: int | None = None
) -> Column:
    """A new column, within an open change."""
    column = Column(board=log.board, name=name, position=position, is_done=is_done, wip_limit=wip_limit)
    facts = {"name": name, "position": position, "is_done": is_done, "wip_limit": wip_limit}
    log.record("column.added", column, after=facts)
    column.save()
    return column


def fresh_column(log: Log, column: Column, *, archived: bool = False) -> Column:
    """The column as it is now; `Refused` when it is archived (unless `archived`) or not of this board."""
    return usable_column(log, _column().first(column=column.pk, board=log.board.pk), archived=archived)


def usable_column(log: Log, now: Column | None, *, archived: bool = False) -> Column:
    """A column of the board as it was read under the lock, or the refusals of `fresh_column`."""
    if now is None:
        raise Refused("That column is not on this board.", "column")
    if now.is_archived and not archived:
        raise Refused(f"The column {now.name} is archived.", "column")
    now.board = log.board
    return now


@functools.cache
def _column() -> PreparedQuery[Column]:
    columns = Column.objects.filter(pk=PARAM_USER, board=PARAM_BOARD)
    return PreparedQuery(columns, {PARAM_USER: "column", PARAM_BOARD: "board"})


@action
def add_column(board: Board, name: str, *, by: Any, after: Column | None = None) -> Column:
    with writing(board, by, Role.OWNER) as log:
        name = cleaned(name, field="name", what="The name", longest=limits.COLUMN_NAME)
        rows = list(log.board.columns.in_board_order())
        refuse_many(len(rows), limits.COLUMNS, "A board can have {} columns, archived ones included.", "name")
        return write_column(log, name, position_between(rows, after=after))


@action
def rename_column(column: Column, name: str, *, by: Any, seen: int | None = None) -> Column:
    with writing(column.board, by, Role.OWNER) as log:
        column = fresh_column(log, column)
        name = cleaned(name, field="name", what="The name", longest=limits.COLUMN_NAME)
        name = settle_text(log, column, "name", "Name", name, seen)
        if name != column.name:
            before, column.name = column.name, name
            log.record("column.renamed", column, before={"name": before}, after={"name": name})
            column.keep("name")
        return column


@action
def move_column(
    column: Column,
    *,
    by: Any,
    before: Column | None = None,
    after: Column | None = None,
    at: str | None = None,
) -> Column:
    """Next to another column; without a neighbour, to the end. `at` is a place that it had before."""
    with writing(column.board, by, Role.OWNER) as log:
        column = fresh_column(log, column)
        rows = list(log.board.columns.in_board_order())
        order = [row.pk for row in rows]
        position = (
            position_between(rows, moving=column, before=before, after=after)
            if at is None
            else position_again(rows, column, at)
        )
        moved = sorted((position if row.pk == column.pk else row.position, row.pk) for row in rows)
        if [pk for _, pk in moved] != order or (at is not None and position != column.position):
            was, column.position = column.position, position
            log.record("column.moved", column, before={"position": was}, after={"position": position})
            column.keep("position")
        return column


@action
def limit_column(column: Column, limit: int | None, *, by: Any) -> Column:
    """At most `limit` cards at once (1 to 999), or None for as many as come."""
    with writing(column.board, by, Role.OWNER) as log:
        column = fresh_column(log, column)
        if limit is not None and not 1 <= limit <= 999:
            raise Refused("Choose a limit from 1 to 999, or none.", "wip_limit")
        if limit != column.wip_limit:
            before, column.wip_limit = column.wip_limit, limit
            log.record("column.limited", column, before={"wip_limit": before}, after={"wip_limit": limit})
            column.keep("wip_limit")
        return column


@action
def mark_done_column(column: Column, is_done: bool, *, by: Any) -> Column:
    """Whether cards in this column count as done."""
    with writing(column.board, by, Role.OWNER) as log:
        column = fresh_column(log, column)
        if is_done != column.is_done:
            column.is_done = is_done
            log.board.look = log.next_seq
            log.record(
                "column.marked_done", column, before={"is_done": not is_done}, after={"is_done": is_done}
            )
            column.keep("is_done")
            log.board.save(update_fields=["look"])
        return column


@action
def archive_column(column: Column, *, by: Any) -> Column:
    """Put a column away with the cards in it: one activity for each card, then one for the column."""
    from boards.actions.cards.archive import write_archived

    with writing(column.board, by, Role.OWNER) as log:
        column = fresh_column(log, column)
        others = log.board.columns.current().exclude(pk=column.pk)
        if not others.exists():
            raise Refused("A board needs at least one column.")
        for card in Card.objects.filter(column=column, archived_at=None).in_board_order():
            card.column, card.board = column, log.board
            write_archived(log, card, log.now)
        column.archived_at = log.now
        log.record("column.archived", column, before={"archived": False}, after={"archived": True})
        column.keep("archived_at")
        return column


@action
def restore_column(column: Column, *, by: Any) -> Column:
    """Bring a column back, with the cards that were put away together with it."""
    from boards.actions.cards.archive import write_archived

    with writing(column.board, by, Role.OWNER) as log:
        column = fresh_column(log, column, archived=True)
        if not column.is_archived:
            return column
        together = Card.objects.filter(column=column, archived_at=column.archived_at).in_board_order()
        column.archived_at = None
        log.record("column.restored", column, before={"archived": True}, after={"archived": False})
        column.keep("archived_at")
        for card in together:
            card.column, card.board = column, log.board
            write_archived(log, card, None)
        return column
