"""One function words each fact, and each reader is told it as it is for them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from activity.models import Activity, Reading
from boards import actions as act
from boards.models import Board, Card, Column
from boards.rendering.fragments import render_frame
from boards.undo.engine import undo_change
from comments.actions import post_comment
from comments.models import Comment
from fluxboard.accounts import times
from fluxboard.accounts.models import User
from fluxboard.features.digest.content import letter_for
from fluxboard.features.digest.mail import digest_mail

pytestmark = pytest.mark.django_db


def mail_to(reader: User) -> str:
    now = timezone.now() + dt.timedelta(minutes=1)
    return str(digest_mail(letter_for(reader, now), now.date()).body)


def page_for(reader: User, address: str) -> str:
    client = Client()
    client.force_login(reader)
    html = re.sub(
        r"<(script|style|template)\b.*?</\1>", " ", client.get(address).content.decode(), flags=re.DOTALL
    )
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.fixture
def argued(card: Card, ana: User, kenji: User) -> Comment:
    """A thread that Ana began and that went back and forth three times with Kenji."""
    top = post_comment(card, "Which oven?", by=ana)
    for _ in range(3):
        post_comment(card, "The left one", by=kenji, parent=top)
        post_comment(card, "Why?", by=ana, parent=top)
    top.refresh_from_db()
    assert top.escalated_at is not None
    return top


def test_a_thread_that_i_began_is_not_told_as_somebody_elses(argued: Comment, ana: User, kenji: User) -> None:
    thread = "started a thread that has no outcome yet on"
    for told in (mail_to(ana), page_for(ana, "/waiting/")):
        assert f"You {thread}" in told
        assert "Ana Duarte started" not in told
    for told in (mail_to(kenji), page_for(kenji, "/waiting/")):
        assert f"Ana Duarte {thread}" in told


def test_ticks_are_told_from_how_many_to_how_many(card: Card, ana: User, kenji: User) -> None:
    items = act.add_items(act.add_checklist(card, "Steps", by=ana), "a\nb\nc\nd\ne", by=ana)
    seq = Board.objects.get(pk=card.board_id).seq
    for item in items[:4]:
        act.check_item(item, by=kenji)
    assert "4 items ticked" in mail_to(ana)
    assert "checklist 0 → 4 of 5" in page_for(ana, f"/c/{card.key}/since/?from=visit-{seq}")
    assert re.search(r"Ticked 4 items, 0 (became )?4 of 5", page_for(ana, "/standup/"))
    assert re.search(r"Ticked 4 items, 0 (became )?4 of 5", page_for(kenji, "/standup/"))


def test_small_changes_are_told_and_not_counted(board: Board, ready: Column, ana: User, kenji: User) -> None:
    label = act.create_label(board, "Oven", 1, by=ana)
    for number in range(3):
        act.label_card(act.create_card(ready, f"Card {number}", by=ana), label, by=kenji)
    assert "1 change" not in mail_to(ana)
    steps = page_for(ana, f"/b/{board.key}/catch-up/")
    assert steps.count("Kenji : label Oven") == 3
    assert "1 change" not in steps


def test_the_same_stretch_is_the_same_words_everywhere(
    card: Card, doing: Column, ana: User, kenji: User
) -> None:
    act.assign_card(card, kenji, by=kenji)
    act.move_card(card, to=doing, by=kenji)
    act.block_card(card, "No key", by=kenji)
    now = timezone.now()
    Card.objects.filter(pk=card.pk).update(
        moved_at=now - dt.timedelta(days=10, hours=3), blocked_at=now - dt.timedelta(days=10, hours=3)
    )
    page = page_for(ana, "/standup/")
    assert re.search(rf"On now In progress ?: {card.key} .*?\bblocked 10 d\b", page)
    assert "day 11" not in page
    act.unblock_card(Card.objects.get(pk=card.pk), by=kenji)
    assert re.search(rf"On now In progress ?: {card.key} .*?\b10 d\b", page_for(ana, "/standup/"))


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "since just now"), (5, "5 min"), (60, "1 h"), (60 * 24, "1 d"), (60 * 24 * 10, "10 d")],
)
def test_how_long(minutes: int, words: str) -> None:
    now: Any = timezone.now()
    assert times.how_long(now - dt.timedelta(minutes=minutes), now) == words


def test_what_happens_to_a_member_says_to_whom(board: Board, card: Card, ana: User, sam: User) -> None:
    act.add_member(board, sam, "viewer", by=ana)
    added = board.activities.latest("seq")
    act.change_role(board, sam, "member", by=ana)
    changed = board.activities.latest("seq")
    act.remove_member(board, sam, by=ana)
    undo_change(board, board.activities.latest("seq").seq, by=ana)
    told = page_for(ana, "/standup/?all=1&by=time")
    assert "Added Sam Okafor to the board viewer" in told
    assert "Changed Sam Okafor’s role viewer became member" in told
    assert "Removed Sam Okafor from the board member" in told
    assert "Undid: removed Sam Okafor from the board" in told
    assert 'notice="added Sam Okafor to the board"' in render_frame(added, "", "", "")
    assert 'words="changed Sam Okafor’s role"' in render_frame(changed, "", "", "")


def test_a_participant_is_added_in_whole_words(card: Card, ana: User, kenji: User) -> None:
    act.join_card(card, kenji, by=ana)
    joined = Activity.objects.latest("pk")
    assert f'told="added a participant on {card.key}"' in render_frame(joined, "", card.key, "")
    assert "1 participant added" in page_for(kenji, "/standup/")


def test_a_card_that_comes_blocked_from_another_board_says_why(card: Card, ana: User, kenji: User) -> None:
    act.block_card(card, "No key from the bank", by=ana)
    other = act.create_board("Mobile app", by=ana, key="MOB")
    act.transfer_card(card, to=other.columns.in_board_order()[1], by=ana)
    told = page_for(ana, "/b/MOB/standup/")
    assert "No key from the bank" in told
    assert "{" not in told


def test_what_was_said_on_a_card_while_it_was_elsewhere_is_told_when_it_is_back(
    board: Board, card: Card, ready: Column, ana: User, kenji: User
) -> None:
    other = act.create_board("Mobile app", by=ana, key="MOB")
    act.add_member(other, kenji, "member", by=ana)
    board.refresh_from_db()
    Reading.objects.filter(user=ana, board=board).update(seq=board.seq)
    there = act.transfer_card(card, to=other.columns.in_board_order()[0], by=kenji)
    post_comment(there, "Said over there", by=kenji)
    act.transfer_card(there, to=ready, by=kenji)
    told = page_for(ana, "/b/FLX/catch-up/")
    assert "Said over there" in told
    assert "{" not in told
