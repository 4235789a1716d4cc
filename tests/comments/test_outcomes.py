"""The outcome of a meeting: decisions and action items, written in one form and one request."""

from __future__ import annotations

import pytest

from activity.models import Activity
from boards.actions import archive_card, configure_board, limit_column
from boards.models import Card, Item
from comments.models import Decision
from fluxboard.features.verification.verify import verify

DECIDED = "- Page by cursor\n- No totals\n"
ITEMS = "Redirect old links\n\nTell support"


def test_on_a_card_its_checklist_keeps_the_items(visit, board, card, ana, kenji):
    visitor = visit(ana)
    form = visitor.get(f"/c/{card.key}/outcome/").form("decision.recorded")
    sent = visitor.send(form, decisions=DECIDED, items=ITEMS, decided_by=str(kenji.pk))
    assert sent.response["Location"] == f"/c/{card.key}/"
    assert [one.text for one in Decision.objects.order_by("id")] == ["Page by cursor", "No totals"]
    assert {one.how for one in Decision.objects.all()} == {"meeting"}
    assert list(Decision.objects.first().decided_by.all()) == [kenji]
    items = Item.objects.order_by("position").values_list("text", "checklist__name")
    assert list(items) == [
        ("Redirect old links", "Action items"),
        ("Tell support", "Action items"),
    ]
    told = Activity.objects.filter(request_id=form.fields["request_id"])
    assert list(told.order_by("seq").values_list("verb", flat=True)) == [
        "decision.recorded",
        "decision.recorded",
        "checklist.added",
        "item.added",
        "item.added",
    ]
    card.refresh_from_db()
    assert (card.decisions_count, card.items_total, card.comments_count) == (2, 2, 2)
    visitor.send(form, decisions=DECIDED, items=ITEMS, decided_by=str(kenji.pk))
    assert Decision.objects.count() == 2, "the same request again is done once"
    again = visitor.get(f"/c/{card.key}/outcome/").form("decision.recorded")
    visitor.send(again, decisions="Third", items="One more")
    assert card.checklists.count() == 1
    assert verify(board) == []


def test_on_the_board_a_new_card_keeps_it_and_items_become_cards(visit, board, ana):
    visitor = visit(ana)
    form = visitor.get(f"/b/{board.key}/outcomes/new/").form("decision.recorded")
    doing = board.columns.in_board_order()[1]
    values = {"title": "Weekly call", "decisions": DECIDED, "items": ITEMS, "column": str(doing.pk)}
    sent = visitor.send(form, **values, **{"as": "cards"})
    titles = list(Card.objects.filter(column=doing).in_board_order().values_list("title", flat=True))
    assert titles == ["Weekly call", "Redirect old links", "Tell support"]
    assert Decision.objects.filter(card__title="Weekly call").count() == 2
    assert sent.response["Location"] == Card.objects.get(title="Weekly call").get_absolute_url()
    assert verify(board) == []


@pytest.mark.parametrize(
    "typed",
    [
        {"title": "Call", "decisions": " \n"},
        {"title": "", "decisions": DECIDED},
        {"title": "Call", "decisions": DECIDED, "column": "999999"},
        {"title": "Call", "decisions": "x\n" * 51},
        {"title": "Call", "decisions": DECIDED, "how": "telepathy"},
        {"title": "Call", "decisions": DECIDED, "decided_by": "999999"},
    ],
)
def test_all_of_it_or_none(visit, board, ana, typed):
    visitor = visit(ana)
    form = visitor.get(f"/b/{board.key}/outcomes/new/").form("decision.recorded")
    before = Activity.objects.count()
    answer = visitor.send(form, items=ITEMS, **typed)
    assert answer.status == 422
    kept = answer.form("decision.recorded")
    assert kept.fields["items"].replace("\r", "").strip() == ITEMS
    assert kept.fields["request_id"] != form.fields["request_id"]
    assert (Activity.objects.count(), Card.objects.count()) == (before, 0)


def test_a_full_column_takes_none_of_it(visit, board, card, ana):
    configure_board(board, by=ana, wip_rule="refuse")
    limit_column(card.column, 2, by=ana)
    visitor = visit(ana)
    form = visitor.get(f"/c/{card.key}/outcome/").form("decision.recorded")
    sent = {"decisions": DECIDED, "items": ITEMS, "column": str(card.column_id), "as": "cards"}
    assert visitor.send(form, **sent).status == 422
    assert not Decision.objects.exists()


def test_not_on_an_archived_card(visit, card, ana):
    archive_card(card, by=ana)
    answer = visit(ana).client.post(f"/c/{card.key}/outcome/", {"decisions": DECIDED})
    assert answer.status_code == 422
