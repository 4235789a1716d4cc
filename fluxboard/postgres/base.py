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
from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import IsolationLevel
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool, PoolTimeout

SHUT_FOR = 2.0  # seconds in which nobody tries again what one request has just waited for in vain
ANSWER_SECONDS = 2.0
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


def answers(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server answers an empty statement within ANSWER_SECONDS; with nothing said, it is closed.

    By libpq's own calls: psycopg would wait for as long as the line is silent. By poll, for select takes no
    descriptor above 1023, and a worker with many streams has those.
    """
    line = connection.pgconn
    until = time.monotonic() + ANSWER_SECONDS
    try:
        line.send_query(b"")
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

    Raises psycopg's PoolTimeout.
    """
    with gate.patience() as seconds:
        for _ in range(pool.max_size):
            connection = pool.getconn(seconds)
            began = time.monotonic()
            if answers(connection):
                return connection
            pool.putconn(connection)  # which replaces what is closed
            if time.monotonic() - began >= ANSWER_SECONDS:
                pool.drain()
        return pool.getconn(seconds)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, but for the way to a pooled connection."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        pool: Any = self.pool
        if not pool:
            return super().get_new_connection(conn_params)
        self.isolation_level = IsolationLevel.READ_COMMITTED
        pool.open()
        return connection_from(pool, _gates.setdefault(self.alias, Gate()))
