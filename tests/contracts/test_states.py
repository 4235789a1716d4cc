"""What is true of a card is said once: the database, the cache and Python agree whatever the card is like."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
from django.utils import timezone

from activity.models import Activity
from boards import actions as act
from boards.board_page.board_cache import board_state
from boards.board_page.chips import CHIPS, ChipContext, cards_asking
from boards.models import Board, Card, Column
from boards.models.card import NOT_DONE, UNREADY, can_be_late, late
from comments.questions import ask_question
from fluxboard.accounts import times
from fluxboard.accounts.models import User

TODAY = dt.date(2026, 10, 15)


@pytest.fixture
def cards(board: Board, ana: User, kenji: User) -> list[Card]:
    """One of every kind: with an owner or none, a why, a done-when, a date; done, blocked, quiet."""
    ready, _, done = board.columns.in_board_order()
    people, texts, days = (None, ana, kenji), ("", "So."), (None, TODAY - dt.timedelta(1), TODAY)
    made = [
        _made(column, *of) for column in (ready, done) for of in itertools.product(people, texts, texts, days)
    ]
    for number, card in enumerate(made):
        if number % 5 == 0:
            act.block_card(card, "Waits", by=ana, person=kenji, card_in_the_way=made[number - 1])
        if number % 7 == 0:
            ask_question(card, "When?", [kenji], by=ana)
        if number % 3 == 0:
            Card.objects.filter(pk=card.pk).update(moved_at=timezone.now() - dt.timedelta(days=6))
    return list(Card.objects.filter(board=board).select_related("column"))


def _made(column: Column, person: Any, why: str, done_when: str, due: dt.date | None) -> Card:
    by = column.board.members.get(handle="ana")
    card = act.create_card(column, "Card", by=by, assignee=person, why=why, done_when=done_when)
    return act.date_card(card, due, by=by)


def test_ready_done_and_late_are_the_same_in_the_database_and_in_python(cards: list[Card]):
    def found(condition: Any) -> set[int]:
        return set(Card.objects.filter(condition).values_list("pk", flat=True))

    assert found(NOT_DONE) == {card.pk for card in cards if not card.column.is_done}
    unready = {card.pk for card in cards if not card.is_ready and not card.column.is_done}
    assert found(UNREADY) == unready and 0 < len(unready) < len(cards)
    overdue = {card.pk for card in cards if _is_late(card)}
    assert found(late(TODAY)) == overdue and 0 < len(overdue) < len(cards)


def _is_late(card: Card) -> bool:
    can_be = can_be_late(is_done=card.column.is_done, is_archived=card.is_archived)
    return can_be and card.due is not None and times.due_words(card.due, TODAY).weight == "late"


def test_each_chip_counts_from_the_cache_what_it_finds_in_the_database(
    cards: list[Card], board: Board, ana: User, kenji: User
):
    board.refresh_from_db()
    head = bytes(Activity.objects.get(board=board, seq=board.seq).hash)
    state = board_state(board, head, ({}, {}))
    for person in (ana, kenji):
        asked = set(cards_asking(person).values_list("pk", flat=True))
        look = ChipContext(board, person, timezone.now(), asked)
        for chip in CHIPS:
            found = Card.objects.filter(chip.found(look), board=board).count()
            assert chip.counted(state, look) == found, (chip.name, person.handle)
            assert found < len(cards), chip.name
    assert all(chip.counted(state, look) for chip in CHIPS)
