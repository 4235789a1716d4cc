"""What a person sees when the line is dead, the release is new, or nothing can be saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from boards import actions
from boards.models import Card
from tests import live
from tests.browser.conftest import Table, lay, make_people
from tests.browser.steps import begin_edit, open_live, shows_order
from tests.faults.crashes import reload
from tests.faults.ground import Ground
from tests.faults.proxy import Proxy

pytestmark = [pytest.mark.faults, pytest.mark.browser]

OpenAs = Callable[..., Page]


@pytest.fixture
def front(ground: Ground) -> Iterator[Proxy]:
    """The line between the browser and the server."""
    front = Proxy(("127.0.0.1", ground.app.port))
    yield front
    front.close()


@pytest.fixture
def table(ground: Ground) -> Table:
    return lay(make_people())


@pytest.fixture
def open_as(browser: Browser, ground: Ground, front: Proxy) -> Iterator[OpenAs]:
    """`open_as(person)`: a page of theirs that reaches the server by `front`."""
    contexts = []
    url = f"http://127.0.0.1:{front.port}"

    def open_as(person: Any, **options: Any) -> Page:
        context = browser.new_context(base_url=url, **options)
        context.set_default_timeout(live.PATIENCE * 1000)
        contexts.append(context)
        cookies = ground.app.cookies_for(person)
        context.add_cookies([{"name": k, "value": v, "url": url} for k, v in cookies.items()])
        return context.new_page()

    yield open_as
    for context in contexts:
        context.close()


def test_a_line_that_is_dead_without_a_word_is_noticed_and_what_was_missed_comes_in(
    front: Proxy, table: Table, open_as: OpenAs
) -> None:
    """The page waits 45 seconds by its own clock, which is put forward; nothing else tells it."""
    page = open_as(table.kenji)
    page.clock.install()
    open_live(page, table.url)
    assert front.freeze() > 0
    for number in (1, 2):
        actions.move_card(table.card(number), by=table.ana, to=table.columns[2])
    page.clock.fast_forward(40_000)
    page.wait_for_timeout(500)
    assert table.order != page.evaluate("() => [...document.querySelectorAll('.column__list')].map(list => [...list.querySelectorAll(':scope > .card')].map(card => card.dataset.card))")  # fmt: skip  # noqa: E501
    page.clock.fast_forward(6_000)
    for _ in range(10):
        page.clock.fast_forward(2_000)
        page.wait_for_timeout(100)
    shows_order(page, table.order)


def test_a_new_release_loads_the_page_again_once_nothing_is_being_typed(
    ground: Ground, table: Table, open_as: OpenAs
) -> None:
    """The old page on the new server: what comes over the stream is shown, a form of the old page is taken,
    what is typed stays; and only when it is saved or given up does the page load itself again."""
    page = open_as(table.kenji)
    open_live(page, f"/c/{table.key(1)}/")
    begin_edit(page, "what")
    page.keyboard.type("Half a sent")
    page.evaluate("window.isOld = true")
    ground.app.environment["FLUXBOARD_BUILD"] = "the-next-release"
    try:
        ground.app.stop()
        ground.app.start()
    finally:
        del ground.app.environment["FLUXBOARD_BUILD"]
    actions.retitle_card(table.card(1), "Said by the new release", by=table.ana)
    page.wait_for_selector('h1:has-text("Said by the new release")')
    page.wait_for_timeout(4000)  # the page looks every three seconds whether it may load again
    assert page.evaluate("window.isOld") is True
    assert page.locator("[data-edit=what] textarea").input_value() == "Half a sent"
    page.keyboard.type("ence")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector('[data-field=what]:has-text("Half a sentence")')
    page.click("h1")
    page.wait_for_function("() => window.isOld === undefined")
    page.wait_for_selector('[data-field=what]:has-text("Half a sentence")')
    assert page.evaluate("document.body.dataset.build") == "the-next-release"


def test_a_page_that_is_open_while_the_server_is_reloaded_goes_on(
    ground: Ground, table: Table, open_as: OpenAs
) -> None:
    page = open_as(table.kenji)
    open_live(page, table.url)
    page.evaluate("window.isOld = true")
    reload(ground)
    actions.move_card(table.card(1), by=table.ana, to=table.columns[2])
    shows_order(page, table.order)
    page.wait_for_selector('[data-connection="live"]', state="attached")
    assert page.evaluate("window.isOld") is True


def test_nothing_that_was_typed_is_lost_while_nothing_can_be_saved(
    ground: Ground, table: Table, open_as: OpenAs
) -> None:
    """With scripts: the words stay in their field, and Retry saves them. Without: they stand on the page of
    the 503, and its button saves them."""
    page = open_as(table.kenji)
    open_live(page, f"/c/{table.key(1)}/")
    plain = open_as(table.kenji, java_script_enabled=False)
    plain.goto(f"/c/{table.key(2)}/edit/title/")
    plain.fill('form[data-verb="card.retitled"] [name=title]', "Typed without scripts")
    with ground.read_only():
        begin_edit(page, "what")
        page.keyboard.type("Typed with scripts")
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("[data-retry]")
        assert page.locator("[data-edit=what] textarea").input_value() == "Typed with scripts"
        plain.click('form[data-verb="card.retitled"] [type=submit]')
        assert plain.inner_text("h1") == "Back in a moment"
        assert plain.input_value("textarea") == "Typed without scripts"
    page.click("[data-retry]")
    page.wait_for_selector('[data-field=what]:has-text("Typed with scripts")')
    plain.click("text=Try again")
    assert "Typed without scripts" in plain.inner_text("main")
    first, second = (Card.objects.get(pk=table.card(number).pk) for number in (1, 2))
    assert (first.what, second.title) == ("Typed with scripts", "Typed without scripts")
