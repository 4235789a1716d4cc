"""Block a card, and say that it is free again."""

from __future__ import annotations

from typing import Any

from activity.errors import Refused
from boards.actions.base import action, fresh_card, writing
from boards.actions.cards.facts import block_facts
from boards.actions.cards.people import assignable
from boards.actions.clean import cleaned
from boards.actions.conflicts import settle_text
from boards.actions.facts import card_fact, person_fact
from boards.models import Card
from fluxboard.core import limits


@action
def block_card(
    card: Card,
    reason: str,
    *,
    by: Any,
    person: Any = None,
    card_in_the_way: Card | None = None,
    seen: int | None = None,
) -> Card:
    """Say what a card waits for: a reason, and optionally whom or which card. Also changes a block."""
    with writing(card.board, by, card=card) as log:
        card = fresh_card(log, card)
        reason = cleaned(reason, field="reason", what="The reason", longest=limits.REASON)
        if card_in_the_way is not None and card_in_the_way.pk == card.pk:
            raise Refused("A card can't be in its own way.", "card")
        if card_in_the_way is not None and not Card.objects.visible_to(log.by.user).filter(
            pk=card_in_the_way.pk
        ):
            raise Refused("There is no such card.", "card")
        assignable(log, person, "person")
        if card.is_blocked:
            reason = settle_text(log, card, "reason", "Blocked", reason, seen, attribute="blocked_reason")
        before = block_facts(card)
        after = {
            "reason": reason,
            "person": person_fact(person),
            "card": card_fact(card_in_the_way),
        }
        if before == after:
            return card
        if not card.is_blocked:
            card.blocked_at = log.now
        card.is_blocked, card.blocked_reason = True, reason
        card.blocked_by_user, card.blocked_by_card = person, card_in_the_way
        log.record("card.blocked", card, before=before or {"reason": ""}, after=after)
        card.keep("is_blocked", "blocked_reason", "blocked_by_user", "blocked_by_card", "blocked_at")
        return card


@action
def unblock_card(card: Card, *, by: Any) -> Card:
    with writing(card.board, by, card=card) as log:
        card = fresh_card(log, card)
        before = block_facts(card)
        if before is not None:
            card.is_blocked, card.blocked_reason, card.blocked_at = False, "", None
            card.blocked_by_user = card.blocked_by_card = None
            log.record("card.unblocked", card, before=before, after={"reason": ""})
            card.keep("is_blocked", "blocked_reason", "blocked_by_user", "blocked_by_card", "blocked_at")
        return card
