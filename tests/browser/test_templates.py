"""Quick add offers the card templates of its board."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from boards import actions
from tests.browser.conftest import Table
from tests.browser.steps import open_live

PageFor = Callable[..., Page]


def test_a_card_is_added_from_the_template_that_one_chooses(table: Table, page_for: PageFor) -> None:
    actions.save_template(
        table.board,
        "Bug report",
        by=table.ana,
        title="Bug: {title}",
        steps="Reproduce\nMend",
        why="Who is hit?",
    )
    anas, kenjis = page_for(table.ana), page_for(table.kenji)
    for page in (anas, kenjis):
        open_live(page, table.url)
    anas.keyboard.press("n")
    field = anas.locator(".quick textarea").first
    expect(field).to_be_focused()
    anas.get_by_label("Bug report").first.check()
    # Somebody else changes the board meanwhile; what is chosen and typed stays.
    field.fill("No sound")
    actions.create_card(table.columns[0], "Meanwhile", by=table.kenji)
    expect(anas.locator(".card", has_text="Meanwhile")).to_be_visible()
    expect(anas.get_by_label("Bug report").first).to_be_checked()
    expect(field).to_have_value("No sound")
    field.press("Enter")
    for page in (anas, kenjis):
        expect(page.locator(".card", has_text="Bug: No sound")).to_contain_text("0/2")
    expect(field).to_have_value("")
    expect(anas.get_by_label("Bug report").first).to_be_checked()
