"""What came to done, net: pure, additive, and what replay says of the same moments."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activity.feed.finished import ColumnStep, NetFinish, column_steps_between, net
from activity.log.record import By
from activity.log.snapshots import state_at
from activity.models import Activity
from boards.actions import archive_card, create_board, create_card, move_card, restore_card
from boards.models import Board, Card
from boards.undo.engine import undo_change
from tests import cast

START = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
DONE = {"done", "shipped"}


def path(card: int, columns: list[str | None]) -> list[ColumnStep]:
    """The steps of a card from one column to the next."""
    ats = (START + dt.timedelta(minutes=n) for n in range(len(columns)))
    return [
        ColumnStep(card, at, 1, was, now) for at, was, now in zip(ats, columns, columns[1:], strict=False)
    ]


places = st.sampled_from([None, "ready", "doing", "done", "shipped"])


@given(st.lists(places, min_size=2, max_size=12), st.data())
def test_the_net_of_two_stretches_is_that_of_both(columns: list[str | None], data: Any) -> None:
    steps = path(7, columns)
    cut = data.draw(st.integers(1, max(len(steps) - 1, 1)))
    whole, first, second = net(steps, DONE), net(steps[:cut], DONE), net(steps[cut:], DONE)
    joined = first[7].then(second[7]) if second else first[7]
    assert joined == whole[7]


@given(st.lists(places, min_size=2, max_size=12))
def test_it_is_by_where_the_card_was_first_and_last(columns: list[str | None]) -> None:
    one = net(path(7, columns), DONE)[7]
    assert (one.was_done, one.is_done) == (columns[0] in DONE, columns[-1] in DONE)
    assert one.is_finished == (columns[0] not in DONE and columns[-1] in DONE)
    assert not (one.is_finished and one.was_taken_back)
    if one.is_finished:
        assert one.done is not None
        assert all(step.now in DONE for step in path(7, columns) if step.at >= one.done.at)


def test_there_and_back_comes_to_nothing_finished() -> None:
    assert net(path(1, ["doing", "done", "doing"]), DONE)[1].was_taken_back
    assert net(path(1, ["done", "doing", "done"]), DONE)[1] == NetFinish(
        True,
        True,
        done=path(1, ["done", "doing", "done"])[1],
        undone=path(1, ["done", "doing", "done"])[0],
    )
    assert net(path(1, ["done", "shipped"]), DONE)[1] == NetFinish(True, True)


class History:
    """A board on which a minute passes with each act."""

    def __init__(self) -> None:
        self.ana = cast.person(f"ana{Board.objects.count()}")
        self.board = create_board("Any", by=By(self.ana, now=START), starter=False)
        self.columns = list(self.board.columns.in_board_order())
        self.now = START
        self.cards: list[Card] = []

    def by(self) -> By:
        self.now += dt.timedelta(minutes=1)
        return By(self.ana, now=self.now)

    def act(self, what: int, which: int, where: int) -> None:
        column = self.columns[where % len(self.columns)]
        if what == 0 or not self.cards:
            self.cards.append(create_card(column, "Card", by=self.by()))
            return
        card = Card.objects.get(pk=self.cards[which % len(self.cards)].pk)
        if card.archived_at:
            restore_card(card, by=self.by())
        elif what == 1:
            archive_card(card, by=self.by())
        elif what == 2:
            last = Activity.objects.filter(board=self.board, card=card).latest("seq")
            if last.effect == "card.moved":
                undo_change(self.board, last.seq, by=self.by())
        else:
            move_card(card, to=column, by=self.by())

    def done_at(self, at: dt.datetime) -> dict[str, bool]:
        """By replay: which cards stood in a column that counts as done, just before a moment."""
        seq = Activity.objects.filter(board=self.board, at__lt=at).latest("seq").seq
        done = {str(column.uid) for column in self.columns if column.is_done}
        return {uid: row["column"] in done for uid, row in state_at(self.board, seq).cards.items()}


@pytest.mark.django_db
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    acts=st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 2)), min_size=4, max_size=14
    ),
    data=st.data(),
)
def test_it_says_what_replay_says_of_both_ends(acts: list[tuple[int, int, int]], data: Any) -> None:
    history = History()
    for act in acts:
        history.act(*act)
    minutes = len(Activity.objects.filter(board=history.board, at__gt=START)) + 1
    first = data.draw(st.integers(1, minutes))
    start = START + dt.timedelta(minutes=first)
    end = START + dt.timedelta(minutes=data.draw(st.integers(first, minutes + 1)))
    before, after = history.done_at(start), history.done_at(end)
    done = {str(column.uid) for column in history.columns if column.is_done}
    nets = net(column_steps_between([history.board.pk], start, end), done)
    uids = {card.pk: str(card.uid) for card in history.cards}
    finished = {uids[pk] for pk, one in nets.items() if one.is_finished}
    assert finished == {uid for uid, is_done in after.items() if is_done and not before.get(uid)}
    lost = {uids[pk] for pk, one in nets.items() if one.was_taken_back and one.was_done}
    assert lost == {uid for uid, was_done in before.items() if was_done and not after[uid]}


@pytest.mark.django_db
def test_of_too_many_steps_the_newest_are_looked_at_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    history = History()
    for where in (0, 1, 2, 1, 0, 2):
        history.act(5, 0, where)
    asked = [history.board.pk], START, history.now + dt.timedelta(1)
    every = column_steps_between(*asked)
    monkeypatch.setattr("activity.feed.finished.MOST_STEPS", 3)
    assert len(every) > 3
    assert column_steps_between(*asked) == every[-3:]
