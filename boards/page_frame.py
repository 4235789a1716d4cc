"""What the frame of every page of a board shows: its name, its people, its tabs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.functional import SimpleLazyObject

from activity.feed.read_marker import has_unread
from boards.models import Board, Role


def frame(
    user: Any, board: Board | None, role: Role | None, view: str, mine: Iterable[Board] | None = None
) -> dict[str, Any]:
    """What the bars around every page show: the board, the person's other boards, what they may.

    `mine`: all current boards of the person by name, where they are loaded already.
    """
    if mine is None:
        mine = Board.objects.of(user).current().order_by("name").only("id", "key", "name")
    may = role is not None and board is not None and not board.is_archived
    around: Iterable[Board] = mine if board is None else [board]
    return {
        "board": board,
        "role": role,
        "can_change": may and role is not None and role.covers(Role.MEMBER),
        "is_owner": role == Role.OWNER,
        "my_boards": mine,
        "view": view,
        "has_unread": SimpleLazyObject(lambda: has_unread(user, [one.pk for one in around])),
    }
