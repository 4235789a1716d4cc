"""Many people at once: each does their thing in a thread with a database connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection

from tests.live import PATIENCE

MOST = 24  # connections of one test; a hundred people queue for them as they do for the server's pool

Deed = Callable[[], Any]


@contextmanager
def crowd(size: int) -> Iterator[Callable[[Sequence[Deed]], list[Any]]]:
    """`size` people with open connections. Yields a function that begins all its deeds at the same moment.

    It returns what each deed returned or raised, in the order given. Of more deeds than people the rest
    follow as soon as somebody is free.
    """
    with ThreadPoolExecutor(size, initializer=connection.ensure_connection) as pool:

        def at_once(deeds: Sequence[Deed]) -> list[Any]:
            start = threading.Barrier(min(size, len(deeds)))

            def do(number: int, deed: Deed) -> Any:
                if number < start.parties:
                    start.wait(4 * PATIENCE)
                try:
                    return deed()
                except Exception as problem:
                    return problem

            return list(pool.map(do, range(len(deeds)), deeds))

        yield at_once
        closed = threading.Barrier(size)

        def leave(_: int) -> None:
            closed.wait(4 * PATIENCE)
            connection.close()

        list(pool.map(leave, range(size)))


def at_once(deeds: Sequence[Deed]) -> list[Any]:
    """Begin all deeds at the same moment (at most `MOST`, the rest right after)."""
    with crowd(min(MOST, len(deeds))) as together:
        return together(deeds)
