"""Each form of a card, sent without JavaScript, does its one thing and leaves it in the log."""

import datetime as dt
import re

import pytest
from django.conf import settings

from activity.models import Activity, ActivityContent
from boards import actions
from boards.models import Card, Item


@pytest.fixture
def kenjis(visit, kenji):
    return visit(kenji)


def last(card):
    return Activity.objects.filter(card=card).order_by("-id").first()


def text(fact):
    return ActivityContent.objects.get(digest=fact["text"]).text


def fresh(card):
    return Card.objects.get(pk=card.pk)


FORM = re.compile(r"<form(?:{[%{].*?[%}]}|[^>{])*>")
SENT = re.compile(r"hx-post=|method=\"get\".*hx-get=", re.DOTALL)


def test_every_form_of_a_card_is_sent_by_htmx():
    """On a card's page and over its board a form without `hx-post` (to read, `hx-get`) would leave it."""
    folders = [settings.BASE_DIR / "templates" / name for name in ("cards", "comments")]
    forms = [
        tag for folder in folders for file in folder.rglob("*.html") for tag in FORM.findall(file.read_text())
    ]
    assert len(forms) > 40
    assert not [tag for tag in forms if "{% posts " not in tag and not SENT.search(tag)]


def test_a_title(card, kenjis):
    page = kenjis.get("/c/FLX-1/")
    after = kenjis.follow(kenjis.send(page.form("card.retitled"), title="  Tax   first "))
    assert after.texts["title"] == "Tax first"
    entry = last(card)
    assert (entry.verb, text(entry.before["title"]), text(entry.after["title"])) == (
        "card.retitled",
        "Show tax before the last step",
        "Tax first",
    )


@pytest.mark.parametrize("field", ["what", "why", "done_when", "constraints"])
def test_a_field_of_the_micro_spec(card, kenjis, field):
    page = kenjis.get("/c/FLX-1/")
    after = kenjis.follow(kenjis.send(page.form("card.specified", **{field: ""}), **{field: "Do **it**"}))
    assert after.texts[field] == "Do it"
    assert last(card).after.keys() == {field}


def test_a_move_to_another_column(card, board, kenjis):
    target = board.columns.in_board_order()[1]
    after = kenjis.follow(kenjis.send(kenjis.get("/c/FLX-1/").form("card.moved"), column=str(target.pk)))
    assert after.texts["column"] == target.name
    assert last(card).after["column"]["name"] == target.name


def test_moves_up_down_and_to_the_ends(card, board, kenjis, ana):
    for title in ("Second", "Third"):
        actions.create_card(card.column, title, by=ana)

    def order():
        return [row.number for row in Card.objects.filter(column=card.column).in_board_order()]

    def press(name, value):
        form = kenjis.get("/c/FLX-1/").form("card.moved")
        assert (name, value) in form.buttons
        kenjis.follow(kenjis.send(form, press=(name, value)))

    press("after", "FLX-2")
    assert order() == [2, 1, 3]
    press("after", "FLX-3")
    assert order() == [2, 3, 1]
    press("before", "FLX-3")
    assert order() == [2, 1, 3]
    press("before", "FLX-2")
    assert order() == [1, 2, 3]


def test_a_full_column_turns_the_card_away(card, board, kenjis, ana):
    target = board.columns.in_board_order()[1]
    actions.configure_board(board, by=ana, wip_rule="refuse")
    actions.limit_column(target, 1, by=ana)
    actions.create_card(target, "Already there", by=ana)
    refused = kenjis.send(kenjis.get("/c/FLX-1/").form("card.moved"), column=str(target.pk))
    assert refused.status == 422
    assert f"{target.name} is full (1 of 1)." in refused.html
    assert refused.form("card.moved")
    assert fresh(card).column_id == card.column_id


def test_an_assignee_and_nobody(card, kenjis, ana):
    page = kenjis.follow(kenjis.send(kenjis.get("/c/FLX-1/").form("card.assigned"), assignee=str(ana.pk)))
    assert page.texts["assignee"] == "Ana Duarte"
    kenjis.follow(kenjis.send(page.form("card.assigned"), assignee=""))
    entry = last(card)
    assert (entry.before["assignee"]["name"], entry.after["assignee"]) == ("Ana Duarte", None)


def test_a_due_date_stays_the_date_that_was_typed(card, kenjis):
    page = kenjis.follow(kenjis.send(kenjis.get("/c/FLX-1/").form("card.dated"), due="2031-03-12"))
    assert fresh(card).due == dt.date(2031, 3, 12)
    assert "Wed 12 Mar 2031" in page.texts["due"]
    kenjis.follow(kenjis.send(page.form("card.dated"), press=("due", "")))
    assert fresh(card).due is None


@pytest.mark.parametrize("due", ["tomorrow", "2026-13-01", "12.03.2026"])
def test_no_date_is_refused_with_what_was_typed(card, kenjis, due):
    refused = kenjis.send(kenjis.get("/c/FLX-1/").form("card.dated"), due=due)
    assert refused.status == 422
    assert refused.form("card.dated").fields["due"] == due
    assert last(card).verb == "card.created"


def test_participants_come_and_go(card, kenjis, kenji):
    page = kenjis.follow(kenjis.send(kenjis.get("/c/FLX-1/").form("card.joined")))
    assert list(card.participants.all()) == [kenji]
    kenjis.follow(kenjis.send(page.form("card.left"), press=("person", str(kenji.pk))))
    assert list(card.participants.all()) == []
    assert last(card).verb == "card.left"


def test_labels_on_and_off(card, board, kenjis, ana):
    bug = actions.create_label(board, "bug", 1, by=ana)
    page = kenjis.follow(
        kenjis.send(kenjis.get("/c/FLX-1/").form("card.labelled"), press=("label", str(bug.pk)))
    )
    assert page.texts["labels"] == "bug"
    kenjis.follow(kenjis.send(page.form("card.unlabelled"), press=("label", str(bug.pk))))
    assert list(card.labels.all()) == []


def test_a_block_says_what_and_whom_it_waits_for(card, kenjis, ana):
    actions.create_card(card.column, "The reserve API", by=ana)
    form = kenjis.get("/c/FLX-1/").form("card.blocked")
    page = kenjis.follow(kenjis.send(form, reason="Needs the API", person=str(ana.pk), card="flx-2"))
    assert page.texts["reason"] == "Needs the API"
    assert "FLX-2 <bdi>The reserve API</bdi>" in page.html
    kenjis.follow(kenjis.send(page.form("card.unblocked")))
    assert not fresh(card).is_blocked


def test_a_block_can_be_worded_again(card, kenjis, ana):
    actions.block_card(card, "Needs the API", person=ana, by=ana)
    form = kenjis.get("/c/FLX-1/").form("card.blocked")
    assert (form.fields["reason"], form.fields["person"]) == ("Needs the API", str(ana.pk))
    kenjis.follow(kenjis.send(form, reason="Needs the other API"))
    assert fresh(card).blocked_reason == "Needs the other API"


def test_whoever_takes_part_in_an_open_board_can_take_a_card(card, board, visit, ana, sam):
    actions.open_board(board, "member", by=ana)
    page = visit(sam).get("/c/FLX-1/")
    visit(sam).follow(visit(sam).send(page.form("card.assigned"), press=("assignee", str(sam.pk))))
    assert fresh(card).assignee == sam


def test_a_block_by_a_card_that_is_not_there_keeps_the_reason(card, kenjis):
    refused = kenjis.send(kenjis.get("/c/FLX-1/").form("card.blocked"), reason="Waiting", card="FLX-77")
    assert refused.status == 422
    assert "There is no card FLX-77." in refused.html
    assert refused.form("card.blocked").fields["reason"] == "Waiting"


def test_an_empty_title_is_refused_beside_the_field(card, kenjis):
    form = kenjis.get("/c/FLX-1/").form("card.retitled")
    refused = kenjis.send(form, title="   ")
    again = refused.form("card.retitled")
    assert refused.status == 422
    assert "The title can&#x27;t be empty." in refused.html
    assert again.fields["request_id"] != form.fields["request_id"]
    assert last(card).verb == "card.created"


def test_the_same_form_twice_is_done_once(card, kenjis):
    form = kenjis.get("/c/FLX-1/").form("comment.posted")
    first, second = (kenjis.send(form, text="Once") for _ in range(2))
    assert first.response["Location"] == second.response["Location"]
    assert Activity.objects.filter(card=card, verb="comment.posted").count() == 1
    other = kenjis.send(form, text="Twice")
    assert other.status == 422
    assert other.form("comment.posted").fields["text"].strip() == "Twice"


def test_a_script_gets_the_parts_to_redraw_and_the_seq(card, kenjis, board):
    done = kenjis.send(
        kenjis.get("/c/FLX-1/").form("card.retitled"), title="New", headers={"HX-Request": "true"}
    )
    board.refresh_from_db()
    assert (done.status, int(done.response["X-Flux-Seq"])) == (200, board.seq)
    assert "<flux-change" in done.html


def test_two_people_edit_different_fields_and_both_win(card, visit, ana, kenji):
    anas, kenjis = visit(ana), visit(kenji)
    stale = anas.get("/c/FLX-1/")
    kenjis.follow(kenjis.send(kenjis.get("/c/FLX-1/").form("card.retitled"), title="Kenji's title"))
    anas.follow(anas.send(stale.form("card.specified", why=""), why="Ana's why"))
    assert (fresh(card).title, fresh(card).why) == ("Kenji's title", "Ana's why")


def test_the_same_long_text_merges_by_line(card, visit, ana, kenji):
    actions.specify_card(card, "what", "one\ntwo\nthree\nfour", by=ana)
    anas, kenjis = visit(ana), visit(kenji)
    stale = anas.get("/c/FLX-1/").form("card.specified", what="")
    form = kenjis.get("/c/FLX-1/").form("card.specified", what="")
    kenjis.follow(kenjis.send(form, what="ONE\ntwo\nthree\nfour"))
    anas.follow(anas.send(stale, what="one\ntwo\nthree\nFOUR"))
    assert fresh(card).what == "ONE\ntwo\nthree\nFOUR"


def test_the_same_title_twice_shows_both_texts_and_lets_choose(card, visit, ana, kenji):
    anas, kenjis = visit(ana), visit(kenji)
    stale = anas.get("/c/FLX-1/").form("card.retitled")
    kenjis.follow(kenjis.send(kenjis.get("/c/FLX-1/").form("card.retitled"), title="Tax before payment"))
    clash = anas.send(stale, title="Tax right at the start")
    assert clash.status == 409
    for shown in ("Show tax before the last step", "payment", "right at the start", "Kenji"):
        assert shown in clash.html
    assert fresh(card).title == "Tax before payment"
    anas.follow(anas.send(clash.form("card.retitled"), **{"pick-title": "yours"}))
    assert fresh(card).title == "Tax right at the start"


def test_a_checklist_from_its_forms(card, kenjis, kenji):
    page = kenjis.follow(kenjis.send(kenjis.get("/c/FLX-1/").form("checklist.added"), name="Steps"))
    page = kenjis.follow(kenjis.send(page.form("item.added"), text="- One\n- Two\n\n- Three"))
    one, two, three = Item.objects.in_order()
    assert [one.text, two.text, three.text] == ["One", "Two", "Three"]
    tick = next(form for form in page.all("item.checked") if f"/items/{two.pk}/" in form.action)
    page = kenjis.follow(kenjis.send(tick))
    assert "1 of 3" in page.html
    two.refresh_from_db()
    assert two.checked_by == kenji
    kenjis.follow(kenjis.send(page.form("item.unchecked")))
    move = next(form for form in page.all("item.moved") if f"/items/{three.pk}/" in form.action)
    kenjis.follow(kenjis.send(move, press=("before", str(two.pk))))
    assert [item.text for item in Item.objects.in_order()] == ["One", "Three", "Two"]
    reword = next(form for form in page.all("item.reworded") if f"/items/{one.pk}/" in form.action)
    kenjis.follow(kenjis.send(reword, text="First"))
    promote = next(form for form in page.all("item.promoted") if f"/items/{one.pk}/" in form.action)
    page = kenjis.follow(kenjis.send(promote))
    assert Card.objects.get(number=2).title == "First"
    assert "/c/FLX-2/" in page.html
    remove = next(form for form in page.all("item.removed") if f"/items/{two.pk}/" in form.action)
    page = kenjis.follow(kenjis.send(remove))
    assert fresh(card).items_total == 2
    page = kenjis.follow(kenjis.send(page.form("checklist.renamed"), name="Way"))
    page = kenjis.follow(kenjis.send(page.form("checklist.removed")))
    assert page.all("item.checked") == []
    assert last(card).verb == "checklist.removed"


def test_an_item_goes_to_another_checklist(card, kenjis, ana):
    first, second = (actions.add_checklist(card, name, by=ana) for name in ("First", "Second"))
    item = actions.add_items(first, "Wander", by=ana)[0]
    kenjis.follow(kenjis.send(kenjis.get("/c/FLX-1/").form("item.moved"), checklist=str(second.pk)))
    item.refresh_from_db()
    assert item.checklist == second
