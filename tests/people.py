"""Fixtures for the cast: `ana` owns `board`, `kenji` is a member, `priya` reads, `sam` is a stranger.

`ghost` is on the board without a sign-in.
"""

from __future__ import annotations

from typing import Any

import pytest

from boards.models import Board, Card, Column
from fluxboard.accounts.models import User
from tests import cast


@pytest.fixture
def ana(db: Any) -> User:
    return cast.person("ana")


@pytest.fixture
def kenji(db: Any) -> User:
    return cast.person("kenji")


@pytest.fixture
def priya(db: Any) -> User:
    return cast.person("priya")


@pytest.fixture
def sam(db: Any) -> User:
    return cast.person("sam")


@pytest.fixture
def board(ana: User, kenji: User, priya: User) -> Board:
    return cast.team_board(ana, kenji, priya)


@pytest.fixture
def ready(board: Board) -> Column:
    return board.columns.in_board_order()[0]


@pytest.fixture
def doing(board: Board) -> Column:
    return board.columns.in_board_order()[1]


@pytest.fixture
def card(ready: Column, ana: User) -> Card:
    from boards.actions import create_card

    return create_card(ready, "Order history returns no rows past page 5", by=ana)


@pytest.fixture
def ghost(board: Board, ana: User) -> User:
    """Somebody whom an import brought onto Ana's board."""
    from boards.actions import add_member

    person = User.objects.create_user(None, None, name="Noor from Trello", handle="noor")
    add_member(board, person, "member", by=ana)
    return person
