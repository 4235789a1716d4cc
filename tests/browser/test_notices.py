"""Notices: one from which something can be done stays for its time, and none takes the focus with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Table
from tests.browser.steps import focus_card, focused, open_live, said, wait_until

PageFor = Callable[..., Page]
WIDE = {"width": 1440, "height": 900}
NO_CARD = "Go to a card first, by Tab."


@pytest.fixture
def page(table: Table, page_for: PageFor) -> Page:
    page = page_for(table.kenji, viewport=WIDE)
    page.clock.install()
    return open_live(page, table.url)


def fail_to_move(page: Page, key: str) -> None:
    page.route("**/do/moved/", lambda route: route.fulfill(status=500, body="no"))
    focus_card(page, key)
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".toast--bad", has_text=key)).to_be_visible()
    page.unroute("**/do/moved/")


def press_without_a_card(page: Page, key: str = "i") -> None:
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(key)


def test_a_notice_that_only_says_something_gives_way_and_one_with_a_retry_does_not(
    table: Table, page: Page
) -> None:
    fail_to_move(page, table.key(2))
    for _ in range(4):
        press_without_a_card(page)
    expect(page.locator(".toast", has_text=NO_CARD)).to_have_count(2)
    expect(page.locator(".toast")).to_have_count(3)
    page.keyboard.press("r")
    wait_until(lambda: table.card(2).column == table.columns[1], page)


def test_four_that_can_be_done_again_all_stay_until_their_time_is_up(table: Table, page: Page) -> None:
    for number in (1, 2, 3, 4):
        fail_to_move(page, table.key(number))
    expect(page.locator(".toast--bad")).to_have_count(4)
    page.clock.run_for(15_000)
    expect(page.locator(".toast--bad")).to_have_count(4)
    page.clock.run_for(10_000)
    expect(page.locator(".toast")).to_have_count(0)


def test_the_focus_goes_on_to_the_next_notice_and_then_back_to_the_card(table: Table, page: Page) -> None:
    fail_to_move(page, table.key(1))
    fail_to_move(page, table.key(2))
    page.keyboard.press("F6")
    newest = page.locator(".toast", has_text=table.key(2))
    expect(newest.locator("button", has_text="Retry")).to_be_focused()
    newest.get_by_label("Dismiss").focus()
    page.keyboard.press("Enter")
    oldest = page.locator(".toast", has_text=table.key(1))
    expect(oldest.locator("button", has_text="Retry")).to_be_focused()
    oldest.get_by_label("Dismiss").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_have_count(0)
    assert focused(page) == table.key(2)


def test_no_notice_leaves_a_timer_behind(table: Table, page: Page) -> None:
    page.evaluate(
        """() => { window.timers = new Set();
        const { setInterval: begin, clearInterval: end } = window;
        window.setInterval = (run, ms) => { const timer = begin(run, ms); timers.add(timer); return timer; };
        window.clearInterval = (timer) => { timers.delete(timer); end(timer); }; }"""
    )
    for _ in range(5):
        press_without_a_card(page)
    expect(page.locator(".toast")).to_have_count(3)
    assert page.evaluate("timers.size") == 3
    for _ in range(3):
        page.get_by_label("Dismiss").first.click()
    assert page.evaluate("timers.size") == 0


@pytest.mark.parametrize("key", ["i", "m"])
def test_a_key_for_a_card_says_so_where_none_has_the_focus(page: Page, key: str) -> None:
    press_without_a_card(page, key)
    expect(page.locator(".toast")).to_have_text(NO_CARD)
    page.clock.run_for(100)
    said(page, NO_CARD)


def test_an_assignment_that_is_refused_says_why(table: Table, page: Page) -> None:
    page.route("**/do/assigned/", lambda route: route.fulfill(status=403, body="no"))
    focus_card(page, table.key(2))
    page.keyboard.press("i")
    expect(page.locator(".toast--bad")).to_contain_text(
        f"{table.key(2)} was not assigned. Your role on this board does not allow that."
    )
