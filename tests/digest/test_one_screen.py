"""The digest says of each board what its standup says, on one screen."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from boards import actions as act
from boards.watching import watch
from comments.actions import edit_comment, post_comment
from comments.decisions import record_decision
from fluxboard.features.digest.boards import MOST_CARDS, MOST_NOW, MOST_OUTCOMES
from fluxboard.features.digest.content import letter_for
from fluxboard.features.digest.mail import digest_mail
from fluxboard.meetings.actions.meetings import close_meeting, mark_not_needed, start_meeting
from fluxboard.meetings.actions.outcomes import TopicOutcome, settle_topic
from tests.meetings.course import planned

pytestmark = pytest.mark.django_db


def letter(person):
    return letter_for(person, timezone.now() + dt.timedelta(minutes=1))


def body(person):
    now = timezone.now() + dt.timedelta(minutes=1)
    return str(digest_mail(letter_for(person, now), now.date()).body)


def test_however_much_happened_a_board_is_one_screen(board, ready, doing, ana, kenji):
    late = dt.date(2020, 1, 1)
    for number in range(30):
        card = act.create_card(ready, f"Card {number}", by=ana, assignee=ana)
        act.date_card(card, late, by=ana)
        act.move_card(card, to=doing, by=kenji)
        act.block_card(card, "No key", by=kenji)
        post_comment(card, "A long story. " * 90, by=kenji)
    (one,) = letter(ana).by_board
    assert len(one.cards.items) == MOST_CARDS and one.cards.more == 30 - MOST_CARDS
    assert sum(len(line.items) for doings in one.people for line in doings.lines) == MOST_OUTCOMES
    assert one.more == 60 - MOST_OUTCOMES
    assert sum(len(group.items) for group in one.now) == MOST_NOW
    text = body(ana)
    assert f"{one.more} more in the standup" in text
    assert "Overdue: 30" in text
    assert len(text.split()) < 700


def test_what_comes_to_nothing_is_in_no_digest(board, card, ready, doing, ana, kenji):
    act.move_card(card, to=doing, by=kenji)
    act.move_card(card, to=ready, by=kenji)
    assert letter(ana).by_board == []


def test_a_board_where_nothing_happened_is_not_in_it(board, card, ana, kenji):
    other = act.create_board("Mobile app", by=ana, key="MOB")
    act.create_card(other.columns.first(), "Dark", by=ana)
    post_comment(card, "Here", by=kenji)
    assert [one.board.key for one in letter(ana).by_board] == ["FLX"]


def test_what_was_said_on_the_readers_cards_stands_in_it(board, card, ana, kenji):
    act.assign_card(card, ana, by=ana)
    comment = post_comment(card, "First", by=kenji)
    edit_comment(comment, "A **word** of mine", by=kenji)
    assert f"{card.key} {card.title}: Kenji wrote: “A word of mine”" in body(ana)


def test_what_changed_about_the_board_itself_stands_in_it(board, card, ana, kenji):
    act.create_label(board, "Oven", 1, by=kenji)
    assert "Kenji: Made the label Oven" in body(ana)


def test_a_viewer_is_told_what_the_others_did(board, card, doing, kenji, priya):
    act.move_card(card, to=doing, by=kenji)
    assert f"* Began: {card.key} {card.title}, In progress" in body(priya)


def test_a_decision_on_a_watched_card_is_told_and_counted(ana, sam):
    other = act.create_board("Open house", by=sam, key="OPN")
    act.open_board(other, "viewer", by=sam)
    card = act.create_card(other.columns.in_board_order()[0], "Seen", by=sam)
    watch(card, ana)
    record_decision(card, "By cursor.", by=sam)
    assert f"{card.key} Seen: Sam decided D-1: “By cursor.”" in body(ana)
    assert "1 decision" in letter(ana).summary


def test_a_decision_on_a_card_of_ones_own_stands_among_ones_cards(board, card, ana, kenji):
    act.assign_card(card, ana, by=ana)
    record_decision(card, "By cursor.", by=kenji)
    (one,) = letter(ana).by_board
    assert [item.key for item in one.cards.items] == [card.key]
    assert one.decisions == 1


def test_decisions_beyond_the_outcomes_that_have_room_are_counted_too(board, ready, ana, kenji):
    for number in range(MOST_OUTCOMES + 2):
        record_decision(act.create_card(ready, f"Card {number}", by=ana), "Yes.", by=kenji)
    assert f"{MOST_OUTCOMES + 2} decisions" in letter(ana).summary


def test_a_board_where_just_smaller_things_happened_says_how_many_cards(board, card, ready, ana, kenji):
    put_aside = act.add_column(board, "Put aside", by=ana)
    act.move_card(card, to=put_aside, by=ana)
    assert letter(ana).by_board == []
    act.move_card(card, to=ready, by=kenji)
    (one,) = letter(ana).by_board
    assert not one.is_told
    assert "1 card changed\n\n" in body(ana)


def test_where_more_happened_than_it_looks_at_a_board_says_from_when_it_tells(
    board, card, ana, kenji, monkeypatch
):
    monkeypatch.setattr("fluxboard.features.digest.content.MOST_CHANGES", 2)
    for number in range(2):
        post_comment(card, f"Word {number}", by=kenji)
    assert "More happened" not in body(ana)
    post_comment(card, "One more", by=kenji)
    assert "More happened than fits into a mail, so this begins" in body(ana)


def test_minutes_stand_in_it_with_what_came_out(board, card, ana, kenji):
    held = planned(board, kenji, "Prices", "Names", title="Plans of May", invited=[ana])
    start_meeting(held, by=kenji)
    prices, names = held.topics.order_by("position")
    settle_topic(prices, TopicOutcome("decision", "Euro.", card=card), by=kenji)
    settle_topic(names, TopicOutcome("nothing", "They are fine."), by=kenji)
    close_meeting(held, by=kenji)
    needless = planned(board, kenji, "Small", title="Needless one", invited=[ana])
    settle_topic(needless.topics.get(), TopicOutcome("nothing", "By mail."), by=kenji)
    mark_not_needed(needless, by=kenji)
    said = body(ana)
    assert "* Plans of May: 1 decision\n" in said
    assert f"/b/FLX/meetings/{held.number}/" in said
    assert "* Needless one: not needed, 1 topic settled in writing\n" in said
    assert "Closed the meeting" not in said, "it is told once"
