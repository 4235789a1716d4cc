"""What the log keeps of a card when it begins, moves away or is blocked."""

from __future__ import annotations

from typing import Any

from boards.actions.cards.extensions import CARD_EXTENSIONS
from boards.actions.facts import card_fact, person_fact, thing_fact
from boards.card_fields import CARD_FIELDS
from boards.models import Card


def card_facts(card: Card) -> dict[str, Any]:
    """All that a card is, as the log tells it when the card comes to a board; nothing that is empty."""
    facts = {
        "number": card.number,
        "column": thing_fact(card.column),
        "position": card.position,
        **{name: field.fact(card) for name, field in CARD_FIELDS.items()},
    }
    return {name: value for name, value in facts.items() if value not in (None, "")}


def full_facts(card: Card) -> dict[str, Any]:
    """A card with all that hangs on it, so that a board's log alone can rebuild it."""
    facts = card_facts(card) | {
        "key": card.key,
        "created_at": card.created_at.isoformat(),
        "labels": [thing_fact(label) for label in card.labels.all()],
        "participants": [person_fact(person) for person in card.participants.all()],
        "blocked": block_facts(card),
        "checklists": [
            {
                "id": str(checklist.uid),
                "title": checklist.name,
                "position": checklist.position,
                "items": [
                    {
                        "id": str(item.uid),
                        "text": item.text,
                        "position": item.position,
                        "checked": item.is_checked,
                        "checked_at": item.checked_at.isoformat() if item.checked_at else None,
                        "checked_by": person_fact(item.checked_by),
                        "promoted_to": card_fact(item.promoted_to),
                    }
                    for item in checklist.items.current()
                    .select_related("checked_by", "promoted_to__board")
                    .in_order()
                ],
            }
            for checklist in card.checklists.current().in_order()
        ],
    }
    for extension in CARD_EXTENSIONS:
        facts |= extension.facts(card)
    return facts


def block_facts(card: Card) -> dict[str, Any] | None:
    if not card.is_blocked:
        return None
    return {
        "reason": card.blocked_reason,
        "person": person_fact(card.blocked_by_user),
        "card": card_fact(card.blocked_by_card),
    }
