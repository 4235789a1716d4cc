"""What a newcomer reads first, to whom it is offered, and until when."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from boards import actions as act
from boards.models import Board, Card, Role, Welcome
from comments.actions import post_comment
from comments.decisions import record_decision
from fluxboard.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(board: Board, card: Card, ana: User, kenji: User) -> Board:
    """A board that has been going on for a month."""
    act.describe_board(board, "We **rebuild** the checkout", by=ana, seen=None)
    decision = record_decision(card, "Ship on Tuesdays", by=ana)
    record_decision(card, "Ship on Mondays", by=kenji, supersedes=decision)
    for text in ("One thing", "And another"):
        post_comment(card, text, by=kenji)
    month = dt.timedelta(days=30)
    Board.objects.filter(pk=board.pk).update(created_at=board.created_at - month)
    board.refresh_from_db()
    return board


def page(person: User, path: str) -> str:
    client = Client()
    client.force_login(person)
    return client.get(path).content.decode()


def test_it_is_offered_to_whoever_comes_later(old: Board, ana: User, kenji: User, sam: User) -> None:
    act.add_member(old, sam, Role.MEMBER, by=ana)
    assert "New here?" in page(sam, "/b/FLX/")
    assert "New here?" not in page(kenji, "/b/FLX/")
    client = Client()
    client.force_login(sam)
    answer = client.post("/b/FLX/start/")
    assert (answer.status_code, answer["Location"]) == (303, "/b/FLX/")
    assert "New here?" not in page(sam, "/b/FLX/")
    assert "To the board" in page(sam, "/b/FLX/start/")
    before = old.seq
    old.refresh_from_db()
    assert old.seq == before + 1, "putting it aside is nobody else's business"


def test_not_on_a_board_that_has_only_begun(board: Board, card: Card, ana: User, sam: User) -> None:
    act.add_member(board, sam, Role.MEMBER, by=ana)
    assert not Welcome.objects.exists()


def test_what_it_says(old: Board, card: Card, priya: User) -> None:
    html = page(priya, "/b/FLX/start/")
    assert "<strong>rebuild</strong>" in html
    assert "Ship on Mondays" in html and "Ship on Tuesdays" not in html
    assert f'href="{card.get_absolute_url()}"' in html
    assert "<b>1</b> new card" in html and "<b>2</b> decisions" in html
    assert "Kenji Mori" in html and "Tokyo, " in html


def test_in_a_fixed_number_of_queries(
    old: Board, card: Card, ana: User, priya: User, django_assert_max_num_queries: Any
) -> None:
    client = Client()
    client.force_login(priya)
    for number in range(4):
        made = act.create_card(card.column, f"Card {number}", by=ana)
        record_decision(made, f"Decided {number}", by=ana)
        post_comment(made, "So be it", by=ana)
    with django_assert_max_num_queries(20):
        client.get("/b/FLX/start/")
