"""A meeting from its agenda to its minutes, by three people in three zones; and one that is not held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from activity.models import Activity
from boards import actions
from boards.models import Role
from comments.actions import post_comment
from comments.models import Decision
from comments.questions import ask_question
from fluxboard.features.meetings.run import call_off_unneeded
from fluxboard.meetings.actions.meetings import plan_meeting
from fluxboard.meetings.actions.topics import TopicPlan
from fluxboard.meetings.models import Meeting
from tests.browser.conftest import Table

PageFor = Callable[..., Page]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def settle(page: Page, kind: str, words: str) -> None:
    """Say what came out of the topic at hand."""
    form = page.locator("#meeting-settle form")
    form.locator(f"[name=outcome][value={kind}]").check(force=True)
    form.locator("[name=text]").fill(words)
    form.get_by_role("button", name="Record the outcome").click()


def test_three_people_in_three_zones_go_from_an_agenda_to_minutes(table: Table, page_for: PageFor) -> None:
    actions.change_role(table.board, table.priya, Role.MEMBER, by=table.ana)
    zones = {person.time_zone for person in (table.ana, table.kenji, table.priya)}
    assert len(zones) == 3
    ana, kenji = page_for(table.ana), page_for(table.kenji)
    phone = page_for(table.priya, **PHONE)
    ana.goto(f"{table.url}meetings/new/")
    ana.fill("[name=title]", "Prices of May")
    ana.fill("[name=more]", "Which currency?\nWhich day?")
    for person in (table.kenji, table.priya):
        ana.locator(f"[name=invited][value='{person.pk}']").check(force=True)
    ana.get_by_role("button", name="Plan it").click()
    expect(ana.get_by_role("heading", name="Prices of May")).to_be_visible()
    meeting = Meeting.objects.get(board=table.board)
    for page in (kenji, phone):
        page.goto(meeting.get_absolute_url())
        expect(page.locator("#meeting")).to_have_attribute("data-state", "planned")
    # Each reads its hour on their own clock.
    hours = {page.locator(".page__sub time").first.inner_text() for page in (ana, kenji, phone)}
    assert len(hours) == 3

    ana.get_by_role("button", name="Begin").click()
    for page in (ana, kenji, phone):
        expect(page.locator("#at-hand")).to_contain_text("Which currency?")
    kenji.locator("#at-hand [name=notes]").fill("Euro is what most buyers have.")
    expect(kenji.locator("#at-hand [data-saved]")).to_have_text("Saved")
    kenji.locator("#at-hand [name=notes]").blur()  # what somebody is typing in is left to them
    expect(phone.locator("#at-hand [name=notes]")).to_have_value("Euro is what most buyers have.")
    phone.locator("#at-hand [name=notes]").fill("Euro is what most buyers have.\nYen for Tokyo.")
    expect(phone.locator("#at-hand [data-saved]")).to_have_text("Saved")
    expect(kenji.locator("#at-hand [name=notes]")).to_have_value(
        "Euro is what most buyers have.\nYen for Tokyo."
    )

    settle(phone, "decision", "Euro, and yen for Tokyo.")
    for page in (ana, kenji, phone):
        expect(page.locator(".topics")).to_contain_text("Euro, and yen for Tokyo.")
    assert not kenji.get_by_role("button", name="Close").count(), "a topic is open"
    kenji.get_by_role("button", name="Next").click()
    for page in (ana, phone):
        expect(page.locator("#at-hand")).to_contain_text("Which day?")
    settle(kenji, "nothing", "The first Monday, as ever.")
    ana.get_by_role("button", name="Close").click()
    for page in (ana, kenji, phone):
        expect(page.locator("#h-agenda")).to_contain_text("Minutes")
        expect(page.locator(".meeting__proof")).to_contain_text("Provable as")
        expect(page.locator(".topics")).to_contain_text("Yen for Tokyo.")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert Decision.objects.get(board=table.board).text == "Euro, and yen for Tokyo."
    assert Activity.objects.filter(verb="meeting.closed", board=table.board).count() == 1


def test_a_meeting_that_is_settled_in_writing_is_not_held(table: Table, page_for: PageFor) -> None:
    question = ask_question(table.card(1), "Which bank?", [table.kenji], by=table.ana)
    soon = timezone.now() + dt.timedelta(minutes=20)
    meeting = plan_meeting(
        table.board,
        "The bank",
        by=table.ana,
        starts_at=soon,
        minutes=30,
        invited=[table.kenji],
        topics=[TopicPlan.about_thing(question)],
    )
    ana = page_for(table.ana)
    ana.goto(meeting.get_absolute_url())
    expect(ana.locator("#meeting")).to_have_attribute("data-state", "planned")
    post_comment(table.card(1), "The one in Porto.", parent=question, by=table.kenji)
    expect(ana.locator("#meeting")).to_contain_text("Every topic is settled.")
    assert call_off_unneeded(lambda: soon - dt.timedelta(minutes=1), lambda: False) == 1
    expect(ana.locator("#meeting")).to_have_attribute("data-state", "not_needed")
    expect(ana.locator("#meeting")).to_contain_text("It was answered in writing.")
    assert mail.outbox == []  # that the calendar entry is withdrawn by mail: tests/meetings/test_calendar.py
