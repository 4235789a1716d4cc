"""Now in two browsers: what somebody does elsewhere is there at once, by the streams of the page's boards."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from boards import actions
from boards.models import Board, Card, Role
from tests.browser.conftest import Table


def open_now(page: Page, address: str) -> None:
    """The page with its streams open, and no clock: nothing on it comes by asking again after a while."""
    page.clock.install()
    with page.expect_response(lambda answer: "/live/" in answer.url):
        page.goto(address)
        page.wait_for_selector("html[data-ready]")
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)
    for _ in range(3):  # behind its open streams it asks twice a minute, and has done so just now
        page.clock.run_for(1000)


@pytest.mark.parametrize("address", ["/now/", "/b/{key}/now/", "/now/?board={key}"])
def test_another_s_change_is_there_without_waiting(table: Table, page_for: Any, address: str) -> None:
    ana, kenji = page_for(table.ana), page_for(table.kenji)
    open_now(ana, address.format(key=table.board.key))
    expect(ana.locator("#now-blocked")).to_have_count(0)
    kenji.goto(f"/c/{table.key(1)}/edit/block/")
    form = kenji.locator("form[data-verb='card.blocked']")
    form.locator("[name=reason]").fill("No API yet")
    form.locator("button[type=submit]").click()
    expect(ana.locator("#now-blocked")).to_contain_text("No API yet")
    ana.clock.run_for(1000)  # it asks once a second at most
    actions.unblock_card(table.card(1), by=table.kenji)
    expect(ana.locator("#now-blocked")).to_have_count(0)


def test_each_of_several_boards_is_followed(table: Table, page_for: Any) -> None:
    other = actions.create_board("Mobile", by=table.ana, starter=True)
    actions.add_member(other, table.kenji, Role.MEMBER, by=table.ana)
    page = page_for(table.ana)
    open_now(page, "/now/")
    for board in (table.board, other):
        actions.block_card(card_of(board), f"Waits on {board.key}", by=table.kenji)
        expect(page.locator("#now-blocked")).to_contain_text(f"Waits on {board.key}")
        page.clock.run_for(1000)


def test_a_board_that_comes_later_is_followed_and_one_that_goes_is_not(table: Table, page_for: Any) -> None:
    """In the order of their names, in which the boards stand, the new one is the first."""
    page = page_for(table.ana)
    streams: list[str] = []
    page.on("request", lambda request: streams.append(request.url) if "/live/" in request.url else None)
    open_now(page, "/now/")
    other = actions.create_board("A new one", by=table.ana, starter=True)
    actions.add_member(other, table.kenji, Role.MEMBER, by=table.ana)
    with page.expect_response(lambda answer: f"/b/{other.key}/live/" in answer.url):
        page.clock.run_for(31_000)
    actions.block_card(card_of(other), "On the new board", by=table.kenji)
    expect(page.locator("#now-blocked")).to_contain_text("On the new board")
    assert all("ids=1" in url for url in streams), "a page that reads fragments counts as present"
    assert len(streams) == 2, "the stream of the other board stayed open"
    page.clock.run_for(1000)
    with page.expect_event("requestfailed", lambda request: f"/b/{other.key}/live/" in request.url):
        actions.archive_board(other, by=table.ana)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "You are signed out."),
        (404, "You are no longer on this board."),
        (503, "This page is not up to date. The server does not answer."),
    ],
)
def test_a_page_that_asks_in_vain_says_so_and_asks_more_and_more_seldom(
    table: Table, page_for: Any, status: int, words: str
) -> None:
    page = page_for(table.ana)
    open_now(page, f"{table.url}now/")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "upto=" in one.url else None)
    page.route("**/now/**", lambda route: route.fulfill(status=status, body="no"))
    notice = page.locator(".toast", has_text=words)
    for _ in range(60):
        page.clock.run_for(1000)
        page.wait_for_timeout(20)
    expect(notice).to_have_count(1)
    assert 2 <= len(asked) <= 7, "1 + 2 + 4 + 8 + 16 + 30 seconds"
    if status == 401:
        expect(notice.get_by_role("link", name="Sign in")).to_have_attribute("href", re.compile("next=.*now"))
    page.unroute("**/now/**")
    page.clock.run_for(40_000)
    expect(notice).to_have_count(0)


def card_of(board: Board) -> Card:
    card = board.cards.select_related("board", "column").first()
    assert card
    return card


def test_what_happened_while_the_stream_was_away_is_there_when_it_is_back(
    table: Table, page_for: Any
) -> None:
    page = page_for(table.ana)
    page.goto(f"{table.url}now/")
    page.wait_for_selector("html[data-ready]")
    page.context.set_offline(True)
    actions.block_card(table.card(1), "Meanwhile", by=table.kenji)
    page.context.set_offline(False)
    expect(page.locator("#now-blocked")).to_contain_text("Meanwhile")


def test_with_more_boards_than_streams_it_asks_instead(table: Table, page_for: Any) -> None:
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
