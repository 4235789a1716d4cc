"""The digest says of each board what its standup says, on one screen."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from boards import actions as act
from comments.actions import edit_comment, post_comment
from fluxboard.features.digest.boards import MOST_CARDS, MOST_NOW, MOST_OUTCOMES
from fluxboard.features.digest.content import letter_for
from fluxboard.features.digest.mail import digest_mail

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
    (one,) = letter(ana).letters
    assert len(one.cards.items) == MOST_CARDS and one.cards.more == 30 - MOST_CARDS
    (doings,) = one.people
    assert sum(len(line.items) for line in doings.lines) == MOST_OUTCOMES
    assert one.more == 60 - MOST_OUTCOMES
    assert sum(len(group.items) for group in one.now) == MOST_NOW
    text = body(ana)
    assert f"{one.more} more in the standup" in text
    assert "Overdue: 30" in text
    assert len(text.split()) < 700


def test_what_comes_to_nothing_is_in_no_digest(board, card, ready, doing, ana, kenji):
    act.move_card(card, to=doing, by=kenji)
    act.move_card(card, to=ready, by=kenji)
    assert letter(ana).letters == []


def test_a_board_where_nothing_happened_is_not_in_it(board, card, ana, kenji):
    other = act.create_board("Mobile app", by=ana, key="MOB")
    act.create_card(other.columns.first(), "Dark", by=ana)
    post_comment(card, "Here", by=kenji)
    assert [one.board.key for one in letter(ana).letters] == ["FLX"]


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
