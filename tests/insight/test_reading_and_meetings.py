"""How much is read by somebody else, and what meetings came to, counted by hand and another way."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from django.db import connection

from activity.feed.read_marker import DAYS_KEPT, forget_old_days, mark_read, saw
from activity.log.record import By
from activity.models import ReadDay
from boards import actions as act
from boards.models import Board, Role
from fluxboard.accounts.models import User
from fluxboard.features.insight.quality.reading import read_changes
from fluxboard.meetings.actions.meetings import cancel_meeting, close_meeting, mark_not_needed, start_meeting
from fluxboard.meetings.actions.outcomes import TopicOutcome, settle_topic
from tests.insight.play import Play, at, figure, scope
from tests.meetings.course import planned

pytestmark = pytest.mark.django_db


def change(board: Board, by: User, now: dt.datetime) -> int:
    """One card more; its seq."""
    act.create_card(board.columns.in_board_order()[0], "Card", by=By(by, now=now))
    board.refresh_from_db()
    return board.seq


def read(person: User, board: Board, seq: int, now: dt.datetime) -> None:
    board.refresh_from_db()
    mark_read(person, {board: seq}, now)


def test_read_is_what_somebody_else_has_read_by_the_end_of_the_next_working_day(board, ana, kenji, priya):
    """Ana is in Lisbon, where it is UTC; Kenji in Tokyo, where noon in UTC is nine in the evening."""
    act.change_role(board, priya, Role.MEMBER, by=ana)
    first = change(board, ana, at(2))  # Monday; read by herself alone
    read(ana, board, first, at(2, 13))
    second = change(board, ana, at(3))  # Tuesday; read by Kenji on Wednesday evening
    read(kenji, board, second, at(4, 14))
    third = change(board, kenji, at(6))  # his Friday; read by Priya on Monday
    read(priya, board, third, at(9))
    change(board, priya, at(10))  # read by nobody
    seen = change(board, kenji, at(11))  # seen by Ana as it came in, with the one before unread
    saw(ana, board, seen, seen, at(11))
    change(board, ana, at(13))  # may still be read on Monday the 16th
    of = scope([board], ana)
    told = sorted((day.day, by, value) for day, by, value in read_changes(of))
    assert told == [
        (2, ana.pk, 0.0),
        (3, ana.pk, 1.0),
        (6, kenji.pk, 1.0),
        (10, priya.pk, 0.0),
        (11, kenji.pk, 1.0),
    ]
    figure_ = figure(of, "reading")
    assert ("5", "changes") in figure_.facts
    assert ("60 %", "read in time") in figure_.facts


def test_it_begins_with_the_first_day_that_was_kept_and_is_of_three_people(board, ana, kenji):
    for day in (2, 3, 4, 5, 6):
        change(board, ana, at(day))
    assert read_changes(scope([board], ana)) == []
    assert "kept since this figure is there" in figure(scope([board], ana), "reading").said[0]
    read(kenji, board, 1, at(4))
    of = scope([board], ana)
    assert {day.day for day, _, _ in read_changes(of)} == {4, 5, 6}
    assert figure(of, "reading").facts == ()
    assert figure(of, "reading").said == ["Told only where 3 people or more have done something."]


def test_it_is_what_the_marks_themselves_say(board, ana, kenji, priya):
    """Many changes and marks at random; the way round by the marks that were made, not by what is kept."""
    act.change_role(board, priya, Role.MEMBER, by=ana)
    chance, team = random.Random(7), [ana, kenji, priya]
    steps = sorted(at(2) + dt.timedelta(minutes=chance.randrange(13 * 1440)) for _ in range(160))
    done, marks = [], []
    for n, now in enumerate(steps):
        person = chance.choice(team)
        if n == 0 or chance.random() < 0.5:
            done.append((person, change(board, person, now), now))
        else:
            seq = chance.choice(done)[1]
            if chance.random() < 0.5:
                read(person, board, seq, now)
                marks.append((person, range(1, seq + 1), now))
            else:
                board.refresh_from_db()
                saw(person, board, seq, seq, now)
                marks.append((person, range(seq, seq + 1), now))
    of = scope([board], ana)
    began = min(now.astimezone(who.zone).date() for who, _, now in marks)
    expected = []
    for who, seq, now in done:
        day = now.astimezone(who.zone).date()
        until = day + dt.timedelta({4: 3, 5: 2}.get(day.weekday(), 1))
        is_read = any(
            reader != who and seq in what and when.astimezone(reader.zone).date() <= until
            for reader, what, when in marks
        )
        if of.day_of(now) >= began and (is_read or until < of.today):
            expected.append((of.day_of(now), who.pk, float(is_read)))
    assert sorted(read_changes(of)) == sorted(expected)
    assert {value for _, _, value in expected} == {0.0, 1.0}


def test_a_day_of_reading_is_kept_once_and_not_for_ever(board, ana, kenji):
    seq = change(board, ana, at(2))
    for hour in (9, 12, 14):
        read(kenji, board, seq, at(3, hour))
    read(kenji, board, seq, at(3, 16))  # the next day in Tokyo
    assert [(one.day.day, one.seq) for one in ReadDay.objects.order_by("day")] == [(3, seq), (4, seq)]
    assert forget_old_days(at(3) + DAYS_KEPT) == 0
    assert forget_old_days(at(4) + DAYS_KEPT) == 1
    assert ReadDay.objects.count() == 1


def test_meetings_are_counted_by_what_became_of_them(board, ana, kenji, priya):
    then, when = By(ana, now=at(2)), {"starts_at": at(4, 9), "minutes": 30}
    held = planned(board, then, "Prices", invited=[kenji], **when)
    start_meeting(held, by=then)
    settle_topic(held.topics.get(), TopicOutcome("nothing", "It is clear."), by=then)
    close_meeting(held, by=then)
    off = planned(board, then, "Names", invited=[kenji], **when)
    cancel_meeting(off, "Nobody is there", by=then)
    needless = planned(board, then, "Small", invited=[kenji, priya], starts_at=at(11, 9), minutes=45)
    settle_topic(needless.topics.get(), TopicOutcome("nothing", "By mail."), by=then)
    mark_not_needed(needless, by=then)
    planned(board, then, "Later", **when)  # still planned: nothing became of it
    of = scope([board], ana)
    told = figure(of, "meetings")
    assert told.facts[:3] == [("1", "held"), ("1", "not needed"), ("1", "called off")]
    assert [row[1:] for row in told.table.rows] == [[1, 0, 1], [0, 1, 0]]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(m.minutes) FROM meetings_meeting m JOIN meetings_meeting_invited i"
            " ON i.meeting_id = m.id WHERE m.state = 'not_needed' AND m.board_id = %s",
            [board.pk],
        )
        (minutes,) = cursor.fetchone()
    assert (f"{minutes / 60:.1f} h", "of everybody not spent") in told.facts


def test_without_meetings_it_says_so(board, ana):
    Play(board, ana)
    assert figure(scope([board], ana), "meetings").said == ["No meeting was to be in these days."]
