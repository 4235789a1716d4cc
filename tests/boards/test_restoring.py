"""What was removed comes back as it was, to its place, and the log says so."""

from __future__ import annotations

import pytest

from activity.errors import Forbidden, Refused
from activity.models import Activity
from boards import actions as act
from boards.models import Item, Label
from comments.actions import edit_comment, post_comment, remove_comment, restore_comment
from comments.questions import ask_question
from fluxboard.features.verification.tables import state_of_tables
from fluxboard.features.verification.verify import verify


def told(card):
    return list(Activity.objects.about(card).values_list("verb", flat=True))


@pytest.fixture
def steps(card, ana):
    return act.add_checklist(card, "Steps", by=ana)


def texts(checklist):
    return list(checklist.items.current().in_order().values_list("text", flat=True))


def test_a_checklist_comes_back_with_what_went_with_it(board, card, steps, ana, kenji):
    one, two, three = act.add_items(steps, "one\ntwo\nthree", by=ana)
    act.check_item(two, by=kenji)
    act.remove_item(three, by=kenji)
    act.promote_item(one, by=ana)
    before = state_of_tables(board)
    act.remove_checklist(steps, by=kenji)
    act.add_checklist(card, "Another", by=kenji)
    act.remove_checklist(card.checklists.get(name="Another"), by=kenji)
    restored = act.restore_checklist(steps, by=kenji)
    assert state_of_tables(board) == before
    assert texts(restored) == ["one", "two"]
    assert told(card)[-3:] == ["checklist.restored", "item.restored", "item.restored"]
    card.refresh_from_db()
    assert (card.items_done, card.items_total) == (1, 2)
    assert verify(board) == []


def test_an_item_comes_back_between_its_neighbours_ticked(board, card, steps, ana, kenji):
    _, two, _ = act.add_items(steps, "one\ntwo\nthree", by=ana)
    act.check_item(two, by=kenji)
    before = state_of_tables(board)
    act.remove_item(two, by=ana)
    act.restore_item(two, by=ana)
    assert state_of_tables(board) == before
    assert texts(steps) == ["one", "two", "three"]
    assert verify(board) == []
    act.restore_item(two, by=ana)
    assert told(card).count("item.restored") == 1


def test_an_item_whose_place_is_taken_comes_back_next_to_it(board, steps, ana):
    _, two, three = act.add_items(steps, "one\ntwo\nthree", by=ana)
    act.remove_item(two, by=ana)
    Item.objects.filter(pk=three.pk).update(position=Item.objects.get(pk=two.pk).position)
    act.restore_item(two, by=ana)
    places = list(steps.items.current().in_order().values_list("text", "position"))
    assert [text for text, _ in places] == ["one", "three", "two"]
    assert len({position for _, position in places}) == 3


def test_an_item_waits_for_its_checklist(steps, ana):
    (one,) = act.add_items(steps, "one", by=ana)
    act.remove_item(one, by=ana)
    act.remove_checklist(steps, by=ana)
    with pytest.raises(Refused, match="Its checklist Steps was removed"):
        act.restore_item(one, by=ana)


def test_a_comment_comes_back_with_its_last_words_under_its_thread(board, card, ana, kenji):
    top = post_comment(card, "Red?", by=ana)
    reply = post_comment(card, "Green", by=kenji, parent=top)
    edit_comment(reply, "Green, @ana", by=kenji)
    question = ask_question(card, "Which one?", [kenji], by=ana)
    before = state_of_tables(board)
    remove_comment(reply, by=kenji)
    remove_comment(question, by=ana)
    card.refresh_from_db()
    assert (card.comments_count, card.questions_open) == (1, 0)
    restore_comment(question, by=ana)
    back = restore_comment(reply, by=kenji)
    assert state_of_tables(board) == before
    assert (back.text, back.parent_id, back.removed_by) == ("Green, @ana", top.pk, None)
    assert list(back.mentions.all()) == [ana]
    card.refresh_from_db()
    assert (card.comments_count, card.questions_open) == (3, 1)
    assert verify(board) == []


def test_only_who_removed_a_comment_and_owners_restore_it(card, ana, kenji, priya):
    mine = post_comment(card, "Rude", by=kenji)
    remove_comment(mine, by=ana)
    for person in (kenji, priya):
        with pytest.raises(Forbidden):
            restore_comment(mine, by=person)
    assert restore_comment(mine, by=ana).text == "Rude"


def test_a_label_comes_back_onto_its_cards(board, card, ready, ana, kenji):
    other, third = act.create_cards(ready, "Other\nThird", by=ana)
    bug = act.create_label(board, "bug", 3, by=ana)
    for one in (card, other, third):
        act.label_card(one, bug, by=kenji)
    act.unlabel_card(third, bug, by=kenji)
    act.archive_card(other, by=ana)
    before = state_of_tables(board)
    act.remove_label(bug, by=kenji)
    act.restore_label(bug, by=kenji)
    assert state_of_tables(board) == before
    assert verify(board) == []


def test_a_label_whose_name_is_taken_says_so(board, ana):
    bug = act.create_label(board, "bug", 3, by=ana)
    act.remove_label(bug, by=ana)
    act.create_label(board, "bug", 4, by=ana)
    with pytest.raises(Refused, match="There is a label bug already"):
        act.restore_label(bug, by=ana)
    assert Label.objects.get(pk=bug.pk).removed_at is not None


def test_what_was_removed_on_another_board_comes_back_where_the_card_is(board, card, steps, ana):
    act.add_items(steps, "one", by=ana)
    comment = post_comment(card, "Hello", by=ana)
    act.remove_checklist(steps, by=ana)
    remove_comment(comment, by=ana)
    other = act.create_board("Mobile app", by=ana, key="MOB", starter=False)
    act.transfer_card(card, to=other.columns.first(), by=ana)
    for thing in (steps, comment):
        thing.refresh_from_db()
    act.restore_checklist(steps, by=ana)
    assert restore_comment(comment, by=ana).text == "Hello"
    assert verify(board) == verify(other) == []


def test_a_viewer_restores_nothing(steps, ana, priya):
    act.remove_checklist(steps, by=ana)
    with pytest.raises(Forbidden):
        act.restore_checklist(steps, by=priya)
