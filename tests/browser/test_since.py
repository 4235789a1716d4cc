"""The line on a card that says what is different since a moment, and its former values, by hand."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from activity.models import Reading
from boards import actions
from comments.actions import post_comment


@pytest.fixture
def changed(table):
    """Everybody has read all; then Kenji moves the card and changes its date twice."""
    card = table.card(1)
    actions.date_card(card, dt.date(2031, 11, 20), by=table.ana)
    table.board.refresh_from_db()
    Reading.objects.filter(board=table.board).update(seq=table.board.seq)
    actions.move_card(card, to=table.columns[1], by=table.kenji)
    actions.date_card(card, dt.date(2031, 11, 27), by=table.kenji)
    actions.date_card(card, dt.date(2031, 12, 2), by=table.kenji)
    return table


MOVED = re.compile(
    r"your last visit, \d\d:\d\d:\s+Ready → In progress, due Thu 20 Nov 2031 → Tue 2 Dec 2031\s*$"
)


def test_another_moment_is_chosen_in_the_panel(changed, page_for):
    page = page_for(changed.ana)
    page.goto(changed.url)
    page.locator(f'#board .card[data-card="{changed.key(1)}"] .card__link').click()
    panel = page.locator(".panel")
    expect(panel.locator(".since__line")).to_contain_text(MOVED)
    panel.get_by_text("Since when?").click()
    panel.get_by_role("link", name=re.compile("Your last working day")).click()
    expect(panel.locator(".since__line")).to_contain_text(re.compile(r"last working day, .*:\s+added by Ana"))
    expect(panel.locator(".since__choose > summary")).to_be_focused()
    expect(page).to_have_url(re.compile(f"/c/{changed.key(1)}/$"))


def test_a_day_that_is_none_is_said_there_and_a_day_is_shown(changed, page_for):
    page = page_for(changed.ana)
    page.goto(f"/c/{changed.key(1)}/")
    page.get_by_text("Since when?").click()
    field = page.get_by_label("A day")
    field.evaluate("field => { field.removeAttribute('max'); field.value = '2031-01-01'; }")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert").filter(has_text="Choose a day up to today")).to_be_visible()
    expect(field).to_be_focused()
    expect(page.locator(".since__choose")).to_have_attribute("open", "")
    today = dt.datetime.now(dt.UTC).date()
    field.fill((today - dt.timedelta(days=9)).isoformat())
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".since__line")).to_contain_text("added by Ana")


def test_what_happens_while_one_looks_is_added_to_the_line(changed, page_for):
    page = page_for(changed.ana)
    page.goto(f"/c/{changed.key(1)}/")
    expect(page.locator("[data-connection=live]")).to_be_attached()
    expect(page.locator(".since__line")).to_contain_text("Ready → In progress")
    post_comment(changed.card(1), "A word", by=changed.kenji)
    expect(page.locator(".since__line")).to_contain_text("1 comment")
    Reading.objects.filter(user=changed.ana, board=changed.board).update(seq=changed.board.seq + 99)
    actions.assign_card(changed.card(1), changed.kenji, by=changed.kenji)
    expect(page.locator(".since__line")).to_contain_text("owner Kenji")
    expect(page.locator(".since__line")).to_contain_text("Ready → In progress")
    expect(page.locator("[data-former=assignee]")).to_contain_text("Owner was nobody until")


def test_former_values_unfold_by_finger_and_by_key(changed, page_for):
    page = page_for(changed.priya, has_touch=True, viewport={"width": 390, "height": 844})
    page.goto(f"/c/{changed.key(1)}/")
    due = page.locator("[data-former=due]")
    expect(due).to_contain_text("first Thu 20 Nov 2031")
    due.locator("summary").tap()
    expect(due.locator("ol li")).to_have_count(2)
    expect(due.locator("ol li").last).to_contain_text(
        re.compile(r"Thu 20 Nov 2031 from \w{3} \d+ \w{3} \d\d:\d\d until .* \d\d:\d\d, changed by Kenji")
    )
    due.locator("summary").press("Enter")
    expect(due.locator("ol")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_scripts_it_is_a_page(changed, page_for):
    page = page_for(changed.ana, java_script_enabled=False)
    page.goto(f"/c/{changed.key(1)}/")
    page.get_by_text("Since when?").click()
    page.get_by_role("link", name=re.compile("Your last working day")).click()
    expect(page).to_have_url(re.compile(r"/since/\?from=workday$"))
    expect(page.locator(".since__line")).to_contain_text("added by Ana")
    page.get_by_text("Since when?").click()
    page.get_by_label("A day").fill(dt.datetime.now(dt.UTC).date().isoformat())
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Order history")
