"""Time travel by a date and an hour: on the reader's clock, with each column's count and who was away."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client

from activity.log.record import By
from activity.models import Activity
from boards.actions import add_member, create_board, create_card, move_card, say_away
from boards.models import Board
from comments.actions import post_comment
from fluxboard.accounts.models import User

pytestmark = pytest.mark.django_db


def at(hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 3, 12, hour, minute, tzinfo=dt.UTC)  # Lisbon has UTC's clock then


@pytest.fixture
def past(ana: User, kenji: User) -> Board:
    """A card at 9, another at 10, one moved at 12; Kenji away from 11 on."""
    board = create_board("Old", by=By(ana, now=at(8)), key="OLD", starter=False)
    ready, doing, _ = board.columns.in_board_order()
    add_member(board, kenji, "member", by=By(ana, now=at(8)))
    one = create_card(ready, "One", by=By(ana, now=at(9)))
    create_card(ready, "Two", by=By(ana, now=at(10, 0)))
    say_away(kenji, at(0).date(), at(0).date() + dt.timedelta(4), by=By(ana, now=at(11)), cover=ana)
    move_card(one, to=doing, by=By(ana, now=at(12)))
    board.refresh_from_db()
    return board


def read(person: User, query: str, status: int = 200) -> str:
    client = Client()
    client.force_login(person)
    answer = client.get(f"/b/OLD/at/?{query}")
    assert answer.status_code == status
    return answer.content.decode()


def counts(page: str) -> list[tuple[str, str]]:
    (part,) = re.findall(r'<div class="past__counts".*?</ul>', page, re.S)
    return re.findall(r"<li>(?:<bdi>)?([^<]*?)(?:</bdi>)? <b>(\d+)</b>", part)


def test_it_shows_the_moment_asked_for_and_the_count_of_each_column(past: Board, ana: User) -> None:
    page = read(ana, "time=2026-03-12T09:30")
    assert re.search(r'<time datetime="2026-03-12T09:30:00\+00:00">Thu 12 Mar, 09:30</time>', page)
    names = [column.name for column in past.columns.in_board_order()]
    assert counts(page) == [(names[0], "1"), (names[1], "0"), (names[2], "0"), ("All", "1")]
    page = read(ana, "time=2026-03-12T15:00")
    assert counts(page) == [(names[0], "1"), (names[1], "1"), (names[2], "0"), ("All", "2")]


def test_the_hour_is_on_the_readers_clock(past: Board, ana: User, kenji: User) -> None:
    assert counts(read(kenji, "time=2026-03-12T18:30")) == counts(read(ana, "time=2026-03-12T09:30"))
    assert 'name="time" value="2026-03-12T18:30"' in read(kenji, "time=2026-03-12T09:30Z")


def test_what_stands_in_the_field_leads_to_the_same_moment(past: Board, ana: User) -> None:
    for row in Activity.objects.filter(board=past):
        page = read(ana, f"seq={row.seq}")
        (typed,) = re.findall(r'name="time" value="([^"]*)"', page)
        later = Activity.objects.filter(board=past, at__lte=row.at).latest("seq").seq
        assert f"{later} of" in read(ana, f"time={typed}")


def test_a_card_opens_as_of_the_same_moment(past: Board, ana: User) -> None:
    page = read(ana, "time=2026-03-12T09:30")
    (href,) = re.findall(r'class="card__link"[^>]*href="\?([^"]*)"|href="\?([^"]*card=1)"', page)[:1]
    query = "".join(href).replace("&amp;", "&")
    assert "Thu 12 Mar, 09:30" in read(ana, query)


def test_who_was_away_then_and_who_covered(past: Board, ana: User) -> None:
    assert "Away:" not in read(ana, "time=2026-03-12T10:30")
    page = read(ana, "time=2026-03-12T11:30")
    assert "Away: <bdi>Kenji Mori</bdi> until Mon 16 Mar, <bdi>Ana</bdi> covers" in page


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [("soon", 422, "“soon” is not a moment."), ("1999-01-01T10:00", 404, "This board was not there yet.")],
)
def test_a_date_that_will_not_do_is_told_beside_the_field(
    past: Board, ana: User, typed: str, status: int, words: str
) -> None:
    page = read(ana, f"time={typed}", status)
    field, _, after = page.partition('id="past-at_error"')
    assert words in after[:200]
    assert 'aria-invalid="true"' in field
    assert counts(page), "the board is shown all the same"


def test_times_of_the_history_and_the_standup_lead_there(past: Board, ana: User) -> None:
    client = Client()
    client.force_login(ana)
    history = client.get("/c/OLD-1/history/", headers={"HX-Request": "true"}).content.decode()
    moved = Activity.objects.get(board=past, verb="card.moved")
    assert re.search(rf'<a class="event__then" href="/b/OLD/at/\?seq={moved.seq}"[^>]*><time ', history)
    standup = client.get("/b/OLD/standup/?from=2026-03-10&to=2026-03-12").content.decode()
    assert "/b/OLD/at/?time=2026-03-10T00%3A00%3A00%2B00%3A00" in standup
    assert counts(read(ana, "time=2026-03-12T12:00"))


def test_the_time_of_a_comment_leads_there_too(past: Board, ana: User) -> None:
    comment = post_comment(past.cards.first(), "Here", by=ana)
    client = Client()
    client.force_login(ana)
    html = client.get("/c/OLD-1/").content.decode()
    then = re.search(r'<a class="comment__then event__then" href="([^"]+)"', html)
    assert then and client.get(then[1]).status_code == 200
    assert comment.at.isoformat().replace(":", "%3A").replace("+", "%2B") in then[1]
