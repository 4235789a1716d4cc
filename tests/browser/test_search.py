"""Search in its dialog, by keys alone, and on its page without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from boards import actions
from boards.models import Welcome
from comments.actions import post_comment
from comments.decisions import record_decision
from tests.browser.conftest import Table
from tests.browser.steps import open_live
from tests.browser.test_accessibility import NARROW, WIDE, check

PageFor = Callable[..., Page]


def talked(table: Table) -> Any:
    """A board with a decision, a comment and a card that say "marmalade"."""
    actions.retitle_card(table.card(2), "Marmalade on toast", by=table.ana, seen=None)
    post_comment(table.card(1), "The <b>marmalade</b> is out", by=table.kenji)
    return record_decision(table.card(3), "We keep the marmalade", by=table.ana)


def test_find_and_open_by_keys(table: Table, page_for: PageFor) -> None:
    talked(table)
    page = open_live(page_for(table.kenji), table.url)
    page.keyboard.press("/")
    field = page.get_by_role("combobox", name="Search or jump to")
    expect(field).to_be_focused()
    page.keyboard.type("marmal")
    options = page.locator(".finder").get_by_role("option")
    expect(options).to_have_count(3)
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(options.first).to_contain_text("We keep the marmalade")
    expect(page.locator(".finder mark").first).to_have_text("marmalade")
    assert page.locator(".finder .found b").count() == 0
    page.keyboard.press("ArrowDown")
    chosen = page.locator(".finder [aria-selected=true]")
    expect(chosen).to_contain_text("Marmalade on toast")
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/c/{table.key(2)}/")


def test_ctrl_k_in_a_field_and_escape_back(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), table.url)
    page.keyboard.press("n")
    page.keyboard.type("half a tit")
    page.keyboard.press("Control+k")
    expect(page.locator("dialog.finder")).to_be_visible()
    page.keyboard.type("in:nothing -")
    page.keyboard.press("Escape")
    expect(page.locator("dialog.finder")).to_have_count(0)
    field = page.locator("#board textarea:focus, #board input:focus")
    expect(field).to_have_value("half a tit")
    page.keyboard.type("le")
    expect(field).to_have_value("half a title")


def test_without_scripts(table: Table, page_for: PageFor) -> None:
    talked(table)
    page = page_for(table.priya, java_script_enabled=False)
    page.goto(table.url)
    page.get_by_role("link", name="Search or jump to").click()
    page.get_by_role("searchbox").fill("marmalade")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=2)).to_have_text(["Decisions", "Cards", "Comments"])
    page.get_by_role("link", name="Marmalade on toast").click()
    page.wait_for_url(f"**/c/{table.key(2)}/")
    stranger = page_for(table.sam, java_script_enabled=False)
    stranger.goto("/search/?q=marmalade")
    expect(stranger.locator(".found")).to_have_count(0)


@pytest.mark.parametrize(("scheme", "size"), [("light", WIDE), ("dark", NARROW)])
def test_axe_finds_nothing(table: Table, page_for: PageFor, scheme: str, size: dict[str, int]) -> None:
    talked(table)
    post_comment(table.card(1), f"See {table.key(2)}", by=table.kenji)
    actions.describe_board(table.board, "We *rebuild* the checkout", by=table.ana, seen=None)
    Welcome.objects.create(user=table.kenji, board=table.board)
    page = page_for(table.kenji, viewport=size, color_scheme=scheme)
    for address in ("/search/", "/search/?q=marmalade", "/search/?q=zebra", f"{table.url}start/"):
        page.goto(address)
        check(page, address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    for number in (1, 2):
        page.goto(f"/c/{table.key(number)}/")
        check(page, "a chip and a back-link")
    open_live(page, table.url)
    check(page, "the offer to a newcomer")
    page.get_by_role("link", name="Search or jump to").click()
    page.locator(".finder input").fill("marmalade")
    page.wait_for_selector(".finder mark")
    check(page, "search dialog")
