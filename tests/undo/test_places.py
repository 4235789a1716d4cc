"""Undo and places: what comes back stands where it stood, whoever has its old key by now."""

from __future__ import annotations

from typing import Any

import pytest

from activity.models import Activity
from boards import actions as act
from boards.models import Board, Card
from boards.undo.engine import undo_change
from fluxboard.features.verification.tables import state_of_tables
from fluxboard.features.verification.verify import verify
from tests.undo.order import as_before


def newest(board: Board, verb: str) -> int:
    return int(Activity.objects.on(board).filter(verb=verb).latest("seq").seq)


def names(board: Board) -> list[str]:
    return [column.name for column in board.columns.current().in_board_order()]


def titles(column: Any) -> list[str]:
    cards = Card.objects.filter(column=column, archived_at=None)
    return list(cards.in_board_order().values_list("title", flat=True))


@pytest.fixture
def held(board):
    """What the tables hold, told anew at each call."""
    return lambda: [state_of_tables(Board.objects.get(pk=board.pk)).tables()]


def test_a_column_comes_back_to_its_place_when_a_leftover_has_its_key(board, ready, doing, ana, held):
    before, key = held(), doing.position
    act.move_column(doing, by=ana)
    made = act.add_column(board, "Between", by=ana, after=ready)
    assert made.position == key
    undo_change(board, newest(board, "column.added"), by=ana)
    undo_change(board, newest(board, "column.moved"), by=ana)
    doing.refresh_from_db()
    assert doing.position != key
    assert names(board) == ["Ready", "In progress", "Done"]
    as_before(held(), before)
    act.restore_column(made, by=ana)
    assert names(board) == ["Ready", "Between", "In progress", "Done"]
    assert verify(Board.objects.get(pk=board.pk)) == []


def test_a_card_comes_back_to_its_place_when_a_leftover_has_its_key(board, ready, doing, ana, held):
    one, two, _ = act.create_cards(ready, "One\nTwo\nThree", by=ana)
    before, key = held(), two.position
    act.move_card(two, to=doing, by=ana)
    made = act.create_card(ready, "Between", by=ana, after=one)
    assert made.position == key
    undo_change(board, newest(board, "card.created"), by=ana)
    undo_change(board, newest(board, "card.moved"), by=ana)
    assert titles(ready) == ["One", "Two", "Three"]
    as_before(held(), before)
    act.restore_card(made, by=ana)
    assert titles(ready) == ["One", "Between", "Two", "Three"]
    assert verify(Board.objects.get(pk=board.pk)) == []


def test_an_item_comes_back_to_its_place_when_a_leftover_has_its_key(board, card, ana, held):
    steps, more = (act.add_checklist(card, name, by=ana) for name in ("Steps", "More"))
    one, two, _ = act.add_items(steps, "one\ntwo\nthree", by=ana)
    before, key = held(), two.position
    act.move_item(two, to=more, by=ana)
    (made,) = act.add_items(steps, "between", by=ana)
    made = act.move_item(made, by=ana, after=one)
    assert made.position == key
    act.remove_item(made, by=ana)
    undo_change(board, newest(board, "item.moved") - 2, by=ana)
    as_before(held(), before)
    assert verify(Board.objects.get(pk=board.pk)) == []
