"""Since I was last here: a path by importance, read step by step, without any script."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activity.models import Later, Reading
from boards import actions as act
from boards.models import Watch
from comments.actions import post_comment
from comments.decisions import record_decision
from comments.questions import ask_question
from tests import cast


@pytest.fixture
def reader(client, ana, board, card):
    """Ana, who has read everything until now, and her browser."""
    client.force_login(ana)
    board.refresh_from_db()
    Reading.objects.filter(user=ana).update(seq=board.seq)
    return client


def step(client, address="/catch-up/"):
    """The step's name and kind, and the page as text."""
    html = client.get(address).content.decode()
    found = re.search(r'data-step="([^"]+)" data-kind="([^"]+)"', html)
    main = html[html.index("<main") : html.index("</main>")]
    text = unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)))
    return (found[1] if found else None, found[2] if found else None, text)


def answer(client, name, act="read", address="/catch-up/", **more):
    return client.post(address, {"step": name, "act": act, **more})


@pytest.fixture
def eventful(board, card, ready, doing, ana, kenji, priya):
    """Something of every kind, in the wrong order."""
    cards = {
        name: act.create_card(ready, f"The {name} one", by=ana)
        for name in ("moved", "watched", "mine", "decided", "block", "asked")
    }
    Watch.objects.create(user=ana, card=cards["watched"])
    act.assign_card(cards["mine"], ana, by=ana)
    board.refresh_from_db()
    Reading.objects.filter(user=ana).update(seq=board.seq)
    act.create_card(doing, "Nobody's", by=kenji)
    act.move_card(cards["moved"], to=doing, by=kenji)
    post_comment(cards["watched"], "A word", by=kenji)
    post_comment(cards["mine"], "Another word", by=kenji)
    record_decision(cards["decided"], "Page by cursor.", by=kenji)
    act.block_card(cards["block"], "Needs your key", person=ana, by=kenji)
    ask_question(cards["asked"], "Page 1, or the nearest?", [ana], by=kenji)
    return cards


def test_the_path_goes_by_importance(reader, eventful):
    kinds = []
    for _ in range(7):
        name, kind, text = step(reader)
        kinds.append(kind)
        assert f"{len(kinds)} of 7" in text
        assert answer(reader, name).status_code == 303
    assert kinds == ["question", "block", "decision", "mine", "watched", "moved", "rest"]


def test_its_end_says_so_and_moves_the_line(reader, eventful, board, ana):
    line = Reading.objects.get(user=ana, board=board).seq
    for _ in range(7):
        assert Reading.objects.get(user=ana, board=board).seq == line
        end = answer(reader, step(reader)[0])
    assert end["Location"] == "/catch-up/?done=1"
    assert re.search(r"You are up to date, \d\d:\d\d\.", step(reader, end["Location"])[2])
    board.refresh_from_db()
    assert Reading.objects.get(user=ana, board=board).seq == board.seq


def test_each_step_has_only_what_is_new_and_its_net_effect(reader, card, doing, ready, ana, kenji):
    post_comment(card, "before", by=kenji)
    Reading.objects.filter(user=ana).update(seq=card.board.activities.latest("seq").seq)
    act.assign_card(card, ana, by=kenji)
    act.move_card(card, to=doing, by=kenji)
    post_comment(card, "after", by=kenji)
    act.move_card(card, to=ready, by=kenji)
    _, kind, text = step(reader)
    assert (kind, "after" in text, "before" in text, "Moved" in text) == ("mine", True, False, False)


def test_there_and_back_by_two_people_is_nothing_either(reader, card, doing, ready, kenji, board, ana):
    lena = cast.person("lena")
    act.add_member(board, lena, "member", by=ana)
    act.move_card(card, to=doing, by=kenji)
    act.move_card(card, to=ready, by=lena)
    assert step(reader)[0] is None


def test_my_own_changes_are_no_news(reader, card, ana):
    post_comment(card, "I said so", by=ana)
    assert "You are up to date" in step(reader)[2]


def test_what_comes_meanwhile_is_for_the_next_time(reader, card, ana, kenji, ready):
    act.assign_card(card, ana, by=ana)
    other = act.create_card(ready, "Other", by=ana, assignee=ana)
    for thing in (card, other):
        post_comment(thing, "one", by=kenji)
    answer(reader, step(reader)[0])
    post_comment(card, "meanwhile", by=kenji)
    name, _, text = step(reader)
    assert "meanwhile" not in text
    assert answer(reader, name)["Location"] == "/catch-up/?done=1"
    assert "meanwhile" in step(reader)[2]


def test_the_page_that_was_seen_is_what_was_read(reader, card, ana, kenji):
    act.assign_card(card, ana, by=ana)
    post_comment(card, "one", by=kenji)
    html = reader.get("/catch-up/").content.decode()
    upto = re.search(r'name="upto" value="([^"]+)"', html)[1]
    post_comment(card, "came while reading", by=kenji)
    answer(reader, f"card:{card.pk}", upto=upto)
    assert "came while reading" in step(reader)[2]


def test_later_keeps_a_card_for_the_next_time(reader, card, ana, kenji):
    act.assign_card(card, ana, by=ana)
    post_comment(card, "Read me", by=kenji)
    end = answer(reader, step(reader)[0], act="later")
    assert "1 card kept for later" in step(reader, end["Location"])[2]
    assert Later.objects.filter(user=ana, card=card).exists()
    name, _, text = step(reader)
    assert "Read me" in text
    answer(reader, name)
    assert not Later.objects.filter(user=ana).exists()
    assert "You are up to date" in step(reader)[2]


def test_a_question_is_answered_on_the_spot(reader, card, ana, kenji):
    question = ask_question(card, "May I?", [ana], by=kenji)
    _, kind, text = step(reader)
    assert kind == "question" and "Answer Kenji" in text
    posted = reader.post(
        "/c/FLX-1/do/posted/", {"text": "You may.", "parent": question.pk, "from": "catch-up"}
    )
    assert (posted.status_code, posted["Location"]) == (303, "/catch-up/")
    question.refresh_from_db()
    assert question.settled_how == "answered"


def test_a_catch_up_of_one_board_leaves_the_others(reader, board, card, ana, kenji):
    other = act.create_board("Mobile app", by=ana, key="MOB", starter=False)
    act.add_member(other, kenji, "member", by=ana)
    there = act.create_card(other.columns.first(), "Dark mode", by=kenji)
    post_comment(card, "here", by=kenji)
    address = "/b/FLX/catch-up/"
    name, _, text = step(reader, address)
    while name:
        assert "Dark mode" not in text
        answer(reader, name, address=address)
        name, _, text = step(reader, address)
    assert there.key in step(reader)[2]


def test_strangers_have_no_path_and_viewers_have_one(client, board, card, kenji, priya, sam):
    post_comment(card, "between us", by=kenji)
    client.force_login(sam)
    assert "between us" not in client.get("/catch-up/").content.decode()
    assert client.get("/b/FLX/catch-up/").status_code == 404
    client.force_login(priya)
    assert client.get("/b/FLX/catch-up/").status_code == 200


def test_a_step_that_is_not_there_changes_nothing(reader, card, ana, kenji, board):
    post_comment(card, "one", by=kenji)
    line = Reading.objects.get(user=ana, board=board).seq
    for name in ("card:999999", "", "card:x"):
        assert answer(reader, name, upto="FLX:99999 XYZ:1 \x00").status_code == 303
    assert Reading.objects.get(user=ana, board=board).seq == line


def test_the_board_has_its_strip_until_it_is_read(reader, board, card, ana, kenji):
    assert "catch-up-strip" not in reader.get("/b/FLX/").content.decode()
    post_comment(card, "one", by=kenji)
    html = reader.get("/b/FLX/").content.decode()
    assert "catch-up-strip" in html and "Catch up, about 1 min" in html
    board.refresh_from_db()
    reader.post("/standup/read/", {"upto": f"FLX:{board.seq}", "next": "/b/FLX/"})
    assert "catch-up-strip" not in reader.get("/b/FLX/").content.decode()


def test_home_says_in_numbers_what_is_new(reader, card, doing, kenji):
    post_comment(card, "one", by=kenji)
    post_comment(card, "two", by=kenji)
    act.move_card(card, to=doing, by=kenji)
    text = unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reader.get("/").content.decode())))
    assert "Since you left" in text
    assert re.search(r"Checkout rebuild\s+1 moved\s+2 comments", text)
    assert "Catch up, about 1 min" in text


def test_it_needs_as_many_queries_for_much_as_for_little(reader, board, ready, card, ana, kenji):
    post_comment(card, "one", by=kenji)
    reader.get("/catch-up/")
    with CaptureQueriesContext(connection) as few:
        reader.get("/catch-up/")
    for number in range(12):
        more = act.create_card(ready, f"Card {number}", by=kenji, assignee=ana)
        post_comment(more, "two", by=kenji)
        act.block_card(more, "No key", person=ana, by=kenji)
    with CaptureQueriesContext(connection) as many:
        reader.get("/catch-up/")
    assert len(many) == len(few) < 25
