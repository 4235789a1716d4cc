"""Questions, decisions and what waits: axe finds nothing, wide and narrow, and nothing overflows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from boards.actions import add_member
from comments.actions import post_comment
from comments.decisions import agree, record_decision
from comments.questions import ask_question
from tests.browser.conftest import Table
from tests.browser.test_accessibility import NARROW, WIDE, check, fill

PageFor = Callable[..., Page]


def talk(table: Table) -> None:
    one = table.card(1)
    ask_question(one, "Land on the nearest order, or on page 1 with a notice?", [table.ana], by=table.kenji)
    ask_question(one, "Who tells support?", [table.kenji], by=table.ana)
    old = record_decision(one, "Page by offset.", by=table.ana)
    agree(record_decision(one, "Page by cursor.", by=table.kenji, supersedes=old), by=table.ana)
    top = post_comment(one, f"Red? @{table.ana.handle}", by=table.kenji)
    for who in (table.ana, table.kenji, table.ana):
        post_comment(one, "No.", by=who, parent=top)


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (NARROW, "dark")], ids=["wide", "narrow"])
def test_pages(table: Table, page_for: PageFor, size: dict[str, int], scheme: str) -> None:
    fill(table)
    talk(table)
    page = page_for(table.ana, viewport=size, color_scheme=scheme)
    for address in (
        f"/c/{table.key(1)}/",
        f"/c/{table.key(1)}/ask/",
        f"/c/{table.key(1)}/outcome/",
        "/waiting/",
        "/decisions/",
        f"{table.url}decisions/?state=open",
        f"{table.url}decisions/2/",
        f"{table.url}outcomes/new/",
        "/",
        table.url,
    ):
        page.goto(address)
        page.wait_for_selector("html[data-ready]")
        check(page, f"{address} {scheme}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{address} is too wide"


def test_the_forms_of_a_card(table: Table, page_for: PageFor) -> None:
    add_member(table.board, table.sam, "member", by=table.ana)
    fill(table)
    talk(table)
    page = page_for(table.ana, viewport=WIDE)
    page.goto(f"/c/{table.key(1)}/")
    page.wait_for_selector("html[data-ready]")
    page.click(".composer a:has-text('Ask')")
    page.click(".escalated summary")
    page.click(".decision summary:has-text('Supersede')")
    page.click(".decision__older summary")
    page.click(".note--ask summary")
    check(page, "every form open")
