"""What waits on someone, from their page alone: answered, handed on, put off; the bar counts along."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from django.utils import timezone
from playwright.sync_api import Page, expect

from activity.log.record import By
from boards.actions import add_member, block_card
from comments.actions import post_comment
from comments.models import Comment, Snooze
from comments.questions import ask_question
from tests.browser.conftest import Table
from tests.browser.steps import open_live, wait_until

PageFor = Callable[..., Page]


def row(page: Page, words: str):
    return page.locator("[aria-labelledby=w-me] > .rows > .row", has_text=words)


def says(page: Page, number: int) -> None:
    expect(page.locator("#waits .num")).to_have_text(str(number))


def test_the_morning_of_someone_on_whom_three_things_wait(table: Table, page_for: PageFor) -> None:
    add_member(table.board, table.sam, "member", by=table.ana)
    now = timezone.now()
    long_ago, later = (By(table.ana, now=now - dt.timedelta(days=days)) for days in (20, 10))
    question = ask_question(table.card(1), "By page or by cursor?", [table.kenji], by=long_ago)
    post_comment(table.card(2), f"@{table.kenji.handle} have a look at the fonts", by=later)
    block_card(table.card(3), "Needs the bank's key", person=table.kenji, by=By(table.ana, now=now))
    page = page_for(table.kenji, viewport={"width": 1280, "height": 900})
    ana = open_live(page_for(table.ana, viewport={"width": 1280, "height": 900}), f"/c/{table.key(1)}/")

    page.goto("/")
    says(page, 3)
    page.click("#waits")
    rows = page.locator("[aria-labelledby=w-me] > .rows > .row")
    assert [kind.get_attribute("data-wait") for kind in rows.all()] == ["question", "mention", "block"]
    expect(row(page, "By page or by cursor?")).to_contain_text("answer by")

    row(page, "the fonts").locator("button:has-text('Snooze until')").click()
    expect(row(page, "the fonts")).to_have_count(0)
    says(page, 2)
    assert Snooze.objects.filter(user=table.kenji).count() == 1
    page.click("summary:has-text('Snoozed')")
    page.click("button:has-text('Wake up now')")
    expect(row(page, "the fonts")).to_be_visible()
    says(page, 3)

    row(page, "By page or by cursor?").locator("a:has-text('Answer')").click()
    page.wait_for_url(re.compile(f"/c/{table.key(1)}/"))
    page.wait_for_selector("html[data-ready]")
    assert page.evaluate("document.activeElement.name") == "text", "the answer can be typed at once"
    page.keyboard.type("By cursor.")
    page.keyboard.press("Control+Enter")
    ana.wait_for_selector(".asked--answered")
    wait_until(lambda: Comment.objects.get(pk=question.pk).state == "answered")
    says(page, 2)

    page.goto("/waiting/")
    expect(row(page, "By page or by cursor?")).to_have_count(0)
    row(page, "the fonts").locator("a:has-text('Answer')").click()
    page.wait_for_selector("html[data-ready]")
    page.keyboard.type("They are fine.")
    page.keyboard.press("Control+Enter")
    says(page, 1)


def test_a_question_is_handed_on_from_the_list_and_reaches_the_other(table: Table, page_for: PageFor) -> None:
    add_member(table.board, table.sam, "member", by=table.ana)
    ask_question(table.card(1), "Which bank?", [table.kenji], by=table.ana)
    sam = open_live(page_for(table.sam), table.url)
    says(sam, 0)
    page = page_for(table.kenji, viewport={"width": 1280, "height": 900})
    page.goto("/waiting/")
    asked = row(page, "Which bank?")
    asked.locator("summary:has-text('Hand on')").click()
    asked.locator("select").select_option(str(table.sam.pk))
    asked.locator("form[data-verb='question.handed_on'] button[type=submit]").click()
    expect(asked).to_have_count(0)
    says(page, 0)
    says(sam, 1)
    sam.goto("/waiting/")
    expect(row(sam, "Which bank?")).to_be_visible()
