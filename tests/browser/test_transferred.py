"""A card goes to another board while its own page is open."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, Request, expect

from activity.log.notify import notify
from boards import actions
from boards.models import Card, Role
from tests.browser.conftest import Table
from tests.browser.steps import open_live, wait_until

PageFor = Callable[..., Page]


def transfer(table: Table) -> Card:
    """The first card goes to a board that Kenji reads, too."""
    other = actions.create_board("Mobile", by=table.ana)
    actions.add_member(other, table.kenji, Role.MEMBER, by=table.ana)
    return actions.transfer_card(table.card(1), to=other.columns.first(), by=table.ana)


def test_its_page_goes_along(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    there = transfer(table)
    page.wait_for_url(f"**/c/{there.key}/")
    page.wait_for_selector('[data-connection="live"]', state="attached")


def test_a_page_with_typed_text_stays_says_where_and_asks_no_more(table: Table, page_for: PageFor) -> None:
    page = page_for(table.kenji)
    page.clock.install()
    asked: list[Request] = []
    over: list[Request] = []
    page.on("request", lambda one: asked.append(one) if re.search("/(live|parts)/", one.url) else None)
    for end in ("requestfinished", "requestfailed"):
        page.on(end, lambda one: over.append(one) if one in asked else None)
    open_live(page, f"/c/{table.key(1)}/")
    page.fill(".composer textarea", "Half written")
    there = transfer(table)
    notify(f"look:{table.board.pk}")
    notice = page.locator(".toast", has_text=f"{table.key(1)} is {there.key} on another board now.")

    # By the real clock: a faster one would end each request, as one that takes too long, before its answer.
    expect(notice).to_have_count(1)

    def is_still() -> bool:
        """Nothing is under way, and in five seconds nothing that had failed is tried again."""
        if len(over) < len(asked):
            return False
        before = len(asked)
        page.clock.run_for(5_000)
        return len(asked) == before

    wait_until(is_still, page)
    known = len(asked)
    page.clock.run_for(60_000)
    assert [one.url for one in asked[known:]] == []
    expect(page.locator(".composer textarea")).to_have_value("Half written")
    expect(notice.get_by_role("link")).to_have_attribute("href", re.compile(f"/c/{there.key}/"))
