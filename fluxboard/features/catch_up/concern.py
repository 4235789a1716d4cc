"""Why a change concerns its reader."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from activity.feed.catch_up_steps import Concern
from activity.feed.load import ToldActivity
from boards.models import Board, Card, Watch
from comments.models import Ask


def still_here(told: list[ToldActivity], reader: Any) -> list[ToldActivity]:
    """Without cards that have gone to a board that the reader cannot see."""
    visible = set(Board.objects.visible_to(reader).values_list("pk", flat=True))
    return [one for one in told if one.activity.card is None or one.activity.card.board_id in visible]


def concern_of(reader: Any, told: list[ToldActivity]) -> Concern:
    """What of `told` concerns `reader`, by the cards as they are now. Four queries."""
    cards = {one.activity.card_id for one in told if one.activity.card_id}
    on_these = Card.objects.filter(pk__in=cards)
    waits = Q(blocked_by_user=reader) | Q(blocked_by_card__assignee=reader)
    watches = Watch.objects.filter(user=reader).values_list("card_id", "board_id")
    seen = {card for card, _ in watches if card}
    boards = {board for _, board in watches if board}
    seen |= {pk for one in told if one.activity.board_id in boards and (pk := one.activity.card_id)}
    asks = Ask.objects.open().filter(person=reader, comment__card__in=cards)
    return Concern(
        asked=set(asks.values_list("comment__card_id", flat=True)),
        blocking=set(on_these.filter(waits, is_blocked=True).values_list("pk", flat=True)),
        mine=set(on_these.filter(Q(assignee=reader) | Q(participants=reader)).values_list("pk", flat=True)),
        watched=seen,
    )
