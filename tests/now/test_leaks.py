"""Somebody's part of Now says nothing of boards that the reader does not see."""

from __future__ import annotations

import pytest
from django.test import Client

from boards import actions as act
from boards.models import Board, Card, Role
from fluxboard.accounts.models import User


@pytest.mark.django_db
def test_who_owns_a_card_on_an_unseen_board_is_not_told_by_what_waits_for_it(
    board: Board, card: Card, ana: User, kenji: User, sam: User
) -> None:
    act.add_member(board, sam, Role.MEMBER, by=ana)
    secret = act.create_board("Secret", by=ana, key="SEC", starter=False)
    act.add_member(secret, sam, Role.MEMBER, by=ana)
    theirs = act.create_card(secret.columns.first(), "Hidden", by=ana, assignee=sam)
    act.block_card(card, "Waits", by=ana, card_in_the_way=theirs)

    def rows(reader: User, person: User) -> bool:
        client = Client()
        client.force_login(reader)
        page = client.get(f"/now/?person={person.pk}").content.decode()
        return f'data-card="{card.key}"' in page

    assert rows(ana, sam)
    assert not rows(kenji, sam)
    assert not rows(kenji, ana)
