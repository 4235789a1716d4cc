"""Databases for tests: one migrated template, cloned for each worker and for each test that commits.

A clone takes a tenth of a second. Truncating is no option: the log's trigger refuses it. The application's
role, which tests sign in as, owns nothing; the superuser makes and drops the databases.

The server is the embedded one under FLUXBOARD_VAR (default `var/test`), or any other whose superuser
FLUXBOARD_TEST_SERVER names, for example postgresql://postgres:secret@localhost:5416/postgres.
"""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from fluxboard.server.embedded_postgres import addresses, binaries, cluster
from fluxboard.server.embedded_postgres.addresses import APP, DATABASE, OWNER, PROJECT, Addresses

VAR = addresses.var_folder() if os.environ.get("FLUXBOARD_VAR") else PROJECT / "var" / "test"
PREFIX = "fluxboard_test"
PATIENCE = 120  # seconds; the same idea as `tests.live.PATIENCE`
ROLES_PASSWORD = "fluxboard-test"  # only on a server that FLUXBOARD_TEST_SERVER names


class Server:
    """A PostgreSQL server with the two roles, for the length of a test session.

    With `var` it is one of its own under that folder, durable, to be broken at will. `like` is a server whose
    template it may copy, which takes a second where the migrations take ten.
    """

    def __init__(self, var: Path | None = None, like: Server | None = None) -> None:
        self._lease: cluster.Lease | None = None
        self._copies_files = False
        self._like = like if like is not None and like._lease is not None else None
        outside = os.environ.get("FLUXBOARD_TEST_SERVER")
        if outside and var is None:
            self.where = _with_roles(outside)
        else:
            durable = var is not None or os.environ.get("FLUXBOARD_TEST_DURABLE") == "1"
            self._lease = cluster.ensure(var or VAR, durable=durable)
            self._copies_files = not durable
            self.where = self._lease.addresses

    @property
    def home(self) -> Path:
        """The folder of an embedded one."""
        assert self._lease is not None
        return self._lease.home

    def close(self) -> None:
        if self._lease:
            self._lease.release()

    def urls(self, name: str) -> Addresses:
        """The addresses of one database of this server."""
        return Addresses(
            app=_on_database(self.where.app, name),
            owner=_on_database(self.where.owner, name),
            superuser=_on_database(self.where.superuser, name),
        )

    @contextmanager
    def superuser(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(_on_database(self.where.superuser, "postgres"), autocommit=True) as connection:
            yield connection

    @functools.cached_property
    def template(self) -> str:
        """The name of the migrated template for the migrations as they are now, built when it is missing."""
        name = f"{PREFIX}_template_{_digest_of_migrations()}"
        with self.superuser() as connection:
            connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [PREFIX])
            if not _exists(connection, name):
                self._drop_what_is_left(connection)
                unfinished = f"{name}_unfinished"
                _drop(connection, unfinished)
                _create(connection, unfinished, owner=OWNER)
                if self._like is None:
                    self._migrate(unfinished)
                else:
                    self._copy(self._like, name, unfinished)
                connection.execute(
                    sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                        sql.Identifier(unfinished), sql.Identifier(name)
                    )
                )
        return name

    def clone(self, name: str) -> Addresses:
        """A fresh copy of the template, under that name.

        PostgreSQL copies none that somebody looks at, as pg_dump does for a server `like` this one, and waits
        five seconds for them to go; here they have longer.
        """
        template, until = self.template, time.monotonic() + PATIENCE
        with self.superuser() as connection:
            _drop(connection, name)
            while True:
                try:
                    _create(connection, name, owner=OWNER, template=template, strategy=self._strategy)
                    return self.urls(name)
                except psycopg.errors.ObjectInUse:
                    if time.monotonic() > until:
                        raise

    @property
    def _strategy(self) -> LiteralString:
        """Where a checkpoint costs nothing, copying files takes half the time of copying by the log."""
        return "STRATEGY FILE_COPY" if self._copies_files else ""

    def blank(self, name: str) -> Addresses:
        """A database without any table, under that name."""
        with self.superuser() as connection:
            _drop(connection, name)
            _create(connection, name, owner=OWNER)
        return self.urls(name)

    def drop(self, name: str) -> None:
        with self.superuser() as connection:
            _drop(connection, name)

    def _migrate(self, name: str) -> None:
        environment = os.environ | self.urls(name).environment()
        done = subprocess.run(
            [sys.executable, str(PROJECT / "manage.py"), "migrate", "--verbosity=0"],
            env=environment,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise RuntimeError(f"the migrations failed:\n{done.stderr}")

    def _copy(self, like: Server, template: str, name: str) -> None:
        """Fill an empty database with another server's template."""
        assert like.template == template
        programs = binaries.binaries()
        with tempfile.NamedTemporaryFile(suffix=".dump") as dump:
            out = ["--format=custom", f"--file={dump.name}", like.urls(template).superuser]
            subprocess.run([programs / "pg_dump", *out], check=True)
            into = ["--exit-on-error", f"--dbname={self.urls(name).superuser}", dump.name]
            subprocess.run([programs / "pg_restore", *into], check=True)

    def _drop_what_is_left(self, connection: psycopg.Connection) -> None:
        """Drop older templates, and the databases of test runs whose process is gone."""
        found = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}%"])
        for (name,) in found.fetchall():
            number = name.removeprefix(f"{PREFIX}_").split("_")[0]
            if "_template_" in name or (number.isdigit() and not Path(f"/proc/{number}").exists()):
                _drop(connection, name)


def _exists(connection: psycopg.Connection, name: str) -> bool:
    return bool(connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone())


def _create(
    connection: psycopg.Connection,
    name: str,
    *,
    owner: str,
    template: str = "template0",
    strategy: LiteralString = "",
) -> None:
    words = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} {}")
    names = map(sql.Identifier, (name, owner, template))
    connection.execute(words.format(*names, sql.SQL(strategy)))


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _on_database(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _with_roles(superuser: str) -> Addresses:
    """Make the two roles on somebody else's server, with a password for tests."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role in (OWNER, APP):
            words = "ALTER ROLE {} LOGIN PASSWORD {}" if role in known else "CREATE ROLE {} LOGIN PASSWORD {}"
            connection.execute(sql.SQL(words).format(sql.Identifier(role), sql.Literal(ROLES_PASSWORD)))
    parts = urlsplit(superuser)
    host = parts.netloc.rpartition("@")[2]

    def url(role: str) -> str:
        return parts._replace(netloc=f"{role}:{ROLES_PASSWORD}@{host}", path=f"/{DATABASE}").geturl()

    return Addresses(app=url(APP), owner=url(OWNER), superuser=superuser)


def _digest_of_migrations() -> str:
    """Changes whenever a migration of ours or of a package does, or the roles' rights."""
    from django.db.migrations.loader import MigrationLoader

    digest = hashlib.sha256()
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    for key in sorted(loader.disk_migrations):
        module = sys.modules[loader.disk_migrations[key].__module__]
        path = Path(str(module.__file__))
        digest.update(f"{key}".encode())
        if path.is_relative_to(PROJECT) and ".venv" not in path.parts:
            digest.update(path.read_bytes())
    digest.update((PROJECT / "fluxboard" / "server" / "database_roles.py").read_bytes())
    return digest.hexdigest()[:12]
