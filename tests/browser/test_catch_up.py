"""The catch-up from start to end: from the board's strip, by Space, to being up to date."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from activity.models import Reading
from boards import actions
from comments.actions import post_comment
from comments.decisions import record_decision
from comments.questions import ask_question


@pytest.fixture
def away(table):
    """Ana has read all; then Kenji asks, decides, and moves."""
    actions.assign_card(table.card(3), table.ana, by=table.ana)
    table.board.refresh_from_db()
    Reading.objects.filter(user=table.ana, board=table.board).update(seq=table.board.seq)
    actions.move_card(table.card(5), to=table.columns[1], by=table.kenji)
    post_comment(table.card(3), "I would start with the tax", by=table.kenji)
    record_decision(table.card(2), "Page by cursor.", by=table.kenji)
    ask_question(table.card(1), "Page 1, or the nearest?", [table.ana], by=table.kenji)
    return table


def test_from_the_strip_to_up_to_date(away, page_for):
    page = page_for(away.ana)
    page.goto(away.url)
    strip = page.locator("#catch-up-strip")
    expect(strip).to_contain_text("1 moved")
    expect(strip).to_contain_text("1 decision")
    strip.get_by_role("link", name="Catch up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A question to you")
    page.fill("#answer", "The nearest.")
    page.get_by_role("button", name="Answer").click()
    page.wait_for_url(re.compile("/catch-up/"))
    kinds = []
    while page.locator("[data-step]").count():
        kinds.append(page.locator("[data-step]").get_attribute("data-kind"))
        page.wait_for_selector("html[data-ready]")
        with page.expect_navigation():
            page.keyboard.press("Space")
    assert kinds == ["decision", "mine", "moved"], "the question's card is done with its answer"
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"You are up to date, \d\d:\d\d\."))
    page.goto(away.url)
    expect(page.locator("#catch-up-strip")).to_have_count(0)


def test_without_scripts_it_is_the_same_path(away, page_for):
    page = page_for(away.ana, java_script_enabled=False)
    page.goto("/")
    page.get_by_role("link", name=re.compile("Catch up")).click()
    kinds = []
    while page.locator("[data-step]").count():
        kinds.append(page.locator("[data-step]").get_attribute("data-kind"))
        page.get_by_role("button", name="Read").click()
    assert kinds == ["question", "decision", "mine", "moved"]
    expect(page.get_by_role("heading", level=1)).to_contain_text("You are up to date")


def test_an_answer_that_was_typed_is_not_lost_by_reading_on(away, page_for):
    page = page_for(away.ana)
    page.goto("/catch-up/")
    page.fill("#answer", "The nearest, I think")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Read").click()
    expect(page.get_by_role("alert").filter(has_text="Send your answer first")).to_be_visible()
    expect(page.locator("#answer")).to_be_focused()
    expect(page.locator("#answer")).to_have_value(re.compile("The nearest, I think"))
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Decided")


def test_a_card_can_wait_until_later(away, page_for):
    page = page_for(away.ana)
    page.goto("/catch-up/")
    page.get_by_role("button", name="Later").click()
    while page.locator("[data-step]").count():
        page.get_by_role("button", name="Read").click()
    expect(page.get_by_role("main")).to_contain_text("1 card kept for later")
    page.get_by_role("link", name="Read it now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A question to you")
