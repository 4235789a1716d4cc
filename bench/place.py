"""Where benchmarks run: a scratch database that waits for its disk, and the real server with two workers.

The server is gunicorn as bin/serve starts it. With `bench.settings` it has one more address, which answers
with a constant: the floor under a page. No installation can have that address.
"""

from __future__ import annotations

import contextlib
import gzip
import http.client
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.databases import Server
from tests.live import LiveApp, collect_static


@dataclass
class Place:
    """The server's address, the database's addresses, and the folder of constants that the floor answers."""

    app: LiveApp
    urls: Any
    floors: Path

    def cookie(self, person: Any) -> str:
        """The Cookie header of a browser in which `person` is signed in."""
        return "; ".join(f"{name}={value}" for name, value in self.app.cookies_for(person).items())

    def fetch(self, path: str, cookie: str) -> bytes:
        """A page as it is before compression. Raises AssertionError when the answer is no 200."""
        connection = http.client.HTTPConnection("127.0.0.1", self.app.port, timeout=60)
        try:
            connection.request("GET", path, headers={"Cookie": cookie, "Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, (path, answer.status)
            return gzip.decompress(body) if answer.getheader("Content-Encoding") == "gzip" else body
        finally:
            connection.close()

    def floor(self, name: str, page: bytes) -> str:
        """The address that answers with just `page`, compressed beforehand, to whoever is signed in."""
        (self.floors / name).write_bytes(gzip.compress(page, 6))
        return f"/bench/{name}/"


@contextlib.contextmanager
def place(name: str, *, static: str = "") -> Iterator[Place]:
    """A clone of the schema with the real server on it; both are gone afterwards, whatever happens."""
    from tests.conftest import connect_to

    server = Server()
    database = f"fluxboard_test_{os.getpid()}_{name}"
    app: LiveApp | None = None
    try:
        urls = server.clone(database)
        connect_to(urls.app)
        with tempfile.TemporaryDirectory(prefix="fluxboard-bench-") as floors:
            app = LiveApp(
                urls.app,
                static or str(collect_static()),
                DJANGO_SETTINGS_MODULE="bench.settings",
                FLUXBOARD_BENCH_FLOORS=floors,
                LOG_LEVEL=os.environ.get("LOG_LEVEL", "INFO"),
            )
            yield Place(app, urls, Path(floors))
    finally:
        if app is not None:
            app.stop()
        from django.db import connections

        connections.close_all()
        server.drop(database)
        server.close()
