"""The boards and cards of the home page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Q

from boards.board_page.chips import on_hands_of
from boards.models import Board, Card, Membership


def home_boards(user: Any) -> dict[str, Any]:
    """My boards with what is mine and what is blocked there, boards open to everyone, archived ones."""
    on_now = Q(cards__archived_at=None, cards__column__archived_at=None)
    counted = Board.objects.annotate(
        mine=Count("cards", filter=on_now & on_hands_of(user, "cards__")),
        blocked=Count("cards", filter=on_now & Q(cards__is_blocked=True)),
        cards_now=Count("cards", filter=on_now),
    ).order_by("name")
    mine = counted.filter(pk__in=Membership.objects.filter(user=user).values("board"))
    others = counted.visible_to(user).exclude(pk__in=Membership.objects.filter(user=user).values("board"))
    return {
        "boards": list(mine.filter(archived_at=None)),
        "open_boards": list(others.filter(archived_at=None)),
        "archived": list(mine.exclude(archived_at=None)),
    }


def my_cards(user: Any, today: dt.date, days: int = 7, most: int = 12) -> dict[str, Any]:
    """My cards that are due by `today + days`, and my blocked ones; from boards that I can still see."""
    mine = (
        Card.objects.visible_to(user)
        .filter(on_hands_of(user), board__archived_at=None)
        .current()
        .select_related("board", "column", "blocked_by_user", "blocked_by_card__board")
    )
    return {
        "due": list(mine.filter(due__lte=today + dt.timedelta(days=days)).order_by("due", "id")[:most]),
        "blocked": list(mine.filter(is_blocked=True).order_by("blocked_at", "id")[:most]),
    }
