"""The standup and the search on a log of a million rows, against what they ask the database, bare.

The log is written by the database itself into a scratch copy of the schema: ten boards, twenty people, a
change every twenty seconds for eight months. Rows are as wide as real ones, but their hashes are not chained.
One in five is a comment, which stands on its card, too: 200,000 are searched.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any
from unittest import mock

import psycopg
from django.test import Client
from django.utils import timezone

from activity.feed.load import happened
from activity.feed.period import period_of
from activity.models import Activity
from bench.figures import Figure, timed_side_by_side
from bench.own_queries import Replay, queries_of
from boards import actions
from boards.models import Board, Card, Role
from boards.templatetags import cached
from fluxboard.accounts.models import User
from fluxboard.core.lru import LastUsed

ROWS = 1_000_000
BOARDS = 10
PEOPLE = 20
CARDS = 50
EVERY = dt.timedelta(seconds=20)
ALL = "2000-01-01"
TIMES = int(os.environ.get("BENCH_TIMES") or 60)

SEED = """
    SET session_replication_role = replica;
    CREATE TEMP TABLE spots AS
        SELECT row_number() OVER (PARTITION BY c.board_id ORDER BY c.id) - 1 AS nth, c.board_id AS board,
               c.id AS card, c.uid AS uid, dense_rank() OVER (ORDER BY c.board_id) - 1 AS which
        FROM boards_card c;
    CREATE INDEX ON spots (which, nth);
    INSERT INTO activity_activitycontent (digest, salt, text, board_id, card_id)
    SELECT encode(sha256(('text ' || n)::bytea), 'hex'), '\\x00',
           repeat('Words of a comment that says ', 4) ||
               'thing' || n %% 97 || ' part' || n %% 1009 || ' no' || n,
           (SELECT min(board) FROM spots), NULL
    FROM generate_series(0, 49999) AS n;
    INSERT INTO activity_activity (board_id, seq, at, source_at, actor_id, verb, subject, card_id, before,
        after, via, request_id, schema, digest, previous_hash, hash)
    SELECT s.board, 1000 + g / %(boards)s, %(now)s::timestamptz - (%(rows)s - g) * %(every)s::interval, NULL,
        (%(people)s::bigint[])[1 + (g / 7) %% %(crowd)s],
        (ARRAY['comment.posted', 'card.moved', 'item.checked', 'card.retitled', 'card.dated'])[1 + g %% 5],
        gen_random_uuid(), s.card,
        CASE g %% 5 WHEN 1 THEN '{"column": {"id": "1", "name": "Ready"}, "position": "a0"}'::jsonb
                    WHEN 4 THEN '{"due": null}'::jsonb ELSE '{}'::jsonb END,
        CASE g %% 5
            WHEN 0 THEN jsonb_build_object('text', jsonb_build_object('text',
                encode(sha256(('text ' || g %% 50000)::bytea), 'hex')), 'author', '{"name": "Ana"}'::jsonb)
            WHEN 1 THEN '{"column": {"id": "2", "name": "Doing"}, "position": "a1"}'::jsonb
            WHEN 2 THEN '{"checked": true, "text": "Step"}'::jsonb
            WHEN 3 THEN '{"title": "Another title of the card"}'::jsonb
            ELSE '{"due": "2026-12-01"}'::jsonb END,
        'web', gen_random_uuid(), 1, sha256(g::text::bytea), sha256((g - 1)::text::bytea),
        sha256(g::text::bytea)
    FROM generate_series(1, %(rows)s) AS g
    JOIN spots s ON s.which = g %% %(boards)s AND s.nth = (g / %(boards)s / 11) %% %(cards)s
    ORDER BY g;
    INSERT INTO comments_comment (uid, version, field_seqs, card_id, author_id, kind, text, at, settled_how)
    SELECT a.subject, a.seq, '{}', a.card_id, a.actor_id, 'comment', c.text, a.at, ''
    FROM activity_activity a
    JOIN activity_activitycontent c ON c.digest = a.after #>> '{text,text}'
    WHERE a.verb = 'comment.posted' AND a.seq > 1000 ORDER BY a.id;
    UPDATE boards_card SET comments_count =
        (SELECT count(*) FROM comments_comment c WHERE c.card_id = boards_card.id);
    UPDATE boards_board b SET seq = 1001 + %(rows)s / %(boards)s;
    """


def run() -> list[Figure]:
    """Pages as loaded and as whole answers, each beside its floor; median of sixty."""
    from tests.conftest import connect_to
    from tests.databases import Server

    server = Server()
    name = f"fluxboard_test_{os.getpid()}_bench"
    try:
        urls = server.clone(name)
        connect_to(urls.app)
        reader = seeded(urls.superuser)
        return _measure(reader, urls.app)
    finally:
        server.drop(name)
        server.close()


def seeded(superuser: str) -> User:
    """Fill the database that is connected to, and return the person whose pages are asked for."""
    reader, boards = _team()
    print(f"Writing {ROWS:,} activities …", file=sys.stderr)
    _seed(superuser, boards)
    return reader


def _team() -> tuple[User, list[Board]]:
    people = [
        User.objects.create_user(f"p{number}@example.com", name=f"Person {number}", time_zone="Europe/Lisbon")
        for number in range(PEOPLE)
    ]
    boards = [
        actions.create_board(f"Board {n}", by=people[0], key=f"B{n}X", starter=False) for n in range(BOARDS)
    ]
    for board in boards:
        for person in people[1:]:
            actions.add_member(board, person, Role.MEMBER, by=people[0])
        lines = "\n".join(f"Card {number} of {board.name}" for number in range(CARDS))
        actions.create_cards(board.columns.in_board_order()[1], lines, by=people[0])
    Card.objects.update(items_total=1_000_000, items_done=500_000)
    return people[0], boards


def _seed(superuser: str, boards: list[Board]) -> None:
    facts = {
        "rows": ROWS,
        "boards": BOARDS,
        "cards": CARDS,
        "crowd": PEOPLE,
        "people": list(User.objects.order_by("id").values_list("pk", flat=True)),
        "now": timezone.now(),
        "every": EVERY,
    }
    with psycopg.connect(superuser, autocommit=True, cursor_factory=psycopg.ClientCursor) as session:
        session.execute(SEED, facts)
        session.execute("VACUUM (ANALYZE)")


def _measure(reader: User, url: str) -> list[Figure]:
    now = timezone.now()
    boards = list(Board.objects.order_by("pk"))
    keys = [board.pk for board in boards]
    usual = period_of(reader, now)
    wide = period_of(reader, now, ALL)
    deep = Activity.objects.latest("id").pk - 700_000
    people = User.objects.order_by("pk")
    runs: dict[str, Callable[[], Any]] = {
        "floor": lambda: list(Activity.objects.filter(board=keys[0]).order_by("-seq")[:50]),
        "first": lambda: happened(keys, usual, known=boards),
        "one_board": lambda: happened(keys[:1], usual, known=boards[:1]),
        "deep": lambda: happened(keys, wide, before=deep, known=boards),
        "person": lambda: happened(keys, wide, before=deep, person=reader.pk, known=boards),
    }
    answers = {
        "standup_1m_answer": "/standup/",
        "standup_1m_answer_anew": "/standup/",
        "standup_1m_answer_page_1": f"/standup/?from={ALL}",
        "standup_1m_answer_page_n": f"/standup/?from={ALL}&before={deep}",
        "search_1m_answer": "/search/?q=part500",
        "search_1m_answer_every_comment": "/search/?q=comment",
        "search_1m_answer_page_n": "/search/?q=comment&only=comments&page=40",
    }
    for person, (name, path) in zip(people, answers.items(), strict=False):
        client = Client()  # each as somebody else: a person may search no more than twice a second
        client.force_login(person)
        runs[name] = _page(client, path, anew=name.endswith("_anew"))
        runs[f"{name}_floor"] = Replay(url, queries_of(client, path))
    took = timed_side_by_side(runs, times=TIMES)
    floor = took["floor"]
    return [
        Figure("standup_1m_first_page", took["first"], "ms", floor),
        Figure("standup_1m_one_board", took["one_board"], "ms", floor),
        Figure("standup_1m_page_n", took["deep"], "ms", floor),
        Figure("standup_1m_by_person", took["person"], "ms", floor),
        *(Figure(name, took[name], "ms", took[f"{name}_floor"]) for name in answers),
    ]


def _page(client: Client, path: str, *, anew: bool = False) -> Callable[[], None]:
    """Asks for a page, which must have something on it. Raises RuntimeError otherwise.

    `anew`: as a worker answers that has drawn nothing of it before.
    """

    def ask() -> None:
        with mock.patch.object(cached, "_parts", LastUsed(cached.MOST, len)) if anew else nullcontext():
            answer: Any = client.get(path)
        hits = b'class="entry"' if path.startswith("/standup/") else b'class="found '
        if answer.status_code != 200 or hits not in answer.content:
            raise RuntimeError(f"{answer.status_code} for {path}, or nothing on it")

    return ask
