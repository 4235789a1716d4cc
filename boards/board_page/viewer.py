"""A board through somebody's eyes, and what its page has to know of them: in one statement."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import OuterRef, Subquery

from activity.feed.read_marker import UNREAD
from boards.board_page.board_cache import Seen, known
from boards.board_page.chips import cards_asking
from boards.models import Board, Membership, Role
from fluxboard.core.lru import LastUsed
from fluxboard.core.postgres.statements import PARAM_BOARD, PARAM_USER, PARAM_WORD, compiled, first_of

KEYS_KEPT = 10_000

# Set by comments: makes the SQL that counts what waits on somebody, and the values that never change. The SQL
# takes two more, `user` (an id) and `now`, and answers one number.
WAITING: list[Callable[[], tuple[str, dict[str, Any]]]] = []

_STATEMENT = """
    SELECT mine.*,
        (SELECT hash FROM activity_activity WHERE board_id = mine.id AND seq = mine.seq),
        (SELECT json_agg(json_build_array(id, name, hue))
           FROM accounts_user WHERE id = ANY(%(faces)s::bigint[])),
        (SELECT json_agg(json_build_array(c.id, b.key || '-' || c.number, c.assignee_id))
           FROM boards_card c JOIN boards_board b ON b.id = c.board_id
          WHERE c.id = ANY(%(others)s::bigint[])),
        ARRAY(SELECT f.column_id FROM boards_fold f JOIN boards_column c ON c.id = f.column_id
               WHERE f.user_id = %(user)s AND c.board_id = mine.id),
        (SELECT json_build_array(count(*), count(*) FILTER (WHERE w.user_id = %(user)s))
           FROM boards_watch w JOIN accounts_user u ON u.id = w.user_id
          WHERE w.board_id = mine.id AND u.is_active),
        EXISTS (SELECT 1 FROM boards_welcome WHERE user_id = %(user)s AND board_id = mine.id),
        (UNREAD),
        (SELECT seq || ' ' || at FROM activity_reading WHERE user_id = %(user)s AND board_id = mine.id),
        (SELECT json_agg(json_build_array(b.id, b.key, b.name) ORDER BY b.name)
           FROM boards_board b JOIN boards_membership m ON m.board_id = b.id
          WHERE m.user_id = %(user)s AND b.archived_at IS NULL),
        (SELECT json_agg(json_build_array(u.id, u.name) ORDER BY u.name)
           FROM accounts_user u JOIN boards_membership m ON m.user_id = u.id
          WHERE m.board_id = mine.id AND u.is_active),
        ARRAY(ASKED),
        (WAITING)
    FROM (BOARD) AS mine
"""


@dataclass(frozen=True)
class Viewer:
    """One person's view of one board; `head` and `seen` tell whether what is kept of the board is so.

    `waits` is how much waits on them, on all boards together.
    """

    head: bytes
    seen: Seen
    folded: frozenset[int]
    watchers: int
    watches: bool
    is_new_here: bool
    has_unread: bool
    has_read: str
    boards: tuple[tuple[int, str, str], ...]
    people: tuple[tuple[int, str], ...]
    asked: frozenset[int]
    waits: int

    @property
    def in_frame(self) -> tuple[Any, ...]:
        """What of it stands in the frame of the page, rather than being filled in."""
        folded = tuple(sorted(self.folded))
        return folded, self.watchers, self.watches, self.has_unread, self.boards, self.people


def board_and_role(user: Any, key: str) -> tuple[Board | None, Role | None]:
    """The board of that key, if `user` may see it, and what they are there. One query."""
    if not user.is_active:
        return None, None
    statement, fixed = _board_of_key()
    found = first_of(Board, statement, fixed | {"user": user.pk, "key": key})
    if found is None:
        return None, None
    board, (given,) = found
    return board, board.best_role(given)


def board_and_viewer(user: Any, key: str, now: dt.datetime) -> tuple[Board, Role, Viewer] | None:
    """The same, and what `user` has to do with it; None where there is no such board for them.

    All of one moment. One query, and once more the same one when another board has the key than before.
    """
    while user.is_active:
        expected = _ids.get(key)
        found = _seen(user, key, expected, now)
        if found is None:
            break
        board = found[0]
        if board.pk == expected:
            return found
        _ids.keep(key, board.pk)
    return None


_ids: LastUsed[str, int] = LastUsed(KEYS_KEPT)


def _seen(user: Any, key: str, expected: int | None, now: dt.datetime) -> tuple[Board, Role, Viewer] | None:
    state = known(expected) if expected is not None else None
    statement, fixed = _statement()
    values = {
        "key": key,
        "user": user.pk,
        "now": now,
        "faces": list(state.faces) if state else [],
        "others": list(state.others) if state else [],
    }
    found = first_of(Board, statement, fixed | values)
    if found is None:
        return None
    board, (given, head, faces, others, folded, watch, is_new, unread, has_read, boards, *rest) = found
    people, asked, waits = rest
    viewer = Viewer(
        head=bytes(head or b""),
        seen=(
            {pk: (name, hue) for pk, name, hue in faces or ()},
            {pk: (key, assignee) for pk, key, assignee in others or ()},
        ),
        folded=frozenset(folded),
        watchers=watch[0],
        watches=bool(watch[1]),
        is_new_here=is_new,
        has_unread=unread,
        has_read=has_read or "",
        boards=tuple((pk, key, name) for pk, key, name in boards or ()),
        people=tuple((pk, name) for pk, name in people or ()),
        asked=frozenset(asked),
        waits=waits,
    )
    role = board.best_role(given)
    assert role is not None  # or it would not be visible
    return board, role, viewer


@functools.cache
def _board_of_key() -> tuple[str, dict[str, Any]]:
    someone = get_user_model()(pk=PARAM_USER)
    given = Membership.objects.filter(board=OuterRef("pk"), user=someone).values("role")[:1]
    boards = Board.objects.visible_to(someone).filter(key=PARAM_WORD).annotate(given=Subquery(given))
    return compiled(boards.order_by(), {PARAM_USER: "user", PARAM_WORD: "key"}, "fixed")


@functools.cache
def _statement() -> tuple[str, dict[str, Any]]:
    someone = get_user_model()(pk=PARAM_USER)
    asked = cards_asking(someone).filter(board=PARAM_BOARD).values("pk")
    parts = {
        "(BOARD)": _board_of_key(),
        "(ASKED)": compiled(asked, {PARAM_USER: "user", PARAM_BOARD: "board"}, "asked"),
        "(UNREAD)": (UNREAD.replace("%(boards)s::bigint[]", "ARRAY[mine.id]"), {}),
        "(WAITING)": WAITING[0]() if WAITING else ("0", {}),
    }
    statement = _STATEMENT
    fixed: dict[str, Any] = {}
    for place, (sql, values) in parts.items():
        statement = statement.replace(place, f"({sql.replace('%(board)s', 'mine.id')})")
        fixed |= values
    return statement, fixed
