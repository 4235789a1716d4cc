"""Away: said once, told on every board of the person, counted over, changed, taken back, undone."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest

from activity.errors import Forbidden, Refused
from activity.log.record import By
from activity.log.snapshots import state_at
from activity.models import Activity
from boards.actions import (
    add_member,
    archive_board,
    change_absence,
    come_back,
    create_board,
    say_away,
)
from boards.models import Board, Role
from boards.undo.engine import undo_change
from fluxboard.accounts.answer_deadlines import answer_by
from fluxboard.accounts.models import User
from fluxboard.accounts.working_hours import at_work_words
from fluxboard.features.verification.verify import verify
from tests.cast import NOW

pytestmark = pytest.mark.django_db
FIRST, LAST = dt.date(2026, 10, 19), dt.date(2026, 10, 23)


def by(person: User, now: dt.datetime = NOW) -> By:
    return By(person, now=now, request_id=uuid4())


def verbs(board: Board) -> list[str]:
    return [row.effect for row in Activity.objects.filter(board=board).order_by("seq")]


def last_of(board: Board) -> Activity:
    return Activity.objects.filter(board=board).latest("seq")


def away(person: User) -> list[tuple[str, str, str]]:
    person.refresh_from_db()
    return [(str(one.first), str(one.last), one.cover_name) for one in person.away]


@pytest.fixture
def other(kenji: User) -> Board:
    return create_board("Mobile", by=kenji, key="MOB", starter=False)


def test_it_is_said_once_and_told_on_each_current_board(
    board: Board, other: Board, kenji: User, ana: User
) -> None:
    gone = create_board("Old", by=kenji, key="OLD", starter=False)
    archive_board(gone, by=kenji)
    say_away(kenji, FIRST, LAST, by=by(kenji), reason="Leave", cover=ana)
    assert away(kenji) == [("2026-10-19", "2026-10-23", "Ana Duarte")]
    assert last_of(board).after["cover"] == {"id": str(ana.uid), "name": "Ana Duarte"}
    assert last_of(other).after["cover"] is None, "who is not on a board is not named there"
    assert last_of(board).verb == last_of(other).verb == "member.away"
    assert "member.away" not in verbs(gone)
    for one in (board, other, gone):
        one.refresh_from_db()
        assert verify(one) == []


def test_the_same_request_again_says_it_once(board: Board, kenji: User) -> None:
    same = by(kenji)
    say_away(kenji, FIRST, LAST, by=same)
    say_away(kenji, FIRST, LAST, by=same)
    assert verbs(board).count("member.away") == 1
    assert len(away(kenji)) == 1


def test_somebody_on_no_board_can_be_away_too(sam: User) -> None:
    say_away(sam, FIRST, LAST, by=by(sam))
    assert away(sam) == [("2026-10-19", "2026-10-23", "")]


def test_an_owner_says_it_for_a_member_and_nobody_else_may(
    board: Board, other: Board, ana: User, kenji: User, priya: User, sam: User
) -> None:
    say_away(kenji, FIRST, LAST, by=by(ana))
    assert last_of(other).actor == ana
    for stranger in (priya, sam):
        with pytest.raises(Forbidden):
            say_away(kenji, LAST + dt.timedelta(9), LAST + dt.timedelta(9), by=by(stranger))
        with pytest.raises(Forbidden):
            come_back(kenji, away_ids(kenji)[0], by=by(stranger))
    create_board("Sam's own", by=sam, key="SAM", starter=False)
    with pytest.raises(Forbidden):
        say_away(kenji, LAST + dt.timedelta(9), LAST + dt.timedelta(9), by=by(sam))


def away_ids(person: User) -> list[str]:
    person.refresh_from_db()
    return [one.id for one in person.away]


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (LAST, FIRST, "last"),
        (dt.date(2026, 10, 1), dt.date(2026, 10, 2), "last"),
        (FIRST, dt.date(2029, 1, 1), "last"),
        (dt.date(2031, 1, 1), dt.date(2031, 1, 2), "first"),
        (dt.date(2026, 10, 22), dt.date(2026, 10, 30), "first"),
    ],
)
def test_days_that_will_not_do_are_refused_beside_their_field(
    board: Board, kenji: User, first: dt.date, last: dt.date, field: str
) -> None:
    say_away(kenji, dt.date(2026, 10, 21), dt.date(2026, 10, 23), by=by(kenji))
    before = verbs(board)
    with pytest.raises(Refused) as refused:
        say_away(kenji, first, last, by=by(kenji))
    assert refused.value.field == field
    assert verbs(board) == before


def test_a_cover_is_somebody_else_who_can_work_on_a_board_of_theirs(
    board: Board, kenji: User, priya: User, sam: User
) -> None:
    for nobody in (kenji, priya, sam):  # oneself, a viewer, a stranger
        with pytest.raises(Refused) as refused:
            say_away(kenji, FIRST, LAST, by=by(kenji), cover=nobody)
        assert refused.value.field == "cover"


def test_it_is_changed_and_taken_back_and_each_is_told(board: Board, kenji: User, ana: User) -> None:
    say_away(kenji, FIRST, LAST, by=by(kenji))
    (stretch,) = away_ids(kenji)
    change_absence(kenji, stretch, FIRST, dt.date(2026, 10, 26), by=by(kenji), cover=ana)
    assert away(kenji) == [("2026-10-19", "2026-10-26", "Ana Duarte")]
    assert last_of(board).before == {"last": "2026-10-23", "cover": None}
    board.refresh_from_db()
    assert state_at(board, board.seq).away[stretch]["last"] == "2026-10-26"
    change_absence(kenji, stretch, FIRST, dt.date(2026, 10, 26), by=by(kenji), cover=ana)
    assert verbs(board).count("member.away_changed") == 1, "what changes nothing is not told"
    come_back(kenji, stretch, by=by(kenji))
    assert away(kenji) == []
    board.refresh_from_db()
    assert state_at(board, board.seq).away == {}
    with pytest.raises(Refused):
        come_back(kenji, stretch, by=by(kenji))


def test_who_comes_back_early_was_away_until_the_day_before(board: Board, kenji: User) -> None:
    say_away(kenji, FIRST, LAST, by=by(kenji))
    wednesday = dt.datetime(2026, 10, 21, 3, tzinfo=dt.UTC)
    come_back(kenji, away_ids(kenji)[0], by=by(kenji, wednesday))
    assert away(kenji) == [("2026-10-19", "2026-10-20", "")]
    assert last_of(board).after["last"] == "2026-10-20"


def test_each_can_be_undone_and_done_again(board: Board, other: Board, kenji: User, ana: User) -> None:
    say_away(kenji, FIRST, LAST, by=by(kenji), cover=ana)
    said = away(kenji)
    undo_change(board, last_of(board).seq, by=by(kenji))
    assert away(kenji) == []
    assert last_of(board).verb == "change.undone"
    assert last_of(other).verb == "member.back", "the other boards hear of it as well"
    undo_change(board, last_of(board).seq, by=by(ana))
    assert away(kenji) == said
    stretch = away_ids(kenji)[0]
    change_absence(kenji, stretch, FIRST, FIRST, by=by(kenji), cover=ana)
    undo_change(board, last_of(board).seq, by=by(kenji))
    assert away(kenji) == said
    come_back(kenji, stretch, by=by(kenji))
    undo_change(board, last_of(board).seq, by=by(kenji))
    assert away(kenji) == said
    for one in (board, other):
        one.refresh_from_db()
        assert verify(one) == []


def test_what_changed_since_is_not_undone_silently(board: Board, kenji: User) -> None:
    say_away(kenji, FIRST, LAST, by=by(kenji))
    stretch = away_ids(kenji)[0]
    change_absence(kenji, stretch, FIRST, FIRST, by=by(kenji))
    changed = last_of(board).seq
    change_absence(kenji, stretch, FIRST, LAST + dt.timedelta(7), by=by(kenji))
    with pytest.raises(Refused):
        undo_change(board, changed, by=by(kenji))


def test_a_viewer_undoes_their_own_and_not_another_persons(
    board: Board, kenji: User, priya: User, ana: User
) -> None:
    say_away(kenji, FIRST, LAST, by=by(ana))
    with pytest.raises(Forbidden):
        undo_change(board, last_of(board).seq, by=by(priya))
    say_away(priya, FIRST, LAST, by=by(priya))
    undo_change(board, last_of(board).seq, by=by(priya))
    assert away(priya) == []


def test_answers_are_due_after_it(board: Board, kenji: User) -> None:
    friday = dt.datetime(2026, 10, 16, 3, tzinfo=dt.UTC)  # noon in Tokyo
    before: Any = answer_by(kenji, friday, 1)
    say_away(kenji, FIRST, LAST, by=by(kenji))
    after: Any = answer_by(kenji, friday, 1)
    assert after - before == dt.timedelta(7)
    assert at_work_words(kenji, friday + dt.timedelta(4), [kenji]) == "away until Fri 23 Oct"


def test_who_covers_is_named_among_those_who_know_them_only(board: Board, kenji: User, ana: User) -> None:
    say_away(kenji, FIRST, LAST, by=by(kenji), cover=ana)
    monday = dt.datetime(2026, 10, 19, 3, tzinfo=dt.UTC)
    assert at_work_words(kenji, monday, [kenji, ana]) == "away until Fri 23 Oct · Ana covers"
    assert at_work_words(kenji, monday, [kenji]) == "away until Fri 23 Oct"
    add_member(board, User.objects.create_user("new@example.com", "x", name="New"), Role.MEMBER, by=ana)
