"""A card's size: only on boards that have chosen it, and then wherever a card's values are."""

from __future__ import annotations

import pytest
from django.test import Client

from activity.errors import Clash, Forbidden, Refused
from activity.models import Activity
from boards import actions as act
from boards.card_fields import CARD_FIELDS
from boards.models import Board, Card
from boards.undo.engine import undo_change
from fluxboard.accounts.models import User
from fluxboard.features.board_export.csv_sheets import Cards
from fluxboard.features.search.search import search
from fluxboard.features.search.syntax import parse_search
from fluxboard.features.verification.verify import verify
from tests import cast
from tests.board_export.files import (
    brought_in,
    exported,
    files_of,
    lines_of,
    packed,
    rewritten,
    taken_back,
)

SIZE = CARD_FIELDS["size"]
CHIP = '<span class="vh">Size </span>'


@pytest.fixture
def sized(board: Board, card: Card, ana: User) -> Card:
    """On a board with sizes, a large card."""
    card.board = act.configure_board(board, by=ana, card_fields=["size"])
    return act.set_value(card, SIZE, "large", by=ana)


@pytest.fixture
def client(ana: User) -> Client:
    client = Client()
    client.force_login(ana)
    return client


def last(board: Board) -> Activity:
    return Activity.objects.filter(board=board).latest("seq")


def test_a_board_has_no_sizes_until_its_owner_chooses_them(visit, ana: User, kenji: User, card: Card):
    kenjis, anas = visit(kenji), visit(ana)
    assert "card.sized" not in kenjis.get("/c/FLX-1/").html
    with pytest.raises(Refused, match="not switched on"):
        act.set_value(card, SIZE, "small", by=kenji)
    assert kenjis.get("/c/FLX-1/edit/size/").status == 404
    assert kenjis.client.post("/c/FLX-1/do/sized/", {"size": "small"}).status_code == 404
    settings = anas.get("/b/FLX/settings/").form("board.configured")
    anas.follow(anas.send(settings, card_fields="size"))
    assert Board.objects.get(pk=card.board_id).card_fields == ["size"]
    page = kenjis.follow(kenjis.send(kenjis.get("/c/FLX-1/").form("card.sized"), press=("size", "medium")))
    assert page.texts["size"] == "Medium"
    entry = last(card.board)
    assert (entry.verb, entry.before, entry.after) == ("card.sized", {"size": None}, {"size": "medium"})
    kenjis.follow(kenjis.send(page.form("card.sized"), press=("size", "")))
    assert Card.objects.get(pk=card.pk).size == ""


def test_only_sizes_that_there_are_and_only_by_members(visit, kenji: User, priya: User, sized: Card):
    kenjis = visit(kenji)
    form = kenjis.get("/c/FLX-1/").form("card.sized")
    refused = kenjis.send(form, press=("size", "enormous"))
    assert refused.status == 422 and "Choose Small, Medium or Large." in refused.html
    with pytest.raises(Forbidden):
        act.set_value(sized, SIZE, "small", by=priya)
    assert "card.sized" not in visit(priya).get("/c/FLX-1/").html
    with pytest.raises(Refused, match="fields that there are"):
        act.configure_board(sized.board, by=sized.board.members.get(handle="ana"), card_fields=["weight"])


def test_two_who_set_it_at_once_are_asked(visit, ana: User, kenji: User, sized: Card):
    kenjis = visit(kenji)
    form = kenjis.get("/c/FLX-1/").form("card.sized")
    act.set_value(sized, SIZE, "small", by=ana)
    clash = kenjis.send(form, press=("size", "medium"))
    assert clash.status == 409
    assert [word in clash.html for word in ("Large", "Small", "Medium")] == [True] * 3
    kenjis.follow(kenjis.send(clash.form("card.sized"), **{"pick-size": "yours"}))
    assert Card.objects.get(pk=sized.pk).size == "medium"
    with pytest.raises(Clash) as raised:
        act.set_value(sized, SIZE, "large", by=ana, seen=sized.version)
    (difference,) = raised.value.differences
    assert (difference.theirs, difference.theirs_value) == ("Medium", "medium")


def test_fronts_show_it_where_the_board_has_it(client: Client, sized: Card, ana: User):
    assert CHIP + "Large" in client.get("/b/FLX/").text
    assert CHIP + "Large" in client.get(f"/b/FLX/at/?seq={last(sized.board).seq}").text
    before = last(sized.board).seq - 1
    assert CHIP not in client.get(f"/b/FLX/at/?seq={before}").text
    act.configure_board(sized.board, by=ana, card_fields=[])
    assert CHIP not in client.get("/b/FLX/").text
    assert 'data-field="size"' not in client.get("/c/FLX-1/").text
    act.configure_board(sized.board, by=ana, card_fields=["size"])
    assert CHIP + "Large" in client.get("/b/FLX/").text


def test_history_and_feed_say_it_and_undo_takes_it_back(client: Client, sized: Card, ana: User, kenji: User):
    act.set_value(sized, SIZE, "small", by=kenji)
    history = client.get("/c/FLX-1/?tab=history").text
    assert "sized this" in history and '<del dir="auto">Large</del>' in history
    assert '<ins dir="auto">Small</ins>' in history
    assert "Size" in client.get("/b/FLX/standup/").text
    undo_change(sized.board, last(sized.board).seq, by=kenji)
    assert Card.objects.get(pk=sized.pk).size == "large"
    assert not verify(sized.board)


def test_a_filter_and_a_search_find_it(client: Client, sized: Card, ana: User):
    other = act.create_card(sized.column, "Of no size", by=ana)
    for asked, shown in (("large", sized), ("none", other)):
        page = client.get(f"/b/FLX/?size={asked}").text
        assert f'data-card="{shown.key}"' in page and page.count('<li class="card"') == 1
        assert f'id="filter-size-{asked}" name="size" value="{asked}" checked' in page
    found = search(parse_search("size:Large"), ana)
    assert [hit.key for group in found.groups for hit in group.hits] == [sized.key]
    assert search(parse_search("size:small"), ana).count == 0
    act.configure_board(sized.board, by=ana, card_fields=[])
    assert search(parse_search("size:large"), ana).count == 0
    assert "filter-size" not in client.get("/b/FLX/").text


def away(*, is_sized: bool) -> bytes:
    """A board of another installation, exported: with a large card, or from before there were sizes."""
    with taken_back():
        ana = cast.person("ana")
        board = cast.team_board(ana, cast.person("kenji"), cast.person("priya"))
        card = act.create_card(board.columns.in_board_order()[0], "Carried", by=ana)
        if is_sized:
            act.configure_board(board, by=ana, card_fields=["size"])
            act.set_value(card, SIZE, "large", by=ana)
        return exported(Board.objects.get(pk=board.pk))


@pytest.mark.django_db
def test_it_goes_out_and_comes_back():
    out = away(is_sized=True)
    board = brought_in(out, cast.person("ana")).board
    assert (board.card_fields, board.cards.get().size) == (["size"], "large")
    assert verify(board) == [] and lines_of(exported(board)) == lines_of(out)


@pytest.mark.django_db
def test_an_export_from_before_there_were_sizes_comes_in():
    files = files_of(away(is_sized=False))
    files["cards.jsonl"] = rewritten(files["cards.jsonl"], 0, lambda line: line.pop("size"))
    files["board.jsonl"] = rewritten(files["board.jsonl"], 0, lambda line: line.pop("card_fields"))
    board = brought_in(packed(files), cast.person("ana")).board
    assert (board.card_fields, board.cards.get().size) == ([], "")
    assert verify(board) == []


def test_the_spreadsheet_has_it_where_the_board_has_it(sized: Card, ana: User):
    sheet = Cards(sized.board)
    assert dict(zip(sheet.heading, next(sheet.rows()), strict=True))["Size"] == "Large"
    assert "Size" not in Cards(act.configure_board(sized.board, by=ana, card_fields=[])).heading


def test_it_goes_along_to_another_board(sized: Card, ana: User):
    other = act.create_board("Mobile app", by=ana, key="MOB", starter=False)
    there = act.transfer_card(sized, to=other.columns.in_board_order()[0], by=ana)
    assert there.size == "large" and verify(other) == verify(sized.board) == []
