"""The board is fetched again whole: around what is being typed, and not at the price of it or of a change."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from boards import actions
from tests.browser.conftest import Table
from tests.browser.steps import card, open_live

PageFor = Callable[..., Page]
WIDE = {"width": 1440, "height": 900}


def fold(page: Page, column: int) -> None:
    """Fold or open a column by its own form, wherever that stands."""
    page.eval_on_selector(
        f"#board form[action$='/columns/{column}/fold/']",
        "form => form.requestSubmit(form.querySelector('button'))",
    )


def test_what_is_typed_in_a_panel_stays_and_the_board_around_it_is_drawn_anew(
    table: Table, page_for: PageFor
) -> None:
    page = open_live(page_for(table.kenji, viewport=WIDE), table.url)
    card(page, table.key(2)).locator(".card__link").click()
    page.wait_for_selector(".panel[data-role]")
    page.fill(".panel .composer textarea", "Half written")
    page.click("[data-filter=mine]")
    expect(card(page, table.key(1))).to_have_count(0)
    expect(page.locator(".panel .composer textarea")).to_have_value("Half written")


def test_where_typed_text_would_go_the_board_waits_and_misses_nothing(
    table: Table, page_for: PageFor
) -> None:
    ready, _, done = table.columns
    page = open_live(page_for(table.kenji, viewport=WIDE), table.url)
    card(page, table.key(1)).locator(".card__link").focus()
    page.keyboard.press("n")
    page.keyboard.type("Half a title")
    elsewhere = page.context.new_page()
    elsewhere.goto(table.url)
    elsewhere.wait_for_selector("html[data-ready]")
    with elsewhere.expect_response(lambda answer: "part=board" in answer.url):
        fold(elsewhere, ready.pk)
    page.route("**/live/**", lambda route: route.abort())
    page.context.set_offline(True)
    page.context.set_offline(False)
    seq = page.get_attribute("#board", "data-seq")
    actions.retitle_card(table.card(6), "Missed by nobody", by=table.ana)
    with page.expect_response(lambda answer: "part=board" in answer.url):
        fold(page, done.pk)
    page.wait_for_selector("#board[data-stale]")
    assert page.get_attribute("#board", "data-seq") == seq
    page.unroute("**/live/**")
    expect(card(page, table.key(6))).to_contain_text("Missed by nobody")
    title = page.locator(f"#column-{ready.pk}-quick [name=title]")
    expect(title).to_have_value("Half a title")
    title.fill("")
    title.blur()
    expect(page.locator("#board")).not_to_have_attribute("data-stale", "")
    expect(card(page, table.key(1))).to_have_count(0)
    expect(card(page, table.key(6))).to_contain_text("Missed by nobody")
