"""What was changed since is asked about: told by the log, not by whether it looks the same again."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from activity.errors import Clash, Refused
from activity.log.record import By
from activity.models import Activity
from boards import actions as act
from boards.models import Board
from boards.undo.engine import undo_change
from boards.undo.registry import UndoChoice
from comments.decisions import agree, record_decision
from tests.undo.test_places import names, newest, titles


def asked(board: Board, seq: int, by: Any) -> Clash:
    """The question that an undo asks."""
    with pytest.raises(Clash) as clash:
        undo_change(board, seq, by=by)
    return clash.value


def sides(board: Board, seq: int, by: Any) -> tuple[str, str, str]:
    """Before, now and after, of the one field that an undo asks about."""
    (difference,) = asked(board, seq, by).differences
    return difference.yours, difference.theirs, difference.base


def chosen(board: Board, seq: int, by: Any, *, keep: bool) -> None:
    clash = asked(board, seq, by)
    kept = [difference.field for difference in clash.differences] if keep else []
    undo_change(board, seq, by=by, choice=UndoChoice(seen=clash.version, keep=kept))


# ---- places -----------------------------------------------------------------------------------------------


def test_a_card_that_was_moved_again_in_its_column_is_asked_about(board, ready, ana, kenji):
    one, _, three = act.create_cards(ready, "One\nTwo\nThree", by=ana)
    act.move_card(one, by=ana)
    moved = newest(board, "card.moved")
    act.move_card(one, by=kenji, before=three)
    assert titles(ready) == ["Two", "One", "Three"]
    assert sides(board, moved, ana) == (
        "first in Ready",
        "second in Ready, after Two",
        "third in Ready, after Three",
    )
    assert asked(board, moved, ana).differences[0].by == kenji
    chosen(board, moved, ana, keep=True)
    assert titles(ready) == ["Two", "One", "Three"]
    chosen(board, moved, ana, keep=False)
    assert titles(ready) == ["One", "Two", "Three"]


def test_a_card_that_others_were_moved_around_is_not_asked_about(board, ready, ana, kenji):
    one, two, three = act.create_cards(ready, "One\nTwo\nThree", by=ana)
    act.move_card(one, by=ana)
    moved = newest(board, "card.moved")
    act.move_card(three, by=kenji, before=two)
    undo_change(board, moved, by=ana)
    assert titles(ready) == ["Three", "One", "Two"]  # Three had its key by then


def test_a_card_that_was_moved_back_by_hand_is_left_alone(board, ready, doing, ana, kenji):
    one, two, _ = act.create_cards(ready, "One\nTwo\nThree", by=ana)
    act.move_card(two, by=ana, to=doing)
    moved = newest(board, "card.moved")
    act.move_card(two, by=kenji, to=ready, after=one)
    with pytest.raises(Refused, match="as it was before"):
        undo_change(board, moved, by=ana)


def test_a_later_move_that_was_undone_itself_is_not_asked_about(board, ready, doing, ana, kenji):
    one, two, _ = act.create_cards(ready, "One\nTwo\nThree", by=ana)
    act.move_card(one, by=ana, after=two)
    moved = newest(board, "card.moved")
    act.move_card(one, by=kenji)
    undo_change(board, newest(board, "card.moved"), by=kenji)
    undone = newest(board, "change.undone")
    undo_change(board, undone, by=kenji)
    assert sides(board, moved, ana)[1] == "third in Ready, after Three"
    undo_change(board, newest(board, "change.undone"), by=kenji)
    undo_change(board, moved, by=ana)
    assert titles(ready) == ["One", "Two", "Three"]


def test_a_card_that_went_to_another_board_and_back_is_asked_about(board, ready, doing, ana, kenji):
    other = act.create_board("Mobile app", by=ana, key="MOB")
    act.add_member(other, kenji, "member", by=ana)
    one, _ = act.create_cards(ready, "One\nTwo", by=ana)
    act.move_card(one, by=ana, to=doing)
    moved = newest(board, "card.moved")
    one = act.transfer_card(one, by=kenji, to=other.columns.first())
    act.transfer_card(one, by=kenji, to=ready)
    assert sides(board, moved, ana) == (
        "first in Ready",
        "second in Ready, after Two",
        "first in In progress",
    )


def test_a_column_that_was_moved_again_is_asked_about(board, ready, doing, ana, lena):
    act.move_column(ready, by=ana)
    moved = newest(board, "column.moved")
    act.move_column(ready, by=lena, after=doing)
    assert sides(board, moved, ana) == ("first", "second, after In progress", "third, after Done")
    chosen(board, moved, ana, keep=False)
    assert names(board) == ["Ready", "In progress", "Done"]


@pytest.fixture
def lena(board, ana):
    from tests import cast

    person = cast.person("lena")
    act.add_member(board, person, "owner", by=ana)
    return person


def test_an_item_that_was_moved_again_in_its_checklist_is_asked_about(board, card, ana, kenji):
    checklist = act.add_checklist(card, "Steps", by=ana)
    one, _, three = act.add_items(checklist, "one\ntwo\nthree", by=ana)
    act.move_item(one, by=ana)
    moved = newest(board, "item.moved")
    act.move_item(one, by=kenji, before=three)
    assert sides(board, moved, ana) == (
        "first in Steps",
        "second in Steps, after two",
        "third in Steps, after three",
    )


def test_of_several_cards_moved_as_one_those_moved_again_are_asked_about_at_once(
    board, ready, doing, ana, kenji
):
    cards = act.create_cards(ready, "One\nTwo\nThree", by=ana)
    one, two, _ = cards
    request = By(ana, request_id=uuid.uuid4())
    act.move_cards(ready, [card.number for card in cards], by=request, to=doing)
    moved = newest(board, "card.moved")
    act.move_card(one, by=kenji)
    act.move_card(two, by=kenji)
    clash = asked(board, moved, ana)
    assert [difference.label for difference in clash.differences] == [
        f"Place of {two.key}",
        f"Place of {one.key}",
    ]
    keep = [clash.differences[0].field]
    undo_change(board, moved, by=ana, choice=UndoChoice(seen=clash.version, keep=keep))
    assert (titles(ready), titles(doing)) == (["One", "Three"], ["Two"])


# ---- values -----------------------------------------------------------------------------------------------


def test_a_value_set_anew_to_what_it_was_after_is_asked_about(board, card, ana, kenji):
    was = card.title
    act.retitle_card(card, "A", by=ana)
    retitled = newest(board, "card.retitled")
    act.retitle_card(card, "B", by=kenji)
    act.retitle_card(card, "A", by=kenji)
    assert sides(board, retitled, ana) == (was, "A", "A")
    chosen(board, retitled, ana, keep=False)
    card.refresh_from_db()
    assert card.title == was


def test_a_value_that_is_again_what_it_was_before_leaves_nothing_to_undo(board, card, ana, kenji):
    was = card.title
    act.retitle_card(card, "A", by=ana)
    retitled = newest(board, "card.retitled")
    act.retitle_card(card, was, by=kenji)
    with pytest.raises(Refused, match="as it was before"):
        undo_change(board, retitled, by=ana)


def test_a_value_whose_later_change_was_undone_is_not_asked_about(board, card, ana, kenji):
    was = card.title
    act.retitle_card(card, "A", by=ana)
    retitled = newest(board, "card.retitled")
    act.retitle_card(card, "B", by=kenji)
    undo_change(board, newest(board, "card.retitled"), by=kenji)
    undo_change(board, retitled, by=ana)
    card.refresh_from_db()
    assert card.title == was


def test_an_undo_of_something_earlier_counts_as_a_change(board, card, ana, kenji):
    was = card.title
    act.retitle_card(card, "A", by=ana)
    first = newest(board, "card.retitled")
    act.retitle_card(card, "B", by=ana)
    second = newest(board, "card.retitled")
    chosen(board, first, kenji, keep=False)
    assert sides(board, second, ana) == ("A", was, "B")


def test_a_block_set_anew_with_the_same_words_is_asked_about(board, card, ana, kenji):
    act.block_card(card, "The bank", by=ana)
    blocked = newest(board, "card.blocked")
    act.unblock_card(card, by=kenji)
    act.block_card(card, "The bank", by=kenji)
    assert sides(board, blocked, ana) == ("", "The bank", "The bank")


def test_a_role_given_anew_is_asked_about(board, ana, kenji):
    act.change_role(board, kenji, "viewer", by=ana)
    changed = newest(board, "member.role_changed")
    act.change_role(board, kenji, "owner", by=ana)
    act.change_role(board, kenji, "viewer", by=ana)
    assert sides(board, changed, ana) == ("member", "viewer", "viewer")


def test_who_had_agreed_to_what_was_superseded_stays(board, card, ana, kenji):
    older = record_decision(card, "Blue.", by=ana)
    agree(older, by=kenji)
    record_decision(card, "Green.", by=ana, supersedes=older)
    with pytest.raises(Refused, match="was superseded"):
        undo_change(board, newest(board, "decision.agreed"), by=kenji)
    assert list(older.agreed_by.all()) == [kenji]


# ---- people -----------------------------------------------------------------------------------------------


def test_nobody_who_is_deactivated_comes_back_to_a_board(board, ana, kenji):
    act.remove_member(board, kenji, by=ana)
    kenji.is_active = False
    kenji.save()
    with pytest.raises(Refused, match="Kenji Mori is deactivated"):
        undo_change(board, newest(board, "member.removed"), by=ana)
    assert board.role_of(kenji) is None
    assert not Activity.objects.on(board).filter(verb="change.undone").exists()
