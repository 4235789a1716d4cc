"""A thread and its first comment."""

from __future__ import annotations

from activity.errors import Refused
from boards.actions.base import refuse_many
from boards.models import Card
from comments.models import Comment
from fluxboard.core import limits


def top_of(card: Card, parent: Comment | None) -> Comment | None:
    """The comment that begins the thread of `parent`; `Refused` when it is removed or on another card."""
    if parent is None:
        return None
    parent = Comment.objects.select_related("parent").get(pk=parent.pk)
    if parent.card_id != card.pk:
        raise Refused("The comment that this replies to is not on this card.", "parent")
    top = parent.parent or parent
    if parent.removed_at is not None:
        raise Refused("The comment that this replies to was removed.", "parent")
    return top


def refuse_more_comments(card: Card) -> None:
    """Raise `Refused` when `card`, as read under the lock, has as many comments as a card may have."""
    refuse_many(card.comments_count, limits.COMMENTS, "A card can have {} comments.", "text")
