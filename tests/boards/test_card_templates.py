"""Card templates of a board, cards that begin from them, and copies of cards and checklists."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.test import Client

from activity.errors import Clash, Forbidden, Refused
from activity.models import Activity
from boards import actions as act
from boards.models import Board, Card, Column, Label, Role, Template
from boards.title_pattern import filled, odd_mark
from boards.undo.engine import undo_change
from fluxboard.accounts.models import User
from fluxboard.core import limits
from fluxboard.features.verification.verify import verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def bug(board: Board, ana: User) -> Label:
    return act.create_label(board, "bug", 1, by=ana)


@pytest.fixture
def template(board: Board, ana: User, kenji: User, bug: Label) -> Template:
    return act.save_template(
        board,
        "Bug report",
        by=ana,
        title="Bug: {title}",
        what="What happens?",
        done_when="- A test fails without the mend",
        steps="- Reproduce\n- Mend\n\n- Tell who reported it",
        labels=[bug],
        assignee=kenji,
    )


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def send(person: User, address: str, **typed: Any) -> Any:
    return client_of(person).post(address, {"request_id": str(uuid.uuid4()), **typed})


def items_of(card: Card) -> list[str]:
    return [
        item.text for one in card.checklists.current().in_order() for item in one.items.current().in_order()
    ]


@pytest.mark.parametrize(
    ("pattern", "typed", "title"),
    [
        ("Bug: {title}", "No sound", "Bug: No sound"),
        ("Release {week}", "", "Release 2026-W53"),
        ("Release {week}", "Mine", "Mine"),
        ("{month} · {quarter} · {year}", "", "December 2026 · Q4 2026 · 2026"),
        ("{day} · {date}", "", "31 December · 2026-12-31"),
        ("Bug: {title}", "{week}", "Bug: {week}"),
        ("", "Typed", "Typed"),
        ("Bug: {title}", "", "Bug:"),
    ],
)
def test_a_pattern_makes_a_title(pattern: str, typed: str, title: str) -> None:
    assert filled(pattern, dt.date(2026, 12, 31), typed) == title


def test_the_week_of_a_title_is_that_of_iso_8601() -> None:
    assert filled("{week}", dt.date(2027, 1, 1)) == "2026-W53"
    assert filled("{week}", dt.date(2027, 1, 4)) == "2027-W01"


def test_a_mark_that_is_none_is_named(board: Board, ana: User) -> None:
    assert odd_mark("{title} {wek} {month}") == "{wek}"
    with pytest.raises(Refused, match=r"\{wek\} is not known") as refusal:
        act.save_template(board, "Odd", by=ana, title="{wek}")
    assert refusal.value.field == "title"


def test_quick_add_begins_from_a_template(
    board: Board, kenji: User, template: Template, ready: Column
) -> None:
    answer = send(
        kenji, "/b/FLX/cards/new/", quick="1", column=ready.pk, title="No sound", template=template.pk
    )
    assert answer.status_code == 303
    card = Card.objects.get()
    assert (card.title, card.what, card.assignee) == ("Bug: No sound", "What happens?", kenji)
    assert [label.name for label in card.labels.all()] == ["bug"]
    assert items_of(card) == ["Reproduce", "Mend", "Tell who reported it"]
    assert (card.items_total, card.items_done) == (3, 0)
    created = Activity.objects.get(verb="card.created")
    assert created.after["template"]["name"] == "Bug report"
    assert verify(board) == []


def test_one_undo_takes_back_all_that_came_from_the_template(
    board: Board, kenji: User, template: Template, ready: Column
) -> None:
    send(kenji, "/b/FLX/cards/new/", quick="1", column=ready.pk, title="No sound", template=template.pk)
    seq = Activity.objects.get(verb="card.created").seq
    undo_change(board, seq, by=kenji)
    assert Card.objects.get().is_archived
    assert verify(board) == []


def test_several_lines_make_a_card_each_from_the_template(
    kenji: User, template: Template, ready: Column
) -> None:
    send(kenji, "/b/FLX/cards/new/", quick="1", column=ready.pk, title="One\nTwo", template=template.pk)
    cards = list(Card.objects.order_by("number"))
    assert [card.title for card in cards] == ["Bug: One", "Bug: Two"]
    assert all(len(items_of(card)) == 3 for card in cards)


def test_too_many_cards_from_one_template_are_refused_whole(ana: User, board: Board, ready: Column) -> None:
    long = act.save_template(board, "Long", by=ana, steps="\n".join(f"Step {n}" for n in range(150)))
    with pytest.raises(Refused, match="At most 6 cards at once from this template; this has 7"):
        act.create_cards(ready, "\n".join("abcdefg"), by=ana, template=long)
    assert not Card.objects.exists()
    assert len(act.create_cards(ready, "\n".join("abcdef"), by=ana, template=long)) == 6


def test_the_default_begins_quick_add_and_the_form_until_one_chooses_none(
    board: Board, kenji: User, template: Template, ready: Column
) -> None:
    act.make_default(template, True, by=kenji)
    send(kenji, "/b/FLX/cards/new/", quick="1", column=ready.pk, title="One")
    send(kenji, "/b/FLX/cards/new/", quick="1", column=ready.pk, title="Two", template="")
    assert [card.title for card in Card.objects.order_by("number")] == ["Bug: One", "Two"]
    page = client_of(kenji).get("/b/FLX/cards/new/").content.decode()
    assert "What happens?" in page
    page = client_of(kenji).get("/b/FLX/cards/new/?template=0").content.decode()
    assert "What happens?" not in page


def test_one_template_at_a_time_is_the_default(board: Board, ana: User, template: Template) -> None:
    other = act.save_template(board, "Feature", by=ana)
    act.make_default(template, True, by=ana)
    act.make_default(other, True, by=ana)
    assert list(board.templates.filter(is_default=True)) == [other]
    seq = Activity.objects.filter(verb="template.made_default").latest("seq").seq
    undo_change(board, seq, by=ana)
    assert verify(board) == []


def test_a_removed_default_is_the_default_no_more_and_undo_brings_both_back(
    board: Board, ana: User, template: Template
) -> None:
    act.make_default(template, True, by=ana)
    send(ana, f"/b/FLX/templates/{template.pk}/do/removed/")
    template.refresh_from_db()
    assert template.removed_at and not template.is_default
    undo_change(board, Activity.objects.get(verb="template.removed").seq, by=ana)
    template.refresh_from_db()
    assert template.removed_at is None and template.is_default


def test_the_form_of_a_new_card_holds_what_the_template_says(
    kenji: User, template: Template, ready: Column
) -> None:
    page = client_of(kenji).get(f"/b/FLX/cards/new/?template={template.pk}").content.decode()
    assert "What happens?" in page and "- Reproduce" in page and ">Bug report</a>" in page
    label = template.labels.get()
    answer = send(
        kenji,
        "/b/FLX/cards/new/",
        column=ready.pk,
        title="Bug: No sound",
        what="Silence.",
        steps="Listen",
        labels=[label.pk],
        assignee=kenji.pk,
        template=template.pk,
    )
    assert answer.status_code == 303
    card = Card.objects.get()
    assert (card.what, card.done_when, items_of(card)) == ("Silence.", "", ["Listen"])


def test_what_the_template_names_may_have_left_meanwhile(
    board: Board, ana: User, kenji: User, template: Template, ready: Column, bug: Label
) -> None:
    act.remove_member(board, kenji, by=ana)
    act.remove_label(bug, by=ana)
    (card,) = act.create_cards(ready, "No sound", by=ana, template=template)
    assert card.assignee is None and not card.labels.exists()


def test_a_template_that_was_removed_is_said_beside_nothing_lost(
    ana: User, kenji: User, template: Template, ready: Column
) -> None:
    act.remove_template(template, by=ana)
    answer = send(kenji, "/b/FLX/cards/new/", column=ready.pk, title="No sound", template=template.pk)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "That template is not on this board any more." in page and "No sound" in page


def test_two_people_who_change_a_template_are_merged_by_field_and_line(
    ana: User, kenji: User, template: Template, board: Board
) -> None:
    seen = template.version
    other = act.create_label(board, "late", 2, by=ana)
    act.change_template(template, by=ana, steps="- Reproduce\n- Mend\n\n- Tell everybody", labels=[other])
    bug = Label.objects.get(name="bug")
    act.change_template(
        template,
        by=kenji,
        seen=seen,
        name="Bug",
        steps="- Reproduce it\n- Mend\n\n- Tell who reported it",
        labels=[bug, act.create_label(board, "sound", 3, by=ana)],
    )
    template.refresh_from_db()
    assert (template.name, template.steps) == ("Bug", "- Reproduce it\n- Mend\n\n- Tell everybody")
    assert {label.name for label in template.labels.all()} == {"late", "sound"}
    assert verify(board) == []


def test_all_fields_that_both_changed_are_asked_about_at_once(
    ana: User, kenji: User, template: Template
) -> None:
    seen = template.version
    act.change_template(template, by=ana, name="Defect", title="Defect: {title}", assignee=ana)
    with pytest.raises(Clash) as clash:
        act.change_template(
            template, by=kenji, seen=seen, name="Fault", title="Fault: {title}", assignee=None
        )
    assert [one.field for one in clash.value.differences] == ["name", "title", "assignee"]
    answer = send(
        kenji,
        f"/b/FLX/templates/{template.pk}/do/changed/",
        version=seen,
        name="Fault",
        title="Defect: {title}",
    )
    assert answer.status_code == 409
    assert "Defect" in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": ""}, "The name can&#x27;t be empty."),
        ({"name": "x" * 61}, "The name"),
        ({"name": "Bug report"}, "This board has a template called Bug report already."),
        ({"name": "New", "title": "{wk}"}, "{wk} is not known."),
        ({"name": "New", "steps": "\n".join("abc" * 67)}, "At most 200 items; this has 201 lines."),
        ({"name": "New", "steps": "x" * 1001}, "An item"),
        ({"name": "New", "labels": ["999999"]}, "A label that you chose is not on this board any more."),
    ],
)
def test_bad_input_is_told_beside_its_field_and_kept(
    kenji: User, template: Template, typed: dict[str, Any], words: str
) -> None:
    answer = send(kenji, "/b/FLX/templates/new/", **{"why": "Kept as typed", **typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page and "Kept as typed" in page
    assert Template.objects.count() == 1


def test_a_board_has_so_many_templates_and_no_more(
    board: Board, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "TEMPLATES", 2)
    act.save_template(board, "One", by=ana)
    act.remove_template(act.save_template(board, "Two", by=ana), by=ana)
    with pytest.raises(Refused, match="A board can have 2 card templates"):
        act.save_template(board, "Three", by=ana)


def test_a_viewer_looks_and_a_stranger_does_not(
    board: Board, priya: User, sam: User, template: Template
) -> None:
    page = client_of(priya).get("/b/FLX/settings/templates/").content.decode()
    assert "Bug report" in page and "New card template" not in page
    assert client_of(sam).get("/b/FLX/settings/templates/").status_code == 404
    with pytest.raises(Forbidden):
        act.change_template(template, by=priya, name="Mine")


def test_a_template_is_made_of_a_card(board: Board, kenji: User, card: Card, bug: Label) -> None:
    act.specify_card(card, "why", "Because.", by=kenji)
    act.label_card(card, bug, by=kenji)
    act.add_items(act.add_checklist(card, "Steps", by=kenji), "One\nTwo", by=kenji)
    page = client_of(kenji).get(f"/b/FLX/templates/new/?card={card.key}").content.decode()
    assert "Because." in page and "One\nTwo" in page and card.title in page
    assert re.search(rf'name="labels" value="{bug.pk}"[^>]* checked', page)
    assert client_of(kenji).get("/b/FLX/templates/new/?card=OTH-1").status_code == 200


def test_removed_templates_are_in_the_archive_with_the_way_back(kenji: User, template: Template) -> None:
    act.remove_template(template, by=kenji)
    page = client_of(kenji).get("/b/FLX/archive/?kind=template").content.decode()
    assert "Bug report" in page and "Kenji" in page
    assert send(kenji, f"/b/FLX/templates/{template.pk}/do/restored/").status_code == 303
    template.refresh_from_db()
    assert template.removed_at is None


def test_the_history_says_what_a_card_was_begun_from(kenji: User, template: Template, ready: Column) -> None:
    (card,) = act.create_cards(ready, "No sound", by=kenji, template=template)
    copy = act.copy_card(card, ready, "Again", by=kenji)
    history = client_of(kenji).get(f"/c/{card.key}/history/").content.decode()
    assert "from the template Bug report" in history
    history = client_of(kenji).get(f"/c/{copy.key}/history/").content.decode()
    assert f"a copy of {card.key}" in history


# ---- copies


@pytest.fixture
def whole(card: Card, kenji: User, bug: Label) -> Card:
    """A card with something of everything."""
    act.specify_card(card, "what", "All of it.", by=kenji)
    act.assign_card(card, kenji, by=kenji)
    act.date_card(card, dt.date(2026, 12, 24), by=kenji)
    act.label_card(card, bug, by=kenji)
    first, *_ = act.add_items(act.add_checklist(card, "Steps", by=kenji), "One\nTwo", by=kenji)
    act.check_item(first, by=kenji)
    act.add_checklist(card, "Empty", by=kenji)
    card.refresh_from_db()
    return card


def test_a_copy_takes_along_what_is_asked_for(board: Board, ana: User, kenji: User, whole: Card) -> None:
    all_of_it = act.copy_card(whole, whole.column, "Again", by=ana)
    assert (all_of_it.what, all_of_it.assignee, all_of_it.due) == ("All of it.", kenji, whole.due)
    assert [one.name for one in all_of_it.checklists.in_order()] == ["Steps", "Empty"]
    assert (all_of_it.items_total, all_of_it.items_done) == (2, 0)
    bare = act.copy_card(whole, whole.column, "Bare", by=ana, take=[])
    assert (bare.what, bare.assignee, bare.due, bare.items_total) == ("All of it.", None, None, 0)
    assert not bare.labels.exists() and not bare.checklists.exists()
    order = [card.title for card in whole.column.cards.in_board_order()]
    assert order[order.index(whole.title) + 1] == "Bare"
    assert verify(board) == []


def test_a_copy_on_another_board_takes_labels_by_name_and_people_who_are_there(
    ana: User, whole: Card
) -> None:
    other = act.create_board("Other", by=ana, key="OTH", starter=False)
    bug = act.create_label(other, "bug", 5, by=ana)
    made = act.copy_card(whole, other.columns.first(), "There", by=ana)
    assert list(made.labels.all()) == [bug] and made.assignee is None
    assert verify(other) == []


def test_the_page_of_a_copy_does_it_and_tells(ana: User, priya: User, whole: Card) -> None:
    page = client_of(ana).get(f"/c/{whole.key}/copy/").content.decode()
    assert whole.title in page and "Checklists, nothing ticked" in page
    answer = send(
        ana, f"/c/{whole.key}/copy/", title="Again", column=whole.column_id, take=["labels", "checklists"]
    )
    copy = Card.objects.get(title="Again")
    assert answer.status_code == 303 and answer["Location"] == copy.get_absolute_url()
    assert copy.assignee is None and copy.items_total == 2
    assert send(priya, f"/c/{whole.key}/copy/", title="Mine", column=whole.column_id).status_code == 403


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"title": ""}, "The title can&#x27;t be empty."),
        ({"column": ""}, "Choose a column."),
        ({"column": "999999"}, "Choose a column."),
        ({"column": "²"}, "Choose a column."),
        ({"take": ["secrets"]}, "Choose from what there is to take along."),
    ],
)
def test_a_copy_that_cannot_be_made_says_why(
    ana: User, whole: Card, typed: dict[str, Any], words: str
) -> None:
    form = {"title": "Again", "column": whole.column_id, "take": ["labels"]}
    answer = send(ana, f"/c/{whole.key}/copy/", **{**form, **typed})
    assert answer.status_code == 422 and words in answer.content.decode()


def test_nobody_copies_onto_a_board_that_they_cannot_write_on(ana: User, kenji: User, whole: Card) -> None:
    other = act.create_board("Other", by=ana, key="OTH", starter=False)
    form = {"title": "Again", "column": other.columns.first().pk}
    assert "Choose a column." in send(kenji, f"/c/{whole.key}/copy/", **form).content.decode()
    act.add_member(other, kenji, Role.VIEWER, by=ana)
    assert "Choose a column." in send(kenji, f"/c/{whole.key}/copy/", **form).content.decode()
    assert not other.cards.exists()


def test_a_checklist_is_copied_onto_another_card(ana: User, board: Board, whole: Card, ready: Column) -> None:
    steps = whole.checklists.get(name="Steps")
    target = act.create_card(ready, "Target", by=ana)
    answer = send(ana, f"/c/{whole.key}/checklists/{steps.pk}/copy/", card=target.key.lower())
    assert answer.status_code == 303
    target.refresh_from_db()
    assert (items_of(target), target.items_total, target.items_done) == (["One", "Two"], 2, 0)
    assert verify(board) == []
    answer = send(ana, f"/c/{whole.key}/checklists/{steps.pk}/copy/", card="FLX-999")
    assert answer.status_code == 422 and "There is no such card." in answer.content.decode()
