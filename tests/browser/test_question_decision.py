"""A question, a decision and an escalation from start to end, between two browsers."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from boards.models import Card
from comments.actions import post_comment
from comments.models import Comment, Decision
from tests.browser.conftest import Table
from tests.browser.steps import card, open_live, wait_until

PageFor = Callable[..., Page]


def open_card(page_for: PageFor, person, table: Table, number: int = 2) -> Page:
    return open_live(page_for(person, viewport={"width": 1280, "height": 900}), f"/c/{table.key(number)}/")


def test_a_question_is_asked_seen_and_answered_live(table: Table, page_for: PageFor) -> None:
    ana, kenji = (open_card(page_for, person, table) for person in (table.ana, table.kenji))
    ana.fill(".composer textarea", "Page 1 or the nearest?")
    ana.click(".composer a:has-text('Ask')")
    asking = ana.locator("form[data-verb='question.asked']")
    assert asking.locator("textarea").input_value() == "Page 1 or the nearest?", "what was typed goes along"
    assert "Tokyo" in asking.inner_text()
    asking.locator(f"input[name=ask][value='{table.kenji.pk}']").check()
    asking.get_by_role("button", name="Ask", exact=True).click()
    kenji.wait_for_selector(".note--ask:has-text('Ana is waiting on you.')")
    assert asking.is_hidden()
    assert ana.input_value(".composer textarea") == ""
    kenji.click(".note--ask a:has-text('Answer')")
    kenji.keyboard.type("The nearest.")
    kenji.keyboard.press("Control+Enter")
    ana.wait_for_selector(".asked--answered")
    kenji.wait_for_selector(".note--ask", state="detached")
    assert Comment.objects.get(card=table.card(2), kind="question").state == "answered"


def test_a_decision_is_recorded_agreed_to_superseded_and_found(table: Table, page_for: PageFor) -> None:
    board = open_live(page_for(table.kenji, viewport={"width": 1280, "height": 900}), table.url)
    ana, kenji = (open_card(page_for, person, table) for person in (table.ana, table.kenji))
    ana.fill(".composer textarea", "Page by cursor.")
    ana.click(".composer a:has-text('Record as decision')")
    ana.click("form[data-verb='decision.recorded'] button:has-text('Record the decision')")
    ana.wait_for_selector(".decision:has-text('Page by cursor.')")
    kenji.wait_for_selector(".decision:has-text('Page by cursor.')")
    card(board, table.key(2)).locator(".fact--decision").wait_for()
    kenji.click(".decision button:has-text('I agree')")
    ana.wait_for_selector(".decision:has-text('agreed by Kenji')")
    ana.click(".decision summary:has-text('Supersede')")
    ana.fill("form[data-verb='decision.superseded'] textarea", "Page by date.")
    ana.click("form[data-verb='decision.superseded'] button[type=submit]")
    kenji.wait_for_selector(".decision:has-text('Page by date.') summary:has-text('In place of D-1')")
    wait_until(lambda: Decision.objects.filter(board=table.board).count() == 2)
    kenji.goto(f"{table.url}decisions/")
    assert kenji.locator("tr.is-superseded").count() == 1
    kenji.fill("#r-q", "date")
    kenji.click(".register__filter button[type=submit]")
    assert kenji.locator(".register tbody tr").count() == 1
    kenji.click(".register tbody a.key")
    assert "Page by date." in kenji.inner_text("main")


def test_any_comment_becomes_a_decision(table: Table, page_for: PageFor) -> None:
    comment = post_comment(table.card(2), "Round corners.", by=table.kenji)
    ana = open_card(page_for, table.ana, table)
    ana.click(f"#c-{comment.pk} details.pop > summary")
    ana.click(f"#c-{comment.pk} button:has-text('Record as decision')")
    ana.wait_for_selector(".decision:has-text('Round corners.')")
    ana.wait_for_selector(f"#c-{comment.pk} .tag--decision")


def test_the_third_round_asks_to_talk_and_ends_with_an_outcome(table: Table, page_for: PageFor) -> None:
    top = post_comment(table.card(2), "Red?", by=table.ana)
    post_comment(table.card(2), "Green.", by=table.kenji, parent=top)
    post_comment(table.card(2), "Red!", by=table.ana, parent=top)
    board = open_live(page_for(table.ana, viewport={"width": 1280, "height": 900}), table.url)
    ana, kenji = (open_card(page_for, person, table) for person in (table.ana, table.kenji))
    assert ana.locator(".escalated").count() == 0
    kenji.hover(f"#c-{top.pk}")
    kenji.click(f"#c-{top.pk} > header a[data-opens]")
    kenji.keyboard.type("Green!")
    kenji.keyboard.press("Control+Enter")
    note = "Three rounds, and no outcome yet. Talk, then write it here."
    ana.wait_for_selector(f".escalated:has-text('{note}')")
    card(board, table.key(2)).locator(".fact--late[title]").wait_for()
    assert ana.inner_text("body").count(note) == 1
    ana.click(".escalated summary")
    ana.fill("form[data-verb='thread.settled'] textarea", "Blue.")
    ana.click("form[data-verb='thread.settled'] button[type=submit]")
    kenji.wait_for_selector(".decision:has-text('Blue.'):has-text('on a call')")
    kenji.wait_for_selector(".escalated", state="detached")
    wait_until(lambda: Card.objects.get(pk=table.card(2).pk).threads_escalated == 0)
