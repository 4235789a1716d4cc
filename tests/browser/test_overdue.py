"""A card that is done somewhere else is not overdue on the open page, by the page's own clock as well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from playwright.sync_api import Page, expect

from boards import actions
from tests.browser.conftest import Table
from tests.browser.steps import card, open_live

PageFor = Callable[..., Page]


def test_a_late_card_is_overdue_until_it_is_done(table: Table, page_for: PageFor) -> None:
    key, day = table.key(1), dt.date.today() - dt.timedelta(days=400)
    page = open_live(page_for(table.ana), table.url)
    actions.date_card(table.card(1), day, by=table.kenji)
    due = card(page, key).locator("time[datetime='" + day.isoformat() + "']")
    expect(due).to_contain_text("Overdue 4")
    done = table.board.columns.get(is_done=True)
    actions.move_card(table.card(1), to=done, by=table.kenji)
    due = card(page, key).locator("time[datetime='" + day.isoformat() + "']")
    expect(due).to_have_text(f"{day:%a} {day.day} {day:%b} {day.year}")
    expect(due).not_to_have_class("is-late")
