"""Every change that is left is in some step of the catch-up, and a step has something to say."""

from __future__ import annotations

import datetime as dt

from activity.feed.catch_up_steps import Concern, steps_for
from activity.feed.line import LineReader
from activity.feed.load import tell_in_public, with_what_it_is_about
from activity.feed.net_effect import net_effect
from activity.models import Activity
from boards import actions as act
from boards.models import Board
from tests.contracts import world

NOBODY = LineReader("00000000-0000-0000-0000-000000000000", dt.date(2026, 10, 15))
NOTHING = Concern(set(), set(), set(), set())
# What a question or decision that was removed, or a card's own coming and going, leaves in the net.
UNTOLD = ("card", "board", "state", "asked", "superseded", "comment")


def about(step):
    return step.cards or [step]


def test_from_every_place_of_a_board_with_one_of_everything(db):
    board = Board.objects.get(pk=world.made().board.pk)
    rows = with_what_it_is_about(Activity.objects.filter(board=board).order_by("id"))
    told = tell_in_public(rows)
    seen = set()
    for place in range(0, board.seq + 1, 5):
        run = [one for one in told if one.activity.seq > place]
        steps = [one for step in steps_for(run, NOBODY, NOTHING) for one in about(step)]
        assert all(one.has_something for one in steps)
        assert all(part.facts or part.came for one in steps for part in one.parts)
        assert all(said.words for one in steps for said in one.said)
        there = {one.card.pk for one in steps if one.card is not None}
        for card in {one.activity.card_id for one in run if one.activity.card_id}:
            net = net_effect(one for one in run if one.activity.card_id == card)
            assert card in there or not [key for key in net if key[0] not in UNTOLD], (place, card)
        seen |= {said.kind for one in steps for said in one.said}
    assert {"question", "decision", "comment"} <= seen


def test_a_move_that_somebody_takes_back_is_no_step(card, doing, ready, ana, kenji):
    seq = Board.objects.get(pk=card.board_id).seq
    act.move_card(card, to=doing, by=ana)
    act.move_card(card, to=ready, by=kenji)
    rows = with_what_it_is_about(Activity.objects.filter(card=card, seq__gt=seq).order_by("id"))
    assert steps_for(tell_in_public(rows), NOBODY, NOTHING) == []
