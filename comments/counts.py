"""What of a card's talk waits for someone, counted where its front shows it."""

from __future__ import annotations

from django.db.models import Count, Q

from boards.models import Card
from comments.models import Comment


def count_open(card: Card) -> None:
    """Count the card's open questions and its escalated threads anew; the caller saves both fields."""
    counted = Comment.objects.filter(card=card, settled_at=None, removed_at=None).aggregate(
        questions=Count("pk", filter=Q(kind=Comment.Kind.QUESTION)),
        escalated=Count("pk", filter=Q(escalated_at__isnull=False)),
    )
    card.questions_open, card.threads_escalated = counted["questions"], counted["escalated"]
