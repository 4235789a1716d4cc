"""Several cards of a column are moved or put away by one form, and undone as one."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from activity.models import Activity
from boards import actions
from boards.models import Board, Card
from boards.undo.engine import undo_change
from fluxboard.features.verification.verify import verify


@pytest.fixture
def cards(ready, ana):
    return actions.create_cards(ready, "One\nTwo\nThree\nFour", by=ana)


@pytest.fixture
def client(kenji):
    client = Client()
    client.force_login(kenji)
    return client


def address(column, part="moved"):
    return f"/b/{column.board.key}/columns/{column.pk}/cards/{part}/"


def fields(cards, **more):
    return {"cards": [card.number for card in cards], "request_id": str(uuid.uuid4()), **more}


def titles(column):
    return [card.title for card in column.cards.current().in_board_order()]


def test_all_are_chosen_at_first_and_the_next_column_is_meant(client, ready, doing, cards):
    page = client.get(address(ready)).content.decode()
    assert page.count('name="cards"') == page.count(" checked") == len(titles(ready))
    assert f'<option value="{doing.pk}" selected>' in page
    assert " checked" not in client.get(address(ready) + "?none").content.decode()


def test_the_chosen_ones_move_in_their_order_and_are_undone_as_one(client, board, ready, doing, cards, kenji):
    before, there = titles(ready), titles(doing)
    one, two, _, four = cards
    sent = fields([four, two, one], column=doing.pk)
    answer = client.post(address(ready), sent)
    assert (answer.status_code, answer["Location"]) == (303, "/b/FLX/")
    page = client.get("/b/FLX/").content.decode()
    assert "3 cards moved to In progress." in page
    assert f'<a href="/b/FLX/undo/{Activity.objects.on(board).latest("seq").seq}/">Undo</a>' in page
    assert titles(doing) == [*there, "One", "Two", "Four"]
    done = Activity.objects.on(board).filter(request_id=sent["request_id"])
    assert [activity.verb for activity in done] == ["card.moved"] * 3
    client.post(address(ready), sent)
    assert done.count() == 3, "the same form twice is done once"
    answer = client.post(f"/b/FLX/undo/{done.last().seq}/", {"request_id": str(uuid.uuid4())})
    assert (answer.status_code, answer["Location"]) == (303, "/b/FLX/")
    assert (titles(ready), titles(doing)) == (before, there)
    assert verify(board) == []


def test_the_chosen_ones_are_put_away_and_come_back_as_one(client, board, ready, cards, kenji):
    before = titles(ready)
    client.post(address(ready, "archived"), fields(cards[1:]))
    assert "3 cards archived." in client.get("/b/FLX/").content.decode()
    assert titles(ready) == before[:-3]
    undo_change(board, Activity.objects.on(board).latest("seq").seq, by=kenji)
    assert titles(ready) == before


def test_what_left_the_column_meanwhile_stays_where_it_is(client, board, ready, doing, cards, ana):
    done = board.columns.get(is_done=True)
    actions.move_card(cards[0], to=done, by=ana)
    actions.archive_card(cards[1], by=ana)
    client.post(address(ready), fields(cards[:3], column=doing.pk))
    assert "One" in titles(done) and "Three" in titles(doing)
    assert Card.objects.get(pk=cards[1].pk).is_archived
    answer = client.post(address(ready), fields(cards[:3], column=doing.pk))
    assert answer.status_code == 422 and "have left the column meanwhile" in answer.content.decode()


def test_a_full_column_takes_none_of_them(client, board, ready, doing, cards, ana):
    actions.configure_board(board, wip_rule=Board.WipRule.REFUSE, by=ana)
    actions.limit_column(doing, len(titles(doing)) + 2, by=ana)
    before = titles(doing)
    answer = client.post(address(ready), fields(cards[:3], column=doing.pk))
    page = answer.content.decode()
    assert answer.status_code == 422 and "In progress is full" in page
    assert page.count(" checked") == 3, "what was chosen stays chosen"
    assert titles(doing) == before


def test_nothing_chosen_and_nonsense_are_told(client, ready, cards):
    answer = client.post(address(ready, "archived"), fields([]))
    assert answer.status_code == 422 and "Choose at least one card." in answer.content.decode()
    nonsense = {"cards": ["x", "1" * 30, "-1", "²"], "column": ready.pk}
    assert client.post(address(ready), nonsense).status_code == 422
    answer = client.post(address(ready), fields(cards, column=ready.pk))
    assert answer.status_code == 422 and "in this column already" in answer.content.decode()


def test_only_members_may_and_only_within_the_board(client, ready, cards, ana, priya, sam):
    other = actions.create_board("Elsewhere", by=ana, key="ELS").columns.first()
    before = titles(ready)
    assert client.post(address(ready), fields(cards, column=other.pk)).status_code == 404
    assert client.get(address(ready, "renamed")).status_code == 404
    for person, status in ((priya, 403), (sam, 404)):
        client.force_login(person)
        for part in ("moved", "archived"):
            assert client.get(address(ready, part)).status_code == status
            assert client.post(address(ready, part), fields(cards)).status_code == status
    assert titles(ready) == before
