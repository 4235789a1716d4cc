"""The floor under a page that lives on the database: its own statements, sent again by bare psycopg."""

from __future__ import annotations

import time
from typing import Any

import psycopg
from django.db import connection
from django.test import Client

from bench.load import Load

Statement = tuple[str, Any]


def queries_of(client: Client, path: str) -> list[Statement]:
    """What the page at `path` asks the database once it has been shown before."""
    asked: list[Statement] = []

    def noting(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    client.get(path)
    with connection.execute_wrapper(noting):
        answer: Any = client.get(path)
    assert answer.status_code == 200 and asked, path
    return asked


class Replay:
    """One session in which the same statements are asked again and again."""

    def __init__(self, url: str, statements: list[Statement]) -> None:
        self.statements = statements
        self.session = psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor)

    def __call__(self) -> None:
        for sql, params in self.statements:
            cursor = self.session.execute(sql.encode(), params)
            if cursor.description is not None:
                cursor.fetchall()

    def load(self, seconds: float) -> Load:
        """As often as possible in so many seconds."""
        taken: list[float] = []
        begun = time.perf_counter()
        with self.session:
            while (at := time.perf_counter()) - begun < seconds:
                self()
                taken.append((time.perf_counter() - at) * 1000)
        return Load(taken, time.perf_counter() - begun, 0)
