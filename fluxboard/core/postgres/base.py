"""How a request comes by a connection, when the database has just restarted, is full or does not answer.

psycopg's pool by itself sleeps a second, then two, after each dead connection that it finds, and all of them
are dead after a restart; and with the database away each request waits out the pool's whole time, so that
those behind it wait for many.
"""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db.backends.postgresql import base, features
from django.db.backends.postgresql.psycopg_any import IsolationLevel
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool, PoolTimeout

from fluxboard.core.postgres import COMMAND_SECONDS, OLDEST_POSTGRES
from fluxboard.core.postgres.deadlines import deadlines
from fluxboard.core.postgres.prepared import PreparedCursor

SHUT_FOR = 2.0  # seconds in which nobody tries again what one request has just waited for in vain
ANSWER_SECONDS = 2.0
TRY_SECONDS = 4.0  # in which a request tries one connection after the other
# The client gives up first: it knows better what to say, and closes the connection, which the server notices.
AFTER_THE_CLIENT = 1.0
GLANCE = 0.2  # seconds that a request still waits meanwhile, for a connection that others give back


class Gate:
    """Before one pool: after a time-out in vain one request at a time tries again; others don't wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shut_until = 0.0
        self._is_tried = False

    @contextmanager
    def patience(self) -> Iterator[float | None]:
        """How many seconds to wait for a connection: the pool's own time (None), or hardly any."""
        with self._lock:
            is_shut = self._shut_until > 0
            tries = is_shut and not self._is_tried and time.monotonic() > self._shut_until
            self._is_tried |= tries
        try:
            yield GLANCE if is_shut and not tries else None
        except PoolTimeout:
            if tries or not is_shut:
                self._shut_until = time.monotonic() + SHUT_FOR
            raise
        else:
            if tries:
                self._shut_until = 0.0
        finally:
            if tries:
                self._is_tried = False


_gates: dict[str, Gate] = {}


def answers(connection: psycopg.Connection[Any], seconds: float | None = None) -> bool:
    """Whether the server answers within ANSWER_SECONDS; with nothing said, the connection is closed.

    With `seconds` the same statement tells the server how long a transaction of this session may take from
    now on, so that no lock outlives whoever took it.

    By libpq's own calls: psycopg would wait for as long as the line is silent. By poll, for select takes no
    descriptor above 1023, and a worker with many streams has those.
    """
    line = connection.pgconn
    until = time.monotonic() + ANSWER_SECONDS
    try:
        line.send_query(b"" if seconds is None else b"SET transaction_timeout = %d" % (seconds * 1000))
        heard = select.poll()
        heard.register(line.socket, select.POLLIN)
        while True:
            if not heard.poll(max(0.0, until - time.monotonic()) * 1000):
                connection.close()
                return False
            line.consume_input()
            while not line.is_busy():
                if line.get_result() is None:
                    return connection.info.transaction_status == TransactionStatus.IDLE
    except (psycopg.Error, OSError, ValueError):
        connection.close()
        return False


def connection_from(pool: ConnectionPool[Any], gate: Gate) -> Any:
    """A connection that answers. Those that don't are dropped at once, and with a silent one all its like.

    Raises psycopg's PoolTimeout, after TRY_SECONDS and what the pool itself takes at the latest.
    """
    limit = deadlines.left()
    seconds = COMMAND_SECONDS if limit is None else limit + AFTER_THE_CLIENT
    with gate.patience() as patience:
        until = time.monotonic() + TRY_SECONDS
        while True:
            connection = pool.getconn(patience)
            began = time.monotonic()
            if answers(connection, seconds):
                return connection
            pool.putconn(connection)  # which replaces what is closed
            if time.monotonic() - began >= ANSWER_SECONDS:
                pool.drain()
            if time.monotonic() > until:
                raise PoolTimeout("the database takes connections, and then says nothing")


class DatabaseFeatures(features.DatabaseFeatures):
    """Django's, but for the oldest server."""

    minimum_database_version = (OLDEST_POSTGRES,)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, but for the way to a pooled connection, and for cursors whose statements are prepared."""

    features_class = DatabaseFeatures
    _is_to_prepare = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        pool: Any = self.pool
        if not pool:
            return super().get_new_connection(conn_params)
        self.isolation_level = IsolationLevel.READ_COMMITTED
        pool.open()
        return connection_from(pool, _gates.setdefault(self.alias, Gate()))

    def prepared_cursor(self) -> Any:
        """As `cursor()`, of a `PreparedCursor`."""
        self.ensure_connection()
        self._is_to_prepare = True
        try:
            return self.cursor()
        finally:
            self._is_to_prepare = False

    def create_cursor(self, name: str | None = None) -> Any:
        """Called by Django's `cursor()`."""
        return PreparedCursor(self.connection) if self._is_to_prepare else super().create_cursor(name)
