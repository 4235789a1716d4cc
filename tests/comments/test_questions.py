"""Questions: asked from a form, waiting where they are seen, answered, handed on, closed."""

from __future__ import annotations

import datetime as dt

import pytest

from activity.errors import Forbidden, Refused
from activity.log.record import By
from activity.models import Activity
from boards.actions import add_member, configure_board
from boards.models import Card, Role
from comments.actions import post_comment, remove_comment
from comments.answerers import answerers
from comments.models import Ask, Comment
from comments.questions import ask_question, close_question, hand_on
from fluxboard.features.verification.verify import verify

THURSDAY = dt.datetime(2026, 10, 15, 8, 14, tzinfo=dt.UTC)


def by(person, at=THURSDAY):
    return By(person, now=at)


def page(visit, person, card):
    return visit(person).get(f"/c/{card.key}/")


def test_a_question_is_asked_from_the_card_and_waits_on_who_is_asked(visit, card, ana, kenji):
    visitor = visit(ana)
    form = page(visit, ana, card).form("question.asked")
    answer = visitor.send(form, text="Page 1 or the nearest?", ask=str(kenji.pk))
    assert answer.status == 303
    question = Comment.objects.get()
    assert answer.response["Location"].endswith(f"#c-{question.pk}")
    assert (question.kind, question.asks.get().person) == ("question", kenji)
    shown = page(visit, kenji, card).html
    assert "<bdi>Ana</bdi> is waiting on you." in shown
    assert " is waiting on you." not in page(visit, ana, card).html
    assert Card.objects.get(pk=card.pk).questions_open == 1


@pytest.mark.parametrize("typed", [{"ask": ""}, {"ask": "x"}, {"ask": "999999"}, {"text": " "}])
def test_a_question_lacks_something(visit, card, ana, kenji, typed):
    form = page(visit, ana, card).form("question.asked")
    answer = visit(ana).send(form, **({"text": "Which?", "ask": str(kenji.pk)} | typed))
    assert answer.status == 422
    again = answer.form("question.asked")
    assert again.fields["text"].strip() == typed.get("text", "Which?").strip()
    assert again.fields["request_id"] != form.fields["request_id"]
    assert not Comment.objects.exists()


def test_strangers_and_oneself_are_not_asked(card, ana, sam):
    for nobody in ([sam], [ana], []):
        with pytest.raises(Refused):
            ask_question(card, "Well?", nobody, by=ana)


def test_who_could_not_answer_is_not_asked(card, ana, kenji, priya):
    for people in ([priya], [kenji, priya]):
        with pytest.raises(Refused, match="Priya Nair takes no part in this board and could not answer"):
            ask_question(card, "Well?", people, by=ana)
    assert not Ask.objects.exists()
    question = ask_question(card, "Well?", [kenji], by=ana)
    with pytest.raises(Refused, match="takes no part"):
        hand_on(question, priya, by=kenji)
    assert Ask.objects.get().handed_to is None


def test_who_is_at_work_comes_first_with_their_hour(board, ana, kenji, sam):
    add_member(board, sam, Role.MEMBER, by=ana)
    listed = answerers(board, ana, THURSDAY)
    assert [one.person for one in listed] == [kenji, sam]
    assert listed[0].words == "Tokyo, 17:14, at work for another 16 min"
    assert listed[1].words == "New York, 04:14, starts in 4 h 46 min, no answer expected before"
    evening = answerers(board, ana, THURSDAY + dt.timedelta(hours=8))
    assert [one.person for one in evening] == [sam, kenji]


def test_the_answer_is_expected_in_the_hours_of_who_is_asked(board, card, ana, kenji):
    question = ask_question(card, "Which?", [kenji], by=by(ana))
    due = question.asks.get().answer_by
    assert due == dt.datetime(2026, 10, 16, 8, 14, tzinfo=dt.UTC)  # a working day later, 17:14 in Tokyo
    configure_board(board, by=ana, answer_days=2)
    question = ask_question(card, "And this?", [kenji], by=by(ana))
    assert question.asks.get().answer_by == dt.datetime(2026, 10, 19, 8, 14, tzinfo=dt.UTC)
    assert verify(board) == []


def test_an_answer_in_its_thread_ends_it_and_others_words_do_not(board, card, ana, kenji):
    question = ask_question(card, "Which?", [kenji], by=ana)
    post_comment(card, "I wonder too.", by=ana, parent=question)
    post_comment(card, "Elsewhere.", by=kenji)
    question.refresh_from_db()
    assert question.is_open_question
    post_comment(card, "The nearest.", by=kenji, parent=question)
    question.refresh_from_db()
    assert question.state == "answered"
    assert Card.objects.get(pk=card.pk).questions_open == 0
    assert verify(board) == []


def test_who_is_asked_hands_it_on_from_the_note(visit, board, card, ana, kenji, sam):
    add_member(board, sam, Role.MEMBER, by=ana)
    question = ask_question(card, "Which?", [kenji], by=ana)
    form = page(visit, kenji, card).form("question.handed_on")
    assert str(ana.pk) not in form.choices["ask"]
    assert visit(kenji).send(form, ask=str(sam.pk)).status == 303
    assert list(Ask.objects.open().values_list("person", flat=True)) == [sam.pk]
    assert "waiting on you" not in page(visit, kenji, card).html
    assert "waiting on you" in page(visit, sam, card).html
    with pytest.raises(Forbidden):
        hand_on(question, ana, by=kenji)
    assert verify(board) == []


def test_only_who_asked_closes_it(visit, card, ana, kenji):
    question = ask_question(card, "Which?", [kenji], by=ana)
    assert not page(visit, kenji, card).all("question.closed")
    with pytest.raises(Forbidden):
        close_question(question, by=kenji)
    assert visit(ana).send(page(visit, ana, card).form("question.closed")).status == 303
    question.refresh_from_db()
    assert question.state == "closed"
    assert Card.objects.get(pk=card.pk).questions_open == 0


def test_a_wrong_count_is_found(board, card, ana, kenji):
    ask_question(card, "Which?", [kenji], by=ana)
    assert verify(board) == []
    Card.objects.filter(pk=card.pk).update(questions_open=0)
    assert verify(board) == ["FLX-1: questions_open is 1 by the log, 0 in the tables"]


def test_a_removed_question_waits_on_nobody(card, ana, kenji):
    remove_comment(ask_question(card, "Which?", [kenji], by=ana), by=ana)
    assert Card.objects.get(pk=card.pk).questions_open == 0
    assert not Ask.objects.open().exists()


def test_the_front_says_that_an_answer_is_waited_for(visit, board, card, ana, kenji):
    assert "waiting for an answer" not in visit(ana).get(f"/b/{board.key}/").html
    ask_question(card, "Which?", [kenji], by=ana)
    assert '1<span class="vh"> waiting for an answer' in visit(ana).get(f"/b/{board.key}/").html


def test_a_viewer_is_shown_no_form_and_may_not_ask(visit, card, ana, priya, kenji):
    ask_question(card, "Which?", [kenji], by=ana)
    shown = page(visit, priya, card)
    assert not shown.forms or not [form for form in shown.forms if form.verb.startswith("question")]
    answer = visit(priya).client.post(f"/c/{card.key}/do/asked/", {"text": "x", "ask": kenji.pk})
    assert answer.status_code == 403
    assert Activity.objects.filter(verb="question.asked").count() == 1


def test_each_reader_sees_their_own_hour_and_that_of_who_is_asked(visit, card, ana, kenji):
    ask_question(card, "Which?", [kenji], by=ana)
    assert " in Tokyo)" in page(visit, ana, card).html
    assert " in Tokyo)" not in page(visit, kenji, card).html


def test_one_address_says_asks_and_decides(visit, card, ana, kenji):
    client = visit(ana).client
    for kind, more in (("comment", {}), ("question", {"ask": kenji.pk}), ("decision", {})):
        sent = {"text": f"A {kind}", "kind": kind, **more}
        assert client.post(f"/c/{card.key}/do/posted/", sent).status_code == 303
    assert list(Comment.objects.order_by("id").values_list("kind", flat=True)) == [
        "comment",
        "question",
        "decision",
    ]
    assert client.post(f"/c/{card.key}/do/posted/", {"text": "x", "kind": "poem"}).status_code == 422
