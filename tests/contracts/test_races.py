"""Many at once: one order for all, no silent overwrite, the same request done once."""

from __future__ import annotations

import functools
import os
import random
import uuid

import pytest

from activity.errors import Clash
from activity.log.record import By
from activity.models import Activity, Request
from boards import actions as act
from boards.models import Card, Role
from comments.actions import post_comment
from comments.models import Comment
from fluxboard.accounts.models import User
from tests import cast
from tests.contracts.crowd import at_once, crowd

LONG = os.environ.get("FLUXBOARD_LONG") == "1"
ROUNDS = 1000 if LONG else 100


@pytest.fixture
def kanban(transactional_db):
    """A committed board with its owner and a member."""
    ana, kenji, priya = (cast.person(handle) for handle in ("ana", "kenji", "priya"))
    return cast.team_board(ana, kenji, priya)


def seqs(board):
    return list(Activity.objects.on(board).order_by("seq").values_list("seq", flat=True))


def assert_no_gap(board):
    board.refresh_from_db()
    assert seqs(board) == list(range(1, board.seq + 1))


def test_a_hundred_people_move_cards_in_one_column_at_once(kanban):
    people = [
        User(email=f"p{number}@example.com", name=f"P {number}", handle=f"p{number}") for number in range(100)
    ]
    User.objects.bulk_create(people)
    act.open_board(kanban, Role.MEMBER, by=User.objects.get(handle="ana"))
    ready, doing, _ = kanban.columns.in_board_order()
    cards = act.create_cards(ready, "\n".join(f"Card {number}" for number in range(100)), by=people[0])
    before = kanban.seq
    chance = random.Random(7)
    deeds = []
    for person, card in zip(people, cards, strict=True):
        neighbour = chance.choice([other for other in cards if other.pk != card.pk])
        to = chance.choice([ready, ready, ready, doing])
        side = chance.choice(["before", "after"])
        deeds.append(functools.partial(act.move_card, card, to=to, by=person, **{side: neighbour}))
    results = at_once(deeds)
    assert [result for result in results if isinstance(result, Exception)] == []
    rows = list(Card.objects.filter(board=kanban))
    assert len({(row.column_id, row.position) for row in rows}) == 100
    assert_no_gap(kanban)
    assert_replay_gives_the_same_order(kanban, before)


def assert_replay_gives_the_same_order(board, before):
    """The order that the log tells is the order that the tables hold."""
    told = {}
    for row in Activity.objects.on(board).filter(verb__in=["card.created", "card.moved"]).order_by("seq"):
        told[row.subject] = (row.after["column"]["id"], row.after["position"])
    held = {
        card.uid: (str(card.column.uid), card.position)
        for card in Card.objects.filter(board=board).select_related("column")
    }
    assert told == held


def test_two_editors_race_on_one_title_and_nobody_is_overwritten(kanban):
    ana, kenji = (User.objects.get(handle=handle) for handle in ("ana", "kenji"))
    ready = kanban.columns.in_board_order()[0]
    card = act.create_card(ready, "Round 0", by=ana)
    last = "Round 0"
    with crowd(2) as together:
        for number in range(1, ROUNDS + 1):
            titles = {ana: f"Ana's {number}", kenji: f"Kenji's {number}"}
            results = together(
                [
                    functools.partial(act.retitle_card, card, title, by=who, seen=card.version)
                    for who, title in titles.items()
                ]
            )
            clashes = [result for result in results if isinstance(result, Clash)]
            winners = [result for result in results if isinstance(result, Card)]
            assert (len(clashes), len(winners)) == (1, 1), results
            card = Card.objects.select_related("board").get()
            (difference,) = clashes[0].differences
            assert difference.theirs == card.title == winners[0].title
            assert {difference.theirs, difference.yours} == set(titles.values())
            assert difference.base == last
            last = card.title
    assert Activity.objects.on(kanban).filter(verb="card.retitled").count() == ROUNDS
    assert_no_gap(kanban)


def test_two_editors_of_different_lines_both_win(kanban):
    ana, kenji = (User.objects.get(handle=handle) for handle in ("ana", "kenji"))
    ready = kanban.columns.in_board_order()[0]
    lines = ["first", "a", "b", "c", "last"]
    card = act.create_card(ready, "Merged", by=ana, what="\n".join(lines))
    for number in range(10):
        seen = card.version
        top = [f"first {number}", *lines[1:]]
        bottom = [*lines[:-1], f"last {number}"]
        results = at_once(
            [
                functools.partial(act.specify_card, card, "what", "\n".join(text), by=who, seen=seen)
                for who, text in ((ana, top), (kenji, bottom))
            ]
        )
        assert all(isinstance(result, Card) for result in results), results
        card = Card.objects.get()
        card.board = kanban
        lines = [f"first {number}", *lines[1:-1], f"last {number}"]
        assert card.what == "\n".join(lines)
    assert_no_gap(kanban)


def test_editors_of_different_fields_never_conflict(kanban):
    ana, kenji = (User.objects.get(handle=handle) for handle in ("ana", "kenji"))
    ready = kanban.columns.in_board_order()[0]
    card = act.create_card(ready, "Old", by=ana)
    seen = card.version
    results = at_once(
        [
            functools.partial(act.retitle_card, card, "New", by=ana, seen=seen),
            functools.partial(act.specify_card, card, "why", "Because", by=kenji, seen=seen),
            functools.partial(act.assign_card, card, kenji, by=ana, seen=seen),
            functools.partial(act.date_card, card, cast.NOW.date(), by=kenji, seen=seen),
        ]
    )
    assert [result for result in results if isinstance(result, Exception)] == []
    card = Card.objects.get()
    assert (card.title, card.why, card.assignee, card.due) == ("New", "Because", kenji, cast.NOW.date())


@pytest.mark.parametrize("what", ["card", "comment", "tick"])
def test_the_same_request_fifty_times_at_once_is_done_once(kanban, what):
    ana = User.objects.get(handle="ana")
    ready = kanban.columns.in_board_order()[0]
    card = act.create_card(ready, "First", by=ana)
    (item,) = act.add_items(act.add_checklist(card, "Steps", by=ana), "one", by=ana)
    kanban.refresh_from_db()
    before = kanban.seq
    by = By(ana, request_id=uuid.uuid4(), fingerprint=bytes(32))
    deed = {
        "card": functools.partial(act.create_card, ready, "Once", by=by),
        "comment": functools.partial(post_comment, card, "Once", by=by),
        "tick": functools.partial(act.check_item, item, by=by),
    }[what]
    results = at_once([deed] * 50)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert len({result.pk for result in results}) == 1
    kanban.refresh_from_db()
    assert kanban.seq == before + 1
    assert Activity.objects.filter(request_id=by.request_id).count() == 1
    assert Request.objects.filter(request_id=by.request_id).count() == 1
    assert Card.objects.filter(title="Once").count() == (what == "card")
    assert Comment.objects.count() == (what == "comment")


def test_cards_transferred_both_ways_at_once_never_deadlock(kanban):
    ana = User.objects.get(handle="ana")
    other = act.create_board("Mobile app", by=ana, key="MOB", starter=False)
    here, there = kanban.columns.in_board_order()[0], other.columns.in_board_order()[0]
    outward = act.create_cards(here, "\n".join(f"Out {number}" for number in range(10)), by=ana)
    homeward = act.create_cards(there, "\n".join(f"Home {number}" for number in range(10)), by=ana)
    results = at_once(
        [functools.partial(act.transfer_card, card, to=there, by=ana) for card in outward]
        + [functools.partial(act.transfer_card, card, to=here, by=ana) for card in homeward]
    )
    assert [result for result in results if isinstance(result, Exception)] == []
    assert Card.objects.filter(board=kanban).count() == 10
    assert Card.objects.filter(board=other).count() == 10
    for board in (kanban, other):
        assert_no_gap(board)
        numbers = Card.objects.filter(board=board).values_list("number", flat=True)
        assert len(set(numbers)) == 10
