"""A board with people on it, on the worker's shared server; every test has its own."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import pytest

from boards import actions
from boards.models import Board, Card, Column, Role
from fluxboard.accounts.models import User
from tests.cast import PEOPLE

_numbers = itertools.count(1)


@dataclass
class Table:
    """The board, its owner Ana, its member Kenji, its viewer Priya, and Sam, who is a stranger."""

    board: Board
    ana: User
    kenji: User
    priya: User
    sam: User

    @property
    def url(self) -> str:
        return f"/b/{self.board.key}/"

    @property
    def columns(self) -> list[Column]:
        return list(self.board.columns.current().in_board_order())

    @property
    def order(self) -> list[list[str]]:
        """The keys of the cards of each column, as the database has them."""
        return [
            [f"{self.board.key}-{card.number}" for card in column.cards.current().in_board_order()]
            for column in self.columns
        ]

    def card(self, number: int) -> Card:
        return Card.objects.select_related("board", "column").get(board=self.board, number=number)

    def key(self, number: int) -> str:
        return f"{self.board.key}-{number}"


def make_people() -> dict[str, User]:
    """The cast under names of their own: `kenji7x`, since the product calls a second `kenji7` `kenji72`."""
    number = next(_numbers)
    return {
        handle: User.objects.create_user(
            f"{handle}{number}x@example.com",
            handle,
            name=name,
            handle=f"{handle}{number}x",
            time_zone=zone,
            hue=hue,
        )
        for handle, (name, zone, hue) in PEOPLE.items()
    }


def key_of(number: int) -> str:
    """A board key of its own: TAA, TAB, …"""
    return "T" + chr(65 + number // 26 % 26) + chr(65 + number % 26)


def lay(people: dict[str, User]) -> Table:
    """Three columns: five cards that are ready, two in progress, one done."""
    key = next(key for n in itertools.count() if not Board.objects.filter(key=(key := key_of(n))).exists())
    ana = people["ana"]
    board = actions.create_board("Checkout rebuild", by=ana, key=key, starter=False)
    actions.add_member(board, people["kenji"], Role.MEMBER, by=ana)
    actions.add_member(board, people["priya"], Role.VIEWER, by=ana)
    ready, doing, done = board.columns.in_board_order()
    titles = [
        "Order history is empty past page 5",
        "Keyboard path",
        "Show tax early",
        "Retry webhooks",
        "Dark",
    ]
    for title in titles:
        actions.create_card(ready, title, by=ana)
    actions.create_card(doing, "Move to the reserve API", by=ana)
    actions.create_card(doing, "Postal codes without a space", by=ana)
    actions.create_card(done, "Guest checkout", by=ana)
    board.refresh_from_db()
    return Table(board, **people)


@pytest.fixture
def table(shared_app: Any) -> Table:
    return lay(make_people())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
