"""Stretches of a log's numbers, as PostgreSQL keeps them: `int8multirange`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from psycopg.types.multirange import Int8Multirange
from psycopg.types.range import Int8Range

Stretch = tuple[int, int]  # first and last, both in it


class StretchesField(models.Field):
    """A list of `Stretch`, in order and apart from one another; compared in SQL, `seen @> seq`."""

    def db_type(self, connection: Any) -> str:
        return "int8multirange"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> list[Stretch]:
        return stretches_of(value)

    def get_prep_value(self, value: Iterable[Stretch]) -> Any:
        return Int8Multirange([Int8Range(first, last + 1) for first, last in value])


def stretches_of(kept: Any) -> list[Stretch]:
    """What psycopg read of an `int8multirange`."""
    return [(one.lower, one.upper - 1) for one in kept]


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """`stretches` in order, those that touch or overlap as one."""
    made: list[Stretch] = []
    for first, last in sorted(stretches):
        if made and first <= made[-1][1] + 1:
            made[-1] = (made[-1][0], max(last, made[-1][1]))
        else:
            made.append((first, last))
    return made
