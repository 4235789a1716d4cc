"""`bin/manage seed_demo`: a believable team, six weeks of history, only where there is nobody."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from activity.log.record import FRAMES_KEPT
from activity.models import Activity, Frame
from boards.models import Board, Card
from boards.rendering.fragments import REFETCH
from comments.models import Comment, Decision
from fluxboard.accounts.models import User
from fluxboard.features.demo import clock, play, team
from fluxboard.features.demo.stories.all import BOARDS

MONDAY = dt.datetime(2026, 10, 12, 0, 10, tzinfo=dt.UTC)


def test_the_demo_is_a_team_at_work(db):
    out = io.StringIO()
    call_command("seed_demo", stdout=out)
    assert_the_sign_ins_work(out.getvalue())
    assert User.objects.values("time_zone").distinct().count() == 5
    assert {board.key for board in Board.objects.all()} == {"FLX", "MOB", "SUP", "NEW"}
    flx = Board.objects.get(key="FLX")
    assert Activity.objects.on(flx).count() >= 400
    assert Card.objects.filter(column__board=flx, column__is_done=True).count() >= 40
    assert Card.objects.blocked().count() >= 4
    assert Card.objects.exclude(archived_at=None).count() >= 3
    assert Comment.objects.exclude(parent=None).count() >= 20
    assert Comment.objects.exclude(mentions=None).exists()
    assert Decision.objects.count() >= 8
    assert Comment.objects.filter(kind="question").exists()
    assert_seqs_have_no_gap()
    assert_frames_are_hints()
    assert_the_board_looks_right(flx)


def assert_the_sign_ins_work(said):
    for handle in team.TEAM:
        assert team.email(handle) in said
        assert team.password(handle) in said
        assert User.objects.get(handle=handle).check_password(team.password(handle))


def assert_seqs_have_no_gap():
    for board in Board.objects.all():
        activities = list(Activity.objects.on(board).order_by("seq"))
        assert [activity.seq for activity in activities] == list(range(1, board.seq + 1))
        times = [activity.at for activity in activities]
        assert times == sorted(times)


def assert_frames_are_hints():
    """Nobody watched, so nothing was drawn; whoever resumes from any seq fetches the board anew."""
    for board in Board.objects.all():
        frames = Frame.objects.filter(board=board)
        assert frames.count() == min(board.seq, FRAMES_KEPT)
        assert not frames.filter(html__contains="data-upsert").exists()
        assert REFETCH in frames.get(seq=board.seq).html


def assert_the_board_looks_right(flx):
    doing = flx.columns.get(name="In progress")
    titles = [card.title for card in doing.cards.filter(archived_at=None).in_board_order()]
    assert "Order history returns no rows past page 5" in titles
    assert len(titles) == doing.wip_limit
    paging = Card.objects.get(title__startswith="Order history returns")
    assert abs(paging.due - timezone.now().date()) <= dt.timedelta(days=2)
    assert (paging.items_done, paging.items_total) == (7, 10)
    moved = Card.objects.get(title__startswith="Address form")
    assert moved.board == flx
    assert moved.former_keys.get().board.key == "SUP"
    for text in Comment.objects.values_list("text", flat=True):
        assert "{" not in text


def test_everyone_worked_in_their_own_hours_whenever_the_demo_is_made():
    people = {handle: User(**team.facts(handle)) for handle in team.TEAM}
    for hours in range(0, 7 * 24, 5):
        now = MONDAY + dt.timedelta(hours=hours)
        cues = play.cues(BOARDS, play.Stage(people, now), now)
        assert cues[-1][0] <= now
        assert now - dt.timedelta(days=42) < cues[0][0] < now - dt.timedelta(days=34)
        for at, _, _, step in cues:
            person = people[step[1]]
            local = at.astimezone(person.zone)
            assert local.isoweekday() in person.work_days, step
            assert person.work_start <= local.time() <= person.work_end, step
        if MONDAY + dt.timedelta(hours=6) < now < MONDAY + dt.timedelta(days=4.8):
            assert now - cues[-1][0] < dt.timedelta(hours=3)


def test_where_there_are_people_the_demo_stays_away(ana):
    out = io.StringIO()
    call_command("seed_demo", "--if-empty", stdout=out)
    assert out.getvalue() == "There are people here already, so the demo was left out.\n"
    assert not Board.objects.exists()
    with pytest.raises(CommandError, match="people here already") as refusal:
        call_command("seed_demo")
    assert refusal.value.returncode == 2
    assert User.objects.get() == ana
    assert not Board.objects.exists()


def test_working_days_leave_the_weekend_out():
    monday = dt.datetime(2026, 10, 19, 10, 0, tzinfo=dt.UTC)
    assert clock.working_days_before(monday, 1) == dt.datetime(2026, 10, 16, 10, 0, tzinfo=dt.UTC)
    assert clock.working_days_before(monday, 10) == dt.datetime(2026, 10, 5, 10, 0, tzinfo=dt.UTC)
