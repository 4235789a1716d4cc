"""The stream comes and goes; the board stays true, and says what it is."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from boards import actions
from tests.browser.conftest import Table, lay, make_people
from tests.browser.steps import ORDER, assert_same_picture, open_live, order, shows_order
from tests.live import LiveApp

PageFor = Callable[..., Page]


def test_eight_tabs_are_live_and_can_all_be_navigated(table: Table, page_for: PageFor) -> None:
    first = open_live(page_for(table.kenji), table.url)
    tabs = [first] + [open_live(first.context.new_page(), table.url) for _ in range(7)]
    actions.move_card(table.card(1), by=table.ana, to=table.columns[2])
    for tab in tabs:
        shows_order(tab, table.order)
    for tab in tabs:
        tab.reload()
        assert order(tab) == table.order
    tabs[0].close()
    actions.move_card(table.card(2), by=table.ana, to=table.columns[1])
    for tab in tabs[1:]:
        shows_order(tab, table.order)


def test_offline_says_so_and_what_was_missed_comes_in(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    page.context.set_offline(True)
    page.wait_for_selector('[data-connection="offline"]', timeout=4000)
    assert page.locator(".link-state .txt").inner_text() == "Offline. Reading works."
    for number in (1, 2, 3, 4):
        actions.move_card(table.card(number), by=table.ana, to=table.columns[2])
    page.wait_for_timeout(3200)
    page.context.set_offline(False)
    shows_order(page, table.order)
    page.wait_for_function(
        "() => document.getElementById('announce').textContent === 'Back. 4 changes came in.'"
    )
    page.wait_for_selector('[data-connection="live"]')
    fresh = open_live(page_for(table.kenji), table.url)
    assert_same_picture(page, fresh)


def test_a_stream_that_dies_is_named_within_four_seconds(table: Table, page_for: PageFor) -> None:
    page = page_for(table.kenji)
    open_live(page, table.url)
    page.route("**/live/**", lambda route: route.abort())
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.evaluate(
        """Object.defineProperty(document, 'hidden', { value: true, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
        Object.defineProperty(document, 'hidden', { value: false, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));"""
    )
    page.wait_for_selector('[data-connection="catching-up"]', timeout=4500)
    actions.move_card(table.card(1), by=table.ana, to=table.columns[2])
    page.unroute("**/live/**")
    shows_order(page, table.order)
    page.wait_for_selector('[data-connection="live"]')


def test_a_hidden_tab_gives_its_stream_back_and_catches_up(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    hide = """hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
        document.dispatchEvent(new Event('visibilitychange')); }"""
    page.evaluate(hide, True)
    page.wait_for_timeout(300)
    before = order(page)
    actions.move_card(table.card(1), by=table.ana, to=table.columns[2])
    page.wait_for_timeout(1200)
    assert order(page) == before
    page.evaluate(hide, False)
    shows_order(page, table.order)


def test_a_page_without_a_session_says_how_to_sign_in(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    page.fill(".composer textarea", "Half written")
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector('.form-note:has-text("You are signed out")')
    assert page.input_value(".composer textarea") == "Half written"


def test_a_sign_in_in_another_tab_does_not_spoil_the_forms_of_this_one(
    table: Table, page_for: PageFor
) -> None:
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    page.context.clear_cookies(name="csrftoken")
    page.fill(".composer textarea", "Sent with a new token")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector('.comment:not(.comment--pending):has-text("Sent with a new token")')
    assert page.locator(".toast--bad").count() == 0


@pytest.mark.faults
def test_killed_workers_cost_seconds_and_no_change(live_app: LiveApp, page_for: PageFor) -> None:
    table = lay(make_people())
    page = open_live(page_for(table.kenji), table.url)
    for worker in live_app.procs[1:]:
        os.kill(worker, signal.SIGKILL)
    for number in (1, 2, 3):
        actions.move_card(table.card(number), by=table.ana, to=table.columns[2])
    page.wait_for_function(
        f"expected => JSON.stringify({ORDER}) === JSON.stringify(expected)", arg=table.order, timeout=30_000
    )
    page.wait_for_selector('[data-connection="live"]')
    assert_same_picture(page, open_live(page_for(table.kenji), table.url))
