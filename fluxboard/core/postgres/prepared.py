"""The cursor of statements that the database plans once a session."""

from __future__ import annotations

import functools
import re
from typing import Any, Self

import psycopg

_NAMED = re.compile(r"%%|%\((?P<name>\w+)\)s")


class PreparedCursor(psycopg.RawCursor[Any]):
    """Has the database keep the plan of what it executes, which Django's connections otherwise never do.

    Takes statements with named values, `%(name)s`, and a mapping of them.
    """

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        numbered, names = _numbered(query)
        self.connection.prepare_threshold = 1
        try:
            return super().execute(numbered, [params[name] for name in names], prepare=True, **options)
        finally:
            self.connection.prepare_threshold = None


@functools.lru_cache(maxsize=1000)
def _numbered(statement: str) -> tuple[bytes, list[str]]:
    """The statement with PostgreSQL's own placeholders, `$1`, and the names of the values in that order.

    psycopg would take a statement of more than 4,096 characters apart anew each time.
    """
    places: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        name = match["name"]
        return f"${places.setdefault(name, len(places) + 1)}" if name else "%"

    numbered = _NAMED.sub(number, statement)
    return numbered.encode(), list(places)
