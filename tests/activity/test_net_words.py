"""A card's net changes in words: each is told once, and what comes to nothing is not."""

from __future__ import annotations

import datetime as dt

from activity.feed.load import ToldActivity, tell
from activity.feed.net_effect import net_effect
from activity.feed.net_words import items_before, net_facts
from activity.log.card_counts import counts_of
from activity.log.replay.state import replay
from activity.log.snapshots import events_of
from activity.models import Activity
from boards import actions as act
from boards.models import Board, Card
from comments.actions import edit_comment, post_comment, remove_comment
from comments.decisions import record_decision
from comments.questions import ask_question, close_question, hand_on
from tests.contracts import world

TODAY = dt.date(2026, 10, 15)


def words_of(card, after=0):
    rows = Activity.objects.filter(card=card, seq__gt=after).select_related("actor").order_by("id")
    card = Card.objects.get(pk=card.pk)
    facts = net_facts(net_effect(tell(rows, set())), (card.items_done, card.items_total), TODAY)
    return [fact.plain for fact in facts]


def seq_of(card):
    return Board.objects.get(pk=card.board_id).seq


def test_each_kind_of_change_in_its_words(card, doing, ana, kenji):
    act.assign_card(card, ana, by=ana)
    act.date_card(card, dt.date(2026, 11, 27), by=ana)
    steps = act.add_checklist(card, "Steps", by=ana)
    items = act.add_items(steps, "One\nTwo\nThree", by=ana)
    act.check_item(items[0], by=ana)
    seq = seq_of(card)
    act.move_card(card, to=doing, by=kenji)
    act.assign_card(card, kenji, by=ana)
    act.date_card(card, dt.date(2026, 12, 2), by=ana)
    act.check_item(items[1], by=ana)
    act.retitle_card(card, "Another", by=ana)
    act.specify_card(card, "done_when", "It is shown.", by=ana)
    act.label_card(card, act.create_label(card.board, "Bug", 1, by=ana), by=ana)
    act.join_card(card, kenji, by=ana)
    act.block_card(card, "No key", person=ana, by=kenji)
    assert words_of(card, seq) == [
        "Ready → In progress",
        "blocked, waits on Ana “No key”",
        "Done when written",
        "owner Ana → Kenji",
        "due Fri 27 Nov → Wed 2 Dec",
        "checklist 1 → 2 of 3",
        "label Bug",
        "Kenji joined",
        "renamed from “Order history returns no rows past page 5”",
    ]


def test_what_was_taken_away(card, ana, kenji):
    act.assign_card(card, ana, by=ana)
    act.date_card(card, dt.date(2026, 11, 27), by=ana)
    label = act.create_label(card.board, "Bug", 1, by=ana)
    act.label_card(card, label, by=ana)
    act.join_card(card, kenji, by=ana)
    act.block_card(card, "so", by=ana)
    steps = act.add_checklist(card, "Steps", by=ana)
    act.add_items(steps, "One\nTwo", by=ana)
    seq = seq_of(card)
    act.assign_card(card, None, by=ana)
    act.date_card(card, None, by=ana)
    act.unlabel_card(card, label, by=ana)
    act.leave_card(card, kenji, by=ana)
    act.unblock_card(card, by=ana)
    act.remove_checklist(steps, by=ana)
    act.archive_card(card, by=ana)
    assert words_of(card, seq) == [
        "archived",
        "no longer blocked",
        "no owner any more (was Ana)",
        "no due date any more (was Fri 27 Nov)",
        "checklist 0 of 2 → 0 of 0",
        "no longer labelled Bug",
        "Kenji left",
        "1 checklist removed",
    ]


def test_items_that_were_exchanged_are_told_although_the_numbers_are_the_same(card, ana):
    steps = act.add_checklist(card, "Steps", by=ana)
    one, two, three = act.add_items(steps, "One\nTwo\nThree", by=ana)
    act.check_item(one, by=ana)
    seq = seq_of(card)
    act.uncheck_item(one, by=ana)
    act.check_item(two, by=ana)
    act.reword_item(three, "Drei", by=ana)
    assert words_of(card, seq) == ["other checklist items, 1 of 3 done", "1 item reworded"]


def test_what_was_said_is_counted_by_what_became_of_it(card, ana, kenji):
    old = post_comment(card, "Old", by=ana)
    kept = ask_question(card, "Still?", [kenji], by=ana)
    first = record_decision(card, "By cursor.", by=ana)
    seq = seq_of(card)
    post_comment(card, "One", by=kenji)
    post_comment(card, "Two", by=kenji)
    edit_comment(old, "Older", by=ana)
    gone = post_comment(card, "Gone", by=kenji)
    remove_comment(gone, by=kenji)
    remove_comment(ask_question(card, "Nothing?", [ana], by=kenji), by=kenji)
    answered = ask_question(card, "May I?", [kenji], by=ana)
    post_comment(card, "You may.", parent=answered, by=kenji)
    close_question(kept, by=ana)
    record_decision(card, "By page.", by=kenji, supersedes=first)
    assert words_of(card, seq) == [
        "3 comments",
        "1 comment edited",
        "1 question answered",
        "1 question closed",
        "decision D-2",
        "a decision superseded by D-2",
    ]


def test_a_question_that_is_handed_on_says_to_whom(card, board, ana, kenji, sam):
    act.add_member(board, sam, "member", by=ana)
    question = ask_question(card, "Well?", [kenji], by=ana)
    seq = seq_of(card)
    hand_on(question, sam, by=kenji)
    assert words_of(card, seq) == ["1 question handed on to Sam"]


# ---- on a board with one of everything, from every place on -----------------------------------------------

# A question that was asked and removed comes to nothing but in the log; so does a card's own beginning.
UNTOLD = ("card", "state", "asked", "superseded")


def test_each_net_change_is_told_once_and_the_counts_are_those_of_the_log(db):
    made = world.made()
    board = Board.objects.get(pk=made.board.pk)
    events = list(events_of(board))
    rows = list(Activity.objects.filter(board=board).select_related("card", "actor").order_by("seq"))
    by_card: dict[str, list[ToldActivity]] = {}
    for event, row in zip(events, rows, strict=True):
        if event.card is not None:
            by_card.setdefault(event.card, []).append(ToldActivity(row, row.before, row.after))
    end = counts_of(replay(events))
    told_of = 0
    for place in range(0, board.seq + 1, 3):
        start = counts_of(replay(event for event in events if event.seq <= place))
        for uid, told in by_card.items():
            net = net_effect(one for one in told if one.activity.seq > place)
            if uid not in end:
                continue  # it has gone to another board
            items = (end[uid]["items_done"], end[uid]["items_total"])
            facts = net_facts(net, items, TODAY)
            keys = [key for fact in facts for key in fact.keys]
            assert len(keys) == len(set(keys))
            assert not [key for key in set(net) - set(keys) if key[0] not in UNTOLD], (uid, place)
            assert set(keys) <= set(net)
            assert all(fact.plain for fact in facts)
            if uid in start:
                assert items_before(net, items) == (start[uid]["items_done"], start[uid]["items_total"])
            told_of += len(facts)
    assert told_of > 100
