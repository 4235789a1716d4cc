"""The standup in a browser: by keys, new changes behind a pill, and the line that only moves when told to."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from activity.models import Reading
from boards import actions
from comments.actions import post_comment
from tests.browser.steps import wait_until
from tests.browser.test_accessibility import NARROW, WIDE, check


def read_all(table, person):
    table.board.refresh_from_db()
    Reading.objects.filter(user=person, board=table.board).update(seq=table.board.seq)


def entry_at_hand(page):
    return page.evaluate("document.activeElement.closest('[data-entry]')?.querySelector('.key')?.textContent")


def open_standup(page, table, query=""):
    page.goto(f"{table.url}standup/{query}")
    page.wait_for_selector("html[data-ready]")


def test_keys_go_from_change_to_change_and_from_person_to_person(table, page_for):
    read_all(table, table.ana)
    post_comment(table.card(2), "Second", by=table.kenji)
    post_comment(table.card(1), "First", by=table.kenji)
    page = page_for(table.ana)
    open_standup(page, table)
    page.keyboard.press("j")
    assert entry_at_hand(page) == table.key(1)
    page.keyboard.press("j")
    assert entry_at_hand(page) == table.key(2)
    page.keyboard.press("k")
    assert entry_at_hand(page) == table.key(1)
    page.keyboard.press("PageDown")
    heading = "document.activeElement.querySelector('h2').textContent"
    assert "Ana Duarte" in page.evaluate(heading)
    page.keyboard.press("PageUp")
    assert "Kenji Mori" in page.evaluate(heading)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"/c/{table.key(1)}/"))


def test_the_line_moves_by_shift_u_and_not_by_looking(table, page_for):
    read_all(table, table.ana)
    post_comment(table.card(1), "News", by=table.kenji)
    page = page_for(table.ana)
    open_standup(page, table)
    expect(page.locator(".feed .dot")).to_have_count(1)
    page.reload()
    page.wait_for_selector("html[data-ready]")
    expect(page.locator(".feed .dot")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("Shift+U")
    expect(page.locator(".feed .dot")).to_have_count(0)


def test_what_could_not_be_marked_as_read_is_said(table, page_for):
    post_comment(table.card(1), "Unread", by=table.kenji)
    page = page_for(table.ana)
    open_standup(page, table)
    page.route("**/read/", lambda route: route.abort())
    page.keyboard.press("Shift+U")
    expect(page.locator(".toast--bad")).to_contain_text("Not marked as read. The server did not answer.")


def test_new_changes_wait_behind_a_pill(table, page_for):
    read_all(table, table.ana)
    page = page_for(table.ana)
    open_standup(page, table)
    before = page.locator("[data-entry]").count()
    for text in ("One", "Two", "Three"):
        post_comment(table.card(1), text, by=table.kenji)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-show-news]")).to_contain_text("3 new changes. Show")
    assert page.locator("[data-entry]").count() == before
    page.keyboard.press(".")
    expect(page.locator("[data-entry]")).to_have_count(before + 1)
    expect(page.locator("[data-show-news]")).to_have_count(0)


def test_earlier_changes_come_below_with_the_focus_on_them(table, page_for):
    for number in range(130):
        actions.retitle_card(table.card(1), f"Title {number}", by=table.kenji)
    page = page_for(table.ana)
    open_standup(page, table, "?all=1&by=time")
    count = page.locator(".feed > article").count()
    link = page.locator("#feed-earlier")
    assert "before=" in link.get_attribute("href")
    link.click()
    wait_until(lambda: page.locator(".feed > article").count() > count)
    assert page.evaluate("!!document.activeElement.closest('[data-entry]')")
    places = page.evaluate("[...document.querySelectorAll('.feed > article')].map(a => +a.ariaPosInSet)")
    assert places == list(range(1, len(places) + 1))


def test_it_prints_as_a_digest_without_controls(table, page_for):
    post_comment(table.card(1), "On paper", by=table.kenji)
    page = page_for(table.ana)
    open_standup(page, table)
    page.emulate_media(media="print")
    for gone in (".topbar", ".bar", ".clocks-box"):
        assert not page.locator(gone).first.is_visible()
    assert page.locator(".entry").first.is_visible()
    inside = "getComputedStyle(document.querySelector('.entry')).breakInside"
    assert page.evaluate(inside) == "avoid"
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_it_fits_a_telephone(table, page_for):
    post_comment(table.card(1), "word " * 60, by=table.kenji)
    page = page_for(table.ana, viewport={"width": 390, "height": 844})
    open_standup(page, table)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_on_a_phone_the_team_clock_is_a_sheet_behind_the_faces(table, page_for, scripts):
    page = page_for(table.ana, viewport=NARROW, java_script_enabled=scripts)
    page.goto(f"{table.url}standup/")
    sheet, opener = page.locator(".clock-sheet .sheet"), page.locator(".clock-sheet > summary")
    expect(page.locator(".rail .clocks-box")).to_be_hidden()
    expect(opener).to_have_accessible_name(re.compile(r"Team, \d of 3 at work now"))
    expect(sheet).to_be_hidden()
    opener.click()
    expect(sheet).to_be_in_viewport(ratio=1)
    for name in ("Ana", "Kenji", "Priya"):
        expect(sheet.get_by_text(name, exact=False).first).to_be_visible()
    if scripts:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        check(page, "the team clock's sheet")
        opener.focus()
        page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
        page.set_viewport_size(WIDE)
        expect(opener).to_be_hidden()
        expect(page.locator(".rail .clocks-box")).to_be_visible()
