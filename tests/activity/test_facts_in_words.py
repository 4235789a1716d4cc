"""One function words each fact, and each reader is told it as it is for them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from boards import actions as act
from boards.models import Board, Card, Column
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
    assert re.search(rf"On now {card.key} .*?\bblocked 10 d\b", page)
    assert "day 11" not in page
    act.unblock_card(Card.objects.get(pk=card.pk), by=kenji)
    assert re.search(rf"On now {card.key} .*?\b10 d\b", page_for(ana, "/standup/"))


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "since just now"), (5, "5 min"), (60, "1 h"), (60 * 24, "1 d"), (60 * 24 * 10, "10 d")],
)
def test_how_long(minutes: int, words: str) -> None:
    now: Any = timezone.now()
    assert times.how_long(now - dt.timedelta(minutes=minutes), now) == words
