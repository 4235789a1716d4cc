"""Decisions: recorded where they were argued, agreed to, superseded and linked both ways, never edited."""

from __future__ import annotations

import pytest

from activity.errors import Refused
from boards.actions import create_card
from boards.models import Card
from comments.actions import edit_comment, post_comment, remove_comment
from comments.decision_register import decisions_on
from comments.decisions import agree, record_decision
from comments.models import Comment, Decision
from fluxboard.features.verification.verify import verify


def page(visit, person, card):
    return visit(person).get(f"/c/{card.key}/")


def test_a_decision_is_recorded_and_stands_on_top_of_its_card(visit, board, card, ana, kenji):
    form = page(visit, ana, card).form("decision.recorded")
    answer = visit(ana).send(form, text="Page by cursor.", how="call", decided_by=str(kenji.pk))
    assert answer.response["Location"].endswith("#d-1")
    decision = Decision.objects.get()
    assert (decision.key, decision.how, list(decision.decided_by.all())) == ("D-1", "call", [kenji])
    html = page(visit, kenji, card).html
    assert html.index('id="d-1"') < html.index("-checklists")
    assert "Page by cursor." in html
    assert "on a call" in html
    assert Card.objects.get(pk=card.pk).decisions_count == 1
    assert verify(board) == []


def test_any_comment_becomes_a_decision_by_one_button(visit, board, card, ana, kenji):
    comment = post_comment(card, "Round corners.", by=kenji)
    form = next(
        form for form in page(visit, ana, card).all("decision.recorded") if f"/{comment.pk}/" in form.action
    )
    assert visit(ana).send(form).status == 303
    decision = Decision.objects.get()
    assert (decision.comment_id, list(decision.decided_by.all())) == (comment.pk, [kenji])
    again = visit(ana).send(form, request_id="")
    assert again.status == 422
    assert "is a decision already" in again.html
    assert verify(board) == []


def test_others_add_themselves(visit, card, ana, kenji):
    decision = record_decision(card, "Blue.", by=ana)
    assert not page(visit, ana, card).all("decision.agreed"), "who decided has agreed"
    visitor = visit(kenji)
    assert visitor.send(visitor.get(f"/c/{card.key}/").form("decision.agreed")).status == 303
    html = visitor.get(f"/c/{card.key}/")
    assert "agreed by <bdi>Kenji</bdi>" in html.html
    assert not html.all("decision.agreed")
    assert agree(decision, by=kenji).agreed_by.count() == 1


def test_a_newer_one_takes_its_place_and_both_lead_to_each_other(visit, board, card, ana, kenji):
    record_decision(card, "Blue.", by=ana)
    visitor = visit(kenji)
    form = visitor.get(f"/c/{card.key}/").form("decision.superseded")
    assert visitor.send(form, text="Grey.").status == 303
    (shown,) = decisions_on(card, ana)
    assert (shown.decision.key, [old.decision.key for old in shown.older]) == ("D-2", ["D-1"])
    html = visitor.get(f"/c/{card.key}/").html
    assert "In place of D-1" in html
    assert "superseded by D-2" in html
    late = visitor.send(form, text="Green.", request_id="")
    assert late.status == 422
    assert "D-1 was superseded by D-2 already." in late.html
    assert late.form("decision.superseded").fields["text"].strip() == "Green."
    assert verify(board) == []


def test_one_superseded_from_another_card_says_where(visit, board, card, ana):
    old = record_decision(card, "Blue.", by=ana)
    other = create_card(card.column, "Another", by=ana)
    record_decision(other, "Grey.", by=ana, supersedes=old)
    html = page(visit, ana, card).html
    assert f'Superseded by <a href="/b/{board.key}/decisions/2/">D-2</a>' in html
    assert [old.decision.key for old in decisions_on(other, ana)[0].older] == ["D-1"]


def test_it_is_never_edited_and_never_removed(visit, card, ana):
    record_decision(card, "Blue.", by=ana)
    comment = Comment.objects.get()
    with pytest.raises(Refused):
        edit_comment(comment, "Red.", by=ana)
    with pytest.raises(Refused):
        remove_comment(comment, by=ana)
    shown = page(visit, ana, card)
    assert not [form for form in shown.forms if form.verb in ("comment.edited", "comment.removed")]


def test_its_address_leads_to_it_and_tells_strangers_nothing(visit, board, card, ana, sam):
    record_decision(card, "Blue.", by=ana)
    address = f"/b/{board.key}/decisions/1/"
    shown = visit(ana).get(address)
    assert "Blue." in shown.html
    assert f'href="/c/{card.key}/#d-1"' in shown.html
    assert visit(ana).get(f"/b/{board.key}/decisions/2/").status == 404
    assert visit(sam).get(address).status == 404


def test_a_viewer_reads_and_changes_nothing(visit, card, ana, priya):
    decision = record_decision(card, "Blue.", by=ana)
    shown = page(visit, priya, card)
    assert "Blue." in shown.html
    assert not [form for form in shown.forms if form.verb.startswith("decision")]
    for part in ("agreed", "superseded"):
        address = f"/c/{card.key}/decisions/{decision.pk}/do/{part}/"
        assert visit(priya).client.post(address, {"text": "x"}).status_code == 403
