"""`ground`: a database and a server that may be broken, the same for all fault tests of a test process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.databases import Server
from tests.faults.ground import Ground

PAGE_SECONDS = 5.0


@pytest.fixture(scope="session")
def _ground(
    postgres_server: Server,
    django_db_setup: None,
    static_root: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Ground]:
    ground = Ground(
        tmp_path_factory.mktemp("ground"),
        static_root,
        like=postgres_server,
        megabytes=600,
        FLUXBOARD_PAGE_SECONDS=str(PAGE_SECONDS),
    )
    yield ground
    ground.close()


@pytest.fixture
def ground(_ground: Ground, django_db_blocker: Any) -> Iterator[Ground]:
    """With this process's models on its database for the length of the test."""
    with django_db_blocker.unblock():
        _ground.enter()
        yield _ground
        _ground.leave()
