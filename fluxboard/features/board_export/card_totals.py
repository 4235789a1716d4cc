"""How much the cards of an imported board have on them: counted anew, and no more than can be shown."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from boards.models import Board, Card, Item
from comments.models import Comment, Decision
from fluxboard.core import limits
from fluxboard.features.board_export.zip_reader import Damaged

_NUMBERS = 2**31 - 2**20  # what the column can hold, with room for more cards


def count_anew(board: Board, superseded_elsewhere: Collection[UUID]) -> None:
    """Write on each card what its front says of what is on it.

    `superseded_elsewhere` are decisions that one on another board supersedes; they do not count.
    """
    items = Item.objects.filter(checklist__removed_at=None, removed_at=None)
    said = Comment.objects.filter(removed_at=None)
    open_ones = said.filter(settled_at=None)
    standing = Decision.objects.filter(superseded_by=None).exclude(uid__in=superseded_elsewhere)
    counts = {
        "items_total": _on_card(items, "checklist__card"),
        "items_done": _on_card(items.exclude(checked_at=None), "checklist__card"),
        "comments_count": _on_card(said, "card"),
        "decisions_count": _on_card(standing, "card"),
        "questions_open": _on_card(open_ones.filter(kind=Comment.Kind.QUESTION), "card"),
        "threads_escalated": _on_card(open_ones.exclude(escalated_at=None), "card"),
    }
    Card.objects.filter(board=board).update(**counts)


def refuse_totals(board: Board) -> None:
    """Raise `Damaged` for what can't be, or can't be shown; `count_anew` has counted before.

    That is a next number that a card has already, or none will ever reach, and a card with too much on it.
    """
    last = Card.objects.filter(board=board).aggregate(last=Max("number"))["last"] or 0
    if not last < board.next_number <= _NUMBERS:
        raise Damaged(f"Its next card would be number {board.next_number}, and it has a number {last}.")
    lists = Count("checklists", filter=Q(checklists__removed_at=None))
    many = Q(items_total__gt=limits.ITEMS) | Q(comments_count__gt=limits.COMMENTS)
    cards = Card.objects.filter(board=board).annotate(lists=lists)
    card = cards.filter(many | Q(lists__gt=limits.CHECKLISTS)).first()
    if card is not None:
        raise Damaged(
            f"Card {card.number} has more on it than a card can have: {limits.ITEMS:,} items, "
            f"{limits.CHECKLISTS:,} checklists and {limits.COMMENTS:,} comments are the most."
        )


def _on_card(rows: QuerySet[Any], way: str) -> Coalesce:
    """How many of `rows` are on a card, `way` being how they name it."""
    mine = rows.filter(**{way: OuterRef("pk")}).order_by().values(way)
    return Coalesce(Subquery(mine.annotate(count=Count("pk")).values("count")), 0)
