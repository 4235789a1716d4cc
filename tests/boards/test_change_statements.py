"""What a change costs the database: a fixed number of statements, however large the board and its history."""

from __future__ import annotations

import random
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activity.log.record import By
from activity.log.transaction import change
from activity.models import Frame
from boards import actions
from boards.actions.cards.limits import CardPosition, card_rows
from boards.actions.cards.position import Neighbour, gap_asking, gap_made
from boards.models import Board, Card, Column
from boards.rendering.card_front import card_front, column_count
from boards.rendering.fragments import frames
from comments.actions import post_comment
from fluxboard.accounts.models import User
from fluxboard.core.ordering import position_between
from fluxboard.core.postgres.statements import rows_together

AROUND = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def statements(client: Client, path: str, form: dict[str, Any]) -> list[str]:
    """What a form of a page's script sends to the database, besides the marks of the transaction."""
    form = form | {"request_id": str(uuid.uuid4()), "from": "board"}
    with CaptureQueriesContext(connection) as sent:
        answer = client.post(path, form, headers={"HX-Request": "true"})
    assert answer.status_code == 200, answer.content[:300]
    assert b"<flux-change" in answer.content
    return [one["sql"] for one in sent.captured_queries if not one["sql"].startswith(AROUND)]


@pytest.mark.django_db(transaction=True)
def test_a_change_takes_as_many_statements_whatever_the_boards_size(
    board: Board, ready: Column, doing: Column, ana: User, kenji: User
) -> None:
    client = signed_in(kenji)
    client.get("/me/")  # from now on it is known whose session that is
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
        "moved": 9,
        "moved back": 9,
        "moved within": 9,
        "retitled": 8,
        "posted": 11,
        "checked": 13,
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
        found, gap = gap_made(rows_together([gap_asking(card, column.pk, before, after)])[0])
        rows = card_rows(column)
        others = [row for row in rows if row.pk != card.pk]
        near = [_row(others, column, one) for one in (before, after)]
        assert found == column
        assert gap.others == column.cards.exclude(pk=card.pk).filter(archived_at=None).count()
        assert gap.left == card.column.cards.exclude(pk=card.pk).filter(archived_at=None).count()
        assert gap.position == position_between(rows, moving=card, before=near[0], after=near[1])
        if card.column_id == column.pk:
            assert gap.has(card) == _stands(rows, card, *near)
    assert gap_made(rows_together([gap_asking(cards[0], 0)])[0])[0] is None


def _row(rows: list[CardPosition], column: Column, one: Any) -> CardPosition | None:
    """The neighbour's row, if it is on this board and in this column."""
    if one is None or one.board_id != column.board_id:
        return None
    pk = Card.objects.filter(board=one.board_id, number=one.number).values_list("pk", flat=True).first()
    return next((row for row in rows if row.pk == pk), None)


def _stands(
    rows: list[CardPosition], card: Card, before: CardPosition | None, after: CardPosition | None
) -> bool:
    order = [row.pk for row in rows]
    index = order.index(card.pk)
    if before is not None:
        return order[index + 1 : index + 2] == [before.pk]
    if after is not None:
        return index > 0 and order[index - 1] == after.pk
    return index == len(order) - 1


def test_a_front_drawn_of_the_card_in_hand_is_the_one_drawn_anew(
    board: Board, ready: Column, doing: Column, card: Card, ana: User, kenji: User
) -> None:
    """Frames of some changes show the card as the change has it, without reading it again."""
    other = actions.create_card(actions.create_board("Other", by=ana, key="OTH").columns.first(), "X", by=ana)
    for name in ("web", "bug"):
        actions.label_card(card, actions.create_label(board, name, 1, by=ana), by=ana)
    actions.join_card(card, kenji, by=ana)
    actions.assign_card(card, ana, by=ana)
    actions.block_card(card, "Waits <i>", by=ana, person=kenji, card_in_the_way=other)
    in_tokyo = By(ana, now=timezone.now().astimezone(kenji.zone))
    deeds = (
        lambda: actions.move_card(card, to=doing, by=in_tokyo),
        lambda: actions.move_card(card, to=ready, by=ana, before=card),
        lambda: actions.retitle_card(card, 'A "new" <title>', by=ana),
        lambda: actions.specify_card(card, "why", "Because", by=ana),
    )
    for deed in deeds:
        changed = deed()
        assert list(changed.labels.filter(name="bug").values_list("board", flat=True)) == [board.pk]
        assert [person.email for person in changed.participants.all()] == [kenji.email]
        anew = Card.objects.for_fronts().select_related("column").get(pk=card.pk)
        front = card_front(anew, Board.objects.get(pk=board.pk), keep=False)
        assert front in Frame.objects.get(board=board, seq=anew.version).html
        for column in (ready, doing):
            count = column.cards.count()
            told = Frame.objects.filter(board=board, html__contains=f'"column-{column.pk}-count"').last()
            assert told is None or column_count(column, count) in told.html


@pytest.mark.django_db(transaction=True)
def test_a_change_of_several_actions_shows_the_card_after_all_of_them(
    board: Board, ready: Column, doing: Column, card: Card, ana: User
) -> None:
    """Within one change a card may be in several hands; the last one that is whole counts."""
    label = actions.create_label(board, "bug", 1, by=ana)
    with change(By(ana), board.pk, render=frames):
        actions.move_card(card, to=doing, by=ana)
        actions.label_card(card, label, by=ana)
    html = Frame.objects.filter(board=board).order_by("seq").last().html
    assert f'data-labels="{label.pk}"' in html
    assert f'data-column-id="{doing.pk}"' in html
    with change(By(ana), board.pk, render=frames):
        actions.unlabel_card(card, label, by=ana)
        actions.move_card(card, to=ready, by=ana)
    html = Frame.objects.filter(board=board).order_by("seq").last().html
    assert 'data-labels=""' in html
    assert f'data-column-id="{ready.pk}"' in html
