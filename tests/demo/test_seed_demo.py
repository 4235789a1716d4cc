"""`bin/manage seed_demo`: a believable team, two weeks of history, only where there is nobody."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command

from activity.models import Activity
from boards.models import Board, Card
from comments.models import Comment
from fluxboard.accounts.models import User
from fluxboard.demo import clock, playing, team
from fluxboard.demo.script import BOARDS

THURSDAY = dt.datetime(2026, 10, 15, 8, 14, tzinfo=dt.UTC)
SUNDAY = dt.datetime(2026, 10, 18, 15, 0, tzinfo=dt.UTC)


@pytest.fixture(params=[THURSDAY, SUNDAY], ids=["thursday", "sunday"])
def played(request: pytest.FixtureRequest, db: None) -> dt.datetime:
    playing.play(BOARDS, request.param)
    return request.param


def test_the_demo_is_a_team_at_work(played):
    assert User.objects.values("time_zone").distinct().count() == 5
    assert {board.key for board in Board.objects.all()} == {"FLX", "MOB", "SUP"}
    flx = Board.objects.get(key="FLX")
    assert Activity.objects.on(flx).count() >= 400
    assert Card.objects.filter(column__board=flx, column__is_done=True).count() >= 40
    assert Card.objects.blocked().count() >= 4
    assert Card.objects.exclude(archived_at=None).count() >= 3
    assert Comment.objects.exclude(parent=None).count() >= 20
    assert Comment.objects.exclude(mentions=None).exists()
    assert_history_is_believable(played)
    assert_boards_look_right(played)


def assert_history_is_believable(now):
    for board in Board.objects.all():
        activities = list(Activity.objects.on(board).order_by("seq").select_related("actor"))
        assert [activity.seq for activity in activities] == list(range(1, board.seq + 1))
        times = [activity.at for activity in activities]
        assert times == sorted(times)
        assert times[-1] <= now
        assert now - dt.timedelta(days=21) < times[0] < now - dt.timedelta(days=11)
        for activity in activities:
            local = activity.at.astimezone(activity.actor.zone)
            assert local.isoweekday() in activity.actor.work_days, activity
            assert activity.actor.work_start <= local.time() <= activity.actor.work_end, activity


def assert_boards_look_right(now):
    flx = Board.objects.get(key="FLX")
    doing = flx.columns.get(name="In progress")
    titles = [card.title for card in doing.cards.filter(archived_at=None).in_board_order()]
    assert "Order history returns no rows past page 5" in titles
    assert len(titles) == doing.wip_limit
    paging = Card.objects.get(title__startswith="Order history returns")
    assert paging.due == now.date() + dt.timedelta(days=1)
    assert (paging.items_done, paging.items_total) == (7, 10)
    moved = Card.objects.get(title__startswith="Address form")
    assert moved.board == flx
    assert moved.former_keys.get().board.key == "SUP"
    for text in Comment.objects.values_list("text", flat=True):
        assert "{" not in text


def test_the_last_word_was_said_just_now(db):
    playing.play(BOARDS, THURSDAY)
    assert Activity.objects.latest("at").at > THURSDAY - dt.timedelta(hours=2)


def test_the_sign_ins_work(db, client):
    out = io.StringIO()
    call_command("seed_demo", stdout=out)
    for handle in team.TEAM:
        assert f"{team.email(handle)}  " in out.getvalue()
        assert User.objects.get(handle=handle).check_password(team.password(handle))
        assert team.password(handle) in out.getvalue()


def test_where_there_are_people_the_demo_stays_away(ana):
    with pytest.raises(CommandError, match="people here already") as refusal:
        call_command("seed_demo")
    assert refusal.value.returncode == 2
    assert User.objects.get() == ana
    assert not Board.objects.exists()


def test_working_days_leave_the_weekend_out():
    monday = dt.datetime(2026, 10, 19, 10, 0, tzinfo=dt.UTC)
    assert clock.working_days_before(monday, 1) == dt.datetime(2026, 10, 16, 10, 0, tzinfo=dt.UTC)
    assert clock.working_days_before(monday, 10) == dt.datetime(2026, 10, 5, 10, 0, tzinfo=dt.UTC)
