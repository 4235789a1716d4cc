"""The board's page is put together from parts that are kept; nobody can tell."""

from __future__ import annotations

import datetime as dt
import random
import zlib
from gzip import decompress
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from activity.feed.read_marker import mark_read
from activity.models import Reading
from boards import actions
from boards.board_page import board_cache, page
from boards.board_page.board_cache import BoardState
from boards.models import Board, Card, Column, Fold, Role, Welcome
from boards.rendering import card_front
from boards.watching import watch
from comments.actions import post_comment
from comments.questions import ask_question
from fluxboard.accounts.models import User
from fluxboard.core.gzip_fragments import Fresh, Packed, Plain, gzipped
from fluxboard.core.lru import LastUsed
from tests.boards.anew import assert_drawn_alike

pytestmark = pytest.mark.django_db


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The cards whose fronts are drawn, in order."""
    cards: list[int] = []
    draw = card_front.render_to_string

    def noting(template: str, *args: Any, **kwargs: Any) -> Any:
        if template == "boards/_card.html":
            cards.append(args[0]["card"].pk)
        return draw(template, *args, **kwargs)

    monkeypatch.setattr(card_front, "render_to_string", noting)
    return cards


def test_each_viewer_gets_their_own_page_from_what_all_share(
    board: Board, card: Card, ready: Column, doing: Column, ana: User, kenji: User, priya: User
) -> None:
    """Roles, folds, zones, watches, news, what waits on whom: nothing kept for one is shown to another."""
    other = actions.create_card(doing, "Another", by=ana, assignee=kenji)
    actions.block_card(card, "Waits for it", by=ana, card_in_the_way=other)
    actions.date_card(other, dt.date(2026, 12, 24), by=ana)
    actions.join_card(card, priya, by=ana)
    ask_question(card, "Which one?", [kenji], by=ana)
    Fold.objects.create(user=kenji, column=ready)
    watch(board, priya)
    Welcome.objects.create(user=priya, board=board)
    actions.create_board("Another", by=ana, key="OTH")
    clients = [signed_in(person) for person in (ana, kenji, priya)]
    for address in ("/b/FLX/", f"/b/FLX/?more={ready.pk}:100", "/b/FLX/?part=board"):
        for client in (*clients, *clients):
            assert_drawn_alike(client, address)
    mark_read(kenji, {board: board.seq}, Reading.objects.get(user=kenji).at)
    kenji.name, kenji.hue, kenji.time_zone, kenji.theme = "Kenta", 3, "America/New_York", "dark"
    kenji.save()
    for client in clients:
        assert_drawn_alike(client, "/b/FLX/")


def test_what_others_see_changes_with_their_role(board: Board, card: Card, ana: User, priya: User) -> None:
    client = signed_in(priya)
    assert "Add a card" not in client.get("/b/FLX/").content.decode()
    actions.change_role(board, priya, Role.MEMBER, by=ana)
    assert "Add a card" in client.get("/b/FLX/").content.decode()
    actions.remove_member(board, priya, by=ana)
    assert client.get("/b/FLX/").status_code == 404


def test_a_filter_and_a_message_are_drawn_anew(board: Board, card: Card, ana: User) -> None:
    client = signed_in(ana)
    client.get("/b/FLX/")
    assert "No card fits this filter" in client.get("/b/FLX/?q=nowhere").content.decode()
    actions.archive_card(card, by=ana)
    answer = client.post(f"/c/{card.key}/do/restored/", {"next": "/b/FLX/"})
    assert answer.status_code == 303
    assert " is back in Ready" in client.get("/b/FLX/").content.decode()
    assert " is back in Ready" not in client.get("/b/FLX/").content.decode()


def test_times_go_on(board: Board, ready: Column, ana: User, kenji: User) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 2, 14, 0, tzinfo=dt.UTC), tick=False) as clock:
        for number in range(30):
            card = actions.create_card(ready, f"Card {number}", by=ana)
            clock.shift(97)
        actions.date_card(card, dt.date(2026, 11, 4), by=ana)
        clients = [signed_in(ana), signed_in(kenji)]
        steps = [1, 30, 60, 600, 3600, 7200, 40_000, 86_400, 5 * 86_400]
        for seconds in steps:
            clock.shift(seconds)
            for client in clients:
                assert_drawn_alike(client, "/b/FLX/")


def test_a_first_page_draws_the_cards_that_it_shows(
    board: Board, ready: Column, ana: User, drawn: list[int]
) -> None:
    made = actions.create_cards(ready, "\n".join(f"Card {n}" for n in range(60)), by=ana)
    board_cache.forget_boards()
    card_front.forget_fronts(board.pk)
    client = signed_in(ana)
    drawn.clear()
    client.get("/b/FLX/")
    assert drawn == [card.pk for card in made[:25]]


def test_a_change_of_one_card_draws_one_front(
    board: Board, ready: Column, doing: Column, ana: User, drawn: list[int]
) -> None:
    made = actions.create_cards(ready, "\n".join(f"Card {n}" for n in range(60)), by=ana)
    client = signed_in(ana)
    client.get(f"/b/FLX/?more={ready.pk}:100")
    for change in (
        lambda card: actions.retitle_card(card, "Another title", by=ana),
        lambda card: actions.move_card(card, to=doing, by=ana),
        lambda card: post_comment(card, "Well said", by=ana),
    ):
        change(made[7])
        drawn.clear()
        client.get("/b/FLX/")
        assert set(drawn) <= {made[7].pk}
        assert_drawn_alike(client, "/b/FLX/")


def test_a_page_takes_as_many_queries_whatever_its_size(board: Board, ready: Column, ana: User) -> None:
    client = signed_in(ana)
    counts = []
    for cards in (1, 100):
        actions.create_cards(ready, "\n".join(f"Card {n}" for n in range(cards)), by=ana)
        with CaptureQueriesContext(connection) as cold:
            client.get("/b/FLX/")
        with CaptureQueriesContext(connection) as warm:
            client.get("/b/FLX/")
        counts.append((len(cold), len(warm)))
    assert counts[1][1] == counts[0][1] == 2, "session with person; board with viewer and what waits"
    with CaptureQueriesContext(connection) as filtered:
        client.get("/b/FLX/?q=Card")
    assert len(filtered) <= 3, "and which cards pass the filter"


def test_a_page_with_a_filter_is_made_of_what_is_kept_too(
    board: Board, ready: Column, doing: Column, ana: User, kenji: User
) -> None:
    """Whatever is asked for, before and after a change, folded columns with hits open among them."""
    first, *_ = actions.create_cards(ready, "\n".join(f"Card {n}" for n in range(60)), by=ana)
    actions.create_card(doing, "Another card", by=ana, assignee=kenji)
    Fold.objects.create(user=ana, column=doing)
    clients = [signed_in(ana), signed_in(kenji)]
    addresses = [
        f"/b/FLX/?{query}"
        for query in (
            "q=card",
            f"q=card&more={ready.pk}:50",
            "mine=1",
            "is=blocked",
            "due=none&part=board",
            "q=no",
        )
    ]
    for change in (
        lambda: actions.assign_card(first, ana, by=ana),
        lambda: actions.retitle_card(first, "Now something else", by=ana),
        lambda: actions.block_card(first, "Wait", by=ana),
        lambda: actions.move_card(first, to=doing, by=ana),
    ):
        change()
        for client in clients:
            for address in addresses:
                assert_drawn_alike(client, address)
    html = clients[0].get("/b/FLX/?q=another").content.decode()
    assert "Another card" in html and "Card 7" not in html


def test_a_key_that_another_board_has_taken_leads_to_that_one(
    board: Board, card: Card, ana: User, kenji: User
) -> None:
    client = signed_in(ana)
    other = actions.create_board("Bread", by=ana, key="BRD")
    actions.add_member(other, kenji, Role.MEMBER, by=ana)
    there = actions.create_card(other.columns.in_board_order()[0], title="Sourdough", by=ana)
    actions.assign_card(there, kenji, by=ana)
    for address in ("/b/BRD/", "/b/FLX/"):
        client.get(address)
    actions.rekey_board(board, "OLD", by=ana)
    actions.rekey_board(other, "FLX", by=ana)
    kenji.name = "Kenji Sato"
    kenji.save()
    for address in ("/b/FLX/", "/b/OLD/", "/b/FLX/"):
        assert_drawn_alike(client, address)
    assert b"Kenji Sato" in client.get("/b/FLX/").content


def test_another_history_with_the_same_numbers_is_another_board(board: Board, card: Card, ana: User) -> None:
    """As after a backup was restored and written on: the same board, the same seq, something else."""
    client = signed_in(ana)
    client.get("/b/FLX/")
    (kept,) = [kept for kept in board_cache._kept.states.values() if kept.board_id == board.pk]
    row = kept.fronts[card.pk]
    forged = {card.pk: board_cache.replace(row, drawn="<li>Not of this history</li>")}
    for seq in (kept.seq, kept.seq + 5, kept.seq - 1):
        other = board_cache.replace(
            kept, hash=b"another", seq=seq, fronts=forged, by_column={ready: [] for ready in kept.by_column}
        )
        board_cache._kept.keep(other)
        assert_drawn_alike(client, "/b/FLX/")


def test_what_is_kept_is_bounded(
    board: Board, ready: Column, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    few: LastUsed[int, BoardState] = LastUsed(120, lambda state: state.count + 50)
    monkeypatch.setattr(board_cache._kept, "states", few)
    client = signed_in(ana)
    keys = ["FLX"]
    for number in range(4):
        made = actions.create_board(f"Board {number}", by=ana, key=f"B{number}X")
        keys.append(made.key)
    for key in keys:
        client.get(f"/b/{key}/")
    assert len(board_cache._kept.states.values()) == 2
    for key in keys:
        assert_drawn_alike(client, f"/b/{key}/")


def test_what_was_erased_is_not_kept(board: Board, card: Card, ana: User) -> None:
    actions.retitle_card(card, "A very private title", by=ana)
    client = signed_in(ana)
    assert b"A very private title" in client.get("/b/FLX/").content
    actions.erase_card(card, ["title"], "Asked to", by=ana)
    assert b"A very private title" not in client.get("/b/FLX/").content
    kept = [front.html for one in board_cache._kept.states.values() for front in one.fronts.values()]
    assert not any("very private" in html for html in kept)
    assert not any("very private" in html for html in card_front._fronts.values())


def test_parts_that_were_compressed_alone_make_one_stream() -> None:
    chance = random.Random(5)
    for _ in range(60):
        texts = [
            chance.randbytes(chance.randrange(4000)) * chance.randrange(1, 40)
            for _ in range(chance.randrange(9))
        ]
        made = [chance.choice([Plain, Fresh, Packed.of])(text) for text in texts]
        assert decompress(gzipped(made)) == b"".join(texts)
        joined = Packed.joined(Packed.of(text) for text in texts)
        assert decompress(gzipped([Plain(b"a"), joined, Fresh(b"z")])) == b"".join([b"a", *texts, b"z"])
        assert joined.crc == zlib.crc32(b"".join(texts))


def test_a_token_shares_no_dictionary_with_the_page() -> None:
    token = "0123456789" * 6
    assert token.encode() in gzipped([Plain(token.encode() * 3), Fresh(token.encode())])


def test_a_mark_that_somebody_typed_stays_what_it_is(board: Board, ready: Column, ana: User) -> None:
    actions.rename_column(ready, "[csrf] [id] {csrf}", by=ana)
    html = signed_in(ana).get("/b/FLX/").content.decode()
    assert "[csrf] [id] {csrf}" in html
    assert page.SECRET not in html
