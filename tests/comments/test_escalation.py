"""A thread that goes back and forth: noticed once, and ended by a decision or by an answer."""

from __future__ import annotations

import uuid

import pytest

from activity.log.record import By
from activity.models import Activity
from boards.actions import add_member
from boards.models import Card, Role
from boards.undo.engine import undo_change
from comments.actions import post_comment, remove_comment
from comments.escalation import rounds
from comments.models import Comment, Decision
from comments.outcomes import record_answer
from comments.questions import ask_question
from fluxboard.features.verification.verify import verify
from tests import cast

WORDS = "Three rounds, and no outcome yet. Talk, then write it here."


def page(visit, person, card):
    return visit(person).get(f"/c/{card.key}/")


@pytest.fixture
def thread(card, ana, kenji):
    top = post_comment(card, "Red?", by=ana)
    for who, text in ((kenji, "Green."), (ana, "Red!"), (kenji, "Green!"), (ana, "Red, red.")):
        post_comment(card, text, by=who, parent=top)
    top.refresh_from_db()
    return top


@pytest.mark.parametrize(
    ("speakers", "turns"),
    [
        ([], 0),
        ([1], 0),
        ([1, 1, 1, 1], 0),
        ([1, 2], 1),
        ([1, 2, 2, 1], 2),
        ([1, 2, 1, 2], 3),
        ([1, 2, 3, 1], 3),
    ],
)
def test_turns_are_counted_not_comments(speakers, turns):
    assert rounds(speakers) == turns


def test_it_is_said_once(visit, thread, card, kenji):
    assert thread.state == "escalated"
    assert page(visit, kenji, card).html.count(WORDS) == 1
    assert Activity.objects.filter(verb="thread.escalated").count() == 1
    assert Card.objects.get(pk=card.pk).threads_escalated == 1


def test_a_decision_ends_it_with_how_they_talked(visit, thread, board, card, kenji):
    form = page(visit, kenji, card).form("thread.settled")
    assert form.fields["how"] == "call"
    assert visit(kenji).send(form, text="Blue.", how="meeting").status == 303
    thread.refresh_from_db()
    decision = Decision.objects.get()
    assert (thread.state, decision.how, decision.grew_from_id) == ("decided", "meeting", thread.pk)
    html = page(visit, kenji, card).html
    assert WORDS not in html
    assert f"?comments=all#c-{thread.pk}" in html, "why leads to the thread"
    assert Card.objects.get(pk=card.pk).threads_escalated == 0
    assert verify(board) == []


def test_an_answer_ends_it_too(visit, thread, board, card, ana):
    form = page(visit, ana, card).form("thread.settled")
    assert visit(ana).send(form, text="Nobody minds.", kind="comment", how="call").status == 303
    thread.refresh_from_db()
    assert thread.state == "answered"
    settled = Activity.objects.get(verb="thread.settled")
    assert (settled.before["state"], settled.after["how"]) == ("escalated", "call")
    assert Comment.objects.order_by("id").last().text == "Nobody minds."
    assert WORDS not in page(visit, ana, card).html
    assert verify(board) == []
    late = visit(ana).send(form, text="Again.", request_id="")
    assert late.status == 422
    assert "settled already" in late.html


def test_a_viewer_reads_it_without_the_form(visit, thread, card, priya):
    shown = page(visit, priya, card)
    assert WORDS in shown.html
    assert not shown.all("thread.settled")


def test_the_front_shows_it(visit, thread, board, ana):
    assert "Escalated: talk, then write the outcome" in visit(ana).get(f"/b/{board.key}/").html


def test_a_question_that_its_third_turn_answers_does_not_escalate(board, card, ana, kenji):
    lena = cast.person("lena")
    add_member(board, lena, Role.MEMBER, by=ana)
    question = ask_question(card, "Which?", [kenji], by=ana)
    for person in (lena, ana, kenji):
        post_comment(card, "Hm.", parent=question, by=person)
    question.refresh_from_db()
    assert question.state == "answered"
    assert not Activity.objects.filter(verb="thread.escalated").exists()
    assert verify(board) == []


def test_a_thread_without_its_first_comment_is_opened_again_by_an_undo(board, card, thread, ana, kenji):
    remove_comment(thread, by=ana)
    answer = record_answer(thread.replies.first(), "Blue.", by=By(kenji, request_id=uuid.uuid4()))
    assert Comment.objects.get(pk=thread.pk).is_settled
    undo_change(board, Activity.objects.on(board).latest("seq").seq, by=By(kenji, request_id=uuid.uuid4()))
    opened, gone = (Comment.objects.get(pk=one.pk) for one in (thread, answer))
    assert (opened.state, opened.is_settled) == ("escalated", False)
    assert gone.removed_at is not None
    undo_change(board, Activity.objects.on(board).latest("seq").seq, by=kenji)
    assert Comment.objects.get(pk=thread.pk).is_settled
    assert verify(board) == []
