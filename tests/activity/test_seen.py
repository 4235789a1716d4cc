"""What a person saw happen counts as read; what happened while they were away does not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from activity.feed.catch_up import CatchUpProgress
from activity.feed.read_marker import MOST_STRETCHES, has_unread, mark_read, news_of, readings_of, saw
from activity.models import Reading
from activity.stretches import joined
from boards import actions
from boards.models import Board, Card
from fluxboard.accounts.models import User
from fluxboard.features.catch_up.views import catch_up_of
from fluxboard.features.digest.content import letter_for
from tests.boards.test_pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(board: Board, ana: User) -> Board:
    """Ana has read all that there is."""
    board.refresh_from_db()
    mark_read(ana, {board: board.seq}, timezone.now())
    return board


def change(board: Board, card: Card, by: User, words: str) -> int:
    """One change of somebody; its seq."""
    actions.retitle_card(card, words, by=by, seen=None)
    board.refresh_from_db()
    return board.seq


def line(person: User) -> tuple[int, list[tuple[int, int]]]:
    reading = Reading.objects.get(user=person)
    return reading.seq, reading.seen


def counted(person: User, board: Board) -> int:
    return news_of(person, [board.pk])[board.pk].count


def told(person: User, board: Board) -> int:
    """How many changes the catch-up tells."""
    now = timezone.now()
    steps = catch_up_of(person, [board], CatchUpProgress.from_here([board]), now).steps
    about = [one for step in steps for one in (step.cards or [step])]
    return sum(len(one.said) + sum(len(part.facts) for part in one.parts) for one in about)


def test_the_line_moves_over_what_was_seen_when_nothing_before_is_unread(
    here: Board, card: Card, ana: User, kenji: User
) -> None:
    at = timezone.now()
    first = change(here, card, kenji, "One")
    saw(ana, here, first, first, at)
    assert line(ana) == (first, []) and Reading.objects.get(user=ana).at == at
    assert not has_unread(ana, [here.pk]) and counted(ana, here) == told(ana, here) == 0


def test_what_happened_while_away_stays_unread_and_what_was_seen_after_it_does_not(
    here: Board, card: Card, ana: User, kenji: User
) -> None:
    missed = change(here, card, kenji, "While Ana slept")
    shown = change(here, card, kenji, "Before her eyes")
    at = timezone.now()
    saw(ana, here, shown, shown, at)
    assert line(ana) == (missed - 1, [(shown, shown)])
    assert Reading.objects.get(user=ana).at < at, "what is left is of before"
    assert has_unread(ana, [here.pk]) and counted(ana, here) == told(ana, here) == 1
    assert readings_of(ana, [here]).seen == {here.pk: [(shown, shown)]}
    saw(ana, here, missed, missed, timezone.now())
    assert line(ana) == (shown, []), "together nothing is left"


def test_ones_own_changes_are_in_nobodys_way(here: Board, card: Card, ana: User, kenji: User) -> None:
    first = change(here, card, kenji, "Kenji")
    change(here, card, ana, "Ana herself")
    last = change(here, card, kenji, "Kenji again")
    saw(ana, here, first, first, timezone.now())
    saw(ana, here, last, last, timezone.now())
    assert line(ana) == (last, [])


def test_the_standup_does_not_call_it_news(here: Board, card: Card, ana: User, kenji: User) -> None:
    change(here, card, kenji, "Missed")
    shown = change(here, card, kenji, "Seen")
    saw(ana, here, shown, shown, timezone.now())
    readings = readings_of(ana, [here])
    assert [readings.is_news(one) for one in here.activities.order_by("seq")[shown - 2 :]] == [True, False]


def test_what_was_seen_is_in_no_digest(here: Board, card: Card, ana: User, kenji: User) -> None:
    change(here, card, kenji, "Missed")
    shown = change(here, card, kenji, "Seen")
    actions.assign_card(card, kenji, by=kenji)
    here.refresh_from_db()
    saw(ana, here, shown, here.seq, timezone.now())
    (letter,) = letter_for(ana, timezone.now() + dt.timedelta(minutes=1)).by_board
    (doings,) = letter.people
    assert (doings.lines, doings.rest) == ([], "1 text edited")


def test_what_the_line_moved_over_is_in_no_digest_either(
    here: Board, card: Card, ana: User, kenji: User
) -> None:
    shown = change(here, card, kenji, "Seen")
    saw(ana, here, shown, shown, timezone.now())
    assert letter_for(ana, timezone.now() + dt.timedelta(minutes=1)).by_board == []


def test_marking_all_as_read_ends_the_stretches(here: Board, card: Card, ana: User, kenji: User) -> None:
    change(here, card, kenji, "Missed")
    shown = change(here, card, kenji, "Seen")
    saw(ana, here, shown, shown, timezone.now())
    last = change(here, card, kenji, "Missed again")
    mark_read(ana, {here: last}, timezone.now())
    assert counted(ana, here) == 0
    newest = change(here, card, kenji, "And on")
    assert counted(ana, here) == 1
    saw(ana, here, newest, newest, timezone.now())
    assert line(ana) == (newest, [])


def test_the_stretches_have_a_bound_and_the_oldest_are_unread_again(
    here: Board, card: Card, ana: User, kenji: User
) -> None:
    began = last = change(here, card, ana, "Ana herself")
    for number in range(2 * MOST_STRETCHES + 4):
        last = change(here, card, kenji, f"Change {number}")
    for seq in range(began + 2, last + 1, 2):
        saw(ana, here, seq, seq, timezone.now())
    seq, seen = line(ana)
    assert seq == began and len(seen) == MOST_STRETCHES and seen[-1] == (last, last)


def test_nobody_sees_what_has_not_happened(here: Board, card: Card, ana: User, kenji: User) -> None:
    began = here.seq
    for first, last in ((began + 1, 10**15), (0, began), (began + 5, began + 2)):
        saw(ana, here, first, last, timezone.now())
    assert line(ana) == (began, [])
    change(here, card, kenji, "Later")
    assert counted(ana, here) == 1


def test_a_page_says_it_for_its_own_person_alone(
    here: Board, card: Card, ana: User, kenji: User, sam: User
) -> None:
    """Somebody else has signed in in the same browser meanwhile."""
    shown = change(here, card, kenji, "Seen")
    told_of = {"first": shown, "last": shown, "me": ana.pk}
    path = "/b/FLX/seen/"
    client = signed_in(ana)
    assert client.post(path, told_of | {"me": kenji.pk}).status_code == 204
    assert client.post(path, {"first": "x", "last": "", "me": ana.pk}).status_code == 204
    assert counted(ana, here) == 1
    assert signed_in(kenji).post(path, told_of).status_code == 204
    assert counted(ana, here) == 1, "what Kenji saw is nothing that Ana saw"
    assert signed_in(sam).post(path, told_of).status_code == 404
    assert client.get(path).status_code == 405 and Client().post(path, told_of).status_code != 204
    assert client.post(path, told_of).status_code == 204
    assert counted(ana, here) == 0


@pytest.mark.parametrize(
    "stretches, made",
    [
        ([], []),
        ([(3, 4), (1, 2)], [(1, 4)]),
        ([(1, 9), (2, 3)], [(1, 9)]),
        ([(1, 1), (3, 3)], [(1, 1), (3, 3)]),
    ],
)
def test_stretches_that_touch_are_one(stretches: Any, made: Any) -> None:
    assert joined(stretches) == made
