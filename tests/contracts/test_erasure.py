"""What was erased is nowhere in the database, and the record is as whole as before."""

from __future__ import annotations

import hashlib

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.test import Client

from activity.errors import Forbidden, Refused
from activity.live.board_channel import BoardFeed
from activity.live.event_store import BoardEvent, Span
from activity.log.erasure import texts_by, texts_of
from activity.log.record import By
from activity.log.replay.state import ERASED
from activity.models import Activity, ActivityContent, Frame
from boards import actions as act
from boards.actions.erase import uids_of
from boards.models import Card, Import
from boards.undo.engine import undo_change
from boards.undo.registry import UndoChoice
from comments.actions import edit_comment, post_comment, remove_comment, restore_comment
from comments.decisions import record_decision
from comments.models import Comment, Decision
from comments.questions import ask_question
from fluxboard.features.trello.importer import import_trello_board as import_trello
from fluxboard.features.trello.parse import parse_export
from fluxboard.features.verification.tables import state_of_tables
from fluxboard.features.verification.verify import state_of_log, verify
from tests.databases import Server
from tests.trello.files import REAL, real

SECRET = "Zyzzyva"
WHY = "Asked for by the person"

COLUMNS = """
    SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
      AND (c.data_type IN ('text', 'character varying', 'character', 'json', 'jsonb', 'tsvector', 'ARRAY',
                           'bytea', 'xml', 'USER-DEFINED'))
"""


def places_of(words: str) -> set[str]:
    """Where in the whole database `words` stand: table.column, whatever the case."""
    found = set()
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        for table, column, kind in cursor.fetchall():
            text = f"encode({column}, 'escape')" if kind == "bytea" else f'"{column}"::text'
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE {text} ILIKE %s', [f"%{words}%"])
            if cursor.fetchone()[0]:
                found.add(f"{table}.{column}")
    return found


@pytest.fixture
def full(board, ready, ana, kenji):
    """A card with the secret in each kind of text, former versions and removed things too."""
    card = act.create_card(ready, f"Title {SECRET}", by=ana, what=f"What {SECRET}")
    act.retitle_card(card, f"Newer title {SECRET}", by=kenji)
    for field in ("what", "why", "done_when", "constraints"):
        act.specify_card(card, field, f"{field} {SECRET} by Kenji", by=kenji)
    act.specify_card(card, "why", "because", by=ana)
    act.block_card(card, f"Waits for {SECRET}", by=kenji)
    act.block_card(card, f"Waits longer for {SECRET}", by=ana)
    act.unblock_card(card, by=ana)
    act.block_card(card, f"Waits again for {SECRET}", by=ana)
    steps = act.add_checklist(card, f"Steps {SECRET}", by=ana)
    one, two = act.add_items(steps, f"one {SECRET}\ntwo {SECRET}", by=kenji)
    act.check_item(one, by=ana)
    act.remove_item(two, by=ana)
    gone = act.add_checklist(card, f"Gone {SECRET}", by=kenji)
    act.add_items(gone, f"three {SECRET}", by=ana)
    act.remove_checklist(gone, by=ana)
    first = post_comment(card, f"Hello {SECRET}", by=ana)
    post_comment(card, f"Hello back {SECRET}", by=kenji, parent=first)
    edit_comment(first, f"Hello again {SECRET}", by=ana)
    removed = post_comment(card, f"Rude {SECRET}", by=kenji)
    remove_comment(removed, by=ana)
    ask_question(card, f"Why {SECRET}?", [kenji], by=ana)
    record_decision(card, f"No {SECRET}.", by=kenji)
    card.refresh_from_db()
    return card


def all_parts():
    from activity.log.erasure import ERASABLE_PARTS

    return list(ERASABLE_PARTS)


def test_a_card_s_texts_are_nowhere_and_the_record_is_whole(board, full, ana):
    hashes = list(Activity.objects.on(board).order_by("seq").values_list("hash", flat=True))
    assert places_of(SECRET) >= {"boards_card.title", "activity_frame.html", "activity_activitycontent.text"}
    act.erase_card(full, all_parts(), WHY, by=ana)
    assert places_of(SECRET) == set()
    assert verify(board) == []
    rows = list(Activity.objects.on(board).order_by("seq"))
    assert [row.hash for row in rows[:-1]] == hashes
    last = rows[-1]
    assert (last.verb, last.subject, last.actor) == ("card.erased", full.uid, ana)
    assert ActivityContent.objects.get(digest=last.after["reason"]["text"]).text == WHY
    assert not ActivityContent.objects.filter(digest__in=last.after["erased"]).exists()
    full.refresh_from_db()
    assert (full.title, full.why, full.blocked_reason) == (ERASED, ERASED, ERASED)
    assert state_of_log(board).cards[str(full.uid)]["title"] == ERASED
    assert state_of_log(board).tables() == state_of_tables(board).tables()
    assert full.comments_count == 4 and full.items_total == 1


def test_the_same_words_on_another_card_stay(board, ready, full, ana):
    other = act.create_card(ready, f"Newer title {SECRET}", by=ana)
    act.erase_card(full, all_parts(), WHY, by=ana)
    other.refresh_from_db()
    assert other.title == f"Newer title {SECRET}"
    assert verify(board) == []


def test_only_the_chosen_parts_go_with_all_their_versions(board, full, ana):
    act.erase_card(full, ["what", "comments"], WHY, by=ana)
    full.refresh_from_db()
    assert (full.what, full.title) == (ERASED, f"Newer title {SECRET}")
    left = set(
        ActivityContent.objects.filter(card=full, text__contains=SECRET).values_list("text", flat=True)
    )
    assert not [text for text in left if text.startswith(("What", "what", "Hello", "Rude", "Why"))]
    assert f"Title {SECRET}" in left
    assert f"No {SECRET}." in left
    assert verify(board) == []


def test_a_text_that_stands_twice_on_a_card_goes_from_both_places(board, ready, ana, kenji):
    card = act.create_card(ready, "Same words", by=ana)
    said = post_comment(card, "Same words", by=kenji)
    act.erase_card(card, ["title"], WHY, by=ana)
    said.refresh_from_db()
    assert said.text == ERASED
    assert verify(board) == []


def test_texts_after_an_erasure_are_normal_and_old_places_keep_the_mark(board, full, ana):
    title = full.title
    act.erase_card(full, ["title"], WHY, by=ana)
    act.retitle_card(full, title, by=ana)
    full.refresh_from_db()
    assert full.title == title
    history = Activity.objects.about(full).filter(verb="card.retitled").order_by("id")
    [first, again] = [row.after["title"]["text"] for row in history]
    assert first != again
    assert not ActivityContent.objects.filter(digest=first).exists()
    assert verify(board) == []
    act.erase_card(full, ["title"], WHY, by=ana)
    full.refresh_from_db()
    assert full.title == ERASED
    assert verify(board) == []


def test_an_editor_that_was_open_meanwhile_is_asked(board, full, ana, kenji):
    from activity.errors import Clash

    seen = full.version
    act.erase_card(full, ["title"], WHY, by=ana)
    with pytest.raises(Clash):
        act.retitle_card(full, f"Newer title {SECRET}!", by=kenji, seen=seen)


def test_a_person_s_texts_go_and_others_stay(board, ready, full, ana, kenji):
    other = act.create_card(ready, "By Ana", by=ana)
    post_comment(other, "Kenji was here", by=kenji)
    kept = post_comment(other, "So was Ana", by=ana)
    seen = Activity.objects.count()
    act.erase_person(board, kenji, WHY, by=ana)
    told = list(Activity.objects.order_by("id")[seen:])
    assert [row.verb for row in told] == ["card.erased", "card.erased"]
    assert {row.after["person"]["id"] for row in told} == {str(kenji.uid)}
    assert texts_by(kenji, [kenji.uid], board) == {}
    kept.refresh_from_db()
    full.refresh_from_db()
    assert kept.text == "So was Ana"
    assert (full.title, full.what, full.why) == (ERASED, ERASED, "because")
    assert {text.text for text in texts_of(full)} == {
        f"Title {SECRET}",
        f"What {SECRET}",
        "because",
        f"Waits longer for {SECRET}",
        f"Waits again for {SECRET}",
        f"Steps {SECRET}",
        f"three {SECRET}",
        f"Hello {SECRET}",
        f"Hello again {SECRET}",
        f"Why {SECRET}?",
    }
    assert Decision.objects.get(card=full).text == ERASED
    assert verify(board) == []
    with pytest.raises(Refused, match="nothing left"):
        act.erase_person(board, kenji, WHY, by=ana)


def test_a_removed_comment_that_was_erased_comes_back_as_the_mark(board, full, ana):
    act.erase_card(full, ["comments"], WHY, by=ana)
    rude = Comment.objects.exclude(removed_at=None).get()
    assert restore_comment(rude, by=ana).text == ERASED
    assert verify(board) == []


def test_a_card_s_former_board_keeps_nothing_either(board, full, ana):
    other = act.create_board("Mobile app", by=ana, key="MOB", starter=False)
    act.transfer_card(full, to=other.columns.first(), by=ana)
    full.refresh_from_db()
    act.erase_card(full, all_parts(), WHY, by=ana)
    assert places_of(SECRET) == set()
    assert verify(board) == verify(other) == []
    for each in (board, other):
        assert Activity.objects.on(each).order_by("-seq")[0].verb == "card.erased"


def test_archived_cards_and_boards_can_be_erased(board, full, ana):
    act.archive_card(full, by=ana)
    act.archive_board(board, by=ana)
    act.erase_card(full, all_parts(), WHY, by=ana)
    assert places_of(SECRET) == set()


def test_the_report_of_an_import_says_no_more_either(board, full, ana):
    Import.objects.create(
        source="trello",
        source_id="x",
        fingerprint=bytes(32),
        board=board,
        by=ana,
        report={"board": "FLX", "problems": [f"card {full.number}: {SECRET}.pdf", "card 77: other.pdf"]},
        at=full.created_at,
    )
    act.erase_card(full, all_parts(), WHY, by=ana)
    assert Import.objects.get().report["problems"] == [ERASED, "card 77: other.pdf"]


@pytest.mark.parametrize("name", sorted(REAL))
def test_what_an_import_brought_goes_as_well(ana, name):
    data = real(name).read_bytes()
    board = import_trello(parse_export(data, name), hashlib.sha256(data).digest(), by=By(ana)).board
    told = Activity.objects.on(board).filter(verb="history.imported").exclude(card=None)
    most = told.values("card").annotate(rows=Count("pk")).order_by("-rows", "card")[0]
    card = Card.objects.select_related("board").get(pk=most["card"])
    act.erase_card(card, all_parts(), WHY, by=ana)
    assert list(ActivityContent.objects.filter(card=card).values_list("text", flat=True)) == [WHY]
    person = Comment.objects.filter(card__board=board).exclude(text=ERASED).first().author
    act.erase_person(board, person, WHY, by=ana)
    assert texts_by(person, [person.uid], board) == {}
    assert not Comment.objects.filter(card__board=board, author=person).exclude(text=ERASED).exists()
    assert verify(board) == []


@pytest.mark.parametrize("who", ["kenji", "priya", "sam"])
def test_only_owners_erase(request, board, full, who):
    person = request.getfixturevalue(who)
    with pytest.raises(Forbidden):
        act.erase_card(full, all_parts(), WHY, by=person)
    with pytest.raises(Forbidden):
        act.erase_person(board, person, WHY, by=person)
    assert not Activity.objects.filter(verb="card.erased").exists()


def test_without_parts_or_reason_nothing_goes(full, ana):
    for parts, reason in (([], WHY), (["nothing"], WHY), (["title"], "  ")):
        with pytest.raises(Refused):
            act.erase_card(full, parts, reason, by=ana)
    full.refresh_from_db()
    assert SECRET in full.title


def test_frames_of_before_only_ask_for_the_board(full, ana):
    before = Activity.objects.about(full).filter(verb="card.retitled").get()
    act.erase_card(full, all_parts(), WHY, by=ana)
    html = Frame.objects.get(board=before.board_id, seq=before.seq).html
    assert html.startswith(f'<flux-change data-seq="{before.seq}" data-verb="card.retitled"')
    assert html.endswith('><template data-refetch="board"></template></flux-change>')


def test_history_and_pages_show_the_mark(full, ana):
    client = Client()
    client.force_login(ana)
    assert "/c/FLX-1/" in client.get(f"/search/?q={SECRET}").content.decode()
    act.erase_card(full, all_parts(), WHY, by=ana)
    for path in ("/c/FLX-1/", "/c/FLX-1/?tab=history", "/b/FLX/", "/b/FLX/standup/", "/b/FLX/archive/"):
        html = client.get(path).content.decode()
        assert SECRET not in html, path
        assert ERASED in html or path == "/b/FLX/archive/"
    assert "/c/FLX-1/" not in client.get(f"/search/?q={SECRET}").content.decode()
    assert WHY in client.get("/c/FLX-1/?tab=history").content.decode()


def event(seq, verb="card.moved", html="secret"):
    return BoardEvent("board-1", "", html, id=seq, verb=verb)


def test_a_process_forgets_the_frames_that_it_read_before_an_erasure():
    feed = BoardFeed(None, 1)
    feed._take(Span(2, [event(1), event(2)]))
    feed._take(Span(3, [event(3, "card.erased", "mark")]))
    assert (feed.ring.first, feed.ring.last) == (3, 3)
    feed._take(Span(3, [event(1, html="mark"), event(2, html="mark"), event(3, "card.erased", "mark")]))
    assert (feed.ring.first, feed.ring.last) == (1, 3)
    assert not [frame for frame in feed.ring.frames if b"secret" in frame]
    feed._take(Span(4, [event(4)]))
    assert feed.ring.first == 1


# ---- the wall -------------------------------------------------------------------------------------------


def address_of(server: Server, role: str) -> str:
    return getattr(server.urls(settings.DATABASES["default"]["NAME"]), role)


@pytest.mark.parametrize("role", ["app", "owner", "superuser"])
def test_nothing_goes_that_no_erasure_names(transactional_db, postgres_server, ana, role):
    board = act.create_board("Checkout rebuild", by=ana, key="FLX", starter=False)
    card = act.create_card(board.columns.first(), "A title", by=ana)
    seq = Activity.objects.about(card).get().seq
    attempts = [
        "DELETE FROM activity_activitycontent",
        f"SELECT fluxboard_erase({board.pk}, {seq})",
        f"SELECT fluxboard_erase({board.pk}, 999)",
    ]
    with psycopg.connect(address_of(postgres_server, role)) as session:
        for statement in attempts:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(statement)
            session.rollback()
    assert ActivityContent.objects.filter(text="A title").exists()


def test_the_function_takes_what_the_log_names_and_no_more(transactional_db, postgres_server, ana):
    board = act.create_board("Checkout rebuild", by=ana, key="FLX", starter=False)
    card, other = act.create_cards(board.columns.first(), "A title\nAnother", by=ana)
    act.erase_card(card, ["title"], WHY, by=ana)
    texts = set(ActivityContent.objects.values_list("text", flat=True))
    assert texts == {"Another", WHY}
    seq = Activity.objects.get(verb="card.erased").seq
    with psycopg.connect(address_of(postgres_server, "app")) as session:
        assert session.execute(f"SELECT fluxboard_erase({board.pk}, {seq})").fetchone() == (0,)
    assert Card.objects.get(pk=other.pk).title == "Another"


def test_a_mix_written_at_an_undo_is_theirs_but_not_what_an_undo_brought_back(board, card, ana, kenji):
    first = card.title
    act.retitle_card(card, "What Ana called it", by=ana)
    undo_change(board, Activity.objects.on(board).latest("seq").seq, by=kenji)
    card.refresh_from_db()
    assert card.title == first
    assert not texts_by(kenji, uids_of(kenji, board), board)
    act.retitle_card(card, "Again by Ana", by=ana)
    again = Activity.objects.on(board).latest("seq").seq
    act.retitle_card(card, "Another by Ana", by=ana)
    card.refresh_from_db()
    mix = UndoChoice(seen=card.version, mixed={"title": f"{SECRET} of Kenji"})
    undo_change(board, again, by=kenji, choice=mix)
    act.erase_person(board, kenji, WHY, by=ana)
    card.refresh_from_db()
    assert card.title == ERASED
    assert not places_of(SECRET)
    assert {"What Ana called it", "Again by Ana"} <= {typed.text for typed in texts_of(card)}
