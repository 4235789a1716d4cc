"""What every test stands on: the database, the real server, the browser.

* `db` (or `@pytest.mark.django_db`): the worker's own clone, each test rolled back.
* `transactional_db` (or `django_db(transaction=True)`): a fresh clone for this test; commits are real.
* `live_app`: the real server (gunicorn, two workers) on this test's own clone; may be killed and broken.
* `shared_app`: the real server on one database for all tests of the worker; each test makes its own boards
  and people. Much quicker than `live_app`; for browser tests that break nothing.
* `page_for(person)`: a Chromium page in a context of its own, signed in, on `live_app` or `shared_app`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase

from fluxboard.environment import database_from_url
from tests import databases


def pytest_configure(config: pytest.Config) -> None:
    """Quick passwords, and static files without the manifest that only a served installation has."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[databases.Server]:
    """The PostgreSQL server of this session."""
    server = databases.Server()
    yield server
    server.close()


def own_database_name(suffix: str) -> str:
    """A name that no other test run uses: it carries this process's number."""
    return f"{databases.PREFIX}_{os.getpid()}_{suffix}"


def connect_to(url: str) -> None:
    """Turn Django's default connection of this process, and of its threads, to another database."""
    wanted = database_from_url(url)
    wanted["OPTIONS"].pop("pool")  # each thread of a test has its own connection
    for connection in connections.all(initialized_only=True):
        connection.close()
    connections.settings["default"].update(wanted)
    os.environ["DATABASE_URL"] = url


@pytest.fixture(scope="session")
def django_db_setup(
    postgres_server: databases.Server, django_db_blocker: Any, request: pytest.FixtureRequest
) -> Iterator[None]:
    """Instead of pytest-django's: a clone of the template, and a clone for each test that commits."""
    name = own_database_name("rolled_back")
    ours = postgres_server.clone(name)
    numbers = iter(range(1, 1_000_000))

    def set_up(cls: type[TransactionTestCase]) -> None:
        cls._cloned = own_database_name(str(next(numbers)))  # type: ignore[attr-defined]
        connect_to(postgres_server.clone(cls._cloned).app)  # type: ignore[attr-defined]

    def tear_down(self: TransactionTestCase) -> None:
        connect_to(ours.app)
        postgres_server.drop(self._cloned)  # type: ignore[attr-defined]

    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setattr(TransactionTestCase, "_fixture_setup", classmethod(set_up))
        patch.setattr(TransactionTestCase, "_fixture_teardown", tear_down)
        connect_to(ours.app)
        yield
        for connection in connections.all(initialized_only=True):
            connection.close()
    postgres_server.drop(name)
