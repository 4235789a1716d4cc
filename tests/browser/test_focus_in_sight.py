"""Whoever walks by Tab sees where they are: no bar covers what has the focus (WCAG 2.4.11)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from boards import actions
from comments.actions import post_comment
from tests.browser.conftest import Table
from tests.browser.in_sight import hidden, walk
from tests.browser.test_accessibility import fill

PageFor = Callable[..., Page]
SIZES = [(320, 256), (390, 844), (1024, 500), (1440, 900)]


@pytest.mark.parametrize("size", SIZES, ids=[f"{w}x{h}" for w, h in SIZES])
def test_every_stop_can_be_seen(table: Table, page_for: PageFor, size: tuple[int, int]) -> None:
    fill(table)
    card = table.card(1)
    actions.add_items(actions.add_checklist(card, "More", by=table.ana), "\n".join("cdefghij"), by=table.ana)
    for number in range(4):
        post_comment(card, f"Remark {number}", by=table.kenji)
    page = page_for(table.ana, viewport={"width": size[0], "height": size[1]})
    for address in (
        f"/c/{table.key(1)}/",
        table.url,
        f"{table.url}standup/",
        f"{table.url}catch-up/",
        f"{table.url}at/?since=3",
        f"{table.url}settings/",
        f"{table.url}settings/labels/",
        f"{table.url}decisions/",
        f"{table.url}archive/",
        "/",
        "/waiting/",
        "/search/?q=order",
        "/me/",
    ):
        page.goto(address)
        page.wait_for_selector("html[data-ready]")
        stops = walk(page)
        assert len(stops) > 6, address
        assert not hidden(stops), address


def test_a_long_text_in_the_composer_covers_nothing_either(table: Table, page_for: PageFor) -> None:
    fill(table)
    page = page_for(table.ana, viewport={"width": 1280, "height": 700})
    page.goto(f"/c/{table.key(1)}/")
    page.wait_for_selector("html[data-ready]")
    page.fill(".composer textarea", "A line\n" * 20)
    assert not hidden(walk(page))


def test_a_panel_over_its_board_covers_no_stop_of_its_own(table: Table, page_for: PageFor) -> None:
    fill(table)
    page = page_for(table.ana, viewport={"width": 1440, "height": 500})
    page.goto(table.url)
    page.wait_for_selector("html[data-ready]")
    page.click(f"#board .card[data-card='{table.key(1)}'] .card__link")
    page.wait_for_selector(".panel[data-role]")
    assert not hidden(walk(page))
