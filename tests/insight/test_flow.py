"""The figures of flow, on a log of a few cards that is counted here by hand."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activity.log.record import By
from boards import actions as act
from boards.models import Board, Column
from boards.undo.engine import undo_change
from fluxboard.accounts.models import User
from fluxboard.features.insight.finishing import finished_cards
from fluxboard.features.insight.flow import stood
from fluxboard.features.insight.forecast import RUNS, simulated
from fluxboard.features.insight.load import load_insight
from fluxboard.features.insight.measures import median, reached, span_words
from tests.insight.play import DONE, WAITING, WORK, Play, at, figure, scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def play(board: Board, ana: User) -> Play:
    return Play(board, ana)


def at_the_end_of(found: tuple[list[dt.date], dict[str, list[int]]], column: Column) -> dict[int, int]:
    days, counts = found
    return {day.day: count for day, count in zip(days, counts[str(column.uid)], strict=True)}


def test_where_cards_stood_day_by_day(play: Play, board: Board, ana: User) -> None:
    play.card(1, (WORK, 3), (DONE, 5))
    put_away = play.card(1, (WORK, 3), (DONE, 6))
    act.archive_card(put_away, by=By(ana, now=at(8)))
    dropped = play.card(4, (WORK, 5))
    act.archive_card(dropped, by=By(ana, now=at(7)))
    act.restore_card(dropped, by=By(ana, now=at(9)))
    play.card(20)
    found = stood(scope([board], ana))
    waiting, work, done = (at_the_end_of(found, column) for column in play.columns)
    assert [waiting[day] for day in (2, 3, 4, 5)] == [2, 0, 1, 0]
    assert [work[day] for day in (2, 3, 4, 5, 6, 7, 8, 9)] == [0, 2, 2, 2, 1, 0, 0, 1]
    assert [done[day] for day in (4, 5, 6, 8, 15)] == [0, 1, 2, 2, 2], "put away while done still counts"


def test_the_last_day_is_what_the_board_shows(play: Play, board: Board, ana: User) -> None:
    for day in range(2, 9):
        play.card(day, (WORK, day + 1), (DONE, day + 3))
        play.card(day, (WORK, day + 2))
    _, counts = stood(scope([board], ana))
    for column in play.columns:
        assert counts.get(str(column.uid), [0])[-1] == column.cards.count()


def test_cycle_and_lead_time_by_hand(play: Play, board: Board, ana: User) -> None:
    plain = play.card(1, (WORK, 3), (DONE, 5))
    mistaken = play.card(1, (WORK, 2), (WAITING, 3), (WORK, 8), (DONE, 9))
    reopened = play.card(2, (WORK, 3), (DONE, 4), (WORK, 6), (DONE, 10))
    skipped = play.card(2, (DONE, 6))
    back = play.card(2, (WORK, 3), (DONE, 4), (WORK, 5))
    play.card(1, (WORK, 2), (DONE, 16))
    found = {one.card: (one.cycle, one.lead) for one in finished_cards(scope([board], ana))}
    assert found == {
        plain.pk: (2, 4),
        mistaken.pk: (1, 8),
        reopened.pk: (7, 8),
        skipped.pk: (None, 4),
    }
    assert back.pk not in found
    cycle = figure(scope([board], ana), "cycle")
    assert cycle.chart is None, "three cards are no median"
    assert "A median is told of 5 cards and more." in cycle.said
    assert any("nobody moved through work" in line for line in cycle.said)


def test_an_undone_move_is_none(play: Play, board: Board, ana: User) -> None:
    card = play.card(2, (WORK, 3), (DONE, 4))
    move = board.activities.filter(verb="card.moved").latest("seq")
    undo_change(board, move.seq, by=By(ana, now=at(5)))
    assert finished_cards(scope([board], ana)) == []
    again = board.activities.latest("seq")
    undo_change(board, again.seq, by=By(ana, now=at(6)))
    (one,) = finished_cards(scope([board], ana))
    assert (one.card, one.cycle) == (card.pk, 3)
    _, work, done = (at_the_end_of(stood(scope([board], ana)), column) for column in play.columns)
    assert [done[day] for day in (4, 5, 6)] == [1, 0, 1]
    assert [work[day] for day in (3, 4, 5, 6)] == [1, 0, 1, 0]


def test_throughput_counts_weeks_of_the_reader(play: Play, board: Board, ana: User, kenji: User) -> None:
    for day in (3, 4, 5):
        play.card(2, (WORK, 2), (DONE, day))
    night = play.card(2, (WORK, 3))
    # Sunday evening in Lisbon is Monday morning in Tokyo.
    act.move_card(night, to=play.columns[DONE], by=By(ana, now=at(8, 20)))
    rows = figure(scope([board], ana), "throughput").table
    assert rows is not None
    assert [row[1] for row in rows.rows] == [4, 0]
    theirs = figure(scope([board], kenji), "throughput").table
    assert theirs is not None
    assert [row[1] for row in theirs.rows] == [3, 1]


def test_medians_and_what_most_cards_took(play: Play, board: Board, ana: User) -> None:
    for took in (1, 2, 3, 4, 9):
        play.card(1, (WORK, 2), (DONE, 2 + took))
    cycle = figure(scope([board], ana), "cycle")
    assert cycle.facts == [("5", "cards"), ("3.0 days", "median"), ("9.0 days", "85 % took no longer")]
    assert cycle.chart is not None
    assert len(cycle.chart.dots) == 5
    ageing = figure(scope([board], ana), "ageing")
    assert ageing.said == ["Nothing is under way."]
    old = play.card(3, (WORK, 4))
    ageing = figure(scope([board], ana), "ageing")
    assert ageing.facts[0] == ("1", "under way")
    assert ageing.facts[2] == ("1", "older than 85 % of 5 finished cards were")
    assert ageing.table is not None
    assert (ageing.table.rows[0][0].key, ageing.table.rows[0][2]) == (old.key, "11.2 days")


def test_a_board_without_cards_or_done_has_no_figures(board: Board, ana: User) -> None:
    for column in board.columns.in_board_order()[1:]:
        act.archive_column(column, by=By(ana, now=at(3)))
    for chapter in load_insight(scope([board], ana), None):
        for one in chapter.figures:
            assert one.chart is None
            assert one.said


def test_columns_put_away_since_still_held_cards(play: Play, board: Board, ana: User) -> None:
    play.card(1, (WORK, 3))
    done = play.card(1, (WORK, 2), (DONE, 4))
    act.archive_column(play.columns[DONE], by=By(ana, now=at(7)))
    table = figure(scope([board], ana), "flow").table
    assert table is not None
    assert table.heading[-1] == "In columns put away"
    assert table.rows[-1][-1] == 1, "what is done stays done"
    assert [one.card for one in finished_cards(scope([board], ana))] == [done.pk]


def test_a_card_that_went_to_another_board_left_this_one(play: Play, board: Board, ana: User) -> None:
    other = act.create_board("Elsewhere", by=By(ana, now=at(1)), key="ELS", starter=False)
    there = list(other.columns.in_board_order())
    card = play.card(2, (WORK, 3))
    act.transfer_card(card, to=there[WORK], by=By(ana, now=at(6)))
    card.refresh_from_db()
    act.move_card(card, to=there[DONE], by=By(ana, now=at(8)))
    here = at_the_end_of(stood(scope([board], ana)), play.columns[WORK])
    assert [here[day] for day in (5, 6)] == [1, 0]
    assert [one.cycle for one in finished_cards(scope([other], ana))] == [2], "since it came to the board"
    (both,) = finished_cards(scope([board, other], ana))
    assert (both.cycle, both.lead) == (2, 6), "it left one board's work, and came into the other's"


def test_measures() -> None:
    assert median([1, 2, 3, 10]) == 2.5
    assert reached([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.85) == 9
    assert reached([7], 0.85) == 7
    assert [span_words(days) for days in (0, 0.01, 0.5, 0.9999, 3.21)] == [
        "1 min",
        "14 min",
        "12 h",
        "1.0 days",
        "3.2 days",
    ]


def test_the_forecast_is_the_same_for_the_same_question() -> None:
    one = simulated([[1], [1], [1], [1], [1], [0], [0]], 10, 4, seed=10)
    assert set(one.days) == {14}, "from a Friday on, ten cards at one a working day: two weeks"
    assert one.within(0.5) == one.within(0.95) == 14
    past: list[list[int]] = [[0, 3, 1, 2] for _ in range(5)] + [[0] * 4] * 2
    assert simulated(past, 30, 0, seed=30) == simulated(past, 30, 0, seed=30)
    assert simulated([[0]] * 7, 1, 0, seed=1).within(0.5) is None


def test_the_forecast_is_what_counting_all_ways_says() -> None:
    """Two cards, each day none or one with equal chance: through on the nth day by (n - 1) / 2^n."""
    found = simulated([[0, 1]] * 7, 2, 0, seed=2)
    for day in (2, 3, 4, 6):
        exact = sum((n - 1) / 2**n for n in range(2, day + 1))
        share = sum(one is not None and one <= day for one in found.days) / RUNS
        assert abs(share - exact) < 0.05


def test_a_forecast_needs_enough_to_go_by(play: Play, board: Board, ana: User) -> None:
    play.card(1, (WORK, 2), (DONE, 3))
    assert figure(scope([board], ana), "forecast").chart is None
    dice = random.Random(7)
    for _ in range(14):
        play.card(1, (WORK, 2), (DONE, dice.randint(3, 27)))
    play.card(4)
    whole = scope([board], ana, last=dt.date(2026, 3, 29))
    told = figure(whole, "forecast")
    assert [words for _, words in told.facts] == ["50 %", "85 %", "95 %"]
    assert "all 1 open card" in told.said[0]
    assert figure(whole, "forecast", cards=40).facts != told.facts
    assert figure(whole, "forecast", cards=40).facts == figure(whole, "forecast", cards=40).facts


def test_figures_cost_the_same_with_more_cards(play: Play, board: Board, ana: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            load_insight(scope([board], ana), None)
        return len(queries)

    for _ in range(6):
        play.card(1, (WORK, 2), (DONE, 5))
        play.card(1, (WORK, 2))
    few = cost()
    for _ in range(6):
        play.card(1, (WORK, 2), (DONE, 6))
        play.card(1, (WORK, 2))
    assert cost() == few
