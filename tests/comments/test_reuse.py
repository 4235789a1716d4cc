"""What was decided or answered before answers questions that are asked again; each time is counted."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from activity.errors import Forbidden, Refused
from activity.models import Activity
from boards import actions as act
from boards.models import Role
from boards.undo.engine import undo_change
from comments.actions import post_comment, remove_comment
from comments.decisions import record_decision
from comments.models import Comment
from comments.questions import ask_question
from comments.reuse import answer_by_known, answer_called, reuses_between, times_reused
from fluxboard.features.answers.load import MOST_ANSWERS, answers_to
from fluxboard.features.search.search import search
from fluxboard.features.search.syntax import parse_search
from fluxboard.features.verification.verify import verify
from tests import cast


def found(text, reader) -> list[str]:
    return [answer.value for answer in answers_to(text, reader, timezone.now())]


@pytest.fixture
def decision(card, ana):
    return record_decision(card, "The order history pages by cursor, never by offset.", by=ana)


@pytest.fixture
def answered(card, ana, kenji):
    question = ask_question(card, "How long do we keep invoices of deleted shops?", [kenji], by=ana)
    post_comment(card, "Ten years.", by=kenji, parent=question)
    return Comment.objects.get(pk=question.pk)


@pytest.fixture
def question(card, ana, kenji):
    return ask_question(card, "Does the history page by offset or by cursor?", [kenji], by=ana)


def test_a_question_finds_what_was_decided_and_answered(decision, answered, kenji):
    assert found("Should the history page by cursor or by offset?", kenji) == [f"decision-{decision.pk}"]
    assert found("deleted shops: keep the invoices?", kenji) == [f"question-{answered.pk}"]
    assert found("What of the", kenji) == []
    assert found("", kenji) == []


@pytest.mark.parametrize(
    "text", ["\0", "is:blocked by:", "²³ ٣", "'\\ \" ' & | ! :*", "a" * 30_000, "支払い方法"]
)
def test_whatever_is_typed_is_no_fault(decision, kenji, text):
    assert found(text, kenji) == []


def test_at_most_five_and_none_of_a_board_that_one_does_not_see(card, ana, kenji):
    for number in range(MOST_ANSWERS + 2):
        record_decision(card, f"Vouchers expire after {number} months.", by=ana)
    assert len(found("When do vouchers expire?", kenji)) == MOST_ANSWERS
    assert found("When do vouchers expire?", cast.person("sam")) == []


def test_superseded_decisions_open_and_removed_questions_answer_nothing(card, decision, ana, kenji):
    newer = record_decision(card, "The order history pages by month.", by=ana, supersedes=decision)
    ask_question(card, "Is order history paged?", [kenji], by=ana)
    assert found("How is the order history paged?", kenji) == [f"decision-{newer.pk}"]


def test_a_question_that_an_older_answer_has_closed_is_not_offered_beside_it(decision, question, ana, kenji):
    answer_by_known(question, decision, by=kenji)
    assert found("Is the history paged by offset or by cursor?", ana) == [f"decision-{decision.pk}"]


def test_this_answers_it_links_the_question_and_closes_it(visit, board, card, decision, question, kenji):
    page = visit(kenji).get(f"/c/{card.key}/comments/{question.pk}/answers/")
    form = page.form("question.answered")
    assert visit(kenji).send(form, answered_by=f"decision-{decision.pk}").status == 303
    now = Comment.objects.get(pk=question.pk)
    assert (now.state, now.answered_by) == ("answered", decision.uid)
    row = Activity.objects.get(verb="question.answered")
    assert row.after["answered_by"] == {"id": str(decision.uid), "key": "FLX D-1"}
    html = visit(kenji).get(f"/c/{card.key}/").html
    assert 'By <a href="/b/FLX/decisions/1/">FLX D-1</a>' in html
    assert "answered 1 question" in html
    assert "by FLX D-1" in visit(kenji).get(f"/c/{card.key}/history/").html
    assert verify(board) == []


def test_an_undo_opens_it_again_and_a_redo_closes_it(board, decision, question, kenji):
    answer_by_known(question, decision, by=kenji)
    now = timezone.now()
    hour = dt.timedelta(hours=1)
    assert reuses_between([board], now - hour, now + hour) == 1
    undo_change(board, Activity.objects.get(verb="question.answered").seq, by=kenji)
    assert Comment.objects.get(pk=question.pk).answered_by is None
    assert reuses_between([board], now - hour, now + hour) == 0
    undo_change(board, Activity.objects.get(verb="change.undone").seq, by=kenji)
    assert Comment.objects.get(pk=question.pk).answered_by == decision.uid
    assert verify(board) == []


def test_one_not_asked_yet_is_kept_with_its_answer_and_asks_nobody(visit, board, card, decision, kenji):
    form = visit(kenji).get(f"/c/{card.key}/ask/").form("question.asked")
    answer = visit(kenji).send(form, text="By cursor or offset?", answered_by=f"decision-{decision.pk}")
    assert answer.status == 303
    question = Comment.objects.get(kind="question")
    assert (question.state, question.answered_by, question.asks.count()) == ("answered", decision.uid, 0)
    card.refresh_from_db()
    assert card.questions_open == 0
    assert Activity.objects.filter(subject=question.uid).count() == 1
    assert verify(board) == []
    seq = Activity.objects.get(verb="question.asked").seq
    undo_change(board, seq, by=kenji)
    undo_change(board, Activity.objects.get(verb="change.undone").seq, by=kenji)
    assert Comment.objects.get(pk=question.pk).answered_by == decision.uid
    assert verify(board) == []


def test_without_scripts_a_button_leads_to_the_list_and_keeps_what_was_typed(
    visit, card, decision, ana, kenji
):
    page = visit(kenji).get(f"/c/{card.key}/ask/")
    assert f'formaction="/c/{card.key}/answers/"' in page.html
    client = visit(kenji).client
    typed = {"text": "History by cursor or offset?", "ask": ana.pk}
    html = client.post(f"/c/{card.key}/answers/", typed).content.decode()
    assert "History by cursor or offset?</textarea>" in html
    assert f'value="{ana.pk}" checked' in html
    assert f'value="decision-{decision.pk}"' in html


def test_a_new_card_shows_what_was_decided_and_keeps_what_was_typed(visit, board, card, decision, kenji):
    client = visit(kenji).client
    column = board.columns.first()
    typed = {"title": "Page the order history by cursor", "why": "Because", "column": column.pk}
    html = client.post(f"/b/{board.key}/answers/", typed).content.decode()
    assert "Page the order history by cursor</textarea>" in html
    assert "Because</textarea>" in html
    assert "/decisions/" in html or "#d-1" in html
    assert 'name="answered_by"' not in html


def test_a_script_gets_the_list_alone(visit, board, card, decision, kenji):
    for path in (f"/c/{card.key}/answers/?text=", f"/b/{board.key}/answers/?title="):
        answer = visit(kenji).client.get(f"{path}order+history+cursor", headers={"HX-Request": "true"})
        html = answer.content.decode()
        assert html.strip().startswith('<div class="answers__list">')
        assert "never by offset" in html


def test_only_who_asked_who_is_asked_and_owners_say_so(board, card, decision, question, ana, kenji):
    lena = cast.person("lena")
    act.add_member(board, lena, Role.MEMBER, by=ana)
    with pytest.raises(Forbidden):
        answer_by_known(question, decision, by=lena)


@pytest.mark.parametrize(
    "typed", ["", "decision-0", "decision-x", "question-9999999999999999999", "\0", "card-1"]
)
def test_no_answer_is_no_answer(visit, card, question, kenji, typed):
    form = visit(kenji).get(f"/c/{card.key}/comments/{question.pk}/answers/").form("question.answered")
    answer = visit(kenji).send(form, answered_by=typed)
    assert answer.status == 422
    assert "Choose an answer that is still there." in answer.html


def test_an_answer_on_a_board_that_one_does_not_see_is_none(board, question, ana, kenji):
    other = act.create_board("Hiring", by=ana, key="HIR")
    secret = record_decision(other.cards.first(), "By cursor.", by=ana)
    with pytest.raises(Refused):
        answer_called(f"decision-{secret.pk}", kenji)
    answer_by_known(question, answer_called(f"decision-{secret.pk}", ana), by=ana)
    assert times_reused({secret.uid}, kenji) == {secret.uid: 1}


def test_whoever_does_not_see_the_answer_reads_no_word_of_it(visit, card, question, ana, kenji):
    other = act.create_board("Hiring", by=ana, key="HIR")
    secret = record_decision(other.cards.first(), "Hire Noor.", by=ana)
    answer_by_known(question, secret, by=ana)
    html = visit(kenji).get(f"/c/{card.key}/").html
    assert "By what was known before." in html
    assert "/b/HIR/" not in html
    assert "Hire Noor" not in html


def test_an_answered_question_shows_how_many_others_it_answers(visit, card, answered, ana, kenji):
    again = ask_question(card, "How long do invoices stay?", [kenji], by=ana)
    answer_by_known(again, answered, by=ana)
    assert "Answered 1 other question too." in visit(kenji).get(f"/c/{card.key}/").html
    remove_comment(again, by=ana)
    assert "Answered 1 other question too." not in visit(kenji).get(f"/c/{card.key}/").html


def test_the_search_lists_answered_questions(answered, question, kenji):
    hits = [hit for group in search(parse_search("is:answered"), kenji).groups for hit in group.hits]
    assert [hit.kind for hit in hits] == ["comment"]
