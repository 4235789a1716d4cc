"""The figures of what is written, on a log of a few days that is counted here by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from activity.log.record import By
from boards import actions as act
from boards.models import Board, Role
from boards.undo.engine import undo_change
from comments.actions import post_comment
from comments.decisions import record_decision
from comments.outcomes import record_answer
from comments.questions import ask_question, hand_on
from fluxboard.accounts.answer_deadlines import worked_between
from fluxboard.accounts.models import User
from fluxboard.features.insight.quality.answers import asked_questions
from fluxboard.features.insight.quality.blocks import ended_blocks
from fluxboard.features.insight.quality.coverage import changed_cards, explained
from fluxboard.features.insight.quality.hours import writings
from fluxboard.features.insight.quality.readiness import begun_ready
from fluxboard.features.insight.quality.silence import silences
from fluxboard.features.insight.quality.threads import ended_threads
from tests.insight.play import DONE, WAITING, WORK, Play, at, figure, scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def play(board: Board, ana: User) -> Play:
    return Play(board, ana)


def test_a_change_is_explained_by_words_until_the_next_working_day_ends(
    play: Play, board: Board, ana: User
) -> None:
    def say(card: Any, day: int, hour: int = 12) -> None:
        post_comment(card, "Because", by=By(ana, now=at(day, hour)))

    # The 6th of March 2026 is a Friday: its next working day is the 9th.
    say(play.card(1, (WORK, 6)), 9, 22)
    say(play.card(1, (WORK, 6)), 10)
    say(play.card(1, (WORK, 3)), 3, 8)
    say(play.card(1, (WORK, 3)), 2)
    play.card(1, (WORK, 4), (WAITING, 4))
    blocked = play.card(1)
    act.block_card(blocked, "The key is missing", by=By(ana, now=at(5)))
    play.card(1, (WORK, 13))
    of = scope([board], ana)
    changed = changed_cards(of)
    assert sorted(one.day.day for one in changed) == [3, 3, 5, 6, 6, 13], "there and back is no change"
    said = sorted((day.day, written) for day, written in explained(of, changed))
    assert said == [(3, 0), (3, 1), (5, 1), (6, 0), (6, 1)], "what may still be explained does not count"
    told = figure(of, "coverage")
    assert ("5", "changes of a card") in told.facts
    assert ("60 %", "with written words") in told.facts


def test_ready_is_what_it_was_when_work_began(play: Play, board: Board, ana: User, kenji: User) -> None:
    def made(**fields: Any) -> Any:
        return act.create_card(play.columns[WAITING], "Card", by=By(ana, now=at(1)), **fields)

    def begin(card: Any, day: int) -> None:
        act.move_card(card, to=play.columns[WORK], by=By(ana, now=at(day)))

    begin(made(assignee=kenji, why="To pay"), 2)
    begin(made(why="To pay"), 3)
    begin(made(assignee=kenji), 4)
    late = made(assignee=kenji)
    begin(late, 5)
    act.specify_card(late, "done_when", "It pays", by=By(ana, now=at(6)))
    early = made()
    act.specify_card(early, "done_when", "It pays", by=By(ana, now=at(2)))
    act.assign_card(early, ana, by=By(ana, now=at(2)))
    begin(early, 6)
    back = made(assignee=kenji, why="To pay")
    begin(back, 7)
    act.move_card(back, to=play.columns[WAITING], by=By(ana, now=at(8)))
    found = sorted((day.day, ready) for day, ready in begun_ready(scope([board], ana)))
    assert found == [(2, 1), (3, 0), (4, 0), (5, 0), (6, 1)]
    assert ("40 %", "were ready") in figure(scope([board], ana), "ready").facts


def test_silence_is_since_the_last_words(play: Play, board: Board, ana: User) -> None:
    quiet = play.card(2, (WORK, 3))
    spoken = play.card(2, (WORK, 3))
    post_comment(spoken, "Half of it", by=By(ana, now=at(12)))
    play.card(2, (WORK, 3), (DONE, 4))
    act.move_card(quiet, to=play.columns[DONE], by=By(ana, now=at(14)))
    first, second = silences(scope([board], ana), [at(8), at(15)])
    assert sorted(first) == pytest.approx([6, 6])
    assert second == pytest.approx([3])


def test_blocks_by_hand(play: Play, board: Board, ana: User) -> None:
    def block(card: Any, day: int, reason: str = "Waits") -> None:
        act.block_card(card, reason, by=By(ana, now=at(day)))

    def free(card: Any, day: int) -> None:
        act.unblock_card(card, by=By(ana, now=at(day)))

    def undo_last(day: int) -> None:
        board.refresh_from_db()
        undo_change(board, board.seq, by=By(ana, now=at(day)))

    plain = play.card(1)
    block(plain, 2)
    block(plain, 3, "Waits for the bank")
    free(plain, 5)
    mistaken = play.card(1)
    block(mistaken, 2)
    undo_last(3)
    goes_on = play.card(1)
    block(goes_on, 2)
    free(goes_on, 4)
    undo_last(6)
    free(goes_on, 9)
    block(play.card(1), 8)
    spans = sorted((block.end - block.start).days for block in ended_blocks(scope([board], ana)))
    assert spans == [3, 7]
    assert ("1", "blocked now") in figure(scope([board], ana), "unblocking").facts


def test_answers_count_the_answerer_s_hours(play: Play, board: Board, ana: User, kenji: User) -> None:
    card = play.card(1)
    # Kenji works from 9:00 to 17:30 in Tokyo, nine hours ahead. Asked on Monday at 9:00 there.
    question = ask_question(card, "Which tax?", [kenji], by=By(ana, now=at(2, 0)))
    post_comment(card, "The old one", by=By(kenji, now=at(3, 2)), parent=question)
    ask_question(card, "And now?", [kenji], by=By(ana, now=at(4, 0)))
    ask_question(card, "Soon?", [kenji], by=By(ana, now=at(13, 12)))
    late, open_late, open_still = sorted(asked_questions(scope([board], ana)), key=lambda one: one.day)
    assert late.took == pytest.approx(8.5 + 2)
    assert (late.is_late, open_late.is_late, open_still.is_late) == (True, True, None)
    told = figure(scope([board], ana), "answers")
    assert told.facts == [("3", "asked")]
    assert told.said == ["Told only where 3 people or more have answered."]
    assert told.own == ""
    assert (
        figure(scope([board], kenji), "answers").own
        == "Yours: 1 answered, median 10.5 h of your working time."
    )


def test_a_question_handed_on_waits_for_the_other_from_then(
    play: Play, board: Board, ana: User, kenji: User, sam: User
) -> None:
    act.add_member(board, sam, Role.MEMBER, by=By(ana, now=at(1)))
    card = play.card(1)
    question = ask_question(card, "Which tax?", [kenji], by=By(ana, now=at(2, 0)))
    hand_on(question, sam, by=By(kenji, now=at(4, 1)))
    # Sam works in New York: from 14:00 to 22:30 by UTC in these days.
    post_comment(card, "The new one", by=By(sam, now=at(4, 16)), parent=question)
    (one,) = asked_questions(scope([board], ana))
    assert (one.by, one.is_late) == (sam.pk, False)
    assert one.took == pytest.approx(2)


def test_threads_and_decisions_by_hand(play: Play, board: Board, ana: User, kenji: User) -> None:
    card = play.card(1)

    def thread(day: int, *turns: User) -> Any:
        top = post_comment(card, "Is it so?", by=By(turns[0], now=at(day)))
        for who in turns[1:]:
            post_comment(card, "No", by=By(who, now=at(day)), parent=top)
        return top

    talked = thread(2, ana, kenji, kenji, ana)
    record_answer(talked, "So it is", by=By(kenji, now=at(3)), how="call")
    decided = thread(4, ana, kenji)
    record_decision(card, "So", by=By(kenji, now=at(5)), parent=decided)
    met = thread(4, kenji, ana)
    record_decision(card, "Not so", by=By(ana, now=at(5)), parent=met, how="meeting")
    thread(6, ana, kenji)
    found = [(one.day.day, one.rounds, one.is_written) for one in ended_threads(scope([board], ana))]
    assert found == [(3, 3, False), (5, 1, True), (5, 1, False)]
    facts = figure(scope([board], ana), "decisions").facts
    assert facts == [("2", "on 1 card"), ("1", "a week (median)")]
    old = record_decision(card, "Old", by=By(ana, now=dt.datetime(2026, 2, 3, tzinfo=dt.UTC)))
    record_decision(card, "New", by=By(ana, now=dt.datetime(2026, 2, 9, tzinfo=dt.UTC)), supersedes=old)
    february = scope([board], ana, dt.date(2026, 2, 1), dt.date(2026, 3, 15))
    assert ("50 %", "of 2 superseded within 14 days") in figure(february, "decisions").facts


def test_after_hours_is_by_each_writer_s_clock_and_never_of_two(
    play: Play, board: Board, ana: User, kenji: User, sam: User
) -> None:
    card = play.card(2)
    for hour in (10, 23):
        post_comment(card, "Now", by=By(ana, now=at(3, hour)))
        post_comment(card, "Now", by=By(kenji, now=at(3, hour)))
    found = {(by, when.hour): after for when, by, after in writings(scope([board], ana)) if when.day == 3}
    assert found == {(ana.pk, 10): 0, (ana.pk, 23): 1, (kenji.pk, 10): 1, (kenji.pk, 23): 1}
    told = figure(scope([board], ana), "after_hours")
    assert told.facts == ()
    assert told.own == "Yours: 33 % of 3."
    act.add_member(board, sam, Role.MEMBER, by=By(ana, now=at(1)))
    post_comment(card, "Now", by=By(sam, now=at(3, 15)))
    assert ("6", "writings") in figure(scope([board], ana), "after_hours").facts


def test_hours_worked_between_two_moments(kenji: User) -> None:
    assert worked_between(kenji, at(6, 7), at(9, 1)) == dt.timedelta(hours=1.5 + 1)
    assert worked_between(kenji, at(7), at(8)) == dt.timedelta()
    kenji.work_days = []
    assert worked_between(kenji, at(2), at(9)) == dt.timedelta()


def test_an_outcome_written_in_the_thread_is_an_answer(
    board: Board, card: Any, ana: User, kenji: User
) -> None:
    asked = ask_question(card, "Which bank?", [kenji], by=By(ana, now=at(3, 9)))
    record_answer(asked, "The one in Porto, as we said on the call.", by=By(kenji, now=at(4, 9)))
    other = ask_question(card, "Which colour?", [kenji], by=By(ana, now=at(3, 9)))
    record_decision(card, "Blue.", by=By(kenji, now=at(4, 9)), parent=other)
    found = asked_questions(scope([board], ana))
    assert [one.by for one in found] == [kenji.pk, kenji.pk]
    assert all(one.took is not None for one in found)


def test_what_was_asked_and_decided_stays_with_the_board_on_which_it_was(
    board: Board, card: Any, ana: User, kenji: User
) -> None:
    ask_question(card, "Which bank?", [kenji], by=By(ana, now=at(3, 9)))
    record_decision(card, "Blue.", by=By(kenji, now=at(4, 9)))
    other = act.create_board("Mobile", by=By(ana, now=at(2)))
    act.transfer_card(card, to=other.columns.first(), by=By(ana, now=at(5)))
    assert len(asked_questions(scope([board], ana))) == 1
    assert asked_questions(scope([other], ana)) == []
    assert figure(scope([board], ana), "decisions").facts[0] == ("1", "on 1 card")
    assert figure(scope([other], ana), "decisions").facts == ()
