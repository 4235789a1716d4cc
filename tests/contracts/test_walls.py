"""The database itself keeps the log: nobody alters it, and every row vouches for the one before."""

from __future__ import annotations

import hashlib
import uuid

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from activity.log.hashing import GENESIS, canonical, chained, content_digest
from activity.models import Activity, ActivityContent
from boards import actions as act
from boards.models import Board, Card
from comments.actions import edit_comment, post_comment, remove_comment
from tests.databases import Server

TABLES = ["activity_activity", "activity_activitycontent"]
ATTEMPTS = {
    "UPDATE": "UPDATE {} SET board_id = board_id",
    "DELETE": "DELETE FROM {}",
    "TRUNCATE": "TRUNCATE {} CASCADE",
}


def address_of(server: Server, role: str) -> str:
    return getattr(server.urls(settings.DATABASES["default"]["NAME"]), role)


@pytest.mark.parametrize("attempt", ATTEMPTS)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", ["app", "owner", "superuser"])
def test_the_log_cannot_be_altered(transactional_db, postgres_server, ana, role, table, attempt):
    board = act.create_board("Checkout rebuild", by=ana, key="FLX")
    act.create_card(board.columns.first(), "A text of the log", by=ana)
    rows = Activity.objects.on(board).count(), ActivityContent.objects.count()
    statement = ATTEMPTS[attempt].format(table)
    with psycopg.connect(address_of(postgres_server, role)) as session:
        with pytest.raises(psycopg.errors.InsufficientPrivilege) as refusal:
            session.execute(statement)
        session.rollback()
    words = str(refusal.value)
    assert "append-only" in words or (role == "app" and "permission denied" in words)
    assert (Activity.objects.on(board).count(), ActivityContent.objects.count()) == rows


def test_the_application_owns_nothing_and_cannot_unlock_the_walls(transactional_db, postgres_server, ana):
    act.create_board("Checkout rebuild", by=ana, key="FLX")
    with psycopg.connect(address_of(postgres_server, "app")) as session:
        for statement in (
            "ALTER TABLE activity_activity DISABLE TRIGGER append_only",
            "DROP TRIGGER append_only ON activity_activity",
            "DROP TABLE activity_activity CASCADE",
            "ALTER TABLE activity_activity OWNER TO CURRENT_USER",
            "CREATE OR REPLACE FUNCTION fluxboard_append_only() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
            "SET session_replication_role = replica",
        ):
            with pytest.raises(psycopg.Error):
                session.execute(statement)
            session.rollback()


def test_a_board_with_history_cannot_be_deleted(board, card):
    with pytest.raises(Exception, match=r"protected foreign keys|append-only|permission denied"):
        board.delete()


def busy_day(board: Board, ready, doing, ana, kenji) -> Card:
    """A bit of everything that carries texts, numbers, dates and people."""
    card = act.create_card(ready, "Zahlungen — 支払い 💳", by=ana, what="a\nb", why="because")
    act.specify_card(card, "done_when", "- it works", by=kenji)
    act.retitle_card(card, "Payments", by=ana)
    act.assign_card(card, kenji, by=ana)
    act.move_card(card, to=doing, by=kenji)
    act.block_card(card, "Waits for the bank", by=kenji, person=ana)
    act.unblock_card(card, by=kenji)
    label = act.create_label(board, "bug", 1, by=ana)
    act.label_card(card, label, by=kenji)
    checklist = act.add_checklist(card, "Steps", by=ana)
    first, _ = act.add_items(checklist, "one\ntwo", by=ana)
    act.check_item(first, by=kenji)
    act.reword_item(first, "eins", by=kenji)
    comment = post_comment(card, "@kenji is this right?", by=ana)
    reply = post_comment(card, "Yes.", by=kenji, parent=comment)
    edit_comment(reply, "Yes, it is.", by=kenji)
    remove_comment(reply, by=kenji)
    act.remove_label(label, by=ana)
    other = act.create_board("Mobile app", by=ana, key="MOB", starter=False)
    act.transfer_card(card, by=ana, to=other.columns.in_board_order()[0])
    act.archive_column(doing, by=ana)
    act.restore_column(doing, by=ana)
    return card


def test_each_row_vouches_for_its_content_and_its_predecessor(board, ready, doing, ana, kenji):
    busy_day(board, ready, doing, ana, kenji)
    for each in Board.objects.all():
        previous = GENESIS
        rows = Activity.objects.on(each).order_by("seq").select_related("actor", "card")
        assert rows
        for number, row in enumerate(rows, start=1):
            assert row.seq == number
            assert bytes(row.previous_hash) == previous
            rebuilt = canonical(
                row, each.uid, row.actor.uid if row.actor else None, row.card.uid if row.card else None
            )
            assert bytes(row.digest) == hashlib.sha256(rebuilt).digest(), row
            assert bytes(row.hash) == chained(previous, bytes(row.digest))
            previous = bytes(row.hash)


def test_a_row_that_says_something_else_no_longer_matches_its_digest(board, ready, doing, ana, kenji):
    card = busy_day(board, ready, doing, ana, kenji)
    row = Activity.objects.about(card).filter(verb="card.assigned").get()
    honest = canonical(row, board.uid, row.actor.uid, card.uid)
    for name, forged in {
        "seq": row.seq + 1,
        "verb": "card.left",
        "after": {"assignee": None},
        "subject": uuid.uuid4(),
        "via": "admin",
        "schema": 2,
    }.items():
        true = getattr(row, name)
        setattr(row, name, forged)
        assert canonical(row, board.uid, row.actor.uid, card.uid) != honest, name
        setattr(row, name, true)
    assert canonical(row, board.uid, kenji.uid, card.uid) != honest
    assert canonical(row, board.uid, row.actor.uid, card.uid) == honest


def digests(value):
    if isinstance(value, dict):
        if value.keys() == {"text"} and isinstance(value["text"], str):
            yield value["text"]
        for inner in value.values():
            yield from digests(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from digests(inner)


def test_every_text_of_the_log_is_kept_once_under_its_salted_digest(board, ready, doing, ana, kenji):
    busy_day(board, ready, doing, ana, kenji)
    named = set()
    for row in Activity.objects.all():
        named |= {*digests(row.before), *digests(row.after)}
    kept = {content.digest: content for content in ActivityContent.objects.all()}
    assert named == kept.keys()
    for content in kept.values():
        assert content.digest == content_digest(content.salt, content.text)
        assert bytes(content.salt) == bytes(content.card.salt)
    assert "Zahlungen — 支払い 💳" in {content.text for content in kept.values()}


def test_no_typed_text_stands_in_a_row_itself(board, ready, doing, ana, kenji):
    busy_day(board, ready, doing, ana, kenji)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(before::text || after::text, ' ') FROM activity_activity")
        (everything,) = cursor.fetchone()
    for text in (
        "Payments",
        "Zahlungen",
        "because",
        "it works",
        "Waits for the bank",
        "eins",
        "is this right",
    ):
        assert text not in everything
