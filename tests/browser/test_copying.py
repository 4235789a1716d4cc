"""The link of an invitation is copied by its button: by keyboard, with a word, without the clipboard too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Table
from tests.browser.test_accessibility import NARROW, WIDE, check

PageFor = Callable[..., Page]

WITHOUT_CLIPBOARD = """
    Object.defineProperty(navigator, 'clipboard', {value: undefined});
    document.execCommand = () => false;
"""
CLIPBOARD_REFUSED = """
    navigator.clipboard.writeText = () => Promise.reject(new DOMException('', 'NotAllowedError'));
    document.execCommand = () => false;
"""
SELECTED = (
    "() => { const i = document.activeElement; return i.value.slice(i.selectionStart, i.selectionEnd); }"
)


def invite(page: Page, table: Table) -> str:
    """Invite somebody by e-mail, on a server without mail; the link that is shown."""
    page.goto(f"/b/{table.board.key}/invitations/new/")
    page.get_by_label("E-mail").fill("noor@example.com")
    page.get_by_role("button", name="Invite").click()
    page.wait_for_selector("html[data-ready]")
    return page.get_by_role("textbox", name="Invitation link").input_value()


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_enter_on_the_button_copies_and_says_so(table: Table, page_for: PageFor, viewport: dict) -> None:
    page = page_for(table.ana, viewport=viewport)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    link = invite(page, table)
    page.get_by_role("textbox", name="Invitation link").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Copied")).to_be_focused()
    expect(page.locator("#announce")).to_have_text("The link is copied.")
    assert page.evaluate("navigator.clipboard.readText()") == link
    check(page, "the members page with a fresh link")


@pytest.mark.parametrize("script", [WITHOUT_CLIPBOARD, CLIPBOARD_REFUSED], ids=["none", "refused"])
def test_without_the_clipboard_the_link_is_selected_and_the_keys_are_named(
    table: Table, page_for: PageFor, script: str
) -> None:
    page = page_for(table.ana, viewport=WIDE)
    page.add_init_script(script)
    link = invite(page, table)
    page.get_by_role("button", name="Copy").click()
    expect(page.locator(".copy__said")).to_contain_text("C to copy the selected text.")
    expect(page.locator("#announce")).to_contain_text("C to copy the selected text.")
    assert page.evaluate(SELECTED) == link


def test_without_scripts_the_link_stands_there_and_no_dead_button(table: Table, page_for: PageFor) -> None:
    page = page_for(table.ana, viewport=WIDE, java_script_enabled=False)
    page.goto(f"/b/{table.board.key}/invitations/new/")
    page.get_by_label("E-mail").fill("noor@example.com")
    page.get_by_role("button", name="Invite").click()
    assert "/join/" in page.get_by_role("textbox", name="Invitation link").input_value()
    expect(page.locator("[data-copy] button")).to_be_hidden()
