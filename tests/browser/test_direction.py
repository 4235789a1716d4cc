"""A text runs the way its own words do, beside words of another direction."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from boards import actions
from comments.actions import post_comment
from tests.browser.conftest import Table

PageFor = Callable[..., Page]
TITLE = "תיקון התנור בבוקר (גרסה 2)!"
# Where the first and the last sign of an element's text are, in pixels from the left.
ENDS = """element => {
    const text = [...element.childNodes].find((node) => node.nodeType === 3) ?? element.firstChild.firstChild;
    const place = (at) => {
        const range = new Range();
        range.setStart(text, at);
        range.setEnd(text, at + 1);
        return range.getBoundingClientRect().left;
    };
    return [place(0), place(text.length - 1)];
}"""


@pytest.mark.parametrize("where", ["{board}", "/c/{key}/"])
def test_the_end_of_a_hebrew_title_is_at_its_left(table: Table, page_for: PageFor, where: str) -> None:
    actions.retitle_card(table.card(1), TITLE, by=table.ana)
    post_comment(table.card(1), TITLE, by=table.ana)
    page = page_for(table.ana)
    page.goto(where.format(board=table.url, key=table.key(1)))
    shown = page.locator(f'[data-card="{table.key(1)}"] [data-field="title"]').first
    first, last = shown.evaluate(ENDS)
    assert last < first
    if "/c/" in where:
        first, last = page.locator("[data-comment] .prose p").first.evaluate(ENDS)
        assert last < first


def test_an_override_of_direction_ends_with_its_text(table: Table, page_for: PageFor) -> None:
    """The person's name stands before what the page says of them."""
    table.kenji.name = "Kenji\u202e Mori"
    table.kenji.save()
    post_comment(table.card(1), "Hello", by=table.kenji)
    page = page_for(table.ana)
    page.goto(f"/c/{table.key(1)}/?tab=history")
    entry = page.locator('.event[data-verb="comment.posted"]').first
    name, words = entry.locator("b").bounding_box(), entry.locator("bdi[dir=ltr]").first.bounding_box()
    assert name and words and name["x"] < words["x"]
