"""Each index serves a way in which rows are looked for; no column has two, and no reference has none.

The queries are those that the application sends. A database of its own explains them, which is filled with
rows of no sense, enough of them for the planner to have a choice.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from activity.feed.finished import column_steps_between
from activity.feed.load import card_history, happened
from activity.feed.period import Period
from activity.feed.read_marker import DAYS_KEPT
from activity.log.erasure import ERASING
from activity.log.undone import undone
from activity.models import Activity, ReadDay, Request
from boards.actions.claiming import claimed_by
from boards.models import Board, Card, Column
from comments.actions import text_before_removal
from comments.due_reviews import reviews_of
from comments.models import Comment
from comments.pages import thread_of
from comments.reuse import times_reused
from comments.waiting import asks_of, blocked_by, threads_of
from fluxboard.accounts.models import User
from fluxboard.core.postgres.statements import rows_of
from fluxboard.features.check_in.given import check_ins_in
from fluxboard.features.insight.quality.blocks import BLOCKS
from fluxboard.features.schedules.run import due
from fluxboard.features.search.results import SEARCHED_KINDS
from fluxboard.features.search.search import Searcher
from fluxboard.features.search.syntax import parse_search
from tests import databases
from tests.conftest import own_database_name

NOW = timezone.now()
SOMEONE, BOARD, CARD, COLUMN = User(pk=7), Board(pk=3), Card(pk=17, board_id=3), Column(pk=5, board_id=3)
WEEK = Period(NOW - timedelta(days=7), NOW, NOW.date(), NOW.date(), is_open=True, is_usual=True)


def _asked(rows: Any) -> Callable[[], Any]:
    return lambda: list(rows)


def _search(kind: str) -> Callable[[], Any]:
    return _asked(
        Searcher(parse_search("word77"), SOMEONE, (3, 4), NOW).page(SEARCHED_KINDS[kind], "all", 0, 12)
    )


def _sql(statement: str) -> Callable[[], Any]:
    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return ask


# Every index that is neither a constraint's nor a reference's, and who looks for rows by it.
PATHS: dict[str, Callable[[], Any]] = {
    "activity_of_card": lambda: card_history(CARD),
    "activity_of_actor": _asked(Activity.objects.filter(actor=SOMEONE).order_by("-pk")[:200]),  # last_touched
    "activity_witnessed": lambda: happened([3, 4], WEEK),
    "activity_by_day": lambda: happened([3, 4], WEEK),
    "activity_of_steps": lambda: column_steps_between([3, 4], WEEK.start, WEEK.end),
    "activity_of_endings": lambda: rows_of(
        BLOCKS, {"boards": [3], "start": WEEK.start, "end": WEEK.end, "most": 9}
    ),
    "activity_by_person": lambda: happened([3, 4], WEEK, person=7),
    # The rule by which the database lets contents go (migration 0009).
    "activity_of_erasures": _asked(Activity.objects.filter(verb=ERASING, card=CARD)),
    "activity_of_removals": lambda: text_before_removal(Comment(pk=1)),
    "activity_of_claims": lambda: claimed_by(BOARD, uuid.uuid4()),
    "activity_undone": lambda: undone([Activity(board_id=3, seq=40)]),
    "request_by_age": _asked(
        Request.objects.filter(board=3, at__lt=NOW - timedelta(minutes=9_900))
    ),  # pruning
    "read_day": _asked(ReadDay.objects.filter(day__lt=NOW.date() - DAYS_KEPT)),
    "schedule_next": _asked(due(NOW)),
    "check_in_of_board": lambda: check_ins_in([BOARD], WEEK, None),
    "column_order": _asked(BOARD.columns.current().in_board_order()),
    "card_order": _asked(COLUMN.cards.in_board_order().values_list("pk", "position")),
    "card_blocked": _asked(blocked_by(SOMEONE)),
    "comment_of_card": lambda: thread_of(CARD, SOMEONE, None, NOW),  # type: ignore[arg-type]
    "comment_escalated": _asked(threads_of(SOMEONE)),
    "comment_answered_by": lambda: times_reused({uuid.uuid4()}, SOMEONE),
    "asks_of_person": _asked(asks_of(SOMEONE)),
    "decision_of_card": _asked(CARD.decisions.order_by("id")),
    "decision_review": _asked(reviews_of(SOMEONE, NOW)),
    "boards_card_words": _search("cards"),
    "boards_item_words": _search("items"),
    "boards_checkin_words": _search("checkins"),
    "comments_comment_words": _search("comments"),
    "comments_decision_words": _search("decisions"),
    # django.core.cache.backends.db
    "accounts_cache_expires": _sql(
        "DELETE FROM accounts_cache WHERE expires < now() - interval '9900 minutes'"
    ),
    # UserManager.free_handle
    "accounts_user_handle_cab787c2_like": _asked(User.objects.filter(handle__startswith="word77").only("pk")),
}

# How many rows, and what stands in the columns that matter; g counts them.
ROWS: dict[str, tuple[int, dict[str, str]]] = {
    "accounts_user": (500, {"handle": "'word' || g", "email": "g || '@example.com'", "work_days": "'{1}'"}),
    "accounts_cache": (2_000, {"cache_key": "'key' || g"}),
    "boards_board": (20, {"key": "'B' || g"}),
    "boards_membership": (400, {"board_id": "1 + g % 20", "user_id": "1 + g / 20", "role": "'member'"}),
    "boards_column": (2_000, {"board_id": "1 + g % 20", "position": "'a' || g"}),
    "boards_card": (
        5_000,
        {
            "board_id": "1 + g % 20",
            "number": "g",
            "column_id": "1 + g % 200",
            "position": "'a' || g",
            "title": "'Card word' || g % 1000",
            "is_blocked": "g % 500 = 0",
        },
    ),
    "boards_schedule": (
        2_000,
        {
            "board_id": "1 + g % 20",
            "next_at": "CASE g % 2 WHEN 0 THEN now() + make_interval(days => g) END",
        },
    ),
    "activity_readday": (
        10_000,
        {
            "user_id": "1 + g % 400",
            "board_id": "1 + g % 20",
            "day": "current_date - (g / 20)::integer",
            "seq": "g",
        },
    ),
    "boards_checkin": (
        10_000,
        {
            "board_id": "1 + g % 20",
            "person_id": "1 + g % 400",
            "day": "date '2026-01-01' + g::integer",
            "text": "'Words of word' || g",
            "at": "now() - make_interval(days => g::integer)",
        },
    ),
    "boards_checklist": (1_000, {"card_id": "g"}),
    "boards_item": (5_000, {"checklist_id": "1 + g % 1000", "text": "'Step word' || g"}),
    "comments_comment": (
        10_000,
        {
            "card_id": "1 + g % 2000",
            "author_id": "1 + g % 400",
            "text": "'Words of word' || g",
            "escalated_at": "CASE WHEN g % 500 = 0 THEN now() END",
            "answered_by": "CASE WHEN g % 500 = 1 THEN gen_random_uuid() END",
        },
    ),
    "comments_ask": (5_000, {"comment_id": "g", "person_id": "1 + g % 400"}),
    "comments_decision": (
        5_000,
        {
            "board_id": "1 + g % 20",
            "card_id": "1 + g % 2000",
            "comment_id": "g",
            "number": "g",
            "text": "'We take word' || g",
            "recorded_by_id": "1 + g % 400",
            "review_on": "CASE WHEN g % 100 = 0 THEN date '2026-01-01' + g END",
        },
    ),
    "activity_request": (5_000, {"board_id": "1 + g % 20", "actor_id": "1 + g % 400"}),
    "activity_activity": (
        40_000,
        {
            "board_id": "1 + g % 20",
            "seq": "g",
            "at": "now() - make_interval(mins => 40000 - g)",
            "actor_id": "1 + g % 400",
            "card_id": "1 + g % 2000",
            "verb": "CASE g % 400 WHEN 0 THEN 'change.undone' WHEN 1 THEN 'card.archived'"
            " WHEN 2 THEN 'card.erased' ELSE"
            " CASE g % 7 WHEN 0 THEN 'card.moved' ELSE 'item.checked' END END",
        },
    ),
}
OF_A_TYPE = {
    "boolean": "false",
    "bytea": "'\\x00'",
    "date": "current_date",
    "jsonb": "'{}'",
    "time without time zone": "'09:00'",
    "timestamp with time zone": "now() - make_interval(mins => 10000 - g)",
    "uuid": "gen_random_uuid()",
    "bigint": "g",
    "integer": "g",
    "smallint": "0",
    "double precision": "0",
    "ARRAY": "'{}'",
}
COLUMNS = """
    SELECT column_name, data_type FROM information_schema.columns
    WHERE table_name = %s AND is_nullable = 'NO' AND column_default IS NULL
      AND is_identity = 'NO' AND is_generated = 'NEVER'
"""
OURS = "n.nspname = 'public' AND t.relname ~ '^(accounts|activity|boards|comments)_'"
INDEXES = f"""
    SELECT t.relname, i.relname, x.indkey::int2[], x.indisunique, x.indpred IS NOT NULL, a.amname,
        EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid AND c.conrelid = t.oid),
        (SELECT o.opcname FROM pg_opclass o WHERE o.oid = x.indclass[0])
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_am a ON a.oid = i.relam
    WHERE {OURS} ORDER BY 1, 2
"""
REFERENCES = f"""
    SELECT t.relname, c.conkey[1], c.conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace WHERE c.contype = 'f' AND {OURS}
"""


def _rows(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


@pytest.fixture(scope="module")
def filled(postgres_server: databases.Server) -> Iterator[psycopg.Connection]:
    """A database with thousands of rows, whose references lead nowhere in particular."""
    name = own_database_name("indexes")
    urls = postgres_server.clone(name)
    with psycopg.connect(urls.superuser, autocommit=True, cursor_factory=psycopg.ClientCursor) as session:
        session.execute("SET session_replication_role = replica")
        for table, (count, known) in ROWS.items():
            needed = {column: OF_A_TYPE.get(kind, "''") for column, kind in session.execute(COLUMNS, [table])}
            values = needed | known
            session.execute(
                f"INSERT INTO {table} ({', '.join(values)}) "
                f"SELECT {', '.join(values.values())} FROM generate_series(0, {count - 1}) AS g".encode()
            )
        session.execute("VACUUM ANALYZE")
        yield session
    postgres_server.drop(name)


def _used(plan: Any) -> Iterator[str]:
    if isinstance(plan, dict):
        if "Index Name" in plan:
            yield plan["Index Name"]
        for part in plan.values():
            yield from _used(part)
    elif isinstance(plan, list):
        for part in plan:
            yield from _used(part)


@pytest.mark.django_db
def test_each_index_serves_what_is_asked(filled: psycopg.Connection) -> None:
    idle = {}
    for name, ask in PATHS.items():
        used: set[str] = set()

        def explaining(
            execute: Any, sql: str, params: Any, many: bool, context: Any, used: Any = used
        ) -> Any:
            plan = filled.execute(b"EXPLAIN (FORMAT JSON) " + sql.encode(), params).fetchone()
            used.update(_used(plan[0] if not isinstance(plan[0], str) else json.loads(plan[0])))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(explaining):
            ask()
        if name not in used:
            idle[name] = used
    assert idle == {}


@pytest.mark.django_db
def test_each_index_has_a_reason() -> None:
    """It is a constraint's, or the first that begins with a reference, or it is named above."""
    references = {(table, column) for table, column, _ in _rows(REFERENCES)}
    without = [
        index
        for table, index, columns, is_unique, is_partial, _, _, _ in _rows(INDEXES)
        if not is_unique
        and index not in PATHS
        and not (len(columns) == 1 and (table, columns[0]) in references and not is_partial)
    ]
    assert without == []


@pytest.mark.django_db
def test_no_index_begins_another_and_each_reference_has_one() -> None:
    indexes = [row for row in _rows(INDEXES) if row[5] == "btree"]
    whole = [
        (table, index, columns, kind) for table, index, columns, _, part, _, _, kind in indexes if not part
    ]
    twice = [
        (index, other)
        for table, index, columns, is_unique, is_partial, _, _, kind in indexes
        if not is_unique and not is_partial
        for other_table, other, more, other_kind in whole
        if other != index and other_table == table and kind == other_kind and more[: len(columns)] == columns
    ]
    assert twice == []
    begun = {(table, columns[0]) for table, _, columns, _ in whole}
    # Partial, but for those rows only that refer to nothing.
    begun |= {(table, columns[0]) for table, index, columns, *_ in indexes if index == "activity_of_card"}
    assert [name for table, column, name in _rows(REFERENCES) if (table, column) not in begun] == []
