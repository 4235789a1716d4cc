"""What someone follows besides their own cards. Theirs alone, so never in the log."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Watch(models.Model):
    """One person's watch on a board or on a card."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watches", db_index=False
    )
    board = models.ForeignKey("boards.Board", null=True, on_delete=models.CASCADE, related_name="watches")
    card = models.ForeignKey("boards.Card", null=True, on_delete=models.CASCADE, related_name="watches")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "board"], name="one_watch_a_board"),
            models.UniqueConstraint(fields=["user", "card"], name="one_watch_a_card"),
            models.CheckConstraint(
                condition=Q(board=None) ^ Q(card=None), name="a_watch_is_on_a_board_or_a_card"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} watches {self.card_id or self.board_id}"
