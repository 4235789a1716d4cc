"""What the bars of every page show: the board, its tabs, the person's other boards, what waits on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from activity.feed.read_marker import has_unread
from boards.board_page.viewer import WAITING
from boards.models import Board, Role
from fluxboard.core.postgres.statements import one_row


def frame(
    user: Any, board: Board | None, role: Role | None, view: str, mine: Iterable[Board] | None = None
) -> dict[str, Any]:
    """What a page says of itself: the board, what the person may, which tab it is. No query.

    `mine`: all current boards of the person by name, where they are loaded already.
    """
    if mine is None:
        mine = Board.objects.of(user).current().order_by("name").only("id", "key", "name")
    may = role is not None and board is not None and not board.is_archived
    return {
        "board": board,
        "role": role,
        "can_change": may and role is not None and role.covers(Role.MEMBER),
        "is_owner": role == Role.OWNER,
        "my_boards": mine,
        "view": view,
    }


def bars(user: Any, context: Mapping[str, Any]) -> dict[str, Any]:
    """What the bars of a whole page need besides its `frame`, loaded: a part has none, and asks for nothing.

    Names that are in `context` already, as loaded with the page, are left out; two or three queries.
    """
    loaded: dict[str, Any] = {}
    mine, board = context["my_boards"], context["board"]
    around = [board] if board is not None else mine
    if board is None or board.pk:
        loaded["my_boards"] = mine = list(mine)
        around = around if board is not None else mine
    if "has_unread" not in context:
        loaded["has_unread"] = has_unread(user, [one.pk for one in around])
    if "waits_count" not in context:
        loaded["waits_count"] = waits_of(user, timezone.now())
    return loaded


def waits_of(user: Any, now: dt.datetime) -> int:
    """How many things wait on a person and are not put off, on all boards. One query."""
    statement, fixed = WAITING[0]()
    (count,) = one_row(statement, fixed | {"user": user.pk, "now": now})
    return int(count)
