"""`?finished=FROM..TO` on standup and board, and `done:` in search."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from activity.log.record import By
from boards.actions import archive_card, assign_card, create_board, create_card, move_card
from boards.models import Board, Card, Column
from fluxboard.accounts.models import User

pytestmark = pytest.mark.django_db


def on(person: User, day: int) -> By:
    return By(person, now=dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC))


@pytest.fixture
def client(ana: User) -> Client:
    client = Client()
    client.force_login(ana)
    return client


@pytest.fixture
def columns(board: Board) -> list[Column]:
    return list(board.columns.in_board_order())


def card_to_done(columns: list[Column], title: str, ana: User, day: int, owner: User | None = None) -> Card:
    card = create_card(columns[0], title, by=on(ana, 1), assignee=owner)
    return move_card(card, to=columns[2], by=on(ana, day))


def read(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def listed(page: str) -> tuple[list[str], list[str]]:
    done, _, back = page.partition('id="h-back"')
    return re.findall(r'data-card="([^"]+)"', done), re.findall(r'data-card="([^"]+)"', back)


def test_it_lists_what_came_to_done_and_stayed_and_what_was_taken_back(
    client: Client, columns: list[Column], ana: User, kenji: User
) -> None:
    one = card_to_done(columns, "One", ana, 3, kenji)
    two = card_to_done(columns, "Two", ana, 4, ana)
    back = card_to_done(columns, "Back", ana, 5)
    move_card(back, to=columns[1], by=on(ana, 6))
    since = card_to_done(columns, "Since", ana, 5)
    move_card(since, to=columns[1], by=on(ana, 20))
    card_to_done(columns, "Earlier", ana, 2)
    card_to_done(columns, "Later", ana, 9)
    create_card(columns[0], "Never", by=on(ana, 4))
    archive_card(two, by=on(ana, 8))
    page = read(client, "/b/FLX/standup/?finished=2026-03-03..2026-03-08")
    assert listed(page) == ([two.key, one.key], [since.key, back.key])
    assert "2 cards came to done and are still there; 2 cards taken back." in page
    assert re.search(r"<bdi>Kenji Mori</bdi></a> <b>1</b>", page)
    assert 'moved by <bdi title="Ana Duarte">Ana</bdi>' in page
    assert listed(read(client, f"/standup/?finished=2026-03-03..2026-03-08&person={kenji.pk}"))[0] == [
        one.key
    ]
    assert listed(read(client, "/b/FLX/standup/?finished=2026-03-03&to=2026-03-08")) == listed(page), (
        "the form"
    )
    assert listed(read(client, "/b/FLX/standup/?finished=2026-03-08..2026-03-03")) == listed(page), "turned"
    assert listed(read(client, "/b/FLX/standup/?finished=2026-03-04"))[0] == [two.key]


def test_days_are_the_readers(client: Client, columns: list[Column], ana: User, kenji: User) -> None:
    card = card_to_done(columns, "One", ana, 3)
    late = dt.datetime(2026, 3, 3, 23, tzinfo=dt.UTC)  # the next morning in Tokyo
    night = move_card(create_card(columns[0], "Night", by=on(ana, 1)), to=columns[2], by=By(ana, now=late))
    assert listed(read(client, "/b/FLX/standup/?finished=2026-03-03"))[0] == [night.key, card.key]
    tokyo = Client()
    tokyo.force_login(kenji)
    assert listed(read(tokyo, "/b/FLX/standup/?finished=2026-03-04"))[0] == [night.key]


def test_the_board_leads_there_and_the_standup_offers_it(client: Client, board: Board) -> None:
    answer = client.get("/b/FLX/?finished=2026-03-03..2026-03-08")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/b/FLX/standup/?finished=2026-03-03..2026-03-08"
    assert '<a class="menu__item" href="?finished=' in read(client, "/b/FLX/standup/")


@pytest.mark.parametrize(
    ("typed", "words"),
    [("soon", "are no days"), ("2026-02-30..2026-03-01", "are no days"), ("2020..2026", "A year at most.")],
)
def test_days_that_will_not_do_are_told_beside_the_fields(
    client: Client, board: Board, typed: str, words: str
) -> None:
    page = read(client, f"/b/FLX/standup/?finished={typed}", 422)
    assert words in page.partition('id="finished_error"')[2]


def test_boards_that_are_not_mine_are_not_in_it(
    client: Client, columns: list[Column], ana: User, sam: User
) -> None:
    other = create_board("Hidden", by=on(sam, 1), key="HID", starter=False)
    hidden = list(other.columns.in_board_order())
    move_card(create_card(hidden[0], "Secret", by=on(sam, 1)), to=hidden[2], by=on(sam, 3))
    mine = card_to_done(columns, "Mine", ana, 3)
    assert listed(read(client, "/standup/?finished=2026-03"))[0] == [mine.key]
    page = read(client, "/search/?q=done:2026-03")
    assert mine.key in page
    assert "HID-" not in page


def test_search_finds_it_by_days_and_with_other_words(
    client: Client, columns: list[Column], ana: User, kenji: User
) -> None:
    pay = card_to_done(columns, "Pay by card", ana, 3, kenji)
    tax = card_to_done(columns, "Show tax", ana, 4)
    back = card_to_done(columns, "Pay later", ana, 3)
    move_card(back, to=columns[1], by=on(ana, 20))
    both = read(client, "/search/?q=done:2026-03-01..2026-03-08")
    assert pay.key in both
    assert tax.key in both
    only = read(client, "/search/?q=pay+done:2026-03-01..2026-03-08")
    assert f"/c/{pay.key}/" in only
    assert f"/c/{tax.key}/" not in only
    assert f"/c/{back.key}/" not in only
    assert f"/c/{pay.key}/" not in read(client, "/search/?q=done:2026-04")


def test_more_cards_cost_no_more_queries(client: Client, columns: list[Column], ana: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            read(client, "/b/FLX/standup/?finished=2026-03")
        return len(queries)

    assign_card(card_to_done(columns, "One", ana, 3), ana, by=on(ana, 3))
    cost()
    few = cost()
    for number in range(6):
        assign_card(card_to_done(columns, f"Card {number}", ana, 4), ana, by=on(ana, 4))
    assert cost() == few
