"""What waits on someone and what they wait for: oldest first, gone by an answer, handed on or put off."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activity.log.record import By
from boards.actions import add_member, archive_card, assign_card, block_card, create_card, unblock_card
from boards.models import Role
from comments.actions import post_comment
from comments.models import Snooze
from comments.questions import ask_question
from comments.waiting import is_late, put_off, waited_for, waiting_count, waiting_on

NOW = dt.datetime(2026, 10, 15, 8, 14, tzinfo=dt.UTC)  # Thursday, 17:14 in Tokyo
HOUR = dt.timedelta(hours=1)


def kinds(person, now=NOW):
    return [wait.kind for wait in waiting_on(person, now)]


def at(person, hours):
    return By(person, now=NOW + hours * HOUR)


def test_all_that_waits_is_listed_the_oldest_first(board, card, ana, kenji):
    other = create_card(card.column, "Another", by=ana)
    block_card(other, "Needs the bank", person=kenji, by=at(ana, 2))
    assign_card(other, ana, by=ana)
    post_comment(card, "@kenji look", by=at(ana, 1))
    ask_question(card, "Which?", [kenji], by=at(ana, 0))
    assert kinds(kenji) == ["question", "mention", "block"]
    assert waiting_count(kenji, NOW) == 3
    assert kinds(ana) == []
    assert [wait.kind for wait in waited_for(ana, NOW)] == ["question", "block"]


def test_answers_end_it(board, card, ana, kenji):
    mention = post_comment(card, "@kenji look", by=ana)
    question = ask_question(card, "Which?", [kenji], by=ana)
    post_comment(card, "Seen.", by=kenji, parent=mention)
    assert kinds(kenji) == ["question"]
    post_comment(card, "This.", by=kenji, parent=question)
    assert kinds(kenji) == []
    assert waited_for(ana, NOW) == []


def test_a_mention_in_a_reply_is_answered_in_its_thread(card, ana, kenji):
    top = post_comment(card, "Hello", by=kenji)
    post_comment(card, "@kenji and?", by=ana, parent=top)
    assert kinds(kenji) == ["mention"]
    post_comment(card, "Elsewhere", by=kenji)
    assert kinds(kenji) == ["mention"]
    post_comment(card, "Fine.", by=kenji, parent=top)
    assert kinds(kenji) == []


def test_a_card_of_mine_in_the_way_waits_on_me(card, ana, kenji):
    mine = create_card(card.column, "Mine", by=kenji, assignee=kenji)
    block_card(card, "After yours", card_in_the_way=mine, by=ana)
    assert kinds(kenji) == ["block"]
    unblock_card(card, by=ana)
    assert kinds(kenji) == []


def test_a_card_of_mine_that_i_can_clear_waits_on_me_and_says_so(visit, card, ana, kenji):
    assign_card(card, kenji, by=ana)
    block_card(card, "Not scanned", by=ana, person=kenji)
    html = visit(kenji).client.get("/waiting/").content.decode()
    assert kinds(kenji) == ["block"]
    assert html.count("Not scanned</bdi> · yours · you can clear it · ") == 1
    assert "Kenji Mori" not in html.partition("<main")[2]


def test_an_escalated_thread_waits_on_those_in_it(card, ana, kenji, priya):
    top = post_comment(card, "Red?", by=ana)
    for who in (kenji, ana, kenji):
        post_comment(card, "No.", by=who, parent=top)
    assert kinds(ana) == kinds(kenji) == ["thread"]
    assert kinds(priya) == []


def test_what_is_archived_or_out_of_sight_waits_on_nobody(board, card, ana, kenji):
    ask_question(card, "Which?", [kenji], by=ana)
    archive_card(card, by=ana)
    assert kinds(kenji) == []
    assert waiting_count(kenji, NOW) == 0


def test_nothing_turns_red_outside_the_persons_own_hours(card, ana, kenji):
    ask = ask_question(card, "Which?", [kenji], by=at(ana, 0)).asks.get()
    assert not is_late(ask, kenji, ask.answer_by - HOUR / 60)
    assert is_late(ask, kenji, ask.answer_by)
    night = ask.answer_by.replace(hour=15)
    assert night > ask.answer_by
    assert not is_late(ask, kenji, night)


def test_put_off_until_my_next_morning(visit, card, ana, kenji):
    ask_question(card, "Which?", [kenji], by=ana)
    (wait,) = waiting_on(kenji, NOW)
    until = put_off(kenji, wait, NOW)
    assert until == dt.datetime(2026, 10, 16, 0, tzinfo=dt.UTC)  # Friday 09:00 in Tokyo
    assert waiting_count(kenji, NOW) == 0
    assert waiting_on(kenji, NOW)[0].until == until
    assert waiting_count(kenji, until) == 1


def test_the_page_lists_hands_on_and_puts_off_without_scripts(visit, board, card, ana, kenji, sam):
    add_member(board, sam, Role.MEMBER, by=ana)
    question = ask_question(card, "Which one is it?", [kenji], by=ana)
    visitor = visit(kenji)
    page = visitor.get("/waiting/")
    assert "Which one is it?" in page.html
    assert f"#c-{question.pk}" in page.html
    assert 'aria-label="Waiting on you: 1"' in page.html
    later = next(form for form in page.forms if form.fields.get("what") == f"comment-{question.pk}")
    assert visitor.send(later).response["Location"] == "/waiting/"
    page = visitor.get("/waiting/")
    assert 'aria-label="Waiting on you: 0"' in page.html
    back = next(form for form in page.forms if form.fields.get("what"))
    visitor.send(back, press=("back", "1"))
    assert not Snooze.objects.exists()
    handing = visitor.get("/waiting/").form("question.handed_on")
    assert visitor.send(handing, ask=str(sam.pk)).response["Location"] == "/waiting/"
    assert "Nothing waits on you." in visitor.get("/waiting/").html
    assert "Which one is it?" in visit(sam).get("/").html, "home shows it too"
    assert "Sam Okafor" in visit(ana).get("/waiting/").html


def test_what_does_not_wait_cannot_be_put_off(visit, card, ana, kenji):
    question = ask_question(card, "Which?", [kenji], by=ana)
    for what in ("", "card-1", f"comment-{question.pk}", "x"):
        assert visit(ana).client.post("/waiting/later/", {"what": what}).status_code == 404


def test_the_number_of_queries_does_not_grow(visit, board, card, ana, kenji):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            visit(kenji).client.get("/waiting/")
        return len(captured)

    ask_question(card, "Which?", [kenji], by=ana)
    post_comment(card, "@kenji look", by=ana)
    few = queries()
    for number in range(6):
        other = create_card(card.column, f"Card {number}", by=ana)
        ask_question(other, "Which?", [kenji], by=ana)
        post_comment(other, "@kenji look", by=ana)
        block_card(other, "Waits", person=kenji, by=ana)
    assert queries() <= few + 1


@pytest.mark.parametrize("address", ["/", "/waiting/", "/decisions/"])
def test_every_page_tells_how_much_waits(visit, card, ana, kenji, address):
    ask_question(card, "Which?", [kenji], by=ana)
    assert 'aria-label="Waiting on you: 1"' in visit(kenji).get(address).html


def test_the_boards_chip_shows_what_waits_on_me(visit, board, card, ana, kenji):
    asked, mine, blocked, _ = (
        create_card(card.column, name, by=ana) for name in ("Ask", "Mine", "Blk", "No")
    )
    ask_question(asked, "Which?", [kenji], by=ana)
    assign_card(mine, kenji, by=ana)
    block_card(blocked, "After yours", card_in_the_way=mine, by=ana)
    page = visit(kenji).get(f"/b/{board.key}/?waiting=1").html
    assert [key for key in (1, 2, 3, 4, 5) if f'data-card="FLX-{key}"' in page] == [2, 4]
    assert 'data-card="' not in visit(ana).get(f"/b/{board.key}/?waiting=1").html


def test_the_counts_alone_are_those_of_the_page_around_them(visit, board, card, ana, kenji, sam):
    ask_question(card, "Which?", [kenji], by=ana)
    blocked = create_card(card.column, "Blocked", by=ana)
    block_card(blocked, "Needs Kenji", person=kenji, by=ana)
    page = visit(kenji).get(f"/b/{board.key}/").html
    counts = visit(kenji).get(f"/waiting/counts/?board={board.key}").html
    bar, chip = (line for line in counts.splitlines() if line)
    assert 'aria-label="Waiting on you: 2"' in bar
    assert bar in page
    assert chip == '<span class="num" id="chip-waiting">2</span>'
    assert chip in page
    assert "chip-waiting" not in visit(sam).get(f"/waiting/counts/?board={board.key}").html
