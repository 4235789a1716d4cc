"""Now in two browsers: what somebody does elsewhere is there at once, by the streams of the page's boards."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from boards import actions
from boards.models import Role


def open_now(page: Page, address: str) -> None:
    """The page with its streams open, and no clock: nothing on it comes by asking again after a while."""
    page.clock.install()
    with page.expect_response(lambda answer: "/live/" in answer.url):
        page.goto(address)
        page.wait_for_selector("html[data-ready]")
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)


@pytest.mark.parametrize("address", ["/now/", "/b/{key}/now/", "/now/?board={key}"])
def test_another_s_change_is_there_without_waiting(table: Any, page_for: Any, address: str) -> None:
    ana, kenji = page_for(table.ana), page_for(table.kenji)
    open_now(ana, address.format(key=table.board.key))
    expect(ana.locator("#now-blocked")).to_have_count(0)
    kenji.goto(f"/c/{table.key(1)}/edit/block/")
    form = kenji.locator("form[data-verb='card.blocked']")
    form.locator("[name=reason]").fill("No API yet")
    form.locator("button[type=submit]").click()
    expect(ana.locator("#now-blocked")).to_contain_text("No API yet")
    actions.unblock_card(table.card(1), by=table.kenji)
    expect(ana.locator("#now-blocked")).to_have_count(0)


def test_each_of_several_boards_is_followed(table: Any, page_for: Any) -> None:
    other = actions.create_board("Mobile", by=table.ana, starter=True)
    actions.add_member(other, table.kenji, Role.MEMBER, by=table.ana)
    page = page_for(table.ana)
    open_now(page, "/now/")
    for board in (table.board, other):
        card = board.cards.select_related("board", "column").first()
        actions.block_card(card, f"Waits on {board.key}", by=table.kenji)
        expect(page.locator("#now-blocked")).to_contain_text(f"Waits on {board.key}")


def test_what_happened_while_the_stream_was_away_is_there_when_it_is_back(table: Any, page_for: Any) -> None:
    page = page_for(table.ana)
    page.goto(f"{table.url}now/")
    page.wait_for_selector("html[data-ready]")
    page.context.set_offline(True)
    actions.block_card(table.card(1), "Meanwhile", by=table.kenji)
    page.context.set_offline(False)
    expect(page.locator("#now-blocked")).to_contain_text("Meanwhile")


def test_with_more_boards_than_streams_it_asks_instead(table: Any, page_for: Any) -> None:
    for number in range(3):
        actions.create_board(f"Board {number}", by=table.ana, starter=False)
    page = page_for(table.ana)
    streams: list[str] = []
    page.on("request", lambda request: streams.append(request.url) if "/live/" in request.url else None)
    page.goto("/now/")
    page.wait_for_selector("html[data-ready]")
    actions.block_card(table.card(1), "Asked for", by=table.kenji)
    expect(page.locator("#now-blocked")).to_contain_text("Asked for")
    assert streams == []
