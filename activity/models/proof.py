"""What shortens replay, and what the last verification found; both can be made again."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Snapshot(models.Model):
    """A board's state at one seq, so that replay need not begin at the first row; never part of the record.

    `state` is packed JSON without any typed text; `folds` names the code that made it. See
    `activity.log.snapshots`.
    """

    board = models.ForeignKey("boards.Board", on_delete=models.CASCADE, related_name="+", db_index=False)
    seq = models.PositiveBigIntegerField()
    hash = models.BinaryField(max_length=32)
    folds = models.CharField(max_length=64)
    checksum = models.BinaryField(max_length=32)
    state = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "seq"], name="one_snapshot_a_seq")]

    def __str__(self) -> str:
        return f"{self.board_id}:{self.seq}"


class Verification(models.Model):
    """What the last look at a board's record found; a newer one takes its place. Not history."""

    board = models.OneToOneField("boards.Board", on_delete=models.CASCADE, related_name="verification")
    seq = models.PositiveBigIntegerField()
    hash = models.BinaryField(max_length=32)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    count = models.PositiveIntegerField(default=0, help_text="How many faults there were.")
    faults = models.JSONField(default=list, help_text="The first of them, a line each.")

    def __str__(self) -> str:
        return f"{self.board_id}:{self.seq} {self.count or 'true'}"

    @property
    def head(self) -> str:
        """The first twelve digits of the hash at that seq."""
        return bytes(self.hash).hex()[:12]
