"""axe-core finds nothing on any page, light and dark, wide and narrow, in any state."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from boards import actions
from comments.actions import post_comment
from tests.browser.conftest import Table
from tests.browser.steps import begin_edit, card, focus_card, frames, lift_with_mouse, open_live

PageFor = Callable[..., Page]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOURS = ["color-contrast", "link-in-text-block"]
LONG = os.environ.get("FLUXBOARD_LONG") == "1"
# In the short form a page is loaded in light colours and then made dark (`check_both`).
SCHEMES = ["light", "dark"] if LONG else ["light"]
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def hold_still(page: Page) -> None:
    """Until nothing on it moves or fades any more."""
    frames(page)
    page.evaluate(
        """() => Promise.allSettled(document.getAnimations()
          .filter(one => Number.isFinite(one.effect?.getComputedTiming().endTime))
          .map(one => one.finished))"""
    )


def check(page: Page, state: str) -> None:
    """Run axe on the page as it is now.

    In dark colours only the colours differ, so only the rules that look at them are run there; all of them
    with FLUXBOARD_LONG=1.
    """
    hold_still(page)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    rules = (
        {"type": "rule", "values": OF_COLOURS} if is_dark and not LONG else {"type": "tag", "values": TAGS}
    )
    found: list[dict[str, Any]] = page.evaluate(
        """runOnly => axe.run(document, { runOnly, resultTypes: ['violations'] })
          .then(result => result.violations)""",
        rules,
    )
    problems = [
        f"{one['id']}: {one['help']}: {node['html'][:160]}" for one in found for node in one["nodes"][:3]
    ]
    assert not problems, f"{state}:\n" + "\n".join(problems)


def check_both(page: Page, state: str) -> None:
    """`check` in both schemes; in the long form each has a page of its own, which is checked as it is."""
    check(page, state)
    if not LONG:
        page.emulate_media(color_scheme="dark")
        check(page, f"{state}, made dark")
        page.emulate_media(color_scheme="light")


def fill(table: Table) -> None:
    one = table.card(1)
    label = actions.create_label(table.board, "bug", 1, by=table.ana)
    actions.label_card(one, label, by=table.ana)
    actions.assign_card(one, table.kenji, by=table.ana)
    actions.block_card(one, "Needs the reserve API", by=table.ana, person=table.kenji)
    actions.specify_card(one, "why", "Because of **31 tickets** and `page=`.", by=table.ana)
    items = actions.add_items(actions.add_checklist(one, "Steps", by=table.ana), "a\nb", by=table.ana)
    actions.check_item(items[0], by=table.kenji)
    comment = post_comment(one, f"See {table.key(2)}, @{table.kenji.handle}", by=table.ana)
    post_comment(one, "Yes", by=table.kenji, parent=comment)
    actions.limit_column(table.columns[1], 2, by=table.ana)
    actions.archive_card(table.card(5), by=table.ana)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_pages(table: Table, page_for: PageFor, size: dict[str, int], scheme: str) -> None:
    fill(table)
    page = page_for(table.ana, viewport=size, color_scheme=scheme)
    settings = f"{table.url}settings/"
    for address in (
        table.url,
        f"/c/{table.key(1)}/",
        f"/c/{table.key(1)}/?tab=history",
        f"{table.url}undo/12/",
        "/",
        "/b/new/",
        settings,
        f"{settings}members/",
        f"{settings}columns/",
        f"{settings}labels/",
        f"{table.url}archive/",
        "/me/",
    ):
        page.goto(address)
        check_both(page, address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            f"{address} scrolls sideways"
        )
    nobody = page_for(None, viewport=size, color_scheme=scheme)
    nobody.goto("/accounts/login/")
    check_both(nobody, "sign-in")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_states(table: Table, page_for: PageFor, scheme: str) -> None:
    fill(table)
    page = open_live(page_for(table.ana, viewport=WIDE, color_scheme=scheme), table.url)
    focus_card(page, table.key(2))
    page.keyboard.press("Space")
    check(page, "move mode")
    page.keyboard.press("Escape")
    lift_with_mouse(page, table.key(2))
    check(page, "dragging")
    page.keyboard.press("Escape")
    page.mouse.up()
    focus_card(page, table.key(2))
    page.keyboard.press("m")
    page.wait_for_selector("#card-menu form")
    check(page, "card menu")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    check(page, "keys")
    page.keyboard.press("Escape")
    card(page, table.key(1)).locator(".card__link").click()
    page.wait_for_selector(".panel[data-role]")
    check(page, "panel")
    begin_edit(page, "title", ".panel")
    page.fill(".panel [data-edit=title] textarea", "Mine")
    actions.retitle_card(table.card(1), "Theirs", by=table.kenji)
    page.wait_for_selector(".form-note")
    check(page, "changed while editing")
    page.press(".panel [data-edit=title] textarea", "Enter")
    page.wait_for_selector("dialog[open]")
    check(page, "conflict")
    page.keyboard.press("Escape")
    page.context.set_offline(True)
    page.wait_for_selector('[data-connection="offline"]')
    check(page, "offline")


@pytest.mark.parametrize("width", [768, 900, 1024])
def test_a_board_fits_between_phone_and_desk(table: Table, page_for: PageFor, width: int) -> None:
    fill(table)
    other = open_live(page_for(table.kenji), table.url)
    page = open_live(page_for(table.ana, viewport={"width": width, "height": 800}), table.url)
    page.wait_for_selector('#people-here [aria-label^="Kenji"]')
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.locator(".toolbar [data-verb-link='card.created']")).to_be_in_viewport(ratio=1)
    overlaps = """() => [...document.querySelectorAll('.brand, .topbar .switch, .view, .topbar__end > *')]
        .map(part => part.getBoundingClientRect()).filter(box => box.width)
        .sort((a, b) => a.left - b.left)
        .some((box, i, all) => i && box.left < all[i - 1].right - 1)"""
    assert not page.evaluate(overlaps)
    other.close()
