"""Board and card on paper: all of what is written, and nothing that one presses."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from boards import actions
from comments.actions import post_comment
from tests.browser.conftest import Table
from tests.browser.test_accessibility import fill

PageFor = Callable[..., Page]
PRESSED = "button, .btn, .icon-btn, summary, textarea, .bottombar, .coltabs, .toasts, .link-state"


def sheets(pdf: bytes) -> int:
    """How many pages a PDF has, its compressed objects included."""
    texts = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.S):
        try:
            texts.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return sum(len(re.findall(rb"/Type\s*/Page\b", text)) for text in texts)


def on_paper(page: Page, address: str) -> Page:
    page.goto(address)
    page.wait_for_selector("html[data-ready]")
    page.emulate_media(media="print")
    return page


@pytest.mark.parametrize("width", [390, 1440])
def test_a_board_prints_every_card_and_no_control(table: Table, page_for: PageFor, width: int) -> None:
    fill(table)
    for number in range(18):
        actions.create_card(table.columns[0], f"One of many, number {number}", by=table.ana)
    page = on_paper(page_for(table.ana, viewport={"width": width, "height": 900}), table.url)
    expect(page.get_by_role("heading", name="Checkout rebuild", level=1)).to_be_visible()
    for shown in page.locator(PRESSED).all():
        assert not shown.is_visible(), shown.evaluate("one => one.outerHTML")
    clipped = """() => [...document.querySelectorAll('.card')].filter((card) => {
      for (let at = card.parentElement; at; at = at.parentElement) {
        const box = at.getBoundingClientRect();
        const { bottom } = card.getBoundingClientRect();
        if (getComputedStyle(at).overflowY !== 'visible' && bottom > box.bottom + 1) return true;
      }
      return false;
    }).length"""
    assert page.evaluate(clipped) == 0
    assert page.evaluate("getComputedStyle(document.querySelector('.card')).breakInside") == "avoid"
    assert sheets(page.pdf(prefer_css_page_size=True)) > 1


def test_a_card_prints_its_text_and_talk_and_no_control(table: Table, page_for: PageFor) -> None:
    fill(table)
    for number in range(30):
        post_comment(table.card(1), f"Remark {number}\n\nin two paragraphs", by=table.kenji)
    page = on_paper(page_for(table.ana, color_scheme="dark"), f"/c/{table.key(1)}/?comments=all")
    for shown in page.locator(f":is({PRESSED}):not(.tick, .prop)").all():
        assert not shown.is_visible(), shown.evaluate("one => one.outerHTML")
    expect(page.get_by_text("Because of 31 tickets", exact=False)).to_be_visible()
    expect(page.get_by_text("Remark 29")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert sheets(page.pdf(prefer_css_page_size=True)) > 1


def test_a_moment_of_the_past_prints_its_date(table: Table, page_for: PageFor) -> None:
    page = on_paper(page_for(table.ana), f"{table.url}at/?seq=8")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Board as of")
    expect(page.locator("#past-back")).to_be_hidden()
    expect(page.locator("#past-seq")).to_be_hidden()
