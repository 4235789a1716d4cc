"""A board with one card, and a browser without JavaScript for each of the cast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from boards.actions import create_card
from boards.models import Board, Card
from tests.cards.forms import Visitor
from tests.cast import person, team_board


@pytest.fixture
def ana(db: None) -> Any:
    return person("ana")


@pytest.fixture
def kenji(db: None) -> Any:
    return person("kenji")


@pytest.fixture
def priya(db: None) -> Any:
    return person("priya")


@pytest.fixture
def sam(db: None) -> Any:
    return person("sam")


@pytest.fixture
def board(ana: Any, kenji: Any, priya: Any) -> Board:
    """Ana owns it, Kenji is a member, Priya a viewer; Sam a stranger to it."""
    return team_board(ana, kenji, priya)


@pytest.fixture
def card(board: Board, ana: Any) -> Card:
    return create_card(board.columns.in_board_order().first(), "Show tax before the last step", by=ana)


@pytest.fixture
def visit() -> Callable[[Any], Visitor]:
    """`visit(person)`: their browser, signed in, JavaScript off."""

    def signed_in(someone: Any) -> Visitor:
        client = Client()
        client.force_login(someone)
        return Visitor(client)

    return signed_in
