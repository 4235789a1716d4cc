"""What every test stands on: the database, the real server, the browser.

* `db` (or `@pytest.mark.django_db`): the worker's own clone, each test rolled back.
* `transactional_db` (or `django_db(transaction=True)`): a fresh clone for this test; commits are real.
* `live_app`: the real server (gunicorn, two workers) on this test's own clone; may be killed and broken.
* `shared_app`: the real server on one database for all tests of the worker; each test makes its own boards
  and people. Much quicker than `live_app`; for browser tests that break nothing.
* `impatient_app`: a server like `shared_app` with one worker, short waits, few places and behind HTTPS.
* `installation`: bin/serve itself with an embedded PostgreSQL of its own, for what kills the database.
* `page_for(person)`: a Chromium page in a context of its own, signed in, on `live_app` or `shared_app`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase

from fluxboard.server.environment import database_from_url
from tests import databases, live
from tests.installation import Installation
from tests.live import LiveApp
from tests.people import ana, board, card, doing, ghost, kenji, priya, ready, sam  # noqa: F401
from tests.spreading import spread

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def pytest_configure(config: pytest.Config) -> None:
    """Quick passwords, and static files without the manifest that only a served installation has.

    Hypothesis goes by no clock: a busy machine is no fault of the code.
    """
    hypothesis.settings.register_profile(
        "fluxboard", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("fluxboard")
    settings.PASSWORD_HASHERS = ["tests.quick_password.OneRound"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        items[:] = spread(items, workers)


@contextmanager
def _without_playwrights_loop(item: pytest.Item) -> Iterator[None]:
    """Hide the event loop that Playwright leaves running in this thread from tests that open no browser.

    They may call `asyncio.run`, and Django would otherwise refuse them the database.
    """
    if "browser" in getattr(item, "fixturenames", ()):
        yield
        return
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    with _without_playwrights_loop(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    with _without_playwrights_loop(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    with _without_playwrights_loop(item):
        return (yield)


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


@pytest.fixture(scope="session")
def static_root() -> str:
    """The collected static files that every live server of this run serves."""
    return str(live.collect_static())


@pytest.fixture
def live_app(transactional_db: None, static_root: str) -> Iterator[LiveApp]:
    """The real server with two workers on this test's own database, which this process's models use too."""
    app = LiveApp(os.environ["DATABASE_URL"], static_root)
    yield app
    app.kill()


@pytest.fixture(scope="session")
def _shared_server(
    postgres_server: databases.Server, django_db_setup: None, static_root: str
) -> Iterator[LiveApp]:
    name = own_database_name("shared")
    app = LiveApp(postgres_server.clone(name).app, static_root)
    yield app
    app.kill()
    postgres_server.drop(name)


@pytest.fixture
def shared_app(_shared_server: LiveApp, django_db_blocker: Any) -> Iterator[LiveApp]:
    """The worker's one long-lived server; this process's models use its database during the test."""
    ours = os.environ["DATABASE_URL"]
    with django_db_blocker.unblock():
        connect_to(_shared_server.database_url)
        yield _shared_server
        connect_to(ours)


@pytest.fixture(scope="session")
def _impatient_server(
    postgres_server: databases.Server, django_db_setup: None, static_root: str
) -> Iterator[LiveApp]:
    name = own_database_name("impatient")
    app = LiveApp(postgres_server.clone(name).app, static_root, **live.IMPATIENT)
    yield app
    app.kill()
    postgres_server.drop(name)


@pytest.fixture
def impatient_app(_impatient_server: LiveApp, django_db_blocker: Any) -> Iterator[LiveApp]:
    """The worker's one server with short waits; this process's models use its database during the test."""
    ours = os.environ["DATABASE_URL"]
    with django_db_blocker.unblock():
        connect_to(_impatient_server.database_url)
        yield _impatient_server
        connect_to(ours)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """bin/serve and bin/manage on a folder of their own, with a database that may be killed."""
    place = Installation(tmp_path / "var")
    yield place
    place.kill_everything()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the session. Its absence fails the test with a line that says what to install."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=live.PATIENCE * 1000)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
        "1"  # Playwright's loop runs in this thread; nothing here is async
    )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=live.chromium(), args=live.CHROMIUM_ARGUMENTS, chromium_sandbox=False
        )
        loop = asyncio._get_running_loop()
        yield chromium
        asyncio._set_running_loop(loop)  # this may be the teardown of a test that opened no browser
        chromium.close()


@pytest.fixture
def page_for(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """`page_for(person, **context)`: a page in a fresh context, signed in as that person (None: nobody).

    It belongs to the test's `live_app` when it asks for one, else to `shared_app`. `context` goes to
    Playwright's `new_context`, for example `java_script_enabled=False`. Addresses may be relative:
    `page.goto("/b/FLX/")`.
    """
    name = "live_app" if "live_app" in request.fixturenames else "shared_app"
    app: LiveApp = request.getfixturevalue(name)
    contexts = []

    def page_for(person: Any = None, **options: Any) -> Page:
        context = browser.new_context(base_url=app.url, **options)
        context.set_default_timeout(live.PATIENCE * 1000)
        contexts.append(context)
        if person is not None:
            context.add_cookies(
                [{"name": k, "value": v, "url": app.url} for k, v in app.cookies_for(person).items()]
            )
        return context.new_page()

    yield page_for
    for context in contexts:
        context.close()
