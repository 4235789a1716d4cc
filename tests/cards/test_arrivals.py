"""Where a card is after it was restored, moved to another board or made of an item, and what is said."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from activity.errors import Refused
from activity.models import Activity
from boards import actions as act
from boards.models import Board, Card, Column, Role
from fluxboard.accounts.models import User
from fluxboard.features.verification.verify import verify

pytestmark = pytest.mark.django_db


def said(client: Client, address: str) -> str:
    """The notices that the next page shows."""
    page = client.get(address).content.decode()
    return " ".join(part.split("</p>")[0] for part in page.split('<p class="note note--')[1:])


@pytest.fixture
def member(kenji: User) -> Client:
    client = Client()
    client.force_login(kenji)
    return client


# ---- restoring --------------------------------------------------------------------------------------------


def fill(board: Board, column: Column, ana: User) -> None:
    act.limit_column(column, 1, by=ana)
    act.configure_board(board, by=ana, wip_rule=Board.WipRule.REFUSE)
    act.create_card(Column.objects.get(pk=column.pk), "The one that has room", by=ana)


def test_a_full_column_takes_no_restored_card(board: Board, card: Card, ana: User, member: Client) -> None:
    act.archive_card(card, by=ana)
    fill(board, card.column, ana)
    answer = member.post(f"{card.get_absolute_url()}do/restored/", {"version": ""})
    assert answer.status_code == 422
    assert "is full (1 of 1)" in answer.content.decode()
    card.refresh_from_db()
    assert card.is_archived


def test_nor_does_the_first_column_in_the_place_of_one_that_is_put_away(
    board: Board, card: Card, ready: Column, doing: Column, ana: User
) -> None:
    act.move_card(card, to=doing, by=ana)
    act.archive_card(card, by=ana)
    act.archive_column(doing, by=ana)
    fill(board, ready, ana)
    with pytest.raises(Refused, match="Ready is full"):
        act.restore_card(card, by=ana)


def test_undoing_an_archive_obeys_the_limit_too(board: Board, card: Card, ana: User, member: Client) -> None:
    act.archive_card(card, by=ana)
    seq = Activity.objects.get(board=board, verb="card.archived").seq
    fill(board, card.column, ana)
    answer = member.post(f"/b/{board.key}/undo/{seq}/")
    assert answer.status_code == 422
    assert "is full (1 of 1)" in answer.content.decode()


def test_a_restored_card_is_said_to_be_where_it_is(card: Card, ana: User, member: Client) -> None:
    act.archive_card(card, by=ana)
    answer = member.post(f"{card.get_absolute_url()}do/restored/")
    assert answer.status_code == 303
    assert f"{card.key} is back in {card.column.name}" in said(member, answer["Location"])


# ---- another board ----------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(ana: User, kenji: User) -> Column:
    """A column of a board that Ana and Kenji are on, with one label of the same name as here."""
    other = act.create_board("Bakery", by=ana, key="BAK")
    act.add_member(other, kenji, Role.MEMBER, by=ana)
    act.create_label(other, "Kept", 2, by=ana)
    column: Column = other.columns.in_board_order()[0]
    return column


@pytest.fixture
def laden(board: Board, card: Card, ana: User, kenji: User, priya: User) -> Card:
    """A card with one label that the other board has and one that it has not, and people likewise."""
    for name in ("Kept", "Oven"):
        act.label_card(card, act.create_label(board, name, 1, by=ana), by=ana)
    act.assign_card(card, priya, by=ana)
    act.join_card(card, kenji, by=ana)
    return Card.objects.get(pk=card.pk)


LOST = "without the label Oven and Priya Nair"


def test_the_form_says_what_the_card_would_lose(laden: Card, elsewhere: Column, member: Client) -> None:
    page = member.get(laden.get_absolute_url()).content.decode()
    assert f'<optgroup label="Bakery, {LOST}">' in page


def test_a_board_that_has_it_all_is_named_alone(card: Card, elsewhere: Column, member: Client) -> None:
    assert '<optgroup label="Bakery">' in member.get(card.get_absolute_url()).content.decode()


def test_the_page_after_and_both_logs_say_what_it_lost(
    laden: Card, elsewhere: Column, member: Client, ana: User
) -> None:
    here = laden.board
    answer = member.post(f"{laden.get_absolute_url()}do/transferred/", {"column": str(elsewhere.pk)})
    assert answer.status_code == 303
    moved = Card.objects.get(pk=laden.pk)
    assert f"{laden.key} is {moved.key} on Bakery now, {LOST}." in said(member, answer["Location"])
    for board in (here, elsewhere.board):
        told = Activity.objects.get(board=board, verb="card.transferred").after["left_off"]
        assert [thing["name"] for thing in told["labels"]] == ["Oven"]
        assert [thing["name"] for thing in told["people"]] == ["Priya Nair"]
        board.refresh_from_db()
        assert verify(board) == []
    page = member.get(f"{moved.get_absolute_url()}history/").content.decode()
    assert page.count(LOST) >= 1
    assert LOST in member.get("/standup/").content.decode()


def test_a_script_hears_it_in_the_changes_frame(laden: Card, elsewhere: Column, member: Client) -> None:
    typed = {"column": str(elsewhere.pk), "request_id": str(uuid.uuid4())}
    answer = member.post(f"{laden.get_absolute_url()}do/transferred/", typed, headers={"HX-Request": "true"})
    assert f'data-words="moved this to another board, {LOST}"' in answer.content.decode()


def test_nothing_lost_is_not_spoken_of(card: Card, elsewhere: Column, ana: User) -> None:
    act.transfer_card(card, by=ana, to=elsewhere)
    assert "left_off" not in json.dumps(
        [one.after for one in Activity.objects.filter(verb="card.transferred")]
    )


# ---- out of a checklist -----------------------------------------------------------------------------------


def promoted(card: Card, ana: User) -> Any:
    checklist = act.add_checklist(card, "Steps", by=ana)
    (item,) = act.add_items(checklist, "Write to the bank", by=ana)
    return item


def test_a_promoted_item_waits_where_work_is_begun_from(
    card: Card, ready: Column, doing: Column, ana: User, member: Client
) -> None:
    act.move_card(card, to=doing, by=ana)
    item = promoted(card, ana)
    answer = member.post(f"{card.get_absolute_url()}items/{item.pk}/do/promoted/")
    assert answer.status_code == 303
    made = Card.objects.get(title="Write to the bank")
    assert made.column == ready
    assert f"{made.key} waits in Ready" in said(member, answer["Location"])


def test_beside_its_own_card_where_that_waits_too(card: Card, ready: Column, ana: User) -> None:
    act.create_card(ready, "Last", by=ana)
    made = act.promote_item(promoted(card, ana), by=ana)
    titles = list(Card.objects.filter(column=ready).in_board_order().values_list("title", flat=True))
    assert titles == [card.title, made.title, "Last"]


def test_a_first_column_of_done_things_is_passed_over(
    board: Board, card: Card, ready: Column, doing: Column, ana: User
) -> None:
    act.mark_done_column(ready, True, by=ana)
    assert act.promote_item(promoted(card, ana), by=ana).column == doing
