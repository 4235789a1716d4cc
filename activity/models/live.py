"""What tells open pages: the frames of what happened, and who is there; neither is history."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Frame(models.Model):
    """The fragment that told open pages of an activity, kept for those who come back; pruned, not history."""

    board = models.ForeignKey("boards.Board", on_delete=models.CASCADE, related_name="+", db_index=False)
    seq = models.PositiveBigIntegerField()
    html = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "seq"], name="one_frame_a_seq")]

    def __str__(self) -> str:
        return f"{self.board_id}:{self.seq}"


class Presence(models.Model):
    """Who has a board open, and what they edit. Never part of the log; forgotten within a minute."""

    board = models.ForeignKey("boards.Board", on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    card = models.ForeignKey("boards.Card", null=True, on_delete=models.CASCADE, related_name="+")
    is_editing = models.BooleanField(default=False)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "user"], name="one_presence_a_board")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.board_id}"
