"""Menus are seen whole, move nothing, close by Tab; what says that it is a button answers to Space."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from boards import actions
from tests.browser.conftest import Table
from tests.browser.in_sight import outside
from tests.browser.steps import Held, card, focus_card, open_live, wait_until
from tests.browser.test_accessibility import fill

PageFor = Callable[..., Page]
SIZES = [(320, 256), (390, 844), (667, 375), (1024, 768), (1440, 900)]
PLACES = """() => [...document.querySelectorAll('.panel *, .column *, .topbar *, main *')]
  .filter((one) => !one.closest('.menu')).map((one) => one.getBoundingClientRect())
  .map(({ x, y, width, height }) => [x, y, width, height].map(Math.round).join()).join(' ')"""
WHOLE = """(menu) => {
  const { left, top, right, bottom } = menu.getBoundingClientRect();
  const inside = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
  const reach = menu.scrollHeight <= menu.clientHeight || getComputedStyle(menu).overflowY === 'auto';
  return inside && reach && menu.scrollWidth <= menu.clientWidth;
}"""


def opens_whole(page: Page, details: str) -> None:
    """Open it by its button; all of its menu is in the window, and nothing else has moved."""
    button, menu = page.locator(f"{details} > summary"), page.locator(f"{details} > .menu")
    button.scroll_into_view_if_needed()
    before = page.evaluate(PLACES)
    button.click()
    page.wait_for_selector(f"{details} > .menu:popover-open")
    assert menu.evaluate(WHOLE), details
    assert page.evaluate(PLACES) == before, details
    assert not outside(page), details
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()


@pytest.mark.parametrize("size", SIZES, ids=[f"{w}x{h}" for w, h in SIZES])
def test_every_menu_is_seen_whole_and_moves_nothing(
    table: Table, page_for: PageFor, size: tuple[int, int]
) -> None:
    fill(table)
    for number in range(24):
        actions.create_label(table.board, f"A label of many, {number}", number % 8 + 1, by=table.ana)
    page = page_for(table.ana, viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce")
    page.goto(f"/c/{table.key(1)}/")
    page.wait_for_selector("html[data-ready]")
    for label in ("Labels: ", "Assignee: ", "Column: ", "Participants: "):
        page.locator(f".props summary:has-text('{label}')").locator("..").evaluate("one => one.id = 'tried'")
        opens_whole(page, "#tried")
        page.evaluate("document.getElementById('tried').removeAttribute('id')")
    opens_whole(page, ".actions > details")
    opens_whole(page, ".thread > .comment > header details")
    opens_whole(page, ".item:first-child > details")
    open_live(page, table.url)
    opens_whole(page, ".switch-menu")
    opens_whole(page, "#filter")
    opens_whole(page, f"#column-{table.columns[0].pk}-menu")
    page.goto(f"{table.url}standup/")
    page.wait_for_selector("html[data-ready]")
    opens_whole(page, ".bar > details:nth-of-type(1)")
    opens_whole(page, "#filter")
    page.goto(f"{table.url}at/")
    page.wait_for_selector("html[data-ready]")
    opens_whole(page, ".past__steps > details")


def test_labels_in_the_panel_are_seen_whole_and_stay_through_a_change(
    table: Table, page_for: PageFor
) -> None:
    for number in range(24):
        actions.create_label(table.board, f"A label of many, {number}", number % 8 + 1, by=table.ana)
    page = open_live(page_for(table.ana, viewport={"width": 1280, "height": 600}), table.url)
    page.click(f"#board .card[data-card='{table.key(1)}'] .card__link")
    page.wait_for_selector(".panel[data-role]")
    labels = page.locator(".panel .props details:has(summary:has-text('Labels: '))")
    labels.locator("summary").click()
    menu = labels.locator("> .menu")
    page.wait_for_function("() => document.querySelector('.props .menu:popover-open')")
    assert menu.evaluate(WHOLE)
    actions.assign_card(table.card(1), table.kenji, by=table.kenji)
    expect(page.locator(".panel [data-field=assignee]")).to_have_text("Kenji Mori")
    assert menu.evaluate("menu => menu.matches(':popover-open')")
    assert menu.evaluate(WHOLE)


def test_tab_out_of_a_menu_closes_it(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.ana), table.url)
    for details in (".switch-menu", f"#column-{table.columns[0].pk}-menu"):
        menu = page.locator(f"{details} > .menu")
        page.focus(f"{details} > summary")
        page.keyboard.press("Enter")
        expect(menu).to_be_visible()
        page.locator(f"{details} > .menu :is(a, button):visible").last.focus()
        page.keyboard.press("Tab")
        expect(menu).to_be_hidden()
        assert not page.evaluate("one => document.querySelector(one).open", details)


def test_tab_out_of_the_menu_of_a_card_closes_it_and_goes_on_from_there(
    table: Table, page_for: PageFor
) -> None:
    page = open_live(page_for(table.ana), table.url)
    for key, link in (("Tab", ":is(a, button):not([disabled])"), ("Shift+Tab", "button:not([disabled])")):
        focus_card(page, table.key(2))
        page.keyboard.press("m")
        page.wait_for_selector("#card-menu form")
        items = page.locator(f"#card-menu {link}")
        (items.last if key == "Tab" else items.first).focus()
        page.keyboard.press(key)
        expect(page.locator("#card-menu")).to_be_hidden()
        assert page.evaluate("document.activeElement.closest('#board') !== null")


def test_space_presses_what_says_that_it_is_a_button(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.ana), table.url)
    buttons = page.locator("a[role=button]")
    assert buttons.count() > 5
    page.focus("[data-filter=mine]")
    page.keyboard.press("Space")
    expect(page.locator("[data-filter=mine]")).to_have_attribute("aria-pressed", "true")
    page.goto(table.url)
    page.wait_for_selector('[data-connection="live"]', state="attached")
    focus_card(page, table.key(2))
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.wait_for_selector("#card-menu form")


def test_a_menu_that_comes_late_is_not_put_into_another_card_s(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.ana), table.url)
    held = Held()
    page.route(f"**/c/{table.key(1)}/menu/", held)
    with page.expect_event("requestfailed", lambda request: "/menu/" in request.url):
        card(page, table.key(1)).locator(".card__menu").click()
        wait_until(lambda: len(held.routes) == 1, page)
        card(page, table.key(2)).locator(".card__menu").focus()
        page.evaluate("document.activeElement.click()")
    expect(page.locator(f"#card-menu [action*='/c/{table.key(2)}/']").first).to_be_visible()
    assert page.locator(f"#card-menu [action*='/c/{table.key(1)}/']").count() == 0
    first = card(page, table.key(1))
    expect(first.locator(".card__menu")).to_have_attribute("aria-expanded", "false")
    expect(first).not_to_have_attribute("data-held", re.compile(""))
    page.keyboard.press("Escape")
    expect(page.locator("#card-menu")).to_be_hidden()
    assert page.evaluate("document.activeElement.closest('.card')?.dataset.card") == table.key(2)
    expect(page.locator("#board [data-held]")).to_have_count(0)
