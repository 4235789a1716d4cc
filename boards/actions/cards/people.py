"""A card's owner and those who take part."""

from __future__ import annotations

from typing import Any

from activity.errors import Refused
from activity.log.record import Log
from boards.actions.base import action, fresh_card, writing
from boards.actions.cards.edit import set_value
from boards.actions.facts import person_fact
from boards.card_fields import CARD_FIELDS
from boards.models import Card, Membership


def assignable(log: Log, person: Any, field: str = "assignee") -> None:
    """Refuse people who have left, and those whom a board that is not open has not let in."""
    if person is None:
        return
    if not person.is_active:
        raise Refused(f"{person.name} has left the team.", field)
    # Open to everyone who can sign in: people of other boards' imports are named on those boards alone.
    if log.board.open_to and person.email:
        return
    if not Membership.objects.filter(board=log.board, user=person).exists():
        name = person.name if person.email else "Whoever that is"
        raise Refused(f"{name} is not on this board.", field)


def is_assignable(log: Log, person: Any) -> bool:
    """Whether a card of this board may have this owner; True for nobody."""
    try:
        assignable(log, person)
    except Refused:
        return False
    return True


def assign_card(card: Card, person: Any, *, by: Any, seen: int | None = None) -> Card:
    """Give a card its one owner; None takes it away."""
    return set_value(card, CARD_FIELDS["assignee"], person, by=by, seen=seen, check=assignable)


@action
def join_card(card: Card, person: Any, *, by: Any) -> Card:
    """Someone takes part in a card."""
    with writing(card.board, by) as log:
        card = fresh_card(log, card)
        if card.participants.filter(pk=person.pk).exists():
            return card
        assignable(log, person, "participant")
        card.participants.add(person)
        log.record("card.joined", card, after={"participant": person_fact(person)})
        card.keep()
        return card


@action
def leave_card(card: Card, person: Any, *, by: Any) -> Card:
    """Someone takes part no longer."""
    with writing(card.board, by) as log:
        card = fresh_card(log, card)
        if card.participants.filter(pk=person.pk).exists():
            card.participants.remove(person)
            log.record("card.left", card, before={"participant": person_fact(person)})
            card.keep()
        return card
