"""After a change one goes on where one is: what was made is in sight; Escape closes the innermost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from boards import actions
from comments.actions import post_comment
from tests.browser.conftest import Table
from tests.browser.steps import begin_edit, open_live, wait_until

PageFor = Callable[..., Page]


SEEN = """(card) => {
  const { left, top, bottom } = card.getBoundingClientRect();
  return [top + 4, bottom - 4].every((y) => card.contains(document.elementFromPoint(left + 20, y)));
}"""


def is_seen(page: Page, title: str) -> None:
    """All of the card is in the window, and its notice, which is there, does not cover it."""
    fresh = page.locator(f"#board .card:has-text('{title}')")
    expect(fresh).to_be_in_viewport(ratio=1, timeout=20_000)
    expect(page.locator(f".toast a[href='/c/{fresh.get_attribute('data-card')}/']")).to_be_visible()
    wait_until(lambda: fresh.evaluate(SEEN), page)


@pytest.mark.parametrize("size", [(1440, 700), (1440, 900), (390, 844)])
def test_a_card_added_to_a_long_column_is_in_sight_and_its_key_is_a_link(
    table: Table, page_for: PageFor, size: tuple[int, int]
) -> None:
    for start in range(0, 150, 50):
        titles = [f"Card {number}" for number in range(start, start + 50)]
        for title in titles:
            actions.create_card(table.columns[0], title, by=table.ana)
    page = open_live(page_for(table.kenji, viewport={"width": size[0], "height": size[1]}), table.url)
    page.click(f"#column-{table.columns[0].pk}-adder > summary")
    page.keyboard.type("The newest of all")
    page.keyboard.press("Enter")
    fresh = page.locator("#board .card:has-text('The newest of all')")
    expect(fresh).to_be_in_viewport(ratio=1, timeout=20_000)
    is_seen(page, "The newest of all")
    key = fresh.get_attribute("data-card")
    expect(page.locator(f".toast a[href='/c/{key}/']")).to_have_text(str(key))
    actions.retitle_card(table.board.cards.get(title="The newest of all"), "Newer still", by=table.ana)
    expect(page.locator(f"#board .card[data-card='{key}'] .card__link")).to_have_text("Newer still")
    page.keyboard.type("And one more")
    page.keyboard.press("Enter")
    is_seen(page, "And one more")


@pytest.mark.parametrize("size", [(1280, 700), (390, 844)])
def test_enter_after_a_checklist_goes_on_with_its_first_item(
    table: Table, page_for: PageFor, size: tuple[int, int]
) -> None:
    width, height = size
    page = open_live(
        page_for(table.kenji, viewport={"width": width, "height": height}), f"/c/{table.key(1)}/"
    )
    page.click("summary:has-text('Checklist')")
    page.wait_for_function("() => document.activeElement.name === 'name'")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.matches('[id$=f-item-in]')")
    page.keyboard.type("First of all")
    page.keyboard.press("Enter")
    expect(page.locator(".item__text")).to_have_text("First of all")
    expect(page.locator("form[data-verb='checklist.added']")).to_be_hidden()


def test_a_checklist_has_the_name_that_is_typed(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji), f"/c/{table.key(1)}/")
    page.click("summary:has-text('Checklist')")
    page.wait_for_function("() => document.activeElement.name === 'name'")
    page.keyboard.type("Sources")
    page.keyboard.press("Enter")
    expect(page.locator("[data-checklist] > .sect__head > h2")).to_have_text("Sources")


def test_a_question_is_in_sight_once_it_is_asked_and_no_form_is_left(table: Table, page_for: PageFor) -> None:
    for number in range(12):
        post_comment(table.card(1), f"Remark {number}", by=table.ana)
    page = open_live(page_for(table.kenji, viewport={"width": 1280, "height": 600}), f"/c/{table.key(1)}/")
    page.click("[data-verb-link='question.asked']")
    form = page.locator("form[data-verb='question.asked']:visible")
    form.locator("textarea").fill("Shall we?")
    form.locator("input[type=checkbox]").first.check()
    form.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("[data-kind=question] .prose")).to_be_in_viewport(ratio=1, timeout=20_000)
    expect(page.locator("form[data-verb='question.asked']:visible")).to_have_count(0)
    expect(page.locator(".edit--ask")).to_have_css("clip-path", "inset(50%)")


def test_escape_closes_the_innermost_thing(table: Table, page_for: PageFor) -> None:
    page = open_live(page_for(table.kenji, viewport={"width": 1280, "height": 800}), table.url)
    page.click(f"#board .card[data-card='{table.key(1)}'] .card__link")
    page.wait_for_selector(".panel[data-role]")
    begin_edit(page, "title", ".panel")
    page.keyboard.press("Escape")
    expect(page.locator(".panel [data-edit=title]")).not_to_have_attribute("open", "")
    expect(page.locator(".panel")).to_be_visible()
    page.click(".switch")
    expect(page.locator(".switch-menu > .menu")).to_be_visible()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Escape")
    expect(page.locator(".switch-menu > .menu")).to_be_hidden()
    expect(page.locator(".panel")).to_be_visible()
    page.focus(".panel .card-title")
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_have_count(0)
