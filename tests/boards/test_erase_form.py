"""The form by which owners erase: it says what goes, asks to type the name, and does nothing otherwise."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client

from activity.log.replay.state import ERASED
from activity.models import Activity
from boards import actions as act
from comments.actions import post_comment
from fluxboard.features.verification.verify import verify

CARD, REASON = "/c/FLX-1/erase/", "Asked for by the person"


def visit(person):
    client = Client()
    client.force_login(person)
    return client


def texts_in(client, address):
    return re.search(r'name="texts" value="(\d+)"', client.get(address).content.decode())[1]


def send(client, address, **typed):
    data = {"request_id": str(uuid.uuid4()), "reason": REASON, "texts": texts_in(client, address)}
    return client.post(address, data | typed)


def person_address(person):
    return f"/b/FLX/erase/{person.pk}/"


def erasures():
    return Activity.objects.filter(verb="card.erased").count()


def test_it_says_how_much_goes(card, ana, kenji):
    act.retitle_card(card, "Another title", by=ana)
    post_comment(card, "Hello", by=kenji)
    html = visit(ana).get(CARD).content.decode()
    assert "<b>Everything</b>, 3 texts" in html
    assert "Title, 2 texts" in html
    assert "Comments and questions, 1 text" in html
    assert "Decisions" not in html.split("<main")[1]
    html = visit(ana).get(person_address(kenji)).content.decode()
    assert "What goes: 1 text on 1 card" in html
    assert "Comments and questions: 1" in html


def test_a_card_is_erased_with_its_key_and_a_reason(card, board, ana):
    client = visit(ana)
    answer = send(client, CARD, parts="all", confirm="flx-1 ")
    assert (answer.status_code, answer["Location"]) == (303, "/c/FLX-1/")
    html = client.get("/c/FLX-1/").content.decode()
    assert "What was written on FLX-1 is gone for good." in html
    card.refresh_from_db()
    assert card.title == ERASED
    assert "Nothing to erase" in client.get(CARD).content.decode()
    assert verify(board) == []


def test_a_person_is_erased_with_their_name(card, board, ana, kenji):
    said = post_comment(card, "Hello", by=kenji)
    answer = send(visit(ana), person_address(kenji), confirm="Kenji Mori")
    assert (answer.status_code, answer["Location"]) == (303, "/b/FLX/settings/members/")
    said.refresh_from_db()
    assert said.text == ERASED


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"parts": "all", "confirm": "FLX-2"}, "Type FLX-1 to confirm. Nothing has been erased."),
        ({"parts": "all", "confirm": ""}, "Type FLX-1 to confirm."),
        ({"confirm": "FLX-1"}, "Choose what to erase."),
        ({"parts": "all", "confirm": "FLX-1", "reason": " "}, "The reason can&#x27;t be empty."),
        ({"parts": "all", "confirm": "FLX-1", "texts": "7"}, "It is 1 text by now, no longer 7."),
        ({"parts": "all", "confirm": "FLX-1", "texts": "x"}, "This form is damaged."),
    ],
)
def test_otherwise_it_says_why_and_nothing_goes(card, ana, typed, words):
    title = card.title
    answer = send(visit(ana), CARD, **typed)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert words in html
    if "parts" in typed:
        assert re.search(r'value="all" checked', html)
    card.refresh_from_db()
    assert card.title == title
    assert erasures() == 0


def test_the_same_request_again_is_done_once(card, ana):
    client = visit(ana)
    data = {"parts": "all", "confirm": "FLX-1", "reason": REASON, "texts": "1"}
    data["request_id"] = str(uuid.uuid4())
    for _ in range(2):
        assert client.post(CARD, data).status_code == 303
    assert erasures() == 1


def test_only_owners_come_here(card, ana, kenji, priya, sam):
    for person, status in ((kenji, 403), (priya, 403), (sam, 404)):
        for address in (CARD, person_address(kenji)):
            assert visit(person).get(address).status_code == status
            assert visit(person).post(address, {"parts": "all", "confirm": "FLX-1"}).status_code == status
    assert visit(ana).get(person_address(sam)).status_code == 404  # was never here
    assert erasures() == 0


def test_the_ways_there_are_the_owners(card, board, ana, kenji, priya):
    link = 'href="/c/FLX-1/erase/"'
    assert link in visit(ana).get("/c/FLX-1/").content.decode()
    assert link not in visit(kenji).get("/c/FLX-1/").content.decode()
    members = "/b/FLX/settings/members/"
    assert f'href="{person_address(kenji)}"' in visit(ana).get(members).content.decode()
    assert "/erase/" not in visit(kenji).get(members).content.decode()
    post_comment(card, "Bye", by=kenji)
    act.remove_member(board, kenji, by=ana)
    html = visit(ana).get(members).content.decode()
    assert "People who were here before" in html
    assert f'href="{person_address(kenji)}"' in html
    assert visit(ana).get(person_address(kenji)).status_code == 200


def test_archived_things_can_still_be_erased(card, board, ana):
    act.archive_card(card, by=ana)
    assert 'href="/c/FLX-1/erase/"' in visit(ana).get("/c/FLX-1/").content.decode()
    act.archive_board(board, by=ana)
    assert send(visit(ana), CARD, parts="title", confirm="FLX-1").status_code == 303
    assert verify(board) == []
