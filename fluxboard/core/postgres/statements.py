"""Queries that are put into words once, and planned once by each session of the database.

For a statement of many parts, and for one that every request sends, composing it and planning it cost several
times what answering it does.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models import FETCH_ONE, QuerySet
from django.db.models.query import get_related_populators

# Stand for values that come later; no row has such an id or number.
PARAM_USER, PARAM_BOARD, PARAM_CARD = 2**61 + 1, 2**61 + 3, 2**61 + 5
PARAM_NUMBER = 2**31 - 9
PARAM_UID = uuid.UUID(int=0)
PARAM_WORD = "\x00"  # the database can hold no such text
PARAM_MOMENT = dt.datetime(1815, 12, 10, 1, 2, 3, 456789, dt.UTC)
PLACEHOLDER = re.compile(r"%%|%s")
ONE_IN = re.compile(r"IN \((%\((?!fixed)\w+\)s)\)")

Values = Mapping[str, Any]
type Row = tuple[Any, ...]


class Statement(NamedTuple):
    """A statement in SQL with the values for it."""

    sql: str
    values: Values


class Prefetch[T]:
    """A query that is sent along with others: the statement, and what is made of its rows."""

    def __init__(self, statement: Statement, read: Callable[[list[Row]], T]) -> None:
        self.statement = statement
        self._read = read
        self._rows: list[Row] | None = None

    def answered(self, rows: list[Row]) -> None:
        self._rows = rows

    def result(self) -> T:
        """Raises LookupError before it was answered, and whatever `read` raises."""
        if self._rows is None:
            raise LookupError("this was not asked yet")
        return self._read(self._rows)


def answer_together(asked: Sequence[Statement], prefetches: Sequence[Prefetch[Any]]) -> list[list[Row]]:
    """The rows of `asked`, as `rows_together`, with `prefetches` answered on the same way."""
    rows = rows_together([*asked, *(prefetch.statement for prefetch in prefetches)])
    for prefetch, answer in zip(prefetches, rows[len(asked) :], strict=True):
        prefetch.answered(answer)
    return rows[: len(asked)]


def _session() -> Any:
    return connections[DEFAULT_DB_ALIAS]  # looked up once: that goes by the thread


@contextmanager
def _executed(statement: str, values: Values) -> Iterator[Any]:
    with _session().prepared_cursor() as cursor:
        cursor.execute(statement, values)
        yield cursor


def rows_of(statement: str, values: Values) -> list[tuple[Any, ...]]:
    """All rows of a statement that is asked for often; its plan is kept by the session."""
    with _executed(statement, values) as cursor:
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def one_row(statement: str, values: Values) -> Any:
    """The first row of a statement that is asked for often."""
    with _executed(statement, values) as cursor:
        return cursor.fetchone()


def changed_rows(statement: str, values: Values) -> int:
    """How many rows a statement that changes some, and answers none, has changed."""
    with _executed(statement, values) as cursor:
        return int(cursor.rowcount)


def rows_together(asked: Sequence[Statement]) -> list[list[Row]]:
    """All rows of several statements that go to the database together, so that one way there and back does.

    They are done in order, each on what those before it have left. Raises the first one's error.
    """
    return _together(asked, lambda cursor: cursor.fetchall())


def changed_together(asked: Sequence[Statement]) -> list[int]:
    """The same of statements that change rows and answer none: how many each has changed."""
    return _together(asked, lambda cursor: cursor.rowcount)


def _together[R](asked: Sequence[Statement], take: Callable[[Any], R]) -> list[R]:
    """What `take` makes of each statement's cursor.

    By psycopg's pipeline as it is, which reads while it writes: so neither side waits for the other, however
    much goes either way, and nothing stays unsent.
    """
    session = _session()
    with ExitStack() as all_of_them:
        cursors = [all_of_them.enter_context(session.prepared_cursor()) for _ in asked]
        with session.wrap_database_errors, session.connection.pipeline():
            for cursor, (statement, values) in zip(cursors, asked, strict=True):
                cursor.execute(statement, values)
        return [take(cursor) for cursor in cursors]


def first_of[M: models.Model](model: type[M], statement: str, values: Values) -> tuple[M, Any] | None:
    """The first row as a `model`, whose columns come first, and the rest of the row; None without rows."""
    row = one_row(statement, values)
    return made_of(model, row) if row is not None else None


def made_of[M: models.Model](model: type[M], row: tuple[Any, ...]) -> tuple[M, Any]:
    """A `model` of a row that begins with all its columns, and the rest of the row."""
    names, converters = _loading(model)
    made = list(row[: len(names)])
    for place, convert in converters:
        made[place] = convert(made[place], None, connection)
    return model.from_db(DEFAULT_DB_ALIAS, names, made), row[len(names) :]


@functools.cache
def _loading(model: type[models.Model]) -> tuple[list[str], list[tuple[int, Callable[..., Any]]]]:
    fields = model._meta.concrete_fields
    converters = [
        (place, convert)
        for place, field in enumerate(fields)
        if (convert := getattr(field, "from_db_value", None)) is not None
    ]
    return [field.attname for field in fields], converters


def compiled(rows: QuerySet[Any], names: Mapping[Any, str], prefix: str) -> tuple[str, dict[str, Any]]:
    """The statement of `rows` with named values, and those of them that are always the same.

    `names` says how each value that stands for another will be called; `prefix` begins the other names.
    """
    sql, values = rows.query.sql_with_params()
    return _named(sql, values, names, prefix)


def _named(
    sql: str, values: Sequence[Any], names: Mapping[Any, str], prefix: str
) -> tuple[str, dict[str, Any]]:
    fixed: dict[str, Any] = {}
    called = iter(values)
    kinds = tuple({type(key) for key in names})

    def name(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return match[0]
        value = next(called)
        known = names.get(value) if isinstance(value, kinds) else None
        if known is None:
            known = f"{prefix}{len(fixed)}"
            fixed[known] = value
        return f"%({known})s"

    return PLACEHOLDER.sub(name, sql), fixed


def _of_lists(statement: str) -> str:
    """A single named value in an IN stands for a list."""
    return ONE_IN.sub(r"= ANY(\1)", statement)


class PreparedValues:
    """A queryset of `values_list` put into words once, for values that need no making, such as ids and names.

    `names` as for `PreparedQuery`.
    """

    def __init__(self, rows: QuerySet[Any, Any], names: Mapping[Any, str]) -> None:
        statement, self.fixed = compiled(rows, names, "fixed")
        self.statement = _of_lists(statement)

    def all(self, **values: Any) -> list[tuple[Any, ...]]:
        return rows_of(self.statement, self.fixed | values)


class PreparedQuery[M: models.Model]:
    """A queryset of models put into words once, with all that `select_related` and `annotate` bring along.

    `names` says how the values that stand for others are called; they are given with each asking. A single
    one in an `__in` stands for a list.
    """

    def __init__(self, rows: QuerySet[M], names: Mapping[Any, str]) -> None:
        compiler = rows.query.get_compiler(using=DEFAULT_DB_ALIAS)
        sql, given = compiler.as_sql()
        statement, self.fixed = _named(sql, given, names, "fixed")
        self.statement = _of_lists(statement)
        about: Any = compiler.klass_info
        first, last = about["select_fields"][0], about["select_fields"][-1] + 1
        self.model: type[M] = about["model"]
        self.own = slice(first, last)
        self.names = [column[0].target.attname for column in compiler.select[self.own]]
        self.annotated = list(compiler.annotation_col_map.items())
        self.related = get_related_populators(about, compiler.select, DEFAULT_DB_ALIAS, FETCH_ONE)
        columns = [column[0] for column in compiler.select[: compiler.col_count]]
        self.converters = [
            (place, converters, column)
            for place, (converters, column) in compiler.get_converters(columns).items()
        ]

    def first(self, **values: Any) -> M | None:
        """The first row; None without one."""
        row = one_row(*self.bind(**values))
        return self.made(row) if row is not None else None

    def all(self, **values: Any) -> list[M]:
        return [self.made(row) for row in rows_of(*self.bind(**values))]

    def bind(self, **values: Any) -> Statement:
        """The statement with its values, for `rows_together`; `made` makes models of its rows."""
        return Statement(self.statement, self.fixed | values)

    def made(self, row: tuple[Any, ...]) -> M:
        made = list(row)
        for place, converters, column in self.converters:
            if made[place] is not None:
                for convert in converters:
                    made[place] = convert(made[place], column, connection)
        found = self.model.from_db(DEFAULT_DB_ALIAS, self.names, made[self.own])
        for populator in self.related:
            populator.populate(made, found)
        for name, place in self.annotated:
            setattr(found, name, made[place])
        return found


def keep_fields(row: models.Model, names: tuple[str, ...]) -> None:
    """Save just these fields of a row that is there, without Django's signals.

    Raises the model's `NotUpdated` when the row is gone.
    """
    if not changed_rows(*keeping(row, names)):
        raise type(row).NotUpdated(f"{type(row).__name__} {row.pk} is gone.")  # type: ignore[attr-defined]


def keeping(row: models.Model, names: tuple[str, ...]) -> Statement:
    """What `keep_fields` asks, which has to change one row."""
    statement, fields = _keeping(type(row), names)
    values = {
        field.attname: field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields
    }
    return Statement(statement, values | {"row": row.pk})


@functools.cache
def _keeping(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, list[Any]]:
    fields: list[Any] = [model._meta.get_field(name) for name in dict.fromkeys(names)]
    quote = connection.ops.quote_name
    settings = ", ".join(f"{quote(field.column)} = %({field.attname})s" for field in fields)
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    return f"UPDATE {table} SET {settings} WHERE {key} = %(row)s", fields  # noqa: S608
