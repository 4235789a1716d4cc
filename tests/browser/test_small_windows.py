"""Phones, zoom and windows of any size: nothing is cut, and cards can be seen and scrolled (WCAG 1.4.10)."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from boards import actions
from tests.browser.conftest import Table
from tests.browser.in_sight import SEEN_OF_LIST, cut, outside
from tests.browser.steps import frames, open_live
from tests.browser.test_accessibility import fill

PageFor = Callable[..., Page]
EACH_LOADED = bool(os.environ.get("FLUXBOARD_LONG"))
SIZES = [(320, 256), (320, 640), (390, 844), (667, 375), (768, 1024), (1024, 768), (1440, 900)]
LONG = "Checkout, payments and everything about orders in Europe 27!"
IS_SEEN = """(card) => {
  const { left, bottom } = card.getBoundingClientRect();
  return card.contains(document.elementFromPoint(left + 20, bottom - 3));
}"""


@pytest.fixture
def crowded(table: Table, page_for: PageFor) -> Table:
    """A board with a name of 60 characters and long columns; Kenji and Priya look at it."""
    assert len(LONG) == 60
    fill(table)
    actions.rename_board(table.board, LONG, by=table.ana)
    for number in range(12):
        actions.create_card(table.columns[0], f"One of many, number {number}", by=table.ana)
    table.board.refresh_from_db()
    for person in (table.kenji, table.priya):
        open_live(page_for(person), table.url)
    return table


def sized(page: Page, size: tuple[int, int]) -> Page:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    return page


def sees_two_people(page: Page) -> None:
    page.wait_for_selector("#people-here > .avatar:nth-child(2)", state="attached", timeout=20_000)


def addresses(table: Table) -> list[str]:
    url = table.url
    return [
        url,
        f"/c/{table.key(1)}/",
        f"{url}standup/",
        f"{url}at/",
        f"{url}at/?card=1",
        f"{url}at/?since=3",
        f"{url}settings/",
        f"{url}settings/members/",
        f"{url}settings/columns/",
        f"{url}settings/labels/",
        f"{url}settings/record/",
        f"{url}decisions/",
        f"{url}archive/",
        f"{url}catch-up/",
        f"{url}start/",
        f"{url}export/",
        f"{url}undo/12/",
        "/",
        "/waiting/",
        "/search/?q=order",
        "/import/",
        "/b/new/",
        "/me/",
    ]


def nothing_is_cut(page: Page, address: str) -> None:
    told = f"{address} at {page.viewport_size}"
    assert not outside(page), told
    assert not cut(page), told
    page.wait_for_function("() => document.documentElement.scrollHeight - innerHeight !== 1")


def test_no_header_is_cut_and_no_page_sticks_out(crowded: Table, page_for: PageFor) -> None:
    """Each address at each size. Each is loaded at one of them, each time at the next, and then made to be of
    the others; with FLUXBOARD_LONG it is loaded at each."""
    page = page_for(crowded.ana)
    for number, address in enumerate(addresses(crowded)):
        first = number % len(SIZES)
        for turn, size in enumerate(SIZES[first:] + SIZES[:first]):
            sized(page, size)
            if turn == 0 or EACH_LOADED:
                answer = page.goto(address)
                assert answer, address
                assert answer.ok, address
                page.wait_for_selector("html[data-ready]")
            else:
                frames(page, 2)
            if address in (crowded.url, f"/c/{crowded.key(1)}/"):
                sees_two_people(page)
            nothing_is_cut(page, address)


def test_every_view_of_a_board_is_in_the_header_or_in_a_menu_that_opens(
    crowded: Table, page_for: PageFor
) -> None:
    page = page_for(crowded.ana)
    for size in SIZES:
        open_live(sized(page, size), crowded.url)
        page.locator(".switch").click()
        expect(page.locator(".switch-menu > .menu"), f"{size}").to_be_visible()
        for path in ("standup/", "decisions/", "archive/", "settings/", "start/"):
            links = page.locator(f":is(.topbar, .bottombar) a[href='{crowded.url}{path}']:visible")
            expect(links.first, f"{path} at {size}").to_be_visible()
        for address in ("/", "/search/", "/waiting/", "/me/"):
            link = page.locator(f":is(.topbar, .bottombar) a[href='{address}']:visible").first
            expect(link, f"{address} at {size}").to_be_visible()
        assert not outside(page), size


@pytest.mark.parametrize("place", ["", "at/"], ids=["board", "time travel"])
def test_cards_are_seen_and_scrolled(crowded: Table, page_for: PageFor, place: str) -> None:
    page = page_for(crowded.ana)
    for size in SIZES:
        sized(page, size).goto(f"{crowded.url}{place}")
        page.wait_for_selector("html[data-ready]")
        cards = page.locator(".column__list").first
        assert cards.evaluate(SEEN_OF_LIST) > 70, size
        last = cards.locator("li.card").last
        expect(last, f"{size}").not_to_be_in_viewport()
        scroll_to(page, last)
        assert cards.evaluate(SEEN_OF_LIST) > 120, size


def scroll_to(page: Page, last: Locator) -> None:
    """With the wheel, over the first column."""
    box = page.locator(".column__list").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + 60, box["y"] + 40)
    for _ in range(40):
        page.mouse.wheel(0, 400)
        if last.evaluate(IS_SEEN):
            break
    page.wait_for_function(f"() => ({IS_SEEN})([...document.querySelector('.column__list').children].at(-1))")


def test_a_low_window_scrolls_under_a_card_that_is_dragged(crowded: Table, page_for: PageFor) -> None:
    page = open_live(page_for(crowded.ana, viewport={"width": 667, "height": 375}), crowded.url)
    card = page.locator("#board .card").first
    box = card.bounding_box()
    assert box
    page.mouse.move(box["x"] + 60, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 70, box["y"] + 60, steps=4)
    page.wait_for_selector(".drag-layer")
    page.mouse.move(box["x"] + 70, 372)
    page.wait_for_function("() => scrollY > 200")
    page.mouse.up()


@pytest.mark.parametrize("size", [(320, 256), (390, 844), (1440, 900)])
def test_the_search_dialog_closes_by_touch(table: Table, page_for: PageFor, size: tuple[int, int]) -> None:
    width, height = size
    page = page_for(table.ana, has_touch=True, viewport={"width": width, "height": height})
    page.goto("/")
    page.wait_for_selector("html[data-ready]")
    page.tap("a.jump")
    close = page.locator("dialog.finder").get_by_role("button", name="Close")
    expect(close).to_be_in_viewport(ratio=1)
    assert not outside(page)
    close.tap()
    expect(page.locator("dialog.finder")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440])
def test_no_field_of_the_settings_covers_a_button(table: Table, page_for: PageFor, width: int) -> None:
    fill(table)
    page = page_for(table.ana, viewport={"width": width, "height": 800})
    for tab in ("", "members/", "columns/", "labels/"):
        page.goto(f"{table.url}settings/{tab}")
        covered = page.evaluate("""() => [...document.querySelectorAll('main :is(input, select, textarea)')]
          .filter((field) => field.checkVisibility() && field.type !== 'hidden').flatMap((field) => {
            const a = field.getBoundingClientRect();
            return [...field.form.querySelectorAll('button')].filter((button) => {
              const b = button.getBoundingClientRect();
              return a.left < b.right - 1 && b.left < a.right - 1
                && a.top < b.bottom - 1 && b.top < a.bottom - 1;
            }).map((button) => `${field.name} over ${button.textContent}`);
          })""")
        assert not covered, tab


def test_sign_in_fits_the_smallest_window(page_for: PageFor) -> None:
    page = page_for(None, viewport={"width": 320, "height": 256})
    for address in ("/accounts/login/", "/accounts/password/reset/", "/accounts/login/code/"):
        page.goto(address)
        assert not outside(page), address
