"""What a card's owner, due date, title and column were, each with its time: as the replayed log has it."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import time_machine

from activity.feed.card_changes import spells_of
from activity.feed.former_values import NAMES, before_now, spells
from activity.feed.load import ToldActivity
from activity.feed.net_effect import bare
from activity.log.replay.state import ERASED, replay
from activity.log.snapshots import events_of
from activity.models import Activity
from boards import actions as act
from boards.card_fields import CARD_FIELDS
from boards.card_page.former import former_values
from boards.models import Board, Card
from boards.undo.engine import undo_change
from tests.contracts import world

MONDAY = dt.datetime(2026, 10, 12, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def fresh(card):
    return Card.objects.select_related("board").get(pk=card.pk)


def values(card, name):
    return [bare(spell.value) for spell in spells_of(fresh(card))[name]]


def test_each_value_with_who_changed_it_and_when(board, ready, ana, kenji):
    with time_machine.travel(MONDAY, tick=False):
        card = act.create_card(ready, "First", by=ana)
    for days, due, who in ((1, 20, ana), (2, 27, kenji), (3, 30, ana)):
        with time_machine.travel(MONDAY + days * DAY, tick=False):
            act.date_card(card, dt.date(2026, 11, due), by=who)
    former = before_now("due", spells_of(fresh(card))["due"])
    assert [(one.value, one.ended.actor, one.ended.at) for one in former] == [
        ("2026-11-27", ana, MONDAY + 3 * DAY),
        ("2026-11-20", kenji, MONDAY + 2 * DAY),
    ]


def test_a_move_within_its_column_and_an_undo_are_taken_as_what_they_come_to(card, ready, doing, ana):
    other = act.create_card(ready, "Other", by=ana)
    act.move_card(card, to=ready, after=other, by=ana)
    act.move_card(card, to=doing, by=ana)
    undo_change(card.board, Board.objects.get(pk=card.board_id).seq, by=ana)
    assert values(card, "column") == [str(ready.uid), str(doing.uid), str(ready.uid)]


def test_what_was_on_an_earlier_board_goes_on(card, ana, kenji):
    act.assign_card(card, ana, by=ana)
    other = act.create_board("Mobile", by=ana, key="MOB")
    first = other.columns.in_board_order()[0]
    was = card.column
    act.transfer_card(card, to=first, by=ana)
    assert values(card, "column") == [str(was.uid), str(first.uid)]
    assert values(card, "assignee") == [None, str(ana.uid)]


def test_a_title_that_was_erased_does_not_come_back(card, ana):
    act.retitle_card(card, "Second", by=ana)
    act.erase_card(card, ["title"], "Asked for", by=ana)
    titles = [spell.value for spell in spells_of(fresh(card))["title"]]
    assert titles and set(titles) == {ERASED}


def test_a_size_has_former_values_too_where_the_board_has_sizes(card, ana):
    act.configure_board(card.board, card_fields=["size"], by=ana)
    for size in ("small", "large", "medium"):
        act.set_value(fresh(card), CARD_FIELDS["size"], size, by=ana)
    words = [value.words for one in former_values(fresh(card), ana, MONDAY) for value in one.earlier]
    assert words == ["Large", "Small"]
    act.configure_board(fresh(card).board, card_fields=[], by=ana)
    assert former_values(fresh(card), ana, MONDAY) == []


def test_only_so_much_of_a_long_history_is_looked_at(card, doing, ready, ana, django_assert_max_num_queries):
    for number in range(6):
        act.move_card(card, to=(doing, ready)[number % 2], by=ana)
    loaded = fresh(card)
    with django_assert_max_num_queries(1):
        runs = spells_of(loaded, most=3)
    assert len(runs["column"]) == 4
    assert runs["column"][0].began is None


def test_at_any_moment_the_value_is_that_of_the_replayed_log(db):
    made = world.made()
    board = Board.objects.get(pk=made.board.pk)
    events = list(events_of(board))
    rows = list(Activity.objects.filter(board=board).select_related("card").order_by("seq"))
    by_card: dict[str, list[ToldActivity]] = {}
    for event, row in zip(events, rows, strict=True):
        if event.card is not None:
            by_card.setdefault(event.card, []).append(ToldActivity(row, row.before, row.after))
    runs = {uid: spells(told) for uid, told in by_card.items()}
    looked_at = 0
    for place in range(1, board.seq + 1, 2):
        state = replay(event for event in events if event.seq <= place)
        for uid, card in state.cards.items():
            for name, run in runs[uid].items():
                (here,) = [
                    one
                    for one in run
                    if (one.began is None or one.began.seq <= place)
                    and (one.ended is None or one.ended.seq > place)
                ]
                assert bare(here.value) == bare(card[name]), (uid, name, place)
                looked_at += 1
    assert looked_at > 100
    for run in (run for named in runs.values() for run in named.values()):
        assert all(one.ended is then.began for one, then in pairwise(run))
    assert {name for named in runs.values() for name in named} == set(NAMES)
