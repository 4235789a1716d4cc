"""Since I was last here: a path by importance, read step by step, without any script."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activity.feed.read_marker import saw
from activity.models import Later, Reading
from boards import actions as act
from boards.models import Watch
from comments.actions import post_comment, remove_comment
from comments.decisions import record_decision
from comments.models import Comment
from comments.questions import ask_question, close_question
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
    name, kind, text = step(reader)
    assert kind == "question" and "Your answer to Kenji" in text and "May I?" in text
    posted = answer(reader, name, act="answer", text="You may.", question=question.pk)
    assert (posted.status_code, posted["Location"]) == (303, "/catch-up/?done=1")
    question.refresh_from_db()
    assert question.settled_how == "answered"
    assert Comment.objects.get(parent=question).text == "You may."


def test_a_second_question_on_the_card_keeps_the_step(reader, card, ana, kenji):
    first, second = (ask_question(card, text, [ana], by=kenji) for text in ("May I?", "And this?"))
    name = step(reader)[0]
    assert answer(reader, name, act="answer", text="Yes", question=first.pk)["Location"] == "/catch-up/"
    assert step(reader)[:2] == (name, "question")
    assert f'name="question" value="{second.pk}"' in reader.get("/catch-up/").content.decode()


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"act": "answer", "text": "  "}, "can't be empty"),
        ({"act": "answer", "text": "x" * 20001}, "20,000"),
        ({"act": "read", "text": "I meant to send this"}, "Send your answer first, or empty the field."),
        ({"act": "later", "text": "I meant to send this"}, "Send your answer first, or empty the field."),
    ],
)
def test_an_answer_that_is_not_sent_comes_back_beside_its_field(reader, card, ana, kenji, sent, message):
    question = ask_question(card, "May I?", [ana], by=kenji)
    seq = card.board.activities.count()
    name, _, _ = step(reader)
    back = reader.post("/catch-up/", {"step": name, "question": question.pk, **sent})
    html = back.content.decode()
    assert back.status_code == 422
    assert message in unescape(html)
    assert f">{sent['text']}</textarea>" in html
    assert step(reader)[0] == name
    assert card.board.activities.count() == seq


def test_an_answer_sent_twice_is_one(reader, card, ana, kenji):
    question = ask_question(card, "May I?", [ana], by=kenji)
    sent = {"text": "Yes", "question": question.pk, "request_id": str(uuid.uuid4())}
    for _ in range(2):
        assert answer(reader, f"card:{card.pk}", act="answer", **sent).status_code == 303
    assert Comment.objects.filter(parent=question).count() == 1


def test_an_answer_to_a_question_that_was_closed_meanwhile_stands_in_its_thread(reader, card, ana, kenji):
    question = ask_question(card, "May I?", [ana], by=kenji)
    post_comment(card, "something else", by=kenji)
    act.assign_card(card, ana, by=ana)
    close_question(question, by=kenji)
    sent = answer(reader, f"card:{card.pk}", act="answer", text="Yes", question=question.pk)
    assert sent.status_code == 303
    assert Comment.objects.get(parent=question).text == "Yes"


def test_nobody_answers_for_another_and_a_viewer_not_at_all(client, board, card, ana, kenji, priya, sam):
    question = ask_question(card, "May I?", [ana], by=kenji)
    for person in (priya, sam):
        client.force_login(person)
        sent = {"act": "answer", "step": "x", "text": "Yes", "question": question.pk}
        assert client.post("/catch-up/", sent).status_code == 422
    assert not Comment.objects.filter(parent=question).exists()


def test_a_step_says_what_was_said_and_what_the_rest_comes_to(reader, card, doing, ana, kenji, priya):
    act.assign_card(card, ana, by=ana)
    reading = Reading.objects.filter(user=ana)
    reading.update(seq=card.board.activities.latest("seq").seq)
    steps = act.add_checklist(card, "Steps", by=kenji)
    one, *_ = act.add_items(steps, "One\nTwo", by=kenji)
    act.check_item(one, by=kenji)
    act.move_card(card, to=doing, by=kenji)
    act.date_card(card, dt.date(2031, 5, 20), by=kenji)
    for text in ("The first word", "The second word"):
        post_comment(card, text, by=kenji)
    record_decision(card, "By cursor.", by=kenji)
    _, kind, text = step(reader)
    assert kind == "decision"
    said = ["Kenji decided D-1", "By cursor.", "The first word", "The second word"]
    assert [text.index(word) for word in said] == sorted(text.index(word) for word in said)
    assert "Ready → In progress , due Tue 20 May 2031 , checklist 1 of 2 , 1 checklist added" in text
    assert "change" not in text and "comments" not in text


def test_a_comment_or_question_that_was_removed_again_is_no_step(reader, card, kenji, ana):
    remove_comment(post_comment(card, "Oh no", by=kenji), by=kenji)
    remove_comment(ask_question(card, "Oh?", [ana], by=kenji), by=kenji)
    assert step(reader)[0] is None


def test_a_card_that_came_from_another_board_says_so(reader, board, card, ready, ana, kenji):
    other = act.create_board("Mobile app", by=ana, key="MOB", starter=False)
    act.add_member(other, kenji, "member", by=ana)
    for one in (board, other):
        one.refresh_from_db()
        Reading.objects.filter(user=ana, board=one).update(seq=one.seq)
    act.transfer_card(card, to=other.columns.first(), by=kenji)
    _, kind, text = step(reader)
    assert kind == "moved"
    assert "Kenji : moved here from Checkout rebuild" in text
    assert "Order history" in text


def test_what_one_saw_happen_is_no_step(reader, board, card, ana, kenji):
    board.refresh_from_db()
    before = board.seq
    post_comment(card, "seen live", by=kenji)
    board.refresh_from_db()
    saw(ana, board, before + 1, board.seq, timezone.now())
    assert step(reader)[0] is None


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


def test_items_that_come_meanwhile_are_not_counted_yet_also_without_a_tick(reader, card, ready, ana, kenji):
    other = act.create_card(ready, "Other", by=ana)
    act.assign_card(card, ana, by=ana)
    post_comment(card, "Read me first", by=kenji)
    steps = act.add_checklist(other, "Steps", by=kenji)
    act.add_items(steps, "One\nTwo", by=kenji)
    answer(reader, step(reader)[0])
    act.add_items(steps, "Three", by=kenji)
    assert "checklist 0 of 2" in step(reader)[2]


def test_a_comment_that_was_erased_stands_there_as_erased(reader, card, ana, kenji):
    post_comment(card, "About a person", by=kenji)
    act.erase_card(card, ["comments"], "Asked for", by=ana)
    assert "Kenji wrote: [erased]" in step(reader)[2]


def test_a_long_question_can_be_read_whole_where_it_is_answered(reader, card, ana, kenji):
    ask_question(card, f"{'Which of them? ' * 40}\n\n- the **last** one", [ana], by=kenji)
    html = reader.get("/catch-up/").content.decode()
    assert "the <strong>last</strong> one" in html[html.index("step__answer") :]


def test_a_short_question_stands_there_once(reader, card, ana, kenji):
    ask_question(card, "May **I**?", [ana], by=kenji)
    html = reader.get("/catch-up/").content.decode()
    assert html.count("May I?") == 1 and "step__question" not in html


def test_where_more_happened_than_it_looks_at_it_says_from_when_it_tells(
    reader, card, ready, ana, kenji, monkeypatch
):
    monkeypatch.setattr("fluxboard.features.catch_up.views._MOST", 2)
    act.assign_card(card, ana, by=ana)
    for number in range(3):
        post_comment(card, f"Word {number}", by=kenji)
    text = step(reader)[2]
    assert "More happened on Checkout rebuild than fits here" in text
    assert "Word 0" not in text and "Word 1" in text
    answer(reader, step(reader)[0], act="later")
    assert "More happened" in step(reader)[2], "what was put off is bounded too"
    answer(reader, step(reader)[0])
    post_comment(act.create_card(ready, "Other", by=ana), "Here", by=kenji)
    text = step(reader)[2]
    assert "Here" in text and "More happened" not in text
