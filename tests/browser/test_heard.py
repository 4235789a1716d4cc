"""What a screen reader says: every change at last, with its column; and the place of a card one moves."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from boards import actions
from comments.actions import post_comment
from tests.browser.conftest import Table
from tests.browser.steps import focus_card, open_live, said

PageFor = Callable[..., Page]
LISTEN = """() => {
  window.heard = [];
  const region = document.getElementById('announce');
  new MutationObserver(() => { if (region.textContent) heard.push(region.textContent); })
    .observe(region, { childList: true });
}"""


def hears(page: Page, words: str) -> None:
    """Wait until the polite region has said these words, by themselves or among others."""
    page.wait_for_function("words => heard.some((said) => said.includes(words))", arg=words, timeout=40_000)


def test_every_change_is_told_at_last_and_names_its_column(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.ana), table.url)
    page.evaluate(LISTEN)
    actions.move_card(table.card(1), to=table.columns[1], by=table.kenji)
    hears(page, f"Kenji moved {table.key(1)} to In progress.")
    actions.move_card(table.card(2), to=table.columns[2], by=table.kenji)
    actions.retitle_card(table.card(3), "Show tax at once", by=table.kenji)
    actions.create_card(table.columns[0], "A new one", by=table.kenji)
    post_comment(table.card(4), "What of this?", by=table.kenji)
    hears(page, f"Kenji moved {table.key(2)} to Done.")
    hears(page, f"Kenji renamed {table.key(3)}.")
    hears(page, f"Kenji added {table.key(9)} to Ready.")
    hears(page, f"Kenji commented on {table.key(4)}.")


def test_a_move_within_a_column_says_in_which(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.ana), table.url)
    page.evaluate(LISTEN)
    actions.move_card(table.card(1), to=table.columns[0], after=table.card(3), by=table.kenji)
    hears(page, f"Kenji moved {table.key(1)} in Ready.")


def test_what_came_while_one_typed_is_told_afterwards(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.ana), table.url)
    page.evaluate(LISTEN)
    page.keyboard.press("n")
    page.keyboard.type("A title")
    actions.move_card(table.card(1), to=table.columns[1], by=table.kenji)
    page.wait_for_selector(f"#column-{table.columns[1].pk} [data-card='{table.key(1)}']")
    page.keyboard.press("Escape")
    hears(page, f"Kenji moved {table.key(1)} to In progress.")


def test_moving_by_keys_in_a_full_column_says_the_place_as_well(table: Table, page_for: PageFor) -> None:
    actions.limit_column(table.columns[1], 2, by=table.ana)
    page = open_live(page_for(table.kenji), table.url)
    focus_card(page, table.key(2))
    page.keyboard.press("Space")
    said(page, f"Lifted {table.key(2)}. Ready, 2 of 5.")
    page.keyboard.press("ArrowRight")
    said(page, "In progress, 1 of 3. In progress is full, 2 of 2.")
    page.keyboard.press("ArrowDown")
    said(page, "2 of 3, In progress. In progress is full, 2 of 2.")
    page.keyboard.press("Escape")


def test_a_full_column_that_refuses_says_where_the_card_stays(table: Table, page_for: PageFor) -> None:
    actions.configure_board(table.board, by=table.ana, wip_rule="refuse")
    actions.limit_column(table.columns[1], 2, by=table.ana)
    page = open_live(page_for(table.kenji), table.url)
    focus_card(page, table.key(2))
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    said(page, "In progress is full, 2 of 2. 2 of 5, Ready.")
    page.keyboard.press("Escape")


def test_one_is_one_card_and_two_are_two(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.ana), table.url)
    count = page.locator(f"#column-{table.columns[2].pk}-count")
    expect(count).to_have_text("1 card")
    expect(page.locator(f"#column-{table.columns[1].pk}-count")).to_have_text("2 cards")
    post_comment(table.card(1), "One", by=table.kenji)
    fact = page.locator(f"[data-card='{table.key(1)}'] .fact:has(.icon)").first
    expect(fact).to_have_text("1 comment")
    post_comment(table.card(1), "Two", by=table.kenji)
    expect(fact).to_have_text("2 comments")
    page.goto(f"{table.url}at/")
    expect(page.locator(".column__count").nth(2)).to_have_text("1 card")
