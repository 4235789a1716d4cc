"""Forms about columns."""

from __future__ import annotations

from typing import Any

from django import forms

from activity.errors import Refused
from activity.log.record import By
from boards import actions
from boards.forms.base import ChangeForm, name_field
from boards.models import Column
from fluxboard.core import limits


class ColumnForm(ChangeForm):
    page = "boards:settings_columns"


class AddColumn(ColumnForm):
    """`thing` is the board. `after` is a column's id; without it the new one stands last."""

    verb = "column.added"
    is_new = True
    heading = "New column"
    submit = "Add the column"
    look = "row"

    name = name_field("Name of the new column", limits.COLUMN_NAME, required=True)
    after = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def perform(self, by: By, seen: int | None) -> Any:
        after = _neighbour(self.thing, self.cleaned_data["after"])
        return actions.add_column(self.thing, self.cleaned_data["name"], by=by, after=after)


class RenameColumn(ColumnForm):
    verb = "column.renamed"
    heading = "Rename this column"
    submit = "Rename"
    look = "row"

    name = name_field("Name", limits.COLUMN_NAME, required=True)

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.rename_column(self.thing, self.cleaned_data["name"], by=by, seen=seen)


class MoveColumn(ColumnForm):
    """`before` or `after`: the id of the column to land next to; neither: the end."""

    verb = "column.moved"
    heading = "Move this column"
    submit = "Move"

    before = forms.IntegerField(required=False, widget=forms.HiddenInput)
    after = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def perform(self, by: By, seen: int | None) -> Any:
        typed = self.cleaned_data
        board = self.thing.board
        return actions.move_column(
            self.thing,
            by=by,
            before=_neighbour(board, typed["before"]),
            after=_neighbour(board, typed["after"]),
        )


class LimitColumn(ColumnForm):
    verb = "column.limited"
    heading = "Limit work in progress"
    submit = "Set"
    look = "row"

    wip_limit = forms.IntegerField(
        label="At most",
        required=False,
        widget=forms.NumberInput({"min": 1, "max": 999, "class": "field__short", "placeholder": "no limit"}),
    )

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.limit_column(self.thing, self.cleaned_data["wip_limit"], by=by)


class MarkDoneColumn(ColumnForm):
    verb = "column.marked_done"
    heading = "Counts as done"
    submit = "Set"
    look = "row"

    is_done = forms.BooleanField(label="Cards here count as done", required=False)

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.mark_done_column(self.thing, self.cleaned_data["is_done"], by=by)


class ArchiveColumn(ColumnForm):
    verb = "column.archived"
    heading = "Archive this column and its cards"
    submit = "Archive"
    said = "The column and its cards are in the archive."
    look = "button"

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.archive_column(self.thing, by=by)


class RestoreColumn(ColumnForm):
    verb = "column.restored"
    heading = "Restore this column"
    submit = "Restore"
    said = "The column is back."
    look = "button"
    page = "boards:archive"

    def perform(self, by: By, seen: int | None) -> Any:
        return actions.restore_column(self.thing, by=by)


def _neighbour(board: Any, pk: int | None) -> Column | None:
    """The column to stand next to. Raises `Refused` when it is not on this board."""
    if pk is None:
        return None
    column = Column.objects.filter(board=board, pk=pk).first()
    if column is None:
        raise Refused("That column is not on this board.", "column")
    return column
