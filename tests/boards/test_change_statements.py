"""What a change costs the database: a fixed number of statements, however large the board and its history."""

from __future__ import annotations

import random
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from activity.recording import By, change
from boards import actions
from boards.actions.cards import Place, rows_of
from boards.actions.gaps import Neighbour, gap_in
from boards.models import Board, Card, Column
from boards.parts import frames
from boards.positions import position_between
from comments.actions import post_comment
from fluxboard.accounts.models import User

AROUND = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def statements(client: Client, path: str, form: dict[str, Any]) -> list[str]:
    """What a form of a page's script sends to the database, besides the marks of the transaction."""
    form = form | {"request_id": str(uuid.uuid4()), "from": "board"}
    with CaptureQueriesContext(connection) as sent:
        answer = client.post(path, form, headers={"X-Flux": "1"})
    assert answer.status_code == 200, answer.content[:300]
    assert b"<flux-change" in answer.content
    return [one["sql"] for one in sent.captured_queries if not one["sql"].startswith(AROUND)]


@pytest.mark.django_db(transaction=True)
def test_a_change_takes_as_many_statements_whatever_the_boards_size(
    board: Board, ready: Column, doing: Column, ana: User, kenji: User
) -> None:
    client = signed_in(kenji)
    label = actions.create_label(board, "bug", 1, by=ana)
    first, second = actions.create_cards(ready, "One\nTwo", by=ana)
    item, *_ = actions.add_items(actions.add_checklist(first, "List", by=ana), "Tick me", by=ana)
    deeds: dict[str, tuple[str, dict[str, Any]]] = {
        "moved": (f"/c/{second.key}/do/moved/", {"column": doing.pk}),
        "moved back": (f"/c/{second.key}/do/moved/", {"column": ready.pk, "before": first.key}),
        "moved within": (f"/c/{second.key}/do/moved/", {"column": ready.pk, "after": first.key}),
        "retitled": (f"/c/{first.key}/do/retitled/", {"title": "Other words"}),
        "posted": (f"/c/{first.key}/do/posted/", {"text": "Well said"}),
        "checked": (f"/c/{first.key}/items/{item.pk}/do/checked/", {}),
    }
    few = {name: len(statements(client, *deed)) for name, deed in deeds.items()}
    for card in actions.create_cards(ready, "\n".join(f"Card {n}" for n in range(60)), by=ana):
        actions.label_card(card, label, by=ana)
        actions.join_card(card, kenji, by=ana)
    for card in (first, second):
        actions.label_card(card, label, by=ana)
        actions.join_card(card, kenji, by=ana)
        post_comment(card, "Said before", by=ana)
    deeds["retitled"][1]["title"] = "Words again"
    actions.uncheck_item(item, by=ana)
    many = {name: len(statements(client, *deed)) for name, deed in deeds.items()}
    assert many == few
    assert few == {
        "moved": 12,
        "moved back": 12,
        "moved within": 11,
        "retitled": 10,
        "posted": 12,
        "checked": 14,
    }


def test_the_gap_is_where_all_the_rows_of_the_column_say(
    board: Board, ready: Column, doing: Column, ana: User
) -> None:
    """Compared with the place found among all rows: random neighbours, some gone, put away or the card."""
    cards = actions.create_cards(ready, "\n".join(f"Card {n}" for n in range(9)), by=ana)
    cards += actions.create_cards(doing, "\n".join(f"Other {n}" for n in range(3)), by=ana)
    for card in (cards[2], cards[8], cards[10]):
        actions.archive_card(card, by=ana)
    chance = random.Random(5)
    nobody = Neighbour(board.pk, 999)
    elsewhere = Neighbour(board.pk + 1, cards[0].number)
    for _ in range(150):
        card = Card.objects.get(pk=chance.choice(cards).pk)
        column = chance.choice((ready, ready, doing))
        before, after = (chance.choice([None, *cards, nobody, elsewhere]) for _ in range(2))
        with change(By(ana), board.pk, render=frames) as (log,):
            found, gap = gap_in(log, column.pk, card, before, after)
        rows = rows_of(column)
        others = [row for row in rows if row.pk != card.pk]
        near = [_row(others, column, one) for one in (before, after)]
        assert found == column
        assert gap.position == position_between(rows, moving=card, before=near[0], after=near[1])
        if card.column_id == column.pk:
            assert gap.has(card) == _stands(rows, card, *near)
    with change(By(ana), board.pk, render=frames) as (log,):
        assert gap_in(log, 0, cards[0])[0] is None


def _row(rows: list[Place], column: Column, one: Any) -> Place | None:
    """The neighbour's row, if it is on this board and in this column."""
    if one is None or one.board_id != column.board_id:
        return None
    pk = Card.objects.filter(board=one.board_id, number=one.number).values_list("pk", flat=True).first()
    return next((row for row in rows if row.pk == pk), None)


def _stands(rows: list[Place], card: Card, before: Place | None, after: Place | None) -> bool:
    order = [row.pk for row in rows]
    index = order.index(card.pk)
    if before is not None:
        return order[index + 1 : index + 2] == [before.pk]
    if after is not None:
        return index > 0 and order[index - 1] == after.pk
    return index == len(order) - 1
