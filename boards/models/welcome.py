"""Who has come to a board that was under way already, and hasn't yet put its introduction aside."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models

UNDER_WAY = dt.timedelta(days=1)


class WelcomeQuerySet(models.QuerySet["Welcome"]):
    def to(self, person: Any, board: Any) -> WelcomeQuerySet:
        return self.filter(user=person, board=board)

    def offer(self, person: Any, board: Any, now: dt.datetime) -> None:
        """Offer the introduction to someone who has just come; not on a board that has only begun."""
        if board.next_number > 1 and now - board.created_at >= UNDER_WAY:
            self.get_or_create(user=person, board=board)


class Welcome(models.Model):
    """A standing offer to one person; putting it aside removes the row. Theirs alone: not in the log."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    board = models.ForeignKey("boards.Board", on_delete=models.CASCADE, related_name="+")

    objects = WelcomeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "board"], name="one_welcome_a_board")]

    def __str__(self) -> str:
        return f"{self.user_id} is new on {self.board_id}"
