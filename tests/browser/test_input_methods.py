"""The Enter that confirms a word of an input method sends nothing, whatever the browser calls it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from boards import actions
from tests.browser.conftest import Table
from tests.browser.steps import begin_edit, open_live, wait_until

PageFor = Callable[..., Page]

# What browsers send when a word is confirmed. Safari: first the end of the word, then Enter by itself.
CONFIRM = """([browser, key, ctrlKey]) => {
  const field = document.activeElement;
  const word = (type) => field.dispatchEvent(new CompositionEvent(type, { data: 'ぱん', bubbles: true }));
  const press = (isComposing) => field.dispatchEvent(new KeyboardEvent('keydown',
    { key, ctrlKey, isComposing, keyCode: 229, which: 229, bubbles: true, cancelable: true }));
  word('compositionstart');
  if (browser === 'safari') { word('compositionend'); press(false); }
  else { press(true); word('compositionend'); }
}"""
by_browser = pytest.mark.parametrize("browser_named", ["safari", "others"])


def confirm(page: Page, browser: str, key: str = "Enter", *, ctrl: bool = False) -> None:
    page.evaluate(CONFIRM, [browser, key, ctrl])


@by_browser
def test_it_adds_no_card(table: Table, page_for: PageFor, browser_named: str) -> None:
    page = open_live(page_for(table.kenji), table.url)
    page.keyboard.press("n")
    page.keyboard.type("ぱん")
    confirm(page, browser_named)
    confirm(page, browser_named, "Escape")
    field = page.locator(".adder[open] textarea")
    expect(field).to_have_value("ぱん")
    expect(page.locator(".ghost")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(field).to_have_value("")
    wait_until(lambda: table.board.cards.filter(title="ぱん").count() == 1, page)


@by_browser
def test_it_adds_no_item_posts_no_comment_and_renames_nothing(
    table: Table, page_for: PageFor, browser_named: str
) -> None:
    actions.add_checklist(table.card(1), "Steps", by=table.ana)
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if "/do/" in request.url else None)
    page.click("text=Add an item")
    expect(page.locator("[id$=f-item-in]")).to_be_focused()
    page.keyboard.type("ぱん")
    confirm(page, browser_named)
    confirm(page, browser_named, "Escape")
    expect(page.locator("[id$=f-item-in]")).to_have_value("ぱん")
    expect(page.locator("[id$=f-item-in]")).to_be_visible()
    page.click(".composer textarea")
    page.keyboard.type("ぱん")
    confirm(page, browser_named, ctrl=True)
    begin_edit(page, "title")
    confirm(page, browser_named)
    confirm(page, browser_named, ctrl=True)
    page.click(".composer textarea")
    page.keyboard.press("Control+Enter")
    wait_until(lambda: table.card(1).comments.count() == 1, page)
    assert len([url for url in posts if "presence" not in url]) == 1


@by_browser
def test_it_opens_nothing_that_search_has_found(table: Table, page_for: PageFor, browser_named: str) -> None:
    page = open_live(page_for(table.kenji), table.url)
    page.keyboard.press("/")
    page.keyboard.type("order")
    page.wait_for_selector("#finder-hits [aria-selected]")
    confirm(page, browser_named)
    confirm(page, browser_named, "Escape")
    expect(page.locator("dialog.finder")).to_be_visible()
    assert page.url.endswith(table.url)
    page.keyboard.press("Enter")
    page.wait_for_url("**/c/**")


@by_browser
def test_it_chooses_nobody(table: Table, page_for: PageFor, browser_named: str) -> None:
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    page.click(".composer textarea")
    page.keyboard.type("@an")
    page.wait_for_selector("#mentions [role=option]")
    confirm(page, browser_named)
    expect(page.locator(".composer textarea")).to_have_value("@an")
    page.keyboard.press("Enter")
    expect(page.locator(".composer textarea")).to_have_value(f"@{table.ana.handle} ")
