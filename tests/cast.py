"""The people of the tests: an owner, a member, a viewer and a stranger, in four time zones."""

from __future__ import annotations

import datetime as dt
from typing import Any

from boards.actions import add_member, create_board
from boards.models import Board, Role
from fluxboard.accounts.models import User

NOW = dt.datetime(2026, 10, 15, 8, 14, tzinfo=dt.UTC)

PEOPLE = {
    "ana": ("Ana Duarte", "Europe/Lisbon", 5),
    "kenji": ("Kenji Mori", "Asia/Tokyo", 7),
    "priya": ("Priya Nair", "Asia/Kolkata", 8),
    "sam": ("Sam Okafor", "America/New_York", 2),
}


def person(handle: str, **fields: Any) -> User:
    """One of the cast; the password is their handle."""
    name, zone, hue = PEOPLE.get(handle, (handle.title(), "UTC", 1))
    return User.objects.create_user(
        f"{handle}@example.com", handle, name=name, handle=handle, time_zone=zone, hue=hue, **fields
    )


def team_board(owner: User, member: User, viewer: User, key: str = "FLX") -> Board:
    """A board of three columns with its owner, a member and a viewer on it, and no card."""
    board = create_board("Checkout rebuild", by=owner, key=key, starter=False)
    add_member(board, member, Role.MEMBER, by=owner)
    add_member(board, viewer, Role.VIEWER, by=owner)
    board.refresh_from_db()
    return board
