"""Who is on a board now, and which card they edit. Never in the log; forgotten within a minute.

The table holds one row for each person and board, with the time at which it lapses (by the database's clock).
Each server process renews the rows of its own open streams; so a process that dies is forgotten by itself.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models.functions import Now

from activity.log.notify import notify
from activity.models import Presence

LASTS = 45  # seconds
_SHOWN = 40  # people by name; the others are counted

Pair = tuple[int, int]  # board id, user id


def note(board: Any, user: Any, card: Any = None, is_editing: bool = False) -> None:
    """`user` has `card` of `board` open (None: just the board), and edits it or not. Open pages learn of it.

    The caller has checked that the person may see the board and that the card is on it. A row that says so
    already is only renewed.
    """
    card_id = card.pk if card is not None else None
    editing = bool(is_editing and card_id)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH old AS (SELECT card_id, is_editing FROM {_table()} WHERE board_id = %(board)s AND user_id = %(user)s
                         AND expires_at > clock_timestamp())
            INSERT INTO {_table()} (board_id, user_id, card_id, is_editing, expires_at)
            VALUES (%(board)s, %(user)s, %(card)s, %(editing)s, clock_timestamp() + %(lasts)s * interval '1 second')
            ON CONFLICT (board_id, user_id) DO UPDATE
              SET card_id = EXCLUDED.card_id, is_editing = EXCLUDED.is_editing, expires_at = EXCLUDED.expires_at
            RETURNING NOT EXISTS (SELECT 1 FROM old WHERE card_id IS NOT DISTINCT FROM %(card)s
                                  AND is_editing = %(editing)s)
            """,  # noqa: S608, E501
            {"board": board.pk, "user": user.pk, "card": card_id, "editing": editing, "lasts": LASTS},
        )
        is_news = cursor.fetchone()[0]
    if is_news:
        transaction.on_commit(lambda: notify(payload(board.pk)), robust=True)


def payload(board_id: int) -> str:
    """The notification that says: look again who is on this board."""
    return f"presence:{board_id}"


def people_on(board_id: int) -> tuple[str, set[int]]:
    """Who is on the board: the JSON of the `presence` event (sorted: equal means unchanged), and all ids.

    Who has a card open comes first, so that they are not among those who are only counted in `more`.
    """
    here = list(
        Presence.objects.filter(board=board_id, expires_at__gt=Now())
        .select_related("user", "card__board")
        .order_by("user__name", "user_id")
    )
    shown = sorted(here, key=lambda presence: presence.card_id is None)[:_SHOWN]
    people = [
        {
            "id": presence.user_id,
            "name": presence.user.name,
            "initials": presence.user.initials,
            "hue": presence.user.hue,
            "card": presence.card.key if presence.card else None,
            "editing": presence.is_editing,
        }
        for presence in sorted(shown, key=lambda presence: (presence.user.name, presence.user_id))
    ]
    told = {"people": people, "more": len(here) - len(shown)}
    data = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return data, {presence.user_id for presence in here}


def arrive(pairs: Collection[Pair]) -> None:
    """These people have just opened these boards. Tells all processes."""
    _renew(pairs)
    for board_id in {board_id for board_id, _ in pairs}:
        notify(payload(board_id))


def renew(pairs: Collection[Pair]) -> None:
    """These people are still there. Also forgets the rows of whoever is not, and tells all processes."""
    _renew(pairs)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {_table()} WHERE expires_at < clock_timestamp() RETURNING board_id")  # noqa: S608
        lapsed = {board_id for (board_id,) in cursor.fetchall()}
    for board_id in lapsed:
        notify(payload(board_id))


def leave(pairs: Collection[Pair]) -> None:
    """This process has no stream of these people any more. Tells all processes.

    One that still has such a stream sees the person missing and lets them arrive again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {_table()} WHERE (board_id, user_id) IN (SELECT * FROM unnest(%s::bigint[], %s::bigint[]))",  # noqa: S608, E501
            [*_columns(pairs)],
        )
    for board_id in {board_id for board_id, _ in pairs}:
        notify(payload(board_id))


def _renew(pairs: Collection[Pair]) -> None:
    """Write the rows in one statement, in one order for all processes so that they never deadlock.

    What a lapsed row said of a card is forgotten.
    """
    if not pairs:
        return
    board, person = (apps.get_model(label)._meta.db_table for label in ("boards.Board", "accounts.User"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {_table()} AS old (board_id, user_id, is_editing, expires_at)
            SELECT b.id, u.id, false, clock_timestamp() + %s * interval '1 second'
            FROM unnest(%s::bigint[], %s::bigint[]) AS p(board_id, user_id)
            JOIN {board} b ON b.id = p.board_id JOIN {person} u ON u.id = p.user_id
            ORDER BY b.id, u.id
            ON CONFLICT (board_id, user_id) DO UPDATE
              SET expires_at = EXCLUDED.expires_at,
                  card_id = CASE WHEN old.expires_at > clock_timestamp() THEN old.card_id END,
                  is_editing = old.is_editing AND old.expires_at > clock_timestamp()
            """,  # noqa: S608
            [LASTS, *_columns(pairs)],
        )


def _columns(pairs: Collection[Pair]) -> tuple[list[int], list[int]]:
    ordered = sorted(pairs)
    return [board_id for board_id, _ in ordered], [user_id for _, user_id in ordered]


def _table() -> str:
    return Presence._meta.db_table
