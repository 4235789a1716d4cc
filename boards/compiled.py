"""Queries that are put into words once, and planned once by each session of the database.

For a statement of many parts, composing it and planning it cost several times what answering it does.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Self

import psycopg
from django.db import connection, models
from django.db.models import QuerySet

# Stand for values that come later; no row has such an id.
SOMEONE, SOME_BOARD = 2**61 + 1, 2**61 + 3
SOME_WORD = "\x00"  # the database can hold no such text
SOME_MOMENT = dt.datetime(1815, 12, 10, 1, 2, 3, 456789, dt.UTC)
PLACEHOLDER = re.compile(r"%%|%s")


class _Prepared(psycopg.Cursor[Any]):
    """Has the database keep the plan of what it executes, which Django's connections otherwise never do."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        self.connection.prepare_threshold = 1
        try:
            return super().execute(query, params, prepare=True, **options)
        finally:
            self.connection.prepare_threshold = None


def one_row(statement: str, values: Mapping[str, Any]) -> Any:
    """The first row of a statement that is asked for often; its plan is kept by the session."""
    connection.ensure_connection()
    session: Any = connection
    with session._prepare_cursor(_Prepared(session.connection)) as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()


def first_of[M: models.Model](
    model: type[M], statement: str, values: Mapping[str, Any]
) -> tuple[M, Any] | None:
    """The first row as a `model`, whose columns come first, and the rest of the row; None without rows."""
    row = one_row(statement, values)
    if row is None:
        return None
    fields = model._meta.concrete_fields
    made = [
        convert(value, None, connection) if (convert := getattr(field, "from_db_value", None)) else value
        for field, value in zip(fields, row, strict=False)
    ]
    found = model.from_db(connection.alias, [field.attname for field in fields], made)
    return found, row[len(fields) :]


def compiled(rows: QuerySet[Any], names: Mapping[Any, str], prefix: str) -> tuple[str, dict[str, Any]]:
    """The statement of `rows` with named values, and those of them that are always the same.

    `names` says how each value that stands for another will be called; `prefix` begins the other names.
    """
    sql, values = rows.query.sql_with_params()
    fixed: dict[str, Any] = {}
    called = iter(values)

    def name(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return match[0]
        value = next(called)
        known = names.get(value) if type(value) in {type(key) for key in names} else None
        if known is None:
            known = f"{prefix}{len(fixed)}"
            fixed[known] = value
        return f"%({known})s"

    return PLACEHOLDER.sub(name, sql), fixed
