"""Columns, and which of them a person keeps folded."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby, takewhile
from typing import Any

from django.conf import settings
from django.db import models

from boards.models.thing import IN_ORDER, PositionField, Thing


class ColumnQuerySet(models.QuerySet["Column"]):
    def in_board_order(self) -> ColumnQuerySet:
        return self.order_by(*IN_ORDER)

    def current(self) -> ColumnQuerySet:
        return self.filter(archived_at=None)

    def begun(self, boards: Iterable[Any]) -> set[int]:
        """The ids of the columns of `boards` in which work is under way: begun and not done. One query.

        Work begins in the first column that has a limit, for a team limits what it has under way; on a board
        without limits in the second column, for the first is where cards wait. It ends at the first column
        that counts as done: what stands right of it is put aside.
        """
        found: set[int] = set()
        columns = self.current().filter(board__in=boards).order_by("board", *IN_ORDER)
        for _, here in groupby(columns, key=lambda column: column.board_id):
            row = list(takewhile(lambda column: not column.is_done, here))
            limited = (place for place, column in enumerate(row) if column.wip_limit is not None)
            found |= {column.pk for column in row[next(limited, 1) :]}
        return found


class Column(Thing):
    board = models.ForeignKey(
        "boards.Board", on_delete=models.CASCADE, related_name="columns", db_index=False
    )
    name = models.CharField(max_length=80)
    position = PositionField()
    wip_limit = models.PositiveSmallIntegerField(null=True, blank=True)
    is_done = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = ColumnQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["board", "position"], name="column_order")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    def is_full(self, count: int) -> bool:
        """Whether `count` cards reach this column's limit."""
        return self.wip_limit is not None and count >= self.wip_limit


class Fold(models.Model):
    """A column that one person keeps folded. Theirs alone, so never in the log."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="folds", db_index=False
    )
    column = models.ForeignKey(Column, on_delete=models.CASCADE, related_name="folds")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "column"], name="one_fold_a_column")]

    def __str__(self) -> str:
        return f"{self.user} folds {self.column}"
