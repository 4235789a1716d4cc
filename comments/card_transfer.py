"""What people said on a card goes along when the card goes to another board."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from activity.log.record import Log
from boards.actions.cards import extensions
from boards.actions.erase import mark
from boards.actions.facts import day_fact, person_fact
from boards.models import Board, Card
from comments.models import Ask, Comment, Decision


def facts(card: Card) -> dict[str, Any]:
    """The card's comments and decisions, in order, as the log tells them."""
    comments = Comment.objects.filter(card=card).select_related("author", "parent").order_by("id")
    return {
        "comments": [_comment(comment) for comment in comments.prefetch_related("asks__person")],
        "decisions": [_decision(decision) for decision in _decisions(card)],
    }


def _comment(comment: Comment) -> dict[str, Any]:
    return {
        "id": str(comment.uid),
        "author": person_fact(comment.author),
        "parent": str(comment.parent.uid) if comment.parent else None,
        "kind": comment.kind,
        "text": comment.text,
        "at": comment.at.isoformat(),
        "source_at": comment.source_at.isoformat() if comment.source_at else None,
        "edited_at": comment.edited_at.isoformat() if comment.edited_at else None,
        "removed": comment.removed_at is not None,
        "state": comment.state,
        "answered_by": {"id": str(comment.answered_by)} if comment.answered_by else None,
        "asks": [
            {
                "person": person_fact(ask.person),
                "answer_by": ask.answer_by.isoformat() if ask.answer_by else None,
            }
            for ask in comment.asks.all()
            if ask.handed_to_id is None
        ],
    }


def _decisions(card: Card) -> Any:
    return (
        Decision.objects.filter(card=card)
        .select_related("comment", "grew_from", "superseded_by", "recorded_by")
        .prefetch_related("decided_by", "agreed_by", "confirmations__person")
        .order_by("id")
    )


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "id": str(decision.uid),
        "number": decision.number,
        "comment": str(decision.comment.uid),
        "text": decision.text,
        "how": decision.how,
        "at": decision.at.isoformat(),
        "from": str(decision.grew_from.uid) if decision.grew_from else None,
        "recorded_by": person_fact(decision.recorded_by),
        "decided_by": [person_fact(person) for person in decision.decided_by.all()],
        "agreed_by": [person_fact(person) for person in decision.agreed_by.all()],
        "superseded_by": str(decision.superseded_by.uid) if decision.superseded_by else None,
        "review_on": day_fact(decision.review_on),
        "next_review_on": day_fact(decision.next_review_on),
        "confirmed": [
            {"round": day_fact(one.round), "person": person_fact(one.person)}
            for one in decision.confirmations.all()
        ],
    }


def settle_in(card: Card, there: Log, left: dict[str, Any]) -> None:
    """Give the card's decisions the next numbers of the board that it comes to; those that it had, again."""
    moving = list(Decision.objects.filter(card=card).order_by("id"))
    had = {facts["id"]: facts["number"] for facts in left.get("decisions", [])}
    for decision in moving:
        decision.board = there.board
        decision.number = had.get(str(decision.uid), there.board.next_decision)
        there.board.next_decision += str(decision.uid) not in had
    Decision.objects.bulk_update(moving, ["board", "number"])
    there.board.save(update_fields=["next_decision"])


def restamp(card: Card) -> None:
    """Give comments and decisions the version that the card has on its new board."""
    extensions.restamp(card, Comment.objects.filter(card=card))
    extensions.restamp(card, Decision.objects.filter(card=card))


def erase(card: Card, texts: AbstractSet[str]) -> None:
    """Put the mark in the place of `texts` in the card's comments and decisions."""
    mark(card, Comment.objects.filter(card=card), "text", texts)
    mark(card, Decision.objects.filter(card=card), "text", texts)


def take_over(board: Board, placeholder: Any, person: Any) -> None:
    """Where both were asked, `person` is asked once, and still is when the placeholder was."""
    theirs = Ask.objects.filter(person=placeholder, comment__card__board=board)
    mine = {
        ask.comment_id: ask for ask in Ask.objects.filter(person=person, comment__in=theirs.values("comment"))
    }
    for ask in theirs.filter(comment__in=mine):
        kept = mine[ask.comment_id]
        if ask.handed_to_id is None or kept.handed_to_id == ask.pk:
            kept.handed_to_id = None if ask.handed_to_id in (None, kept.pk) else ask.handed_to_id
            kept.save(update_fields=["handed_to"])
        Ask.objects.filter(handed_to=ask).exclude(pk=kept.pk).update(handed_to=kept)
        ask.delete()
