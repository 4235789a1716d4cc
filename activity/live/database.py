"""How streams ask the database: by connections of their own, and who may still read."""

from __future__ import annotations

import asyncio
import contextlib
import copy
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError, connection, connections

from activity.live.event_store import Span, asking_for_span, span_of
from fluxboard.core.postgres.deadlines import hang_up
from fluxboard.core.postgres.statements import Statement

DEAD_AFTER = 8.0  # seconds; the server itself gives up a statement after five
_LIMITS = "-c statement_timeout=5s -c transaction_timeout=10s"


def use_own_connection() -> None:
    """This thread talks to the database by a connection of its own, outside the pages' pool.

    A page that waits for the pool cannot hold up the streams; and when the database is down, this fails at
    once where the pool would wait.
    """
    settings_here = copy.deepcopy(connections.settings["default"])
    options = settings_here["OPTIONS"]
    options.pop("pool", None)
    options["options"] = f"{options.get('options', '')} {_LIMITS}".strip()
    options |= {"connect_timeout": 5, "tcp_user_timeout": 10_000, "application_name": "fluxboard-stream"}
    settings_here |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False}
    backend = type(connections["default"])
    connections["default"] = backend(settings_here, "default")


def once_more[**P, R](function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What `function` says; where this thread's connection turns out to be dead, once more on a new one."""
    is_old = connection.connection is not None
    try:
        return function(*args, **kwargs)
    except (OperationalError, InterfaceError):
        connection.close()
        if not is_old:
            raise
    except Exception:
        connection.close()
        raise
    return once_more(function, *args, **kwargs)


class DatabaseThread:
    """One thread with one connection; calls are done one after the other.

    A call whose connection turns out to be dead is done once more on a new one, so it must be one that may be
    done twice. Nor does one wait for ever on a line that is dead without a word.
    """

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name, initializer=self._begin)
        self._connection: Any = None
        self._calls = 0  # how many were begun

    def _begin(self) -> None:
        use_own_connection()
        self._connection = connections["default"]

    async def __call__[**P, R](self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        asked = asyncio.get_running_loop().run_in_executor(
            self._pool, lambda: self._counted(function, *args, **kwargs)
        )
        while not asked.done():
            begun = self._calls
            await asyncio.wait({asked}, timeout=DEAD_AFTER)
            if not asked.done() and self._calls == begun:  # one call has kept the thread all this time
                hang_up(self._connection.connection if self._connection is not None else None)
        return await asked

    def _counted[**P, R](self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        self._calls += 1
        return once_more(function, *args, **kwargs)

    def close(self) -> None:
        with contextlib.suppress(RuntimeError):
            self._pool.submit(connections.close_all)
        self._pool.shutdown(wait=False)


@contextlib.contextmanager
def answered(line: psycopg.AsyncConnection[Any]) -> Iterator[None]:
    """Within the event loop: shut the connection when the block takes longer than DEAD_AFTER.

    A time-out of asyncio's would have psycopg ask a silent server to cancel first, and wait for that.
    """
    patience = asyncio.get_running_loop().call_later(DEAD_AFTER, hang_up, line)
    try:
        yield
    finally:
        patience.cancel()


class FrameReader:
    """Reads frames within the event loop, by one connection; calls are done one after the other.

    Between a commit and those who wait to see it no thread has to be woken: that took several times what the
    reading takes. What holds of `DatabaseThread` holds here: a call whose connection turns out to be dead is
    done once more on a new one, and none waits for ever on a line that is dead without a word.
    """

    def __init__(self) -> None:
        self._line: psycopg.AsyncConnection[Any] | None = None
        self._turn = asyncio.Lock()

    async def __call__(self, board_id: int, after: int, warm: int = 0) -> Span | None:
        """As `storage.read_span`."""
        return span_of(board_id, await self._rows(asking_for_span(board_id, after, warm)))

    async def _rows(self, asking: Statement) -> list[tuple[Any, ...]]:
        async with self._turn:
            if self._line is not None:
                with contextlib.suppress(OperationalError):
                    return await self._ask(self._line, asking)
            try:
                self._line = await psycopg.AsyncConnection.connect(**_reading_parameters(), autocommit=True)
            except psycopg.Error as problem:
                raise OperationalError(str(problem)) from problem
            return await self._ask(self._line, asking)

    async def _ask(self, line: psycopg.AsyncConnection[Any], asking: Statement) -> list[tuple[Any, ...]]:
        try:
            with answered(line):
                answer = await line.execute(asking.sql.encode(), asking.values, prepare=True)
                return await answer.fetchall()
        except BaseException as problem:
            await self.close()
            if isinstance(problem, psycopg.Error):
                raise OperationalError(str(problem)) from problem
            raise

    async def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            await line.close()


# Another cluster, another database in it, or the cluster brought back to an earlier moment: none is this one.
IDENTITY = """
    SELECT left(md5(concat_ws(':', s.system_identifier, c.timeline_id, d.oid)), 12)
    FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d WHERE d.datname = current_database()
"""


def database_identity() -> str:
    """Twelve hex digits that differ after a backup was restored, though every address stayed the same."""
    with connection.cursor() as cursor:
        cursor.execute(IDENTITY)
        return str(cursor.fetchone()[0])


def listening_parameters() -> dict[str, Any]:
    """How to connect for LISTEN."""
    return _parameters() | {"application_name": "fluxboard-relay"}


def _reading_parameters() -> dict[str, Any]:
    parameters = _parameters()
    options = f"{parameters.get('options', '')} {_LIMITS}".strip()
    # Django's threshold is None, by which psycopg prepares nothing, whatever it is asked.
    return parameters | {"options": options, "application_name": "fluxboard-stream", "prepare_threshold": 0}


def _parameters() -> dict[str, Any]:
    """How to connect: as Django does, without what only its own connections need."""
    backend = type(connections["default"])
    parameters = backend(copy.deepcopy(connections.settings["default"]), "default").get_connection_params()
    for name in ("cursor_factory", "context", "pool"):
        parameters.pop(name, None)
    return parameters | {
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 3,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
    }
