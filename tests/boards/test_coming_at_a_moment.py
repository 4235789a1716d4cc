"""Who is put on a board at a moment has read what was there at that moment, and nothing of later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from activity.feed.read_marker import news_of
from activity.log.record import By
from activity.models import Activity, Reading
from boards import actions
from boards.invitations import accept_invitation, invite
from boards.models import Board, Membership, Welcome
from fluxboard.accounts.models import User

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def start() -> dt.datetime:
    return timezone.now() - 30 * DAY


@pytest.fixture
def told(ana: User, start: dt.datetime) -> Board:
    """A board of thirty days, with a card on each of its first ten."""
    board = actions.create_board("Old times", by=By(ana, now=start), key="OLD", starter=False)
    for day in range(10):
        actions.create_card(
            board.columns.first(), f"Card {day}", by=By(ana, now=start + day * DAY + dt.timedelta(hours=1))
        )
    board.refresh_from_db()
    return board


def added(board: Board, ana: User, person: User, at: dt.datetime) -> None:
    actions.add_member(board, person, "member", by=By(ana, now=at))


def accepted(board: Board, ana: User, person: User, at: dt.datetime) -> None:
    invitation, _ = invite(board, by=ana, role="member", days=7, now=at - DAY)
    accept_invitation(invitation, by=By(person, now=at))


@pytest.mark.parametrize("come", [added, accepted])
def test_at_a_past_moment_what_came_later_is_news(
    told: Board, ana: User, kenji: User, start: dt.datetime, come: Callable[..., Any]
) -> None:
    moment = start + 4 * DAY
    come(told, ana, kenji, moment)
    there = Activity.objects.filter(board=told, at__lte=moment, verb="card.created").order_by("-seq")
    reading = Reading.objects.get(user=kenji, board=told)
    assert (reading.at, reading.seq) == (moment, there[0].seq)
    assert news_of(kenji, [told.pk])[told.pk].verbs["card.created"] == 6
    assert Membership.objects.get(board=told, user=kenji).role == "member"


def test_before_everything_all_is_news(told: Board, ana: User, kenji: User, start: dt.datetime) -> None:
    added(told, ana, kenji, start - DAY)
    assert Reading.objects.get(user=kenji, board=told).seq == 0


def test_now_all_that_was_there_is_read(told: Board, ana: User, kenji: User) -> None:
    now = timezone.now()
    added(told, ana, kenji, now)
    reading = Reading.objects.get(user=kenji, board=told)
    assert reading.at == now and news_of(kenji, [told.pk])[told.pk].count == 0


def test_who_makes_a_board_in_the_past_has_read_it_since_then(
    told: Board, ana: User, start: dt.datetime
) -> None:
    assert Reading.objects.get(user=ana, board=told).at == start


def test_the_introduction_is_offered_by_that_moment_too(
    told: Board, ana: User, kenji: User, priya: User, start: dt.datetime
) -> None:
    """On its first day the board had only begun."""
    added(told, ana, kenji, start + dt.timedelta(hours=2))
    added(told, ana, priya, start + 5 * DAY)
    assert list(Welcome.objects.filter(board=told).values_list("user", flat=True)) == [priya.pk]
