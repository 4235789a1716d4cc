"""The server can't be reached, whatever the browser believes: what is changed is kept, and the page stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from activity.models import Activity
from boards import actions
from tests.browser.conftest import Table, lay, make_people
from tests.browser.steps import (
    assert_same_picture,
    card,
    focus_card,
    frames,
    open_live,
    order,
    shows_order,
    wait_until,
)
from tests.live import LiveApp

PageFor = Callable[..., Page]

WIDE = {"width": 1440, "height": 900}
HIDE_AND_SHOW = """for (const value of [true, false]) {
    Object.defineProperty(document, 'hidden', { value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange')); }"""


def moves_since(table: Table, seq: int) -> int:
    return Activity.objects.on(table.board).filter(seq__gt=seq, verb="card.moved").count()


@contextmanager
def gateway_without_a_server(page: Page, status: int) -> Iterator[None]:
    """A proxy stands in front of a server that is gone: every request gets its `status`."""
    page.context.route("**/*", lambda route: route.fulfill(status=status, body="Bad gateway"))
    page.evaluate(HIDE_AND_SHOW)
    yield
    page.context.unroute("**/*")


def changes_are_kept(page: Page, table: Table) -> None:
    """Two moves, one before the word has changed; both are kept, and the browser believes itself online."""
    note = page.locator("#offline-note")
    for number in (1, 2):
        focus_card(page, table.key(number))
        page.keyboard.press("Shift+ArrowRight")
        expect(note).to_contain_text(f"{number} change")
        expect(page.locator(f'.card--kept[data-card="{table.key(number)}"]')).to_be_visible()
        expect(page.locator(".link-state .txt")).to_have_text("Offline, changes kept")
    expect(note).to_contain_text("2 changes kept, to be sent in order when you are back.")
    assert page.evaluate("navigator.onLine") is True
    assert page.locator(".toast--bad").count() == 0


def changes_are_made(page: Page, table: Table, seq: int) -> None:
    wait_until(lambda: moves_since(table, seq) == 2, page)
    expect(page.locator("#offline-note")).to_be_hidden()
    page.wait_for_selector('[data-connection="live"]')
    shows_order(page, table.order)
    assert [table.card(number).column for number in (1, 2)] == [table.columns[1]] * 2
    assert page.locator(".card--kept, .card--pending, .toast--bad").count() == 0


@pytest.mark.faults
def test_a_move_under_a_killed_server_is_kept_and_made_when_it_is_back(
    live_app: LiveApp, page_for: PageFor
) -> None:
    table = lay(make_people())
    page = open_live(page_for(table.kenji, viewport=WIDE), table.url)
    seq = Activity.objects.on(table.board).latest("seq").seq
    live_app.kill()
    changes_are_kept(page, table)
    page.click(".view >> text=Standup")
    expect(page.locator(".toast--bad")).to_contain_text(
        "This page can't be opened until you are back online."
    )
    page.click('.toast--bad [aria-label="Dismiss"]')
    assert page.locator("#board").count() == 1
    live_app.start()
    changes_are_made(page, table, seq)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_move_behind_a_gateway_without_a_server_is_kept(
    table: Table, page_for: PageFor, status: int
) -> None:
    page = open_live(page_for(table.kenji, viewport=WIDE), table.url)
    seq = Activity.objects.on(table.board).latest("seq").seq
    with gateway_without_a_server(page, status):
        changes_are_kept(page, table)
    changes_are_made(page, table, seq)


def test_titles_typed_while_the_server_goes_are_added_in_their_order(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji, viewport=WIDE), table.url)
    focus_card(page, table.key(1))
    with gateway_without_a_server(page, 502):
        page.keyboard.press("n")
        for title in ("One", "Two", "Three"):
            page.keyboard.type(title)
            page.keyboard.press("Enter")
        expect(page.locator(".ghost__state")).to_have_text(["kept"] * 3)
        expect(page.locator("#offline-note")).to_contain_text("3 changes kept")
    wait_until(lambda: table.board.cards.filter(title="Three").exists(), page)
    made = table.board.cards.filter(title__in=["One", "Two", "Three"]).order_by("number")
    assert [one.title for one in made] == ["One", "Two", "Three"]


def test_a_page_that_has_lost_its_server_asks_at_least_every_four_seconds(
    table: Table, page_for: PageFor
) -> None:
    """By the page's own clock, which stands still but for the seconds that the test lets pass."""
    page = page_for(table.kenji)
    page.clock.install()
    page.add_init_script(
        """window.refused = 0; const ask = window.fetch;
        window.fetch = (...words) => ask(...words).catch(why => {
          window.refused += /live/.test(words[0]) && why.name !== 'AbortError'; throw why; });"""
    )
    open_live(page, table.url)
    page.route("**/live/**", lambda route: route.abort())
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)
    page.evaluate(HIDE_AND_SHOW)
    page.clock.run_for(500)
    page.wait_for_function("() => window.refused")
    for _ in range(10):
        asked = page.evaluate("window.refused")
        page.clock.run_for(4000)
        page.wait_for_function("asked => window.refused > asked", arg=asked)
        assert page.evaluate("window.refused") - asked <= 8, "that is a storm"
    page.wait_for_selector('[data-connection="offline"]')
    page.unroute("**/live/**")
    page.clock.run_for(4000)
    page.clock.resume()
    page.wait_for_selector('[data-connection="live"]')


def test_a_column_loaded_in_part_is_after_catching_up_as_a_fresh_page_has_it(
    table: Table, page_for: PageFor
) -> None:
    ready, doing, _ = table.columns
    for number in range(70):
        actions.create_card(ready, f"Card {number}", by=table.ana)
    page = open_live(page_for(table.kenji, viewport=WIDE), table.url)
    assert page.locator(".column__more").count() == 1
    page.context.set_offline(True)
    page.wait_for_selector('[data-connection="offline"]')
    for number in (1, 2, 3):
        actions.move_card(table.card(number), by=table.ana, to=doing)
    actions.move_card(table.card(6), by=table.ana, to=ready, before=table.card(4))
    page.context.set_offline(False)
    page.wait_for_selector('[data-connection="live"]')
    fresh = open_live(page_for(table.kenji, viewport=WIDE), table.url)
    shows_order(page, order(fresh))
    assert_same_picture(page, fresh)


def go_offline(page: Page) -> None:
    page.context.set_offline(True)
    page.wait_for_selector('[data-connection="offline"]')


@pytest.mark.parametrize("by", ["mouse", "Enter"])
def test_a_card_opened_without_a_network_says_so_beside_its_board_and_comes_later(
    table: Table, page_for: PageFor, by: str
) -> None:
    page = open_live(page_for(table.kenji, viewport=WIDE), table.url)
    go_offline(page)
    if by == "mouse":
        card(page, table.key(2)).locator(".card__link").click()
    else:
        focus_card(page, table.key(2))
        page.keyboard.press("Enter")
    panel = page.locator(".panel")
    expect(panel).to_contain_text(f"{table.key(2)} can't be opened until you are back online.")
    expect(panel.locator("h1")).to_have_text("Keyboard path")
    expect(card(page, table.key(2))).to_be_visible()
    page.context.set_offline(False)
    page.wait_for_selector(".panel[data-role]")
    expect(panel).not_to_contain_text("can't be opened")


def test_the_panel_of_a_card_that_did_not_come_can_be_closed(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji, viewport=WIDE), table.url)
    go_offline(page)
    card(page, table.key(2)).locator(".card__link").click()
    page.click('.panel [aria-label="Close (Esc)"]')
    expect(page.locator(".panel")).to_have_count(0)
    assert page.url.endswith(table.url)


def stays(page: Page, what: str) -> None:
    """The page says that `what` can't be opened, and is still there."""
    said = page.locator(".toast--bad", has_text=f"{what} can't be opened until you are back online.")
    expect(said).to_have_count(1)
    assert page.locator("#board, [id$=-detail]").count()
    page.click('.toast--bad [aria-label="Dismiss"]')


def test_no_link_and_no_key_puts_the_browsers_error_page_in_place_of_the_board(
    table: Table, page_for: PageFor
) -> None:
    page = open_live(page_for(table.kenji, viewport=WIDE), table.url)
    go_offline(page)
    page.click(".view >> text=Decisions")
    stays(page, "This page")
    page.keyboard.press("g")
    page.keyboard.press("h")
    stays(page, "This page")
    page.evaluate("location.assign('https://example.com/')")
    stays(page, "This page")
    assert page.url.endswith(table.url)
    page.context.set_offline(False)
    page.wait_for_selector('[data-connection="live"]')
    page.click(".view >> text=Decisions")
    page.wait_for_url("**/decisions/")


def test_a_card_on_a_phone_and_one_named_in_a_text_stay_closed_without_a_network(
    table: Table, page_for: PageFor
) -> None:
    actions.specify_card(table.card(1), "what", f"As in {table.key(3)}.", by=table.ana)
    phone = open_live(page_for(table.kenji, viewport={"width": 390, "height": 844}), table.url)
    go_offline(phone)
    card(phone, table.key(2)).locator(".card__link").click()
    stays(phone, table.key(2))
    page = open_live(page_for(table.kenji, viewport=WIDE), f"/c/{table.key(1)}/")
    go_offline(page)
    page.click(f"[data-field=what] a[href='/c/{table.key(3)}/']")
    stays(page, table.key(3))


@pytest.mark.parametrize("gone", ["network", "server"])
def test_a_cards_history_that_does_not_come_leaves_its_comments(
    table: Table, page_for: PageFor, gone: str
) -> None:
    page = open_live(page_for(table.kenji, viewport=WIDE), f"/c/{table.key(1)}/")
    if gone == "network":
        go_offline(page)
    else:
        page.route("**/history/**", lambda route: route.fulfill(status=502, body="Bad gateway"))
        page.route("**tab=history**", lambda route: route.fulfill(status=502, body="Bad gateway"))
    page.click("[data-tab=history]")
    stays(page, table.key(1))
    expect(page.locator("[data-tab=comments]")).to_have_attribute("aria-current", "true")
    frames(page)
    assert page.locator("[id$=-talk]").count() == 1
