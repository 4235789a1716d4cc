"""On the card: what is different since a moment, and what its values were before, without the history."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activity.models import Reading
from boards import actions as act
from boards.models import Board
from comments.actions import post_comment
from comments.decisions import record_decision
from comments.questions import ask_question

# A Thursday, and the working day before it.
THURSDAY = dt.datetime(2026, 10, 15, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def at_work():
    with time_machine.travel(THURSDAY - 9 * DAY, tick=False) as clock:
        yield clock


def read_all(board, *people):
    board = Board.objects.get(pk=board.pk)
    for person in people:
        Reading.objects.filter(user=person, board=board).update(seq=board.seq, at=dt.datetime.now(dt.UTC))


def text_of(html):
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))).strip()


def line(client, person, address="/c/FLX-1/"):
    """What the line says."""
    client.force_login(person)
    html = client.get(address).content.decode()
    return text_of(re.search(r'class="since__line">(.*?)</p>', html, re.DOTALL)[1])


def former(client, person, name, address="/c/FLX-1/"):
    """What is said of a field's former values; empty for nothing."""
    client.force_login(person)
    html = client.get(address).content.decode()
    there = re.search(rf'data-former="{name}">(.*?)(</details>|</li>)', html, re.DOTALL)
    return text_of(there[1]) if there else ""


@pytest.fixture
def changed(at_work, card, board, doing, ana, kenji, priya):
    """Everybody has read all; then much happens to the card, on Wednesday."""
    act.assign_card(card, ana, by=ana)
    act.date_card(card, dt.date(2026, 11, 20), by=ana)
    at_work.move_to(THURSDAY - DAY - HOUR)
    read_all(board, ana, kenji, priya)
    at_work.move_to(THURSDAY - DAY)
    act.move_card(card, to=doing, by=kenji)
    act.assign_card(card, kenji, by=kenji)
    act.date_card(card, dt.date(2026, 11, 27), by=kenji)
    act.retitle_card(card, "Orders go missing", by=kenji)
    post_comment(card, "A word", by=kenji)
    answer = ask_question(card, "May I?", [ana], by=kenji)
    post_comment(card, "You may", parent=answer, by=ana)
    record_decision(card, "By cursor.", by=kenji)
    at_work.move_to(THURSDAY)
    return card


def test_what_it_comes_to_since_the_last_visit(client, changed, ana):
    assert line(client, ana) == (
        "Since your last visit, yesterday 09:00: Ready → In progress, owner Ana → Kenji, "
        "due Fri 20 Nov → Fri 27 Nov, renamed from “Show tax before the last step”, 2 comments, "
        "1 question answered, decision D-1"
    )


def test_what_comes_to_nothing_is_not_there(client, at_work, card, board, ready, doing, ana, kenji):
    read_all(board, ana)
    at_work.shift(HOUR)
    act.move_card(card, to=doing, by=kenji)
    act.move_card(card, to=ready, by=ana)
    assert line(client, ana) == "Nothing changed since your last visit, 10:00."


def test_the_moment_is_chosen_in_the_address(client, at_work, changed, ana):
    at_work.shift(HOUR)
    act.date_card(changed, dt.date(2026, 12, 1), by=ana)
    assert line(client, ana, "/c/FLX-1/since/?from=2026-10-15") == (
        "Since Thu 15 Oct: due Fri 27 Nov → Tue 1 Dec"
    )
    assert "Ready → In progress" in line(client, ana, "/c/FLX-1/since/?from=workday")
    assert line(client, ana, "/c/FLX-1/since/?from=workday").startswith(
        "Since your last working day, Wed 14 Oct:"
    )
    assert "due Fri 20 Nov → Tue 1 Dec" in line(client, ana, "/c/FLX-1/since/?from=visit")


def test_days_are_those_of_the_reader(client, at_work, card, doing, ana, kenji):
    at_work.move_to(dt.datetime(2026, 10, 14, 16, tzinfo=dt.UTC))  # Thursday at one in Tokyo
    act.move_card(card, to=doing, by=ana)
    at_work.move_to(THURSDAY)
    assert "In progress" in line(client, kenji, "/c/FLX-1/since/?from=2026-10-15")
    assert "Nothing" in line(client, ana, "/c/FLX-1/since/?from=2026-10-15")


def test_a_visit_that_is_named_stays_while_one_reads_on(client, changed, board, ana):
    client.force_login(ana)
    html = client.get("/c/FLX-1/").content.decode()
    name = re.search(r'data-part="since" data-from="(visit-\d+)"', html)[1]
    read_all(board, ana)
    assert line(client, ana).startswith("Nothing changed")
    parts = client.get(f"/c/FLX-1/parts/?names=head&from={name}").content.decode()
    assert "Ready</bdi> → <bdi>In progress" in parts


def test_a_card_that_is_new_says_so_and_what_became_of_it_since(
    client, at_work, board, ready, doing, ana, kenji
):
    read_all(board, ana)
    at_work.shift(HOUR)
    card = act.create_card(ready, "New", by=kenji)
    act.move_card(card, to=doing, by=kenji)
    said = "Since your last visit, 10:00: added by Kenji, 11:00, Ready → In progress"
    assert line(client, ana, f"/c/{card.key}/") == said


def test_a_card_from_another_board_says_from_which(client, at_work, board, ready, ana):
    other = act.create_board("Mobile", by=ana, key="MOB")
    card = act.create_card(other.columns.in_board_order()[0], "Dark", by=ana)
    read_all(board, ana)
    at_work.shift(HOUR)
    moved = act.transfer_card(card, to=ready, by=ana)
    assert "moved here from Mobile by Ana, 11:00" in line(client, ana, f"/c/{moved.key}/")


def test_who_has_never_read_the_board_gets_the_last_working_day(client, changed, ana):
    Reading.objects.filter(user=ana).delete()
    assert line(client, ana).startswith("Since your last working day, Wed 14 Oct:")
    assert "last visit" not in client.get("/c/FLX-1/").content.decode()


@pytest.mark.parametrize("typed", ["2026-13-40", "tomorrow", "2031-01-01", "0001-01-01", "%00", "9" * 40])
def test_a_day_that_is_none_is_said_beside_the_field(client, changed, ana, typed):
    client.force_login(ana)
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.get(f"/c/FLX-1/since/?from={typed}", headers=headers)
        html = answer.content.decode()
        assert answer.status_code == 422
        assert "Choose a day up to today, such as 2026-10-15." in html
        assert 'aria-invalid="true"' in html
        assert ("<html" in html) is not bool(headers)


def test_a_viewer_reads_it_and_a_stranger_does_not(client, changed, priya, sam):
    assert "Ready → In progress" in line(client, priya)
    assert former(client, priya, "assignee").startswith("Owner was Ana until")
    client.force_login(sam)
    assert client.get("/c/FLX-1/since/").status_code == 404


def test_a_guest_of_an_open_board_reads_it_too(client, changed, board, ana, sam):
    from boards.models import Role

    act.open_board(board, Role.VIEWER, by=ana)
    assert line(client, sam).startswith("Since your last working day, ")
    assert "Ready → In progress" in line(client, sam, "/c/FLX-1/since/?from=2026-10-14")


def test_a_part_of_it_for_a_script_and_all_of_the_card_without_one(client, changed, ana):
    client.force_login(ana)
    part = client.get("/c/FLX-1/since/?from=workday", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<section class="since"') and "<html" not in part
    page = client.get("/c/FLX-1/since/?from=workday").content.decode()
    assert "<html" in page and 'data-from="workday"' in page and 'data-verb="comment.posted"' in page


# ---- the values before ------------------------------------------------------------------------------------


def test_what_a_field_was_who_changed_it_and_when(client, changed, ana):
    assert former(client, ana, "due") == ("Due was Fri 20 Nov until Wed 14 Oct 10:00, changed by Kenji")
    assert former(client, ana, "assignee").startswith(
        "Owner was Ana until Wed 14 Oct 10:00, changed by Kenji Ana from Tue 6 Oct 10:00 until"
    )
    assert former(client, ana, "title") == (
        "Title was Show tax before the last step until Wed 14 Oct 10:00, changed by Kenji"
    )
    assert former(client, ana, "column") == "Column was Ready until Wed 14 Oct 10:00, changed by Kenji"


def test_of_several_the_last_and_the_first_stand_open_and_all_unfold(client, at_work, changed, ana):
    act.date_card(changed, dt.date(2026, 12, 1), by=ana)
    assert former(client, ana, "due") == (
        "Due was Fri 27 Nov until Thu 15 Oct 10:00, changed by Ana; first Fri 20 Nov "
        "Fri 27 Nov from Wed 14 Oct 10:00 until Thu 15 Oct 10:00, changed by Ana"
    )
    html = client.get("/c/FLX-1/").content.decode()
    assert "<bdi>Fri 20 Nov</bdi> from" in html


def test_nothing_is_said_of_what_has_always_been_so(client, card, ana):
    client.force_login(ana)
    assert 'class="former"' not in client.get("/c/FLX-1/").content.decode()
    act.date_card(card, dt.date(2026, 11, 20), by=ana)
    assert former(client, ana, "due") == ""


def test_since_when_somebody_has_a_card_that_nobody_had(client, card, ana, kenji):
    act.assign_card(card, kenji, by=ana)
    assert former(client, ana, "assignee") == "Owner was nobody until Tue 6 Oct 10:00, changed by Ana"


def test_a_title_with_markup_stays_text(client, card, ana):
    act.retitle_card(card, "<b>x</b>", by=ana)
    act.retitle_card(card, "y", by=ana)
    client.force_login(ana)
    html = client.get("/c/FLX-1/since/?from=2026-10-06").content.decode()
    assert "&lt;b&gt;x" in html and "<b>x" not in html


# ---- what it costs ----------------------------------------------------------------------------------------


def test_a_long_history_costs_no_more_and_says_where_it_was_cut(
    client, at_work, card, ready, doing, ana, kenji, monkeypatch
):
    from activity.feed import card_changes

    client.force_login(ana)
    act.retitle_card(card, "Once", by=ana)
    client.get("/c/FLX-1/since/?from=2026-10-06")
    with CaptureQueriesContext(connection) as few:
        client.get("/c/FLX-1/since/?from=2026-10-06")
    for number in range(12):
        at_work.shift(HOUR)
        act.move_card(card, to=(doing, ready)[number % 2], by=kenji)
        act.retitle_card(card, f"Title {number}", by=kenji)
    with CaptureQueriesContext(connection) as many:
        client.get("/c/FLX-1/since/?from=2026-10-06")
    assert len(many) <= len(few)
    monkeypatch.setattr(card_changes, "_MOST", 3)
    assert line(client, ana, "/c/FLX-1/since/?from=2026-10-06").startswith(
        "More changed than is looked at here. Since Tue 6 Oct 21:00: In progress → Ready, renamed from"
    )


def test_the_first_of_a_history_that_is_too_long_is_not_made_up(client, at_work, card, ana, monkeypatch):
    from activity.feed import card_changes

    for day in (1, 2, 3, 4):
        at_work.shift(HOUR)
        act.date_card(card, dt.date(2026, 12, day), by=ana)
    assert "; first Tue 1 Dec" in former(client, ana, "due")
    monkeypatch.setattr(card_changes.spells_of, "__defaults__", (2,))
    assert former(client, ana, "due").startswith("Due was Thu 3 Dec until")
    assert "first" not in former(client, ana, "due")
