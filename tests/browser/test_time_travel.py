"""Time travel in a browser: the slider, the keys, and what stays when scripts are off."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from boards import actions
from comments.actions import post_comment
from tests.browser.steps import open_live, wait_until
from tests.browser.test_accessibility import NARROW, SCHEMES, WIDE, check_both, fill


def walk(table):
    """Some changes to walk through; the seq before them."""
    table.board.refresh_from_db()
    before = table.board.seq
    one = table.card(1)
    actions.move_card(one, to=table.columns[1], by=table.kenji)
    actions.retitle_card(one, "Another title", by=table.ana)
    actions.date_card(one, dt.date(2026, 10, 16), by=table.ana)
    post_comment(one, "Said then", by=table.kenji)
    table.board.refresh_from_db()
    return before


def open_past(page, table, query=""):
    page.goto(f"{table.url}at/{query}")
    page.wait_for_selector("html[data-ready]")


def at(page):
    return page.locator("#past-when .num").inner_text()


def test_the_slider_goes_through_the_log_without_a_new_page(table, page_for):
    before = walk(table)
    page = page_for(table.ana)
    open_past(page, table)
    page.evaluate("window.samePage = true")
    slider = page.locator("#past-seq")
    slider.focus()
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/at/?" in request.url else None)
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    seq = table.board.seq - 3
    expect(page.locator("#past-when .num")).to_have_text(f"{seq} of {table.board.seq}")
    assert len(asked) == 1, "three quick steps are one question"
    assert page.url.endswith(f"/at/?seq={seq}")
    expect(slider).to_be_focused()
    expect(slider).to_have_attribute("aria-valuetext", re.compile(f"change {seq} of"))
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#past-when .num")).to_have_text(f"{before} of {table.board.seq}")
    first = page.locator(".column").first
    expect(first.locator(".card__key").first).to_have_text(table.key(1))
    assert page.evaluate("window.samePage")


def test_the_last_answer_wins(table, page_for):
    walk(table)
    page = page_for(table.ana)
    open_past(page, table)
    slow = []

    def hold(route):
        if "seq=2" in route.request.url:
            slow.append(route)
        else:
            route.continue_()

    page.route("**/at/?*", hold)
    slide = (
        "seq => { const slider = document.getElementById('past-seq'); slider.value = seq;"
        " slider.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    page.evaluate(slide, 2)
    wait_until(lambda: bool(slow), page)
    page.evaluate(slide, 3)
    expect(page.locator("#past-when .num")).to_have_text(re.compile("^3 of"))
    for route in slow:
        route.continue_()
    page.wait_for_timeout(300)
    assert at(page).startswith("3 of")
    assert page.url.endswith("seq=3")


def test_keys_lead_there_and_back(table, page_for):
    page = page_for(table.ana)
    open_live(page, table.url)
    page.keyboard.press("t")
    page.wait_for_url(re.compile("/at/"))
    page.wait_for_selector("html[data-ready]")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#past-back")).to_be_focused()
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(f"{table.url}$"))


def test_a_card_opens_beside_the_board_and_escape_closes_it(table, page_for):
    walk(table)
    page = page_for(table.ana)
    open_past(page, table, f"?seq={table.board.seq - 2}")
    page.locator(".card__link", has_text="Another title").click()
    panel = page.locator("#past-card")
    expect(panel.locator(".card-title")).to_have_text("Another title")
    expect(panel).not_to_contain_text("Said then")
    expect(page.locator("#past-close")).to_be_focused()
    page.locator("#past-last").click()
    expect(panel).to_contain_text("Said then")
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    assert "card=" not in page.url
    page.reload()
    expect(page.locator("#past-when .num")).to_have_text(f"{table.board.seq} of {table.board.seq}")


def test_without_scripts_there_is_a_button_and_every_step_is_a_link(table, page_for):
    walk(table)
    page = page_for(table.ana, java_script_enabled=False)
    page.goto(f"{table.url}at/")
    page.locator("#past-seq").focus()
    page.keyboard.press("ArrowLeft")
    page.locator(".past__slide button").click()
    assert at(page) == f"{table.board.seq - 1} of {table.board.seq}"
    page.locator("#past-previous").click()
    assert at(page) == f"{table.board.seq - 2} of {table.board.seq}"
    page.locator("#past-back").click()
    assert page.url.endswith(table.url)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_axe_finds_nothing(table, page_for, size, scheme):
    table.board.refresh_from_db()
    since = table.board.seq
    fill(table)
    table.board.refresh_from_db()
    page = page_for(table.ana, viewport=size, color_scheme=scheme)
    settings = f"{table.url}settings/record/"
    for query in ("", f"?since={since}", "?card=1", "?seq=0"):
        page.goto(f"{table.url}at/{query}")
        page.wait_for_selector("html[data-ready]")
        check_both(page, query)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), query
    page.goto(settings)
    page.locator("#verify button").click()
    expect(page.locator(".verdict--good")).to_contain_text("Verified at seq")
    check_both(page, "the record")
