"""Whether somebody may still read a board's stream, as one value that changes with the right."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.db import connection


def access_digest(user: Any) -> str:
    """Changes whenever all sessions of this person end: by a new password, or by `end_sessions`."""
    return hashlib.md5(f"{user.password}:{user.session_epoch}".encode(), usedforsecurity=False).hexdigest()


def still_allowed(streams: Collection[tuple[int, int, str, str]]) -> dict[int, tuple[int, bool, bool]]:
    """For (user, board, session key, access digest) each, by index: board's seq, may read, is signed in.

    One statement for all. Who may read is `Board.objects.visible_to`, written for many people at once; a test
    holds the two together.
    """
    users, boards, sessions, digests = ([stream[n] for stream in streams] for n in range(4))
    table = {
        name: apps.get_model(label)._meta.db_table
        for name, label in [
            ("board", "boards.Board"),
            ("member", "boards.Membership"),
            ("person", "accounts.User"),
            ("session", "sessions.Session"),
        ]
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT p.n - 1, b.seq,
                   u.is_active AND (b.open_to <> '' OR EXISTS (
                     SELECT 1 FROM {table["member"]} m WHERE m.board_id = b.id AND m.user_id = u.id)),
                   md5(u.password || ':' || u.session_epoch) = p.access AND EXISTS (
                     SELECT 1 FROM {table["session"]} s
                     WHERE s.session_key = p.session AND s.expire_date > clock_timestamp())
            FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[])
                   WITH ORDINALITY AS p(user_id, board_id, session, access, n)
            JOIN {table["board"]} b ON b.id = p.board_id
            JOIN {table["person"]} u ON u.id = p.user_id
            """,  # noqa: S608
            [users, boards, sessions, digests],
        )
        return {n: (seq, may_read, signed_in) for n, seq, may_read, signed_in in cursor.fetchall()}
