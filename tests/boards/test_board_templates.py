"""Boards that begin with a template, boards saved as one, and copies of boards."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from activity.errors import Refused
from activity.log.record import By
from activity.models import Activity
from boards import actions as act
from boards.board_plan import BoardPlan, ColumnPlan
from boards.board_templates import BUILT_IN
from boards.models import Board, BoardTemplate, Card, Role
from boards.undo.engine import undo_change
from fluxboard.accounts.models import User
from fluxboard.core import limits
from fluxboard.features.verification.verify import verify

pytestmark = pytest.mark.django_db


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def send(person: User, address: str, **typed: Any) -> Any:
    return client_of(person).post(address, {"request_id": str(uuid.uuid4()), **typed})


def by(person: User) -> By:
    return By(person, request_id=uuid.uuid4())


@pytest.fixture
def full(board: Board, ana: User, kenji: User) -> Board:
    """A board with a bit of all that a template holds, and of what it does not."""
    ready, doing, _ = board.columns.in_board_order()
    act.limit_column(doing, 3, by=ana)
    act.archive_column(act.add_column(board, "Gone", by=ana), by=ana)
    bug = act.create_label(board, "bug", 1, by=ana)
    act.remove_label(act.create_label(board, "old", 2, by=ana), by=ana)
    template = act.save_template(
        board, "Bug report", by=ana, title="Bug: {title}", labels=[bug], assignee=kenji
    )
    act.make_default(template, True, by=ana)
    act.describe_board(board, "How we work here", by=ana)
    act.configure_board(board, by=ana, wip_rule="refuse", stale_after=9, answer_days=3, card_fields=["size"])
    card = act.create_card(ready, "One", by=ana, what="All of it", assignee=kenji, labels=[bug], steps="a\nb")
    act.check_item(card.checklists.get().items.first(), by=kenji)
    act.archive_card(act.create_card(doing, "Put away", by=ana), by=ana)
    return Board.objects.get(pk=board.pk)


@pytest.mark.parametrize("built_in", BUILT_IN, ids=[one.slug for one in BUILT_IN])
def test_every_template_makes_a_board_that_stands_up_to_its_log(ana: User, built_in: Any) -> None:
    answer = send(ana, "/b/new/", name="Fresh", key="FRS", template=built_in.slug)
    assert answer.status_code == 303
    board = Board.objects.get(key="FRS")
    plan = BoardPlan.of(board)
    assert plan.columns == built_in.plan.columns
    assert plan.description == built_in.plan.description
    assert {one.name for one in plan.labels} == {one.name for one in built_in.plan.labels}
    assert sorted(plan.templates, key=lambda one: one.name) == sorted(
        built_in.plan.templates, key=lambda one: one.name
    )
    assert any(one.is_done for one in plan.columns)
    assert verify(board) == []
    page = client_of(ana).get("/b/FRS/cards/new/").content.decode()
    assert all(one.name in page for one in built_in.plan.templates)


def test_a_board_by_a_template_is_one_change_with_one_undo_and_redo(ana: User) -> None:
    send(ana, "/b/new/", name="Fresh", key="FRS", template="product")
    board = Board.objects.get(key="FRS")
    assert Activity.objects.filter(board=board).values("request_id").distinct().count() == 1
    (undone,) = undo_change(board, 1, by=by(ana))
    board.refresh_from_db()
    assert board.is_archived and verify(board) == []
    with pytest.raises(Refused, match="undone already"):
        undo_change(board, 1, by=by(ana))
    undo_change(board, undone.seq, by=by(ana))
    board.refresh_from_db()
    assert not board.is_archived and verify(board) == []


def test_what_a_board_began_with_is_not_undone_by_itself(ana: User) -> None:
    send(ana, "/b/new/", name="Fresh", key="FRS", template="product")
    board = Board.objects.get(key="FRS")
    column = Activity.objects.filter(board=board, verb="column.added").earliest("seq")
    with pytest.raises(Refused, match="The board began with this"):
        undo_change(board, column.seq, by=by(ana))
    assert not Board.objects.get(pk=board.pk).is_archived


def test_what_one_writes_oneself_wins_over_the_template(ana: User) -> None:
    send(ana, "/b/new/", name="Fresh", key="FRS", template="kanban", description="Ours")
    assert Board.objects.get(key="FRS").description == "Ours"


def test_a_board_is_saved_and_makes_another_like_it_without_people_and_cards(full: Board, ana: User) -> None:
    assert send(ana, "/b/FLX/template/", name="Our way").status_code == 303
    saved = BoardTemplate.objects.get()
    assert BoardPlan.read(saved.plan) == BoardPlan.of(full)
    send(ana, "/b/new/", name="Second", key="SEC", template=f"own-{saved.pk}")
    second = Board.objects.get(key="SEC")
    plan = BoardPlan.of(second)
    assert plan == BoardPlan.of(full)
    assert [one.name for one in plan.columns] == ["Ready", "In progress", "Done"]
    assert plan.columns[1] == ColumnPlan("In progress", 3)
    assert [one.name for one in plan.labels] == ["bug"]
    assert plan.templates[0].is_default and plan.templates[0].labels == ("bug",)
    assert plan.settings == {
        "wip_rule": "refuse",
        "stale_after": 9,
        "answer_days": 3,
        "check_ins": "",
        "card_fields": ["size"],
    }
    assert not second.cards.exists() and second.members.count() == 1
    assert second.templates.get().assignee is None
    assert verify(second) == []


def test_the_same_name_keeps_the_board_as_it_is_now(full: Board, ana: User) -> None:
    send(ana, "/b/FLX/template/", name="Our way")
    act.create_label(full, "late", 3, by=ana)
    send(ana, "/b/FLX/template/", name="Our way", is_shared="1")
    saved = BoardTemplate.objects.get()
    assert saved.is_shared and len(BoardPlan.read(saved.plan).labels) == 2


def test_a_template_is_its_owner_s_until_it_is_offered(full: Board, ana: User, sam: User) -> None:
    send(ana, "/b/FLX/template/", name="Our way")
    own = BoardTemplate.objects.get()
    assert "Our way" not in client_of(sam).get("/b/templates/").content.decode()
    answer = send(sam, "/b/new/", name="Mine", template=f"own-{own.pk}")
    assert answer.status_code == 422 and "That template is not there any more." in answer.content.decode()
    send(ana, "/b/FLX/template/", name="Our way", is_shared="1")
    assert "Our way" in client_of(sam).get("/b/templates/").content.decode()
    assert "Our way" in client_of(sam).get("/b/new/").content.decode()
    assert send(sam, "/b/new/", name="Mine", template=f"own-{own.pk}").status_code == 303
    send(sam, f"/b/templates/{own.pk}/delete/")
    assert BoardTemplate.objects.exists()
    send(ana, f"/b/templates/{own.pk}/delete/")
    assert not BoardTemplate.objects.exists()


@pytest.mark.parametrize("slug", ["nothing", "own-", "own-x", "own-²", "own-999999999999999999999", "own--1"])
def test_a_template_that_is_none_is_told_beside_its_field(ana: User, slug: str) -> None:
    answer = send(ana, "/b/new/", name="Typed", template=slug)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "That template is not there any more. Choose another." in page and "Typed" in page
    assert not Board.objects.filter(name="Typed").exists()


def test_a_person_has_so_many_and_a_board_too_large_makes_none(
    full: Board, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BOARD_TEMPLATES", 1)
    act.save_board_template(full, "One", by=by(ana))
    with pytest.raises(Refused, match="You can have 1 board templates"):
        act.save_board_template(full, "Two", by=by(ana))
    monkeypatch.setattr(limits, "ROWS_AT_ONCE", 5)
    with pytest.raises(Refused, match="A template can have 5"):
        act.save_board_template(full, "One", by=by(ana))


def test_only_owners_save_a_board_as_a_template(full: Board, kenji: User, priya: User) -> None:
    assert send(kenji, "/b/FLX/template/", name="Mine").status_code == 403
    assert client_of(priya).get("/b/FLX/copy/").status_code == 403


def test_a_copy_takes_along_cards_and_people_where_one_asks_for_them(
    full: Board, ana: User, kenji: User
) -> None:
    answer = send(ana, "/b/FLX/copy/", name="Again", key="AGN", take=["cards", "people"])
    assert answer.status_code == 303 and answer["Location"] == "/b/AGN/"
    copy = Board.objects.get(key="AGN")
    assert BoardPlan.of(copy) == BoardPlan.of(full)
    (card,) = copy.cards.all()
    assert (card.title, card.what, card.assignee, card.column.name) == ("One", "All of it", kenji, "Ready")
    assert [label.name for label in card.labels.all()] == ["bug"] and card.labels.get().board == copy
    assert (card.items_total, card.items_done) == (2, 0)
    assert {str(one.user): one.role for one in copy.memberships.select_related("user")} == {
        str(one.user): one.role for one in full.memberships.select_related("user")
    }
    assert verify(copy) == []
    assert Activity.objects.filter(board=copy).values("request_id").distinct().count() == 1


def test_a_copy_without_anything_is_the_copier_s_alone(full: Board, kenji: User) -> None:
    send(kenji, "/b/FLX/copy/", name="Mine", key="MIN")
    copy = Board.objects.get(key="MIN")
    assert list(copy.members.all()) == [kenji] and copy.role_of(kenji) == Role.OWNER
    assert not copy.cards.exists() and verify(copy) == []


def test_the_same_request_twice_makes_one_copy(full: Board, ana: User) -> None:
    request = {"request_id": str(uuid.uuid4()), "name": "Again", "key": "AGN", "take": ["cards"]}
    client = client_of(ana)
    assert [client.post("/b/FLX/copy/", request).status_code for _ in range(2)] == [303, 303]
    assert Board.objects.filter(name="Again").count() == 1


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": ""}, "The name can&#x27;t be empty."),
        ({"key": "FLX"}, "Another board has the key FLX."),
        ({"key": "1"}, "Use 2 to 8 letters and digits"),
        ({"take": ["secrets"]}, "Choose from what there is to take along."),
    ],
)
def test_a_copy_that_cannot_be_made_says_why(
    full: Board, ana: User, typed: dict[str, Any], words: str
) -> None:
    answer = send(ana, "/b/FLX/copy/", **{"name": "Again", "key": "AGN", "take": ["cards"], **typed})
    assert answer.status_code == 422 and words in answer.content.decode()
    assert Board.objects.count() == 1 and Card.objects.count() == 2


def test_too_much_for_one_change_is_refused(full: Board, ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "COPIED_ROWS", 9)
    answer = send(ana, "/b/FLX/copy/", name="Again", key="AGN", take=["cards"])
    assert answer.status_code == 422 and "Copy the board without its cards." in answer.content.decode()
    assert send(ana, "/b/FLX/copy/", name="Again", key="AGN").status_code == 303
