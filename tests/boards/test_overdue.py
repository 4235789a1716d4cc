"""Overdue is a word for what is not done: on fronts, pages, in filters, and as the board stood before."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from boards import actions as act
from boards.models import Board, Card, Column
from fluxboard.accounts.models import User


@pytest.fixture
def client(ana: User) -> Client:
    client = Client()
    client.force_login(ana)
    return client


@pytest.fixture
def late(board: Board, card: Card, ana: User) -> Card:
    """Due last year, and not done."""
    return act.date_card(card, timezone.now().date() - dt.timedelta(days=400), by=ana)


@pytest.fixture
def done(board: Board) -> Column:
    return board.columns.get(is_done=True)


def on_pages(client: Client, board: Board) -> dict[str, bool]:
    """Whether each page that tells a due date says that it is late."""
    board.refresh_from_db()
    paths = ["/b/FLX/", "/c/FLX-1/", "/", "/b/FLX/standup/", f"/b/FLX/at/?seq={board.seq}"]
    pages = {path: client.get(path).text for path in paths}
    return {path: "Overdue 4" in page or "overdue 4" in page for path, page in pages.items()}


def test_what_is_late_is_called_overdue_until_it_is_done(
    client: Client, board: Board, late: Card, done: Column, ana: User
):
    act.assign_card(late, ana, by=ana)
    act.move_card(late, to=board.columns.in_board_order()[1], by=ana)
    assert set(on_pages(client, board).values()) == {True}
    act.move_card(late, to=done, by=ana)
    assert set(on_pages(client, board).values()) == {False}
    assert "is-late" not in client.get("/b/FLX/").text
    day = late.due
    assert f"{day.day} {day:%b} {day.year}" in client.get("/b/FLX/").text
    act.move_card(late, to=board.columns.in_board_order()[1], by=ana)
    assert set(on_pages(client, board).values()) == {True}


def test_a_column_that_counts_as_done_makes_its_cards_so(client: Client, board: Board, late: Card, ana: User):
    column = late.column
    act.mark_done_column(column, True, by=ana)
    assert "Overdue" not in client.get("/c/FLX-1/").text
    assert 'data-as="due"' not in client.get("/b/FLX/").text
    act.mark_done_column(column, False, by=ana)
    assert 'data-as="due" class="is-late"' in client.get("/b/FLX/").text


def test_an_archived_card_is_not_late(client: Client, late: Card, ana: User):
    act.archive_card(late, by=ana)
    assert "Overdue" not in client.get("/c/FLX-1/").text


def test_the_filter_of_what_is_overdue_leaves_out_what_is_done(
    client: Client, board: Board, late: Card, done: Column, ana: User
):
    assert (
        "card-1" in client.get("/b/FLX/?due=overdue").text
        or late.title in client.get("/b/FLX/?due=overdue").text
    )
    act.move_card(late, to=done, by=ana)
    assert late.title not in client.get("/b/FLX/?due=overdue").text


def test_a_year_of_two_digits_is_asked_about(client: Client, card: Card):
    """A browser makes of `26`, typed where it asks for the year, the year 26."""
    answer = client.post("/c/FLX-1/do/dated/", {"due": "0026-10-15"})
    assert answer.status_code == 422
    assert "year 26" in answer.text and 'value="0026-10-15"' in answer.text
    card.refresh_from_db()
    assert card.due is None
