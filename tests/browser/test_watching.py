"""Watching in a browser: one press, no page load, and S does the same."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from boards.models import Watch
from tests.browser.conftest import Table
from tests.browser.steps import open_live, wait_until

PageFor = Callable[..., Page]


def test_a_viewer_watches_the_board_and_a_card(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.priya, viewport={"width": 1280, "height": 800}), table.url)
    page.evaluate("window.stayed = true")
    mine = Watch.objects.filter(user=table.priya)
    page.keyboard.press("s")
    expect(page.locator("#board-watch button")).to_contain_text("Watching")
    wait_until(lambda: mine.filter(board=table.board).exists())
    page.locator("#board-watch button").click()
    expect(page.locator("#board-watch button")).not_to_contain_text("Watching")
    wait_until(lambda: not mine.exists())
    assert page.evaluate("window.stayed")

    page = open_live(page_for(table.priya), f"/c/{table.key(1)}/")
    button = page.locator("form[data-watch] button")
    button.click()
    expect(button).to_contain_text("1 watching, you too")
    wait_until(lambda: mine.filter(card=table.card(1)).exists())
    page.keyboard.press("s")
    expect(button).to_contain_text("nobody does yet")
