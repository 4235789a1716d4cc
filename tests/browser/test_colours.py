"""Contrast themes show what is chosen, and small words have enough contrast (WCAG 1.4.3, 1.4.11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Table
from tests.browser.steps import begin_edit, open_live
from tests.browser.test_accessibility import LONG, SCHEMES, fill, hold_still

PageFor = Callable[..., Page]
LOOK = """(selector) => {
  const { backgroundColor, color, outlineStyle, borderBottomColor, textDecorationLine } =
    getComputedStyle(document.querySelector(selector));
  return [backgroundColor, color, outlineStyle, borderBottomColor, textDecorationLine].join();
}"""

# The contrast of each word of `selector` ("::placeholder" of fields with one) against what lies under it.
CONTRAST = """(selector) => {
  const pixel = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const paint = (colours) => {
    pixel.clearRect(0, 0, 1, 1);
    for (const colour of colours) { pixel.fillStyle = colour; pixel.fillRect(0, 0, 1, 1); }
    return [...pixel.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => rgb.map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const isHint = selector === '::placeholder';
  const found = [...document.querySelectorAll(isHint ? '[placeholder]' : selector)]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }));
  return found.map((one) => {
    const under = [];
    let opacity = 1;
    for (let at = one; at; at = at.parentElement) {
      under.unshift(getComputedStyle(at).backgroundColor);
      opacity *= Number(getComputedStyle(at).opacity);
    }
    const style = getComputedStyle(one, isHint ? '::placeholder' : null);
    const ground = paint(under);
    const ink = paint([`rgb(${ground})`, style.color]);
    const seen = ink.map((part, i) => part * opacity * (isHint ? style.opacity : 1)
      + ground[i] * (1 - opacity * (isHint ? style.opacity : 1)));
    const [a, b] = [light(seen), light(ground)].sort((x, y) => y - x);
    const what = one.placeholder || one.parentElement.textContent.trim();
    return { what, ratio: (a + 0.05) / (b + 0.05) };
  });
}"""


def weak(page: Page, selector: str) -> list[dict[str, Any]]:
    """Those with too little contrast, on the page as it is and, in the short form, made dark."""
    found = page.evaluate(CONTRAST, selector)
    if not LONG:
        page.emulate_media(color_scheme="dark")
        hold_still(page)
        found += page.evaluate(CONTRAST, selector)
        page.emulate_media(color_scheme="light")
        hold_still(page)
    return [one for one in found if one["ratio"] < 4.5]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [390, 1440])
def test_hints_of_keys_and_of_fields_can_be_read(
    table: Table, page_for: PageFor, scheme: str, width: int
) -> None:
    fill(table)
    page = page_for(table.ana, viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(f"/c/{table.key(1)}/")
    page.wait_for_selector("html[data-ready]")
    begin_edit(page, "title")
    assert not weak(page, "::placeholder")
    open_live(page, table.url)
    page.keyboard.press("n")
    hints = 0
    for address in (table.url, f"{table.url}standup/", f"{table.url}at/", f"{table.url}settings/columns/",
                    f"{table.url}decisions/", f"{table.url}catch-up/", "/search/", "/me/"):  # fmt: skip
        page.goto(address)
        page.wait_for_selector("html[data-ready]")
        assert not weak(page, "kbd"), address
        assert not weak(page, "::placeholder"), address
        hints += len(page.evaluate(CONTRAST, "kbd")) + len(page.evaluate(CONTRAST, "::placeholder"))
    assert hints > (2 if width == 390 else 10)
    page.goto(table.url)
    page.wait_for_selector("html[data-ready]")
    page.evaluate("for (const adder of document.querySelectorAll('.adder')) adder.open = true")
    assert not weak(page, "kbd")
    assert not weak(page, "::placeholder")
    page.evaluate("for (const adder of document.querySelectorAll('.adder')) adder.open = false")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open]")
    assert not weak(page, "kbd")


@pytest.mark.parametrize("width", [390, 1440])
def test_contrast_themes_show_the_current_view_tab_and_pressed_chip(
    table: Table, page_for: PageFor, width: int
) -> None:
    fill(table)
    page = page_for(table.ana, viewport={"width": width, "height": 900}, forced_colors="active")
    page.goto(f"{table.url}?mine=1")
    page.wait_for_selector("html[data-ready]")
    chip = "[data-filter=mine]"
    if page.get_attribute(chip, "aria-pressed") != "true":
        page.click(chip)
        page.wait_for_selector(f"{chip}[aria-pressed=true]")
    assert page.evaluate(LOOK, chip) != page.evaluate(LOOK, "[data-filter=blocked]")
    views = ".views" if width == 1440 else ".bottombar"
    assert page.evaluate(LOOK, f"{views} [aria-current]") != page.evaluate(
        LOOK, f"{views} a:not([aria-current])"
    )
    page.goto(f"/c/{table.key(1)}/")
    assert page.evaluate(LOOK, ".tabs [aria-current]") != page.evaluate(LOOK, ".tabs a:not([aria-current])")
    page.goto(f"{table.url}settings/")
    assert page.evaluate(LOOK, ".subtabs [aria-current]") != page.evaluate(
        LOOK, ".subtabs a:not([aria-current])"
    )
    page.goto(f"{table.url}standup/")
    assert page.evaluate(LOOK, ".seg [aria-current]") != page.evaluate(LOOK, ".seg a:not([aria-current])")
    if width == 390:
        page.goto(table.url)
        page.wait_for_selector(".coltabs [aria-current]")
        tabs = ".coltabs"
        assert page.evaluate(LOOK, f"{tabs} [aria-current]") != page.evaluate(
            LOOK, f"{tabs} a:not([aria-current])"
        )
