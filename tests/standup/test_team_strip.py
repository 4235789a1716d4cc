"""The team strip: hours with me, who is away next and who covers, who has joined lately."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from activity.log.record import By
from boards.actions import say_away
from boards.models import Board
from fluxboard.accounts.models import User
from fluxboard.accounts.team_hours import facts_of, overlap, overlap_words, team_clock
from tests.cast import NOW

pytestmark = pytest.mark.django_db


def test_overlap_is_counted_within_my_present_or_next_stretch(ana: User, kenji: User, sam: User) -> None:
    # On 15 October Lisbon is at UTC+1, New York at UTC-4: 9 to 17:30 there is 14:00 to 22:30 here.
    assert overlap(sam, ana, NOW) == dt.timedelta(hours=3, minutes=30)
    assert overlap(ana, sam, NOW) == dt.timedelta(hours=3, minutes=30)
    assert overlap_words(kenji, ana, NOW) == "30 min with you"  # he ends at 9:30 here
    friday_evening = dt.datetime(2026, 10, 16, 20, tzinfo=dt.UTC)
    assert overlap(sam, ana, friday_evening) == dt.timedelta(hours=3, minutes=30), "on Monday"
    assert overlap_words(kenji, sam, NOW) == "no hours with you"
    ana.work_days = []
    assert overlap(sam, ana, NOW) is None


def test_who_is_away_next_and_who_covers(board: Board, ana: User, kenji: User) -> None:
    first = dt.date(2026, 10, 20)
    say_away(kenji, first, first + dt.timedelta(2), by=By(kenji, now=NOW), cover=ana)
    kenji.joined_at = NOW - dt.timedelta(400)
    assert facts_of(kenji, ana, NOW, [ana, kenji])[1:] == ["away Tue 20 Oct to Thu 22 Oct, Ana covers"]
    assert facts_of(kenji, ana, NOW, [kenji])[1:] == ["away Tue 20 Oct to Thu 22 Oct"]
    assert facts_of(kenji, ana, NOW + dt.timedelta(5), [ana, kenji]) == [], "that stands in the row itself"


def test_who_joined_lately_leads_to_what_they_did_since(board: Board, ana: User, kenji: User) -> None:
    kenji.joined_at = NOW - dt.timedelta(3)
    ana.joined_at = NOW - dt.timedelta(40)
    assert [row.joined for row in team_clock([ana, kenji], ana, NOW).rows] == [None, dt.date(2026, 10, 12)]
    User.objects.filter(pk=kenji.pk).update(joined_at=timezone.now() - dt.timedelta(3))
    client = Client()
    client.force_login(ana)
    html = client.get("/standup/").content.decode()
    first = (timezone.now().astimezone(ana.zone) - dt.timedelta(3)).date()
    assert f'href="/standup/?person={kenji.pk}&amp;from={first}"' in html


def test_who_was_away_lately_and_who_covered(board: Board, ana: User, kenji: User) -> None:
    first = dt.date(2026, 10, 20)
    say_away(kenji, first, first + dt.timedelta(2), by=By(kenji, now=NOW), cover=ana)

    def past(at: dt.datetime, *people: User) -> list[str]:
        return [one.words for one in team_clock(people, ana, at).past]

    assert past(NOW + dt.timedelta(6), ana, kenji) == [], "not over yet"
    after = dt.datetime(2026, 10, 23, 9, tzinfo=dt.UTC)
    assert past(after, ana, kenji) == ["Tue 20 Oct to Thu 22 Oct, Ana covered"]
    assert past(after, kenji) == ["Tue 20 Oct to Thu 22 Oct"], "who covers is not on the page"
    assert past(after + dt.timedelta(30), ana, kenji) == []


def test_it_stands_on_the_standup_and_the_boards_about_page(board: Board, ana: User, kenji: User) -> None:
    until = timezone.now().date() + dt.timedelta(9)
    say_away(kenji, until, until, by=ana, cover=ana)
    client = Client()
    client.force_login(ana)
    for page in ("standup", "settings"):
        html = client.get(f"/b/{board.key}/{page}/").content.decode()
        assert "Ana covers" in html.partition('class="clocks"')[2], page
