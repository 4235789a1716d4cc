"""The standup as outcomes: what each person brought about, complete for its days, on one page."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from boards import actions as act
from boards.models import Role
from comments.actions import edit_comment, post_comment
from comments.decisions import record_decision
from comments.outcomes import record_answer
from comments.questions import ask_question, hand_on
from tests import cast

DAY = dt.timedelta(days=1)


@pytest.fixture
def told(client, ana):
    """`told(person)`: the lines of outcomes of one person, for Ana; `rest` is the last of them.

    By a search for everything, so that how things stand is not said above. `told(person, "")` is below that.
    """
    everything = act.save_own_search(ana, "Everything", '-"no such word"')

    def told(person: Any, query: str = f"?search={everything.code}", reader: Any = None) -> list[str]:
        client.force_login(reader or ana)
        html = client.get(f"/standup/{query}").content.decode()
        found = re.search(rf'<article class="person"[^>]*"person-{person.pk}".*?</article>', html, re.S)
        if found is None:
            return []
        lines = re.findall(r'<section class="outcome.*?</section>', found[0], re.S)
        rest = re.findall(r"<summary>.*?</summary>", found[0], re.S)
        words = (unescape(re.sub(r"<[^>]+>", " ", line)) for line in [*lines, *rest])
        return [" ".join(line.split()) for line in words]

    return told


@pytest.fixture
def done(board):
    return board.columns.get(is_done=True)


@pytest.fixture
def board(ana, kenji, priya):
    """A board that was there long before the days that are told."""
    with time_machine.travel(timezone.now() - 20 * DAY, tick=False):
        return cast.team_board(ana, kenji, priya)


@pytest.fixture
def old(board, ready, ana):
    """A card that was there as well."""
    with time_machine.travel(timezone.now() - 19 * DAY, tick=False):
        return act.create_card(ready, "Order history returns no rows past page 5", by=ana)


def test_finished_counts_once_however_it_came_there(told, old, doing, done, kenji):
    act.move_card(old, to=doing, by=kenji)
    act.move_card(old, to=done, by=kenji)
    assert told(kenji)[0] == f"Finished FLX-1 {old.title}"


def test_begun_and_put_back_is_nothing_but_in_the_unfolded_part(told, old, ready, doing, kenji):
    act.move_card(old, to=doing, by=kenji)
    act.move_card(old, to=ready, by=kenji)
    assert told(kenji) == []


def test_a_card_that_several_moved_is_one_line_of_the_last(told, old, doing, done, ana, kenji):
    act.move_card(old, to=doing, by=kenji)
    act.move_card(old, to=done, by=ana)
    assert told(ana)[0] == f"Finished FLX-1 {old.title}"
    assert not any(line.startswith(("Finished", "Began")) for line in told(kenji))


def test_whose_card_somebody_else_moved_has_it_told_with_who_did(told, old, doing, done, ana, kenji):
    act.assign_card(old, kenji, by=kenji)
    act.move_card(old, to=done, by=ana)
    assert f"Finished FLX-1 {old.title} moved by Ana" in told(kenji)
    assert told(ana) == ["1 card moved for others"]


def test_taken_back_from_done(told, old, doing, done, kenji):
    with time_machine.travel(timezone.now() - 9 * DAY, tick=False):
        act.move_card(old, to=done, by=kenji)
    act.move_card(old, to=doing, by=kenji)
    assert told(kenji)[0] == f"Taken back from done FLX-1 {old.title} In progress"


def test_begun_moved_on_and_put_back(told, old, board, ready, doing, kenji):
    with time_machine.travel(timezone.now() - 9 * DAY, tick=False):
        other = act.create_card(doing, "Other", by=kenji)
    act.move_card(old, to=doing, by=kenji)
    act.move_card(other, to=ready, by=kenji)
    assert told(kenji)[:2] == [
        f"Began FLX-1 {old.title} In progress",
        "Put back FLX-2 Other Ready",
    ]


def test_handed_over_and_taken_over(told, old, board, ana, kenji):
    june = cast.person("june")
    with time_machine.travel(timezone.now() - 10 * DAY, tick=False):
        act.add_member(board, june, Role.MEMBER, by=ana)
        act.assign_card(old, ana, by=ana)
    act.assign_card(old, kenji, by=kenji)
    assert told(kenji)[0] == f"Took over FLX-1 {old.title} from Ana"
    act.assign_card(old, june, by=kenji)
    assert told(kenji)[0] == f"Handed over FLX-1 {old.title} to June, from Ana"


def test_who_gets_what_nobody_had_has_it_handed_over_by_nobody(told, old, ana, kenji):
    act.assign_card(old, kenji, by=kenji)
    assert told(kenji)[0] == f"Took on FLX-1 {old.title}"
    act.assign_card(old, ana, by=kenji)
    assert told(kenji)[0] == f"Assigned FLX-1 {old.title} to Ana"


def test_blocked_with_by_whom_and_why_and_unblocked(told, old, ana, kenji):
    act.block_card(old, "Needs the reserve API", by=kenji, person=ana)
    assert told(kenji)[0] == f"Blocked FLX-1 {old.title} waits on Ana Needs the reserve API"
    act.unblock_card(old, by=ana)
    assert told(ana) == told(kenji) == ["1 change"]


def test_what_stands_above_is_not_said_again_of_each_person(told, old, doing, board, ana, kenji):
    """The title of a blocked card, why it is blocked, what a question that waits on the reader asks."""
    act.assign_card(old, kenji, by=kenji)
    act.move_card(old, to=doing, by=kenji)
    act.block_card(old, "Needs the reserve API", by=kenji, person=ana)
    ask_question(old, "Which of the two?", [ana], by=kenji)
    assert told(kenji, "")[:4] == [
        "Began FLX-1 In progress",
        "Took on FLX-1",
        "Blocked FLX-1 waits on Ana",
        "Asked FLX-1 Ana",
    ]
    assert told(kenji)[0] == f"Began FLX-1 {old.title} In progress"


def test_a_long_text_is_told_briefly_below_how_things_stand(told, old, kenji):
    record_decision(old, "The offer of an account stands below the order number, never before it", by=kenji)
    assert told(kenji, "")[0].endswith("The offer of an account stands below the order …")


def test_unblocked(told, old, ana, kenji):
    with time_machine.travel(timezone.now() - 9 * DAY, tick=False):
        act.block_card(old, "Again", by=kenji)
    act.unblock_card(old, by=ana)
    assert told(ana)[0] == f"Unblocked FLX-1 {old.title}"


def test_asked_handed_on_and_answered_with_whom_and_what(told, old, board, ana, kenji, sam):
    act.add_member(board, sam, Role.MEMBER, by=ana)
    question = ask_question(old, "Which of the two?", [kenji], by=ana)
    assert told(ana)[0] == f"Asked FLX-1 {old.title} Kenji Which of the two?"
    hand_on(question, sam, by=kenji)
    assert told(ana)[0] == f"Asked FLX-1 {old.title} Sam Which of the two?"
    record_answer(question, "The second", by=sam)
    assert told(sam)[0] == f"Answered FLX-1 {old.title} Ana Which of the two?"
    assert not any(line.startswith("Asked") for line in told(ana))


def test_a_question_of_before_that_is_handed_on_says_to_whom(told, old, board, ana, kenji, sam):
    act.add_member(board, sam, Role.MEMBER, by=ana)
    with time_machine.travel(timezone.now() - 9 * DAY, tick=False):
        question = ask_question(old, "Which of the two?", [kenji], by=ana)
    hand_on(question, sam, by=kenji)
    assert told(kenji)[0] == f"Handed a question on FLX-1 {old.title} to Sam Which of the two?"


def test_a_decision_says_its_number_with_its_board(told, old, kenji):
    record_decision(old, "Use the second", by=kenji)
    assert told(kenji)[0] == f"Decided FLX-1 {old.title} FLX D-1 Use the second"


def test_the_rest_is_one_line_of_counts(client, told, old, board, ana, kenji):
    steps = act.add_checklist(old, "Steps", by=ana)
    one, two, three = act.add_items(steps, "One\nTwo\nThree", by=ana)
    for item in (one, two, three):
        act.check_item(item, by=kenji)
    act.uncheck_item(three, by=kenji)
    edit_comment(post_comment(old, "First", by=kenji), "Second", by=kenji)
    post_comment(old, "Third", by=kenji)
    act.retitle_card(old, "Other", by=kenji)
    act.retitle_card(old, "Third name", by=kenji)
    act.date_card(old, dt.date(2031, 1, 1), by=kenji)
    assert told(kenji) == ["2 comments, 4 more"]
    assert "2 comments, 2 items ticked, 1 due date, 1 text edited" in client.get("/standup/").content.decode()


def test_a_title_stands_where_its_card_comes_first(told, old, doing, kenji):
    act.move_card(old, to=doing, by=kenji)
    act.block_card(old, "so", by=kenji)
    assert told(kenji)[:2] == [f"Began FLX-1 {old.title} In progress", "Blocked FLX-1 so"]


def test_it_is_complete_for_its_days_on_one_page(client, told, old, ready, ana, kenji):
    for number in range(150):
        post_comment(old, f"word{number}.", by=kenji)
    assert told(kenji) == ["150 comments"]
    html = client.get("/standup/").content.decode()
    assert html.count('data-activity="FLX:') == 1
    assert "feed-earlier" not in html


def test_more_than_a_page_holds_says_since_when_it_tells(client, told, old, kenji, monkeypatch):
    monkeypatch.setattr("fluxboard.features.standup.load._MOST", 5)
    for number in range(8):
        post_comment(old, f"word{number}.", by=kenji)
    assert told(kenji) == ["5 comments"]
    assert "choose fewer days" in client.get("/standup/").content.decode()


def test_one_person_and_one_kind_can_be_asked_for(told, old, doing, ana, kenji):
    act.move_card(old, to=doing, by=kenji)
    act.block_card(old, "so", by=ana)
    assert told(ana, f"?person={kenji.pk}") == []
    assert told(kenji, f"?person={kenji.pk}")[0].startswith("Began")
    assert told(ana, "?kind=blocked")[0].startswith("Blocked")
    assert told(kenji, "?kind=blocked") == []


def test_what_went_where_the_reader_may_not_follow_keeps_its_title(told, client, old, ana, kenji, priya):
    other = act.create_board("Secret", by=kenji, key="SEC")
    act.retitle_card(act.transfer_card(old, to=other.columns.first(), by=kenji), "Hidden name", by=kenji)
    client.force_login(priya)
    assert "Hidden name" not in client.get("/standup/").content.decode()


def test_the_standup_begins_with_how_things_stand(client, old, ana, kenji):
    act.block_card(old, "Needs the reserve API", by=kenji)
    client.force_login(ana)
    page = client.get("/standup/").content.decode()
    assert page.index("How things stand now") < page.index("Needs the reserve API") < page.index('id="feed"')
    past = client.get("/standup/?from=2020-01-01&to=2020-01-02").content.decode()
    assert "How things stand now" not in past
