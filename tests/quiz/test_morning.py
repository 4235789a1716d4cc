"""What people ask in a standup, asked of the demo team's pages: the right answers come from the tables.

Each question names the page on which it must be answered, in words that stand open there. The pages of a
morning have a budget of words.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import F
from django.test import Client
from django.utils import timezone

from activity.feed.period import period_of
from activity.models import Activity
from boards.models import Board, Card, Column
from comments.models import Ask, Decision
from fluxboard.accounts import times
from fluxboard.accounts.models import User

DAY = dt.timedelta(days=1)
# Words that stand open in the page's main part.
BUDGET = {"/": 250, "/now/": 480, "/standup/": 850}


class Reader:
    """Somebody of the team before their pages."""

    def __init__(self, handle: str) -> None:
        self.person = User.objects.get(handle=handle)
        self.pages: dict[str, str] = {}
        self.client = Client()
        self.client.force_login(self.person)
        self.now = timezone.now()
        self.today = times.today_of(self.person, self.now)
        self.boards = list(Board.objects.of(self.person).current())
        self.cards = Card.objects.filter(board__in=self.boards).current()
        self.open = self.cards.filter(column__is_done=False)
        self.begun = self.open.filter(column__in=Column.objects.begun(self.boards))

    def html(self, address: str) -> str:
        """The main part of a page, as it was when it was first asked for."""
        if address not in self.pages:
            answer = self.client.get(address)
            assert answer.status_code == 200, address
            html = answer.content.decode()
            self.pages[address] = html[html.index("<main") : html.index("</main>")]
        return self.pages[address]

    def part(self, address: str, begin: str, end: str = "</section>") -> str:
        """What stands open between two pieces of markup; empty where the first is not there."""
        html = self.html(address)
        at = html.find(begin)
        return shown(html[at : html.index(end, at)]) if at >= 0 else ""

    def group(self, name: str, address: str = "/now/") -> str:
        return self.part(address, f'id="now-{name}"')

    def outcomes(self, person: User) -> str:
        return self.part("/standup/", f'aria-labelledby="person-{person.pk}"', "</article>")


def shown(html: str) -> str:
    """The words that are in sight without a click."""
    html = re.sub(r"<(form|select|template|script)\b.*?</\1>", " ", html, flags=re.S)
    html = re.sub(
        r"<details(?![^>]*\bopen\b)[^>]*>\s*(<summary.*?</summary>).*?</details>", r"\1", html, flags=re.S
    )
    html = re.sub(r'<span class="vh">.*?</span>', " ", html)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.fixture(params=["2026-11-23T09:10", "2026-11-26T14:40"], ids=["monday", "thursday"])
def team(request: pytest.FixtureRequest, db: Any) -> Iterator[None]:
    """The demo team at a morning of London's, and at one of New York's in the middle of the week."""
    with time_machine.travel(dt.datetime.fromisoformat(request.param).replace(tzinfo=dt.UTC)):
        call_command("seed_demo", stdout=io.StringIO())
        yield


def test_each_question_of_a_morning_is_answered_where_one_looks(team: None) -> None:
    """And the pages that one reads for that keep to their words."""
    missed: list[str] = []
    asked = 0
    for handle in ("ana", "kenji", "sam"):
        reader = Reader(handle)
        for question in QUESTIONS:
            for page, *wanted in question(reader):
                asked += 1
                missed += [f"{handle}: {question.__name__}: {word}" for word in wanted if word not in page]
    assert missed == []
    assert asked > 60, "the story has hardly anything to ask about"
    reader = Reader("ana")
    words = {address: len(shown(reader.html(address)).split()) for address in BUDGET}
    assert {address: count for address, count in words.items() if count > BUDGET[address]} == {}


# ---- the questions: each yields a page, and what must stand on it -----------------------------------------


def what_is_blocked_by_whom_and_why(reader: Reader) -> Any:
    for page in (reader.group("blocked"), reader.group("blocked", "/standup/")):
        for card in reader.open.filter(is_blocked=True).select_related("board", "blocked_by_user"):
            by = [f"by {card.blocked_by_user.first_name}"] if card.blocked_by_user else []
            yield page, card.key, card.title, card.blocked_reason[:20], *by


def what_is_overdue_and_whose_is_it(reader: Reader) -> Any:
    for card in reader.open.filter(due__lt=reader.today).select_related("board", "assignee"):
        yield reader.group("overdue"), card.key, card.assignee.first_name if card.assignee else ""
        yield reader.group("overdue", "/standup/"), card.key


def what_is_due_tomorrow(reader: Reader) -> Any:
    for card in reader.open.filter(due=reader.today + DAY).select_related("board"):
        yield reader.group("due", "/standup/"), card.key, "Tomorrow"


def what_waits_on_me_and_by_when(reader: Reader) -> Any:
    asks = Ask.objects.open().filter(person=reader.person, comment__card__board__in=reader.boards)
    for ask in asks.select_related("comment__author", "comment__card__board"):
        page = reader.group("waiting", "/standup/")
        yield page, ask.comment.card.key, f"{ask.comment.author.first_name} asks; answer by"


def what_is_asked_of_others(reader: Reader) -> Any:
    asks = Ask.objects.open().filter(comment__card__board__in=reader.boards).exclude(person=reader.person)
    for ask in asks.select_related("person", "comment__author", "comment__card__board"):
        whom = f"{ask.comment.author.first_name} to {ask.person.first_name}"
        yield reader.group("questions"), ask.comment.card.key, whom


def what_is_each_on(reader: Reader) -> Any:
    cards = reader.begun.exclude(assignee=None).select_related("board", "assignee")
    for person in {card.assignee for card in cards}:
        page = reader.outcomes(person)
        theirs = [card for card in cards if card.assignee_id == person.pk]
        if page and len(theirs) <= 4:
            yield page, "On now", *[card.key for card in theirs]


def what_has_stood_still(reader: Reader) -> Any:
    for card in reader.begun.filter(moved_at__lte=reader.now - F("board__stale_after") * DAY):
        yield reader.group("stuck"), card.key, card.column.name


def what_has_no_owner_and_what_no_definition_of_done(reader: Reader) -> Any:
    nobodys = reader.open.filter(assignee=None).count()
    if nobodys:
        yield reader.group("no-owner"), f"No owner {nobodys}"
        yield reader.html("/standup/"), f"No owner {nobodys}"
    for card in reader.begun.filter(done_when="").select_related("board"):
        yield reader.group("no-done-when"), card.key


def what_was_finished_since_my_last_working_day(reader: Reader) -> Any:
    """By who brought it there last; what was put back is not."""
    period = period_of(reader.person, reader.now)
    moves = Activity.objects.filter(
        board__in=reader.boards, verb="card.moved", at__gte=period.start, source_at=None
    ).order_by("id")
    last = {move.card_id: move for move in moves.select_related("actor")}
    done = {str(uid) for uid in Column.objects.filter(is_done=True).values_list("uid", flat=True)}
    for card in reader.cards.filter(pk__in=last, column__is_done=True).select_related("board"):
        runs = [move for move in moves if move.card_id == card.pk]
        if runs[0].before["column"]["id"] not in done:
            yield reader.outcomes(last[card.pk].actor), "Finished", card.key


def what_was_decided(reader: Reader) -> Any:
    period = period_of(reader.person, reader.now)
    found = Decision.objects.filter(board__in=reader.boards, at__gte=period.start)
    for one in found.select_related("recorded_by", "board"):
        yield reader.outcomes(one.recorded_by), "Decided", f"{one.board.key} D-{one.number}"


def who_is_away_and_who_covers(reader: Reader) -> Any:
    page = shown(reader.html("/standup/"))
    for person in User.objects.filter(boards__in=reader.boards).distinct():
        for stretch in person.away:
            if stretch.last >= times.today_of(person, reader.now):
                yield page, "away", f"{stretch.cover_name.split(' ')[0]} covers" if stretch.cover else "away"


def how_many_came_to_done_between_two_days(reader: Reader) -> Any:
    first = reader.today - 7 * DAY
    page = shown(reader.html(f"/standup/?finished={first}..{reader.today}"))
    moves = Activity.objects.filter(board__in=reader.boards, verb="card.moved", source_at=None).order_by("id")
    done = {str(uid) for uid in Column.objects.filter(is_done=True).values_list("uid", flat=True)}
    begin = period_of(reader.person, reader.now, str(first), str(reader.today)).start
    for card in reader.cards.filter(column__is_done=True).select_related("board"):
        runs = [move for move in moves if move.card_id == card.pk and move.at >= begin]
        if runs and runs[0].before["column"]["id"] not in done:
            yield page, card.key


def what_comes_next_for_somebody(reader: Reader) -> Any:
    waiting = reader.open.exclude(pk__in=reader.begun).exclude(assignee=None)
    for card in waiting.select_related("board", "assignee"):
        yield reader.group("next", f"/now/?person={card.assignee_id}"), card.key


QUESTIONS = [
    what_is_blocked_by_whom_and_why,
    what_is_overdue_and_whose_is_it,
    what_is_due_tomorrow,
    what_waits_on_me_and_by_when,
    what_is_asked_of_others,
    what_is_each_on,
    what_has_stood_still,
    what_has_no_owner_and_what_no_definition_of_done,
    what_was_finished_since_my_last_working_day,
    what_was_decided,
    who_is_away_and_who_covers,
    how_many_came_to_done_between_two_days,
    what_comes_next_for_somebody,
]
