"""What others did since somebody was last there, by the log's sequence, and whether that is all of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from activity.feed.load import ToldActivity, tell_in_public, those, with_what_it_is_about


@dataclass(frozen=True)
class NewsSince:
    """What others did, oldest first. `cut_at`: since when it is told, of boards (ids) where there is more."""

    told: list[ToldActivity]
    cut_at: dict[int, dt.datetime]

    @classmethod
    def of(cls, ids: Mapping[int, list[int]], most: int) -> NewsSince:
        """The newest `most` activities of each of several lists of ids, each told once."""
        newest = {key: sorted(mine, reverse=True)[:most] for key, mine in ids.items()}
        told = tell_in_public(with_what_it_is_about(those([pk for mine in newest.values() for pk in mine])))
        first = {newest[key][-1] for key, mine in ids.items() if len(mine) > most}
        cuts = [one.activity for one in told if one.activity.pk in first]
        return cls(told, {one.board_id: one.at for one in cuts})


def happened_since(seqs: Mapping[int, int], upto: Mapping[int, int], reader: Any, most: int) -> NewsSince:
    """What others did on boards (ids) after a seq of each, up to another. Eight queries.

    Without what the reader saw happen. At most `most` a board, the newest of them.
    """
    places = [(board, seq, upto[board]) for board, seq in seqs.items() if upto.get(board, 0) > seq]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT b.id, found.id FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS b(id, low, high)
            CROSS JOIN LATERAL (
                SELECT a.id FROM activity_activity a
                WHERE a.board_id = b.id AND a.seq > b.low AND a.seq <= b.high
                  AND a.source_at IS NULL AND a.actor_id <> %s
                  AND NOT EXISTS (SELECT 1 FROM activity_reading r WHERE r.user_id = %s
                                  AND r.board_id = b.id AND r.seen @> a.seq)
                ORDER BY a.seq DESC LIMIT %s) AS found
            """,
            [[place[side] for place in places] for side in range(3)] + [reader.pk, reader.pk, most + 1],
        )
        return NewsSince.of(_listed(cursor.fetchall()), most)


def happened_on(cards: Mapping[int, int], reader: Any, upto: Mapping[int, int], most: int) -> NewsSince:
    """What others did on `cards` (ids) after a seq of each, up to their board's in `upto`. Eight queries.

    At most `most` a card, the newest of them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.id, found.id FROM unnest(%s::bigint[], %s::bigint[]) AS c(id, low)
            CROSS JOIN LATERAL (
                SELECT a.id FROM activity_activity a
                JOIN unnest(%s::bigint[], %s::bigint[]) AS b(id, high)
                  ON b.id = a.board_id AND a.seq <= b.high
                WHERE a.card_id = c.id AND a.seq > c.low AND a.source_at IS NULL AND a.actor_id <> %s
                ORDER BY a.id DESC LIMIT %s) AS found
            """,
            [list(cards), list(cards.values()), list(upto), list(upto.values()), reader.pk, most + 1],
        )
        return NewsSince.of(_listed(cursor.fetchall()), most)


def _listed(rows: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """The second of each pair by the first."""
    found: dict[int, list[int]] = {}
    for key, pk in rows:
        found.setdefault(key, []).append(pk)
    return found


def count_since(seqs: Mapping[int, int], reader: Any, most: int = 100) -> int:
    """How many changes others made on boards (ids) after a seq of each; counts up to `most`. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM (
                SELECT 1 FROM unnest(%s::bigint[], %s::bigint[]) AS b(id, low) JOIN activity_activity a
                ON a.board_id = b.id AND a.seq > b.low
                WHERE a.source_at IS NULL AND a.actor_id <> %s LIMIT %s) AS found
            """,
            [list(seqs), list(seqs.values()), reader.pk, most],
        )
        return int(cursor.fetchone()[0])
