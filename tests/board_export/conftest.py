"""An export to bring in."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from boards.models import Board
from fluxboard.accounts.models import User
from tests.board_export.board import a_board
from tests.board_export.files import exported, taken_back


@functools.cache
def made_once() -> bytes:
    """The bytes of one export, for all tests of this process."""
    with taken_back():
        return exported(a_board())


@pytest.fixture
def out(db: Any) -> bytes:
    """Ana's board as it went out of another installation; here is nobody and nothing."""
    data = made_once()
    assert not Board.objects.exists() and not User.objects.exists()
    return data
