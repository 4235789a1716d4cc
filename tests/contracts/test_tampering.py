"""Whoever can write to the database itself cannot change a board's record unnoticed: `verify_log` names it.

Each change is made as the superuser, with the walls taken down, on a board that lived through every verb and
on one that was imported; then it is taken back.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from activity.log.hashing import canonical, chained
from activity.models import Activity, ActivityContent
from boards.models import Board, Card
from fluxboard.features.verification.verify import verdict
from tests.activity.test_replay import everything
from tests.conftest import connect_to
from tests.databases import Server
from tests.trello.test_import import BAKERY, brought_in

ROW = "UPDATE activity_activity SET {} WHERE board_id = %s AND seq = %s"


def execute(statement: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def on_row(change: str) -> Callable[[Board, int], str]:
    """A change of one column of one row; what must be told of it."""

    def tamper(board: Board, seq: int) -> str:
        assert execute(ROW.format(change), board.pk, seq) == 1
        return f":{seq} "

    return tamper


def removed(board: Board, seq: int) -> str:
    execute("DELETE FROM activity_activity WHERE board_id = %s AND seq = %s", board.pk, seq)
    return f":{seq} is missing"


def last_removed(board: Board, seq: int) -> str:
    execute("DELETE FROM activity_activity WHERE board_id = %s AND seq = %s", board.pk, board.seq)
    return f"its log ends at {board.seq - 1}"


def swapped(board: Board, seq: int) -> str:
    for old, new in ((seq, 0), (seq + 1, seq), (0, seq + 1)):
        execute("UPDATE activity_activity SET seq = %s WHERE board_id = %s AND seq = %s", new, board.pk, old)
    return f":{seq} "


def swapped_with_new_digests(board: Board, seq: int) -> str:
    swapped(board, seq)
    for row in Activity.objects.filter(board=board, seq__in=[seq, seq + 1]):
        digest = digest_of(row, board)
        execute("UPDATE activity_activity SET digest = %s WHERE id = %s", digest, row.pk)
    return f":{seq} "


def digest_of(row: Activity, board: Board) -> bytes:
    content = canonical(row, board.uid, row.recorded_actor, row.recorded_card)
    return hashlib.sha256(content).digest()


def forged(board: Board, seq: int) -> str:
    """A row whose hashes are all right, by somebody who knows how they are made."""
    row = Activity.objects.filter(board=board, verb="card.created").latest("seq")
    last = Activity.objects.get(board=board, seq=board.seq)
    row.pk, row.seq, row.verb = None, board.seq + 1, "card.retitled"
    row.before, row.after = {}, {"title": {"text": "0" * 64}}
    row.digest, row.previous_hash = digest_of(row, board), bytes(last.hash)
    row.hash = chained(row.previous_hash, row.digest)
    row.save(force_insert=True)
    return f"{board.key} stands at {board.seq}, its log ends at {board.seq + 1}"


def forged_with_its_seq(board: Board, seq: int) -> str:
    forged(board, seq)
    execute("UPDATE boards_board SET seq = seq + 1 WHERE id = %s", board.pk)
    return ".title: the log says"


def text_changed(board: Board, seq: int) -> str:
    content = ActivityContent.objects.filter(board=board).order_by("digest").first()
    assert content is not None
    execute("UPDATE activity_activitycontent SET text = text || ' ' WHERE digest = %s", content.digest)
    return f"the text {content.digest[:12]} is not what was recorded"


def text_removed(board: Board, seq: int) -> str:
    content = ActivityContent.objects.filter(board=board).order_by("digest").first()
    assert content is not None
    execute("DELETE FROM activity_activitycontent WHERE digest = %s", content.digest)
    return f"the text {content.digest[:12]} is gone"


def order_changed(board: Board, seq: int) -> str:
    card = Card.objects.filter(board=board).latest("pk")
    Card.objects.filter(pk=card.pk).update(position=card.position + "V")
    return f"cards.{card.uid}.position: the log says"


def count_changed(board: Board, seq: int) -> str:
    card = Card.objects.filter(board=board).latest("pk")
    Card.objects.filter(pk=card.pk).update(comments_count=card.comments_count + 1)
    return f"{board.key}-{card.number}: comments_count is"


TAMPERING = {
    "before": on_row("""before = before || '{"forged": 1}'"""),
    "after": on_row("""after = after || '{"forged": 1}'"""),
    "verb": on_row("verb = 'board.renamed'"),
    "at": on_row("at = at + interval '1 microsecond'"),
    "source_at": on_row("source_at = COALESCE(source_at, at) - interval '1 day'"),
    "actor": on_row("actor_id = (SELECT max(id) FROM accounts_user WHERE id <> COALESCE(actor_id, 0))"),
    "subject": on_row("subject = gen_random_uuid()"),
    "via": on_row("via = 'email'"),
    "schema": on_row("schema = 2"),
    "digest": on_row("digest = sha256(digest)"),
    "hash": on_row("hash = sha256(hash)"),
    "previous hash": on_row("previous_hash = sha256(previous_hash)"),
    "a row removed": removed,
    "the last row removed": last_removed,
    "two rows swapped": swapped,
    "two rows swapped, with new digests": swapped_with_new_digests,
    "a forged row": forged,
    "a forged row, and the board's seq with it": forged_with_its_seq,
    "a text changed": text_changed,
    "a text removed": text_removed,
    "a card's place": order_changed,
    "a count on a front": count_changed,
}


@pytest.fixture
def superuser(transactional_db: None, postgres_server: Server) -> Iterator[None]:
    """Django's own connection as the database's superuser, before whom no wall stands."""
    ours = os.environ["DATABASE_URL"]
    name = ours.rpartition("/")[2].partition("?")[0]
    connect_to(postgres_server.urls(name).superuser)
    yield
    connect_to(ours)


def lived(ana: Any, kenji: Any, priya: Any) -> Board:
    from tests import cast

    board = cast.team_board(ana, kenji, priya)
    everything(board, ana, kenji, priya)
    return board


def imported(ana: Any, kenji: Any, priya: Any) -> Board:
    return brought_in(BAKERY.read_bytes(), ana).board


@pytest.mark.parametrize("kind", [lived, imported])
def test_whatever_is_changed_behind_the_log_is_named(superuser, ana, kenji, priya, kind):
    board = kind(ana, kenji, priya)
    board.refresh_from_db()
    assert verdict(board).faults == []
    silent = {}
    for name, tamper in TAMPERING.items():
        with transaction.atomic():
            execute("SET LOCAL session_replication_role = replica")
            told = tamper(board, board.seq // 2)
            faults = verdict(board).faults
            answers = {past_page(board, ana, seq) for seq in (board.seq // 2, board.seq)}
            transaction.set_rollback(True)
        assert {status for status, _ in answers} <= {200, 404}, name
        if not any(told in fault for fault in faults):
            silent[name] = told, faults[:5]
    assert not silent
    assert verdict(board).faults == []


def past_page(board: Board, reader: Any, seq: int) -> tuple[int, str]:
    """What the board's page of that moment answers, and what it says where there is none."""
    client = Client()
    client.force_login(reader)
    response = client.get(f"/b/{board.key}/at/?seq={seq}")
    told = re.search(r'<p role="alert">(.*?)</p>\s*<p><a [^>]*href="([^"]*)"', response.content.decode())
    return response.status_code, f"{told[1]} {told[2]}" if told else ""


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_the_past_is_shown_up_to_the_change_that_is_missing(superuser, ana, kenji, priya, place):
    board = lived(ana, kenji, priya)
    board.refresh_from_db()
    hole = {"first": 1, "middle": board.seq // 2, "last": board.seq}[place]
    with transaction.atomic():
        execute("SET LOCAL session_replication_role = replica")
        removed(board, hole)
    words = f"The record of this board is broken: change {hole} is missing. What stood here"
    for seq in {max(1, hole - 1), hole, board.seq}:
        status, told = past_page(board, ana, seq)
        assert status == (200 if seq < hole else 404), seq
        assert told.startswith(words) == (seq >= hole)
        assert told.endswith(f"?seq={hole - 1}") == (seq >= hole > 1)
    since = Client()
    since.force_login(ana)
    assert since.get(f"/b/{board.key}/at/?seq={board.seq}&since={hole}").status_code == 404


def test_a_row_of_a_newer_release_is_told_of(superuser, ana, kenji, priya):
    board = lived(ana, kenji, priya)
    board.refresh_from_db()
    with transaction.atomic():
        execute("SET LOCAL session_replication_role = replica")
        execute(ROW.format("schema = 2"), board.pk, 7)
    status, told = past_page(board, ana, 9)
    assert (status, "change 7 was written by a newer release" in told) == (404, True)
