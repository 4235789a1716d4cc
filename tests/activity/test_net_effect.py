"""What a run of changes of one card comes to."""

from __future__ import annotations

from activity.feed.load import tell
from activity.feed.net_effect import EFFECTS, WITHOUT_EFFECT, bare, net_effect
from activity.log.replay.state import ERASED
from activity.log.verbs import VERBS
from activity.models import Activity
from boards import actions as act
from boards.models import Board
from boards.undo.engine import undo_change
from comments.actions import edit_comment, post_comment, remove_comment
from comments.questions import ask_question, hand_on
from fluxboard.accounts.models import User
from tests.activity.adding_up import assert_adds_up
from tests.contracts import world

OF_BOARDS = ("board", "member", "column", "label", "search", "template", "schedule", "checkin")
OF_BOARDS += ("meeting", "topic", "trial", "weeklylink", "change")


def net_of(card, after=0):
    rows = Activity.objects.filter(card=card, seq__gt=after).select_related("actor").order_by("id")
    return {key: (bare(c.was), bare(c.now)) for key, c in net_effect(tell(rows, set())).items()}


def seq_of(card):
    return Board.objects.get(pk=card.board_id).seq


def test_every_verb_of_a_card_has_an_effect_or_is_named_as_one_without():
    named = {name for name, verb in VERBS.items() if verb.noun not in OF_BOARDS}
    assert named == EFFECTS.keys() | WITHOUT_EFFECT
    assert not EFFECTS.keys() & WITHOUT_EFFECT


def test_there_and_back_again_is_nothing(card, ready, doing, ana):
    seq = seq_of(card)
    act.move_card(card, to=doing, by=ana)
    act.retitle_card(card, "Other", by=ana)
    title = act.retitle_card(card, "Order history returns no rows past page 5", by=ana)
    act.block_card(card, "so", by=ana)
    act.unblock_card(card, by=ana)
    label = act.create_label(card.board, "Bug", 1, by=ana)
    act.label_card(card, label, by=ana)
    act.unlabel_card(card, label, by=ana)
    assert net_of(card, seq) == {("column", ""): (str(ready.uid), str(doing.uid))}
    act.move_card(title, to=ready, by=ana)
    assert net_of(card, seq) == {}


def test_of_a_title_that_changed_twice_the_first_and_the_last_stand(card, ana, kenji):
    seq = seq_of(card)
    act.retitle_card(card, "Second", by=ana)
    act.retitle_card(card, "Third", by=kenji)
    assert net_of(card, seq) == {("title", ""): (card.title, "Third")}


def test_a_card_that_several_moved_is_one_change_by_the_last(card, doing, board, ana, kenji):
    seq, done = seq_of(card), board.columns.get(is_done=True)
    act.move_card(card, to=doing, by=kenji)
    act.move_card(card, to=done, by=ana)
    rows = Activity.objects.filter(card=card, seq__gt=seq).select_related("actor").order_by("id")
    (change,) = net_effect(tell(rows, set())).values()
    assert (change.was["name"], change.now["name"]) == ("Ready", "Done")
    assert change.actor == ana
    assert len(change.told) == 2


def test_a_tick_that_is_taken_back_is_none(card, ana):
    steps = act.add_checklist(card, "Steps", by=ana)
    one, two = act.add_items(steps, "One\nTwo", by=ana)
    seq = seq_of(card)
    act.check_item(one, by=ana)
    act.check_item(two, by=ana)
    act.uncheck_item(one, by=ana)
    assert net_of(card, seq) == {("ticked", str(two.uid)): (None, True)}


def test_a_comment_that_was_edited_is_one_and_a_removed_one_none(card, ana):
    seq = seq_of(card)
    comment = post_comment(card, "First", by=ana)
    edit_comment(comment, "Last", by=ana)
    assert net_of(card, seq) == {("comment", str(comment.uid)): (None, "Last")}
    remove_comment(comment, by=ana)
    assert net_of(card, seq) == {}


def test_what_was_undone_is_nothing(card, doing, ana):
    seq = seq_of(card)
    act.move_card(card, to=doing, by=ana)
    undo_change(card.board, seq + 1, by=ana)
    assert net_of(card, seq) == {}


def test_a_question_that_is_handed_on_waits_for_the_other(card, board, ana, kenji, sam):
    act.add_member(board, sam, "member", by=ana)
    question = ask_question(card, "Well?", [kenji], by=ana)
    seq = seq_of(card)
    hand_on(question, sam, by=kenji)
    assert net_of(card, seq) == {("asked", str(question.uid)): ([str(kenji.uid)], [str(sam.uid)])}


def test_a_card_that_came_from_another_board_is_new_there(card, ana):
    other = act.create_board("Mobile", by=ana, key="MOB")
    seq = other.seq
    act.transfer_card(card, to=other.columns.in_board_order()[0], by=ana)
    there = net_effect(tell(Activity.objects.filter(board=other, seq__gt=seq).order_by("id"), set()))
    assert bare(there["card", ""].now) is True
    assert there["title", ""].now == card.title
    here = net_effect(tell(Activity.objects.filter(board=card.board, card=card).order_by("id"), set()))
    assert here.keys() <= {("board", "")}


def test_state_at_the_start_and_net_effect_are_the_state_at_the_end(db):
    """On a board with one of everything, from every place on."""
    made = world.made()
    board = Board.objects.get(pk=made.board.pk)
    assert User.objects.count() > 3
    assert_adds_up(board, *range(0, board.seq + 1, 3))


def test_a_text_that_was_erased_was_there(card, ana, kenji):
    seq = seq_of(card)
    comment = post_comment(card, "About a person", by=kenji)
    item = act.add_items(act.add_checklist(card, "Steps", by=ana), "Call them", by=ana)[0]
    act.block_card(card, "They are ill", by=ana)
    act.erase_card(card, ["comments", "checklists", "reasons"], "Asked for", by=ana)
    net = net_of(card, seq)
    assert net["comment", str(comment.uid)] == (None, ERASED)
    assert net["item", str(item.uid)] == (None, ERASED)
    assert net["blocked", ""][1]["reason"] == ERASED
