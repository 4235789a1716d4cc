"""`/b/KEY/at/`: the board as it stood, in every reader's words and rights."""

from __future__ import annotations

import datetime as dt
import random
import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from activity.log import snapshots as log
from activity.log.record import By
from activity.log.replay.state import ERASED
from activity.models import Activity, ActivityContent
from boards import actions
from boards.models import Board, Card
from comments.actions import edit_comment, post_comment, remove_comment
from comments.decisions import record_decision
from fluxboard.features.time_travel import card_at
from fluxboard.features.verification.tables import state_of_tables
from tests.contracts.test_frames import Day
from tests.trello.files import REAL, real
from tests.trello.test_import import brought_in


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def shown(html: str) -> list[tuple[str, list[str]]]:
    """The columns of a time-travel page with what each of their cards says, without marks."""
    found = []
    for column in re.findall(r'<section class="column".*?</section>', html, re.S):
        name = re.search(r'class="column__name"[^>]*>([^<]*)', column)[1]
        cards = re.findall(
            r'<span class="card__key">([^<]*)</span>.*?class="card__link"[^>]*>([^<]*)</a>', column, re.S
        )
        found.append((unescape(name), [f"{key} {unescape(title)}" for key, title in cards]))
    return found


def held(board: Board) -> list[tuple[str, list[str]]]:
    """The same, out of the tables as they are now."""
    return [
        (
            column.name,
            [
                f"{board.key}-{card.number} {card.title}"
                for card in column.cards.filter(archived_at=None).in_board_order()
            ],
        )
        for column in board.columns.current().in_board_order()
    ]


def page(client: Client, board: Board, **query) -> str:
    response = client.get(f"/b/{board.key}/at/", {"all": 1, **query})
    assert response.status_code == 200, response.content.decode()[:500]
    return response.content.decode()


# ---- what stood there -------------------------------------------------------------------------------------


def test_after_any_change_the_page_shows_what_the_tables_held(db, monkeypatch):
    monkeypatch.setattr(log, "SNAPSHOT_EVERY", 20)
    day = Day()
    saved = {}
    for _ in day.steps():
        board = Board.objects.get(pk=day.board.pk)
        saved[board.seq] = held(board), state_of_tables(board).tables(), texts()
    board = Board.objects.get(pk=day.board.pk)
    client, left = client_of(day.kenji), set(texts().values())
    for seq in random.Random(board.seq).sample(sorted(saved), 25):
        columns, tables, there_were = saved[seq]
        assert log.state_at(board, seq).told_in_full(there_were).tables() == tables, seq
        assert shown(page(client, board, seq=seq)) == [
            (name, [without_erased(card, left) for card in cards]) for name, cards in columns
        ], seq


def texts() -> dict[str, str]:
    return dict(ActivityContent.objects.values_list("digest", "text"))


def without_erased(card: str, left: set[str]) -> str:
    """A card as it reads today: what was erased since shows the mark."""
    key, _, title = card.partition(" ")
    return card if title in left else f"{key} {ERASED}"


@pytest.mark.parametrize("name", REAL)
def test_an_imported_board_can_be_walked_from_its_first_change_to_its_last(ana, name, monkeypatch):
    monkeypatch.setattr(log, "SNAPSHOT_EVERY", 100)
    board = brought_in(real(name).read_bytes(), ana).board
    board.refresh_from_db()
    client = client_of(ana)
    assert shown(page(client, board)) == held(board)
    ready = board.columns.current().in_board_order().first()
    card = board.cards.filter(archived_at=None).first()
    before = held(board), board.seq
    actions.move_card(card, to=ready, by=ana)
    actions.retitle_card(card, "Another title", by=ana)
    board.refresh_from_db()
    assert shown(page(client, board)) == held(board)
    assert shown(page(client, board, seq=before[1])) == before[0]
    for seq in random.Random(name).sample(range(1, board.seq), 12):
        state = log.state_at(board, seq)
        stood = sum(not row["archived"] for row in state.cards.values())
        columns = [uid for uid, row in state.columns.items() if not row["archived"]]
        drawn = shown(page(client, board, seq=seq))
        assert len(drawn) == len(columns)
        assert sum(len(cards) for _, cards in drawn) == stood


def test_a_front_reads_as_it_did_then(board, card, ready, doing, ana, kenji):
    now = dt.datetime(2026, 10, 12, 8, 0, tzinfo=dt.UTC)
    label = actions.create_label(board, "bug", 1, by=By(ana, now=now))
    actions.label_card(card, label, by=By(ana, now=now))
    actions.assign_card(card, kenji, by=By(ana, now=now))
    actions.date_card(card, dt.date(2026, 10, 13), by=By(ana, now=now))
    checklist = actions.add_checklist(card, "Steps", by=By(ana, now=now))
    first, _ = actions.add_items(checklist, "one\ntwo", by=By(ana, now=now))
    actions.check_item(first, by=By(ana, now=now))
    post_comment(card, "Hello", by=By(ana, now=now))
    record_decision(card, "Blue.", by=By(ana, now=now))
    actions.block_card(card, "Waits for the bank", by=By(ana, now=now), person=kenji)
    board.refresh_from_db()
    then = board.seq
    actions.unblock_card(card, by=ana)
    actions.retitle_card(card, "Nothing of that", by=ana)
    actions.move_card(card, to=doing, by=ana)
    html = page(client_of(ana), board, seq=then)
    front = re.search(r'<li class="card.*?</li>', html, re.S)[0]
    for words in (
        "Order history returns no rows past page 5",
        "bug",
        "1/2",
        "Waits for the bank",
        "Tomorrow",
        "Kenji Mori",
    ):
        assert words in front
    assert "Nothing of that" not in front
    assert "Now in In progress" in html


def test_the_moment_is_told_on_the_reader_s_clock(board, ready, ana, kenji):
    actions.create_card(ready, "One", by=By(ana, now=dt.datetime(2026, 3, 12, 16, 0, tzinfo=dt.UTC)))
    board.refresh_from_db()
    year = "" if timezone.now().year == 2026 else " 2026"
    seq = board.seq
    actions.create_card(ready, "Two", by=ana)
    for person, words in ((ana, f"Thu 12 Mar{year}, 16:00"), (kenji, f"Fri 13 Mar{year}, 01:00")):
        html = page(client_of(person), board, seq=seq)
        assert f'{words}</time></b></span></h1> <span class="num">{seq} of {seq + 1}</span>' in html


def test_the_change_at_this_point_is_told_and_its_card_marked(board, card, doing, kenji):
    actions.move_card(card, to=doing, by=kenji)
    html = page(client_of(kenji), board)
    assert 'data-mark="here"' in html
    assert '<span class="card__who">Kenji</span>' in html
    told = re.search(r'id="past-told".*?</section>', html, re.S)[0]
    assert "Kenji Mori" in told
    assert "FLX-1" in told
    assert "Moved" in told
    assert "In progress" in told


# ---- two moments ------------------------------------------------------------------------------------------


def test_what_changed_between_two_moments_is_listed_and_marked(board, ready, doing, ana, kenji):
    stays, moves, goes = (actions.create_card(ready, title, by=ana) for title in ("Stays", "Moves", "Goes"))
    board.refresh_from_db()
    since = board.seq
    actions.move_card(moves, to=doing, by=kenji)
    actions.date_card(stays, dt.date(2026, 10, 16), by=kenji)
    actions.archive_card(goes, by=kenji)
    actions.create_card(doing, "Comes", by=ana)
    board.refresh_from_db()
    html = page(client_of(ana), board, seq=board.seq, since=since)
    marks = dict(re.findall(r'data-card="([^"]*)" data-mark="([^"]*)"', html))
    assert marks == {"FLX-1": "changed", "FLX-2": "moved", "FLX-4": "new"}
    assert "Moved from Ready" in html
    assert re.search(r'class="past__gone">.*FLX-3</span> <bdi>Goes', html)
    assert "4 changes between" in html
    assert page(client_of(ana), board, seq=since, since=board.seq).count("data-mark") == 3  # turned round


def test_between_two_moments_a_change_and_its_way_back_come_to_nothing(board, card, ready, doing, ana):
    board.refresh_from_db()
    since = board.seq
    actions.move_card(card, to=doing, by=ana)
    actions.move_card(card, to=ready, by=ana)
    html = page(client_of(ana), board, since=since)
    assert "It comes to nothing" in html


# ---- one card ---------------------------------------------------------------------------------------------


def test_a_card_is_read_as_it_was_then(board, card, ana, kenji):
    actions.specify_card(card, "why", "The **first** reason", by=ana)
    said = post_comment(card, "First words", by=kenji)
    checklist = actions.add_checklist(card, "Steps", by=ana)
    actions.add_items(checklist, "one\ntwo", by=ana)
    board.refresh_from_db()
    then = board.seq
    actions.specify_card(card, "why", "Another reason", by=ana)
    edit_comment(said, "Other words", by=kenji)
    actions.remove_checklist(checklist, by=ana)
    html = page(client_of(ana), board, seq=then, card=card.number)
    panel = html[html.index('id="past-card"') : html.index("</main>")]
    assert "<strong>first</strong> reason" in panel
    assert "First words" in panel
    assert "Steps" in panel
    assert "Another reason" not in panel
    assert "Other words" not in panel
    assert "<form" not in panel
    assert "No card of this number" in page(client_of(ana), board, seq=1, card=card.number)


def test_what_a_comment_said_that_was_removed_since_is_for_owners(board, card, ana, kenji, priya):
    said = post_comment(card, "Better not said", by=kenji)
    board.refresh_from_db()
    then = board.seq
    remove_comment(said, by=kenji)
    query = {"seq": then, "card": card.number}
    assert "Better not said" in page(client_of(ana), board, **query)
    for person in (kenji, priya):
        html = page(client_of(person), board, **query)
        assert "Better not said" not in html
        assert "that was removed since" in html


def test_an_erased_text_shows_the_mark(board, card, ana, monkeypatch):
    monkeypatch.setattr(card_at, "texts_named", lambda values: {})
    assert "[erased]" in page(client_of(ana), board, card=card.number)


# ---- the way there ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("seq=0", 404, "Before that there was no board"),
        ("seq=soon", 422, "is not the number of a change"),
        ("seq=-1", 422, "is not the number of a change"),
        ("seq=²", 422, "is not the number of a change"),
        ("seq=1&since=x", 422, "is not the number of a change"),
        ("seq=1&card=x", 422, "is not a card"),
        ("time=soon", 422, "is not a moment"),
        ("time=1999-01-01", 404, "This board was not there yet"),
        ("time=0001-01-01T00:00%2B14:00", 422, "is not a moment"),
    ],
)
def test_a_moment_that_never_was_is_told_in_words(board, ana, query, status, words):
    response = client_of(ana).get(f"/b/FLX/at/?{query}")
    assert response.status_code == status
    assert words in response.content.decode()


@pytest.mark.parametrize("query", ["seq=999999", "time=2999-01-01", "time=2999-01-01T00:00:00+00:00", ""])
def test_what_is_to_come_is_now(board, card, ana, query):
    board.refresh_from_db()
    html = client_of(ana).get(f"/b/FLX/at/?{query}").content.decode()
    assert f"{board.seq} of {board.seq}" in html


def test_a_time_leads_to_the_last_change_before_it(board, ready, ana):
    for hour in (8, 10, 12):
        actions.create_card(
            ready, f"At {hour}", by=By(ana, now=dt.datetime(2027, 3, 12, hour, tzinfo=dt.UTC))
        )
    board.refresh_from_db()
    client = client_of(ana)
    assert f"{board.seq - 1} of" in page(client, board, time="2027-03-12T11:59")
    assert f"{board.seq} of" in page(client, board, time="2027-03-12T12:00Z")
    assert f"{board.seq} of" in page(client, board, time="2027-03-12T21:00+09:00")


def test_days_are_jumped_by_the_reader_s_calendar(board, ready, ana):
    seqs = {}
    for day, hour in ((1, 9), (1, 17), (3, 9), (3, 18), (5, 9)):
        actions.create_card(ready, "x", by=By(ana, now=dt.datetime(2027, 3, day, hour, tzinfo=dt.UTC)))
        seqs[day] = Board.objects.values_list("seq", flat=True).get(pk=board.pk)
    html = page(client_of(ana), board, seq=seqs[3] - 1)
    links = dict(re.findall(r'id="past-([\w-]+)" href="\?([^"]*)"', html))
    went = {name: re.search(r"seq=(\d+)", query)[1] for name, query in links.items()}
    assert went == {
        "first": "1",
        "previous-day": str(seqs[1]),
        "previous": str(seqs[3] - 2),
        "next": str(seqs[3]),
        "next-day": str(seqs[5]),
        "last": str(seqs[5]),
    }


def test_who_may_see_the_board_may_see_its_past(board, card, ana, kenji, priya, sam):
    assert [client_of(person).get("/b/FLX/at/").status_code for person in (ana, kenji, priya, sam)] == [
        200,
        200,
        200,
        404,
    ]


def test_nothing_on_the_page_changes_anything(board, card, ana):
    html = page(client_of(ana), board, card=card.number)
    assert 'method="post"' not in html
    assert "data-live" not in html
    assert "draggable" not in html


def test_every_entry_of_a_history_leads_to_its_moment(board, card, ana):
    client = client_of(ana)
    activity = Activity.objects.about(card).latest("id")
    link = f"/b/FLX/at/?seq={activity.seq}"
    assert link in client.get("/c/FLX-1/?tab=history").content.decode()
    assert link in client.get("/b/FLX/standup/").content.decode()
    assert "/b/FLX/at/" in client.get("/b/FLX/").content.decode()


def test_the_page_asks_the_database_as_often_whatever_there_is(
    board, ready, doing, ana, kenji, django_assert_max_num_queries
):
    client = client_of(ana)

    def asked(**query) -> int:
        with django_assert_max_num_queries(60) as queries:
            page(client, board, **query)
        return len(queries)

    card = actions.create_card(ready, "One", by=ana)
    board.refresh_from_db()
    first = board.seq

    def live(count: int) -> tuple[int, int, int]:
        for number in range(count):
            other = actions.create_card(ready, f"{number}", by=kenji)
            actions.assign_card(other, kenji, by=ana)
            actions.block_card(other, "Waits", by=ana, card_in_the_way=card)
            post_comment(other, "Hello", by=kenji)
            post_comment(card, "Hello", by=kenji)
        actions.move_card(card, to=doing, before=None, by=kenji)
        actions.move_card(card, to=ready, by=kenji)
        board.refresh_from_db()
        return asked(), asked(since=first), asked(card=card.number)

    page(client, board)  # a session's first request asks whose it is
    few = live(1)
    assert live(15) == few
    assert max(few) <= 30


def test_a_card_on_a_board_that_one_cannot_see_is_not_named_by_where_it_is(board, card, ana, kenji):
    private = actions.create_board("Secret board", by=ana, key="SEC", starter=True)
    board.refresh_from_db()
    then = board.seq
    actions.transfer_card(card, to=private.columns.first(), by=ana)
    html = page(client_of(kenji), board, seq=then)
    assert "Now on another board" in html
    assert "Secret board" not in html
    assert Card.objects.get(pk=card.pk).board_id == private.pk
