"""The archive and erasing in a browser: with scripts, without them, and on a page that stood open."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from activity.log.replay.state import ERASED
from boards import actions
from comments.actions import post_comment, remove_comment
from fluxboard.features.verification.verify import verify
from tests.browser.conftest import Table
from tests.browser.steps import open_live
from tests.browser.test_accessibility import NARROW, SCHEMES, WIDE, check_both

PageFor = Callable[..., Page]


def fill(table: Table) -> None:
    """Something of each kind in the archive."""
    one = table.card(1)
    steps = actions.add_checklist(one, "Steps", by=table.ana)
    first, _ = actions.add_items(steps, "Ask the bank\nTell the team", by=table.kenji)
    actions.remove_item(first, by=table.ana)
    actions.remove_checklist(actions.add_checklist(one, "Old steps", by=table.ana), by=table.kenji)
    remove_comment(post_comment(one, "Said in anger", by=table.kenji), by=table.kenji)
    actions.remove_label(actions.create_label(table.board, "bug", 1, by=table.ana), by=table.ana)
    actions.archive_card(table.card(5), by=table.kenji)
    later = actions.add_column(table.board, "Later", by=table.ana)
    actions.archive_column(later, by=table.ana)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_card_and_a_comment_come_back(table: Table, page_for: PageFor, scripts: bool) -> None:
    fill(table)
    page = page_for(table.ana, java_script_enabled=scripts, viewport=WIDE)
    page.goto(f"/c/{table.key(1)}/")
    page.click("text=Removed here (3)")
    expect(page.locator(".row")).to_have_count(3)
    page.click("[data-kind=comment] button")
    expect(page.locator(".note--success")).to_contain_text("Restored")
    expect(page.locator(".row")).to_have_count(2)
    page.click("text=Clear")
    page.fill("#bin-q", "dark")
    page.click(".bin__filter button")
    page.click(f"#restore-card-{table.card(5).pk} button")
    expect(page.locator(".note--success")).to_contain_text(f"{table.key(5)} is back in Ready.")
    page.goto(f"/c/{table.key(1)}/")
    expect(page.locator(".comment")).to_contain_text("Said in anger")
    page.goto(table.url)
    expect(page.locator(".card__link", has_text="Dark")).to_be_visible()
    assert verify(table.board) == []


def test_an_open_page_shows_the_mark_when_a_card_is_erased(table: Table, page_for: PageFor) -> None:
    title = table.card(1).title
    post_comment(table.card(1), "A private matter", by=table.kenji)
    board = open_live(page_for(table.kenji, viewport=WIDE), table.url)
    card = open_live(page_for(table.kenji, viewport=WIDE), f"/c/{table.key(1)}/")
    expect(card.locator(".comment")).to_contain_text("A private matter")
    page = page_for(table.ana, viewport=WIDE)
    page.goto(f"/c/{table.key(1)}/")
    page.click("[aria-label='Card actions']")
    page.click("text=Erase texts for good")
    page.check("#erase-all")
    page.fill("#erase-reason", "Asked for by Kenji")
    page.fill("#erase-confirm", "wrong")
    page.click("text=Erase for good")
    expect(page.locator("#erase-confirm-error")).to_contain_text("Nothing has been erased.")
    expect(board.locator(f"[data-card='{table.key(1)}'] .card__link")).to_have_text(title)
    page.fill("#erase-confirm", table.key(1))
    page.click("text=Erase for good")
    expect(page.locator("h1")).to_have_text(ERASED)
    expect(board.locator(f"[data-card='{table.key(1)}'] .card__link")).to_have_text(ERASED)
    expect(card.locator("h1")).to_have_text(ERASED)
    expect(card.locator(".comment .prose")).to_have_text(ERASED)
    expect(card.locator("body")).not_to_contain_text("A private matter")
    assert verify(table.board) == []


def test_a_page_that_was_away_during_the_erasure_never_gets_the_text(table: Table, page_for: PageFor) -> None:
    watcher = open_live(page_for(table.priya, viewport=WIDE), table.url)
    page = open_live(page_for(table.kenji, viewport=WIDE), table.url)
    page.context.set_offline(True)
    page.wait_for_selector('[data-connection="live"]', state="detached")
    actions.retitle_card(table.card(2), "Salary of somebody", by=table.ana)
    expect(watcher.locator(f"[data-card='{table.key(2)}'] .card__link")).to_have_text("Salary of somebody")
    actions.erase_card(table.card(2), ["title"], "Asked for", by=table.ana)
    expect(watcher.locator(f"[data-card='{table.key(2)}'] .card__link")).to_have_text(ERASED)
    page.evaluate(
        "() => { window.seen = []; const board = document.querySelector('#board');"
        " new MutationObserver(() => window.seen.push(board.textContent))"
        ".observe(board, {childList: true, subtree: true, characterData: true}); }"
    )
    page.context.set_offline(False)
    page.wait_for_selector('[data-connection="live"]', state="attached")
    expect(page.locator(f"[data-card='{table.key(2)}'] .card__link")).to_have_text(ERASED)
    seen = page.evaluate("window.seen")
    assert seen
    assert not [text for text in seen if "Salary" in text]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_axe_finds_nothing(table: Table, page_for: PageFor, size: dict[str, int], scheme: str) -> None:
    fill(table)
    post_comment(table.card(2), "Hello", by=table.kenji)
    page = page_for(table.ana, viewport=size, color_scheme=scheme)
    for address in (
        f"{table.url}archive/",
        f"{table.url}archive/?q=nothing+fits",
        f"/c/{table.key(1)}/erase/",
        f"{table.url}erase/{table.kenji.pk}/",
    ):
        page.goto(address)
        check_both(page, address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    page.goto(f"/c/{table.key(1)}/erase/")
    page.evaluate("document.querySelector('#erase').noValidate = true")
    page.click("text=Erase for good")
    expect(page.locator(".field__error")).to_have_count(1)
    check_both(page, "refused")
