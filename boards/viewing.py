"""What a board's page has to know about the one who looks at it, in one statement."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model

from activity.reading import UNREAD
from boards.filters import asking
from boards.models import Board
from boards.standing import Seen, known
from fluxboard.postgres.compiled import SOME_BOARD, SOMEONE, compiled, one_row

STATEMENT = """
    SELECT
        (SELECT hash FROM activity_activity WHERE board_id = %(board)s AND seq = %(seq)s),
        (SELECT json_agg(json_build_array(id, name, hue))
           FROM accounts_user WHERE id = ANY(%(faces)s::bigint[])),
        (SELECT json_agg(json_build_array(c.id, b.key || '-' || c.number, c.assignee_id))
           FROM boards_card c JOIN boards_board b ON b.id = c.board_id
          WHERE c.id = ANY(%(others)s::bigint[])),
        ARRAY(SELECT f.column_id FROM boards_fold f JOIN boards_column c ON c.id = f.column_id
               WHERE f.user_id = %(user)s AND c.board_id = %(board)s),
        (SELECT json_build_array(count(*), count(*) FILTER (WHERE w.user_id = %(user)s))
           FROM boards_watch w JOIN accounts_user u ON u.id = w.user_id
          WHERE w.board_id = %(board)s AND u.is_active),
        EXISTS (SELECT 1 FROM boards_welcome WHERE user_id = %(user)s AND board_id = %(board)s),
        (UNREAD),
        (SELECT seq || ' ' || at FROM activity_reading WHERE user_id = %(user)s AND board_id = %(board)s),
        (SELECT json_agg(json_build_array(b.id, b.key, b.name) ORDER BY b.name)
           FROM boards_board b JOIN boards_membership m ON m.board_id = b.id
          WHERE m.user_id = %(user)s AND b.archived_at IS NULL),
        (SELECT json_agg(json_build_array(u.id, u.name) ORDER BY u.name)
           FROM accounts_user u JOIN boards_membership m ON m.user_id = u.id
          WHERE m.board_id = %(board)s AND u.is_active),
        ARRAY(ASKED)
"""


@dataclass(frozen=True)
class Viewer:
    """One person's view of one board; `head` and `seen` tell whether what is kept of the board is so."""

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

    @property
    def in_frame(self) -> tuple[Any, ...]:
        """What of it stands in the frame of the page, rather than being filled in."""
        folded = tuple(sorted(self.folded))
        return folded, self.watchers, self.watches, self.has_unread, self.boards, self.people


def viewer_of(user: Any, board: Board) -> Viewer:
    """What `user` has to do with `board`. One query."""
    standing = known(board.pk)
    statement, fixed = _statement()
    values = {
        "board": board.pk,
        "boards": [board.pk],
        "seq": board.seq,
        "user": user.pk,
        "faces": list(standing.faces) if standing else [],
        "others": list(standing.others) if standing else [],
    }
    head, faces, others, folded, watch, is_new, unread, has_read, boards, people, asked = one_row(
        statement, fixed | values
    )
    return Viewer(
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
    )


@functools.cache
def _statement() -> tuple[str, dict[str, Any]]:
    someone = get_user_model()(pk=SOMEONE)
    asked = asking(someone).filter(board=SOME_BOARD).values("pk")
    sql, fixed = compiled(asked, {SOMEONE: "user", SOME_BOARD: "board"}, "asked")
    statement = STATEMENT.replace("(ASKED)", f"({sql})")
    return statement.replace("(UNREAD)", f"({UNREAD})"), fixed
