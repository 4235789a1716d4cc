"""Requests that changed something, each done once."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Request(models.Model):
    """A request that changed something, so that the same one twice is done once and answered alike."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    request_id = models.UUIDField()
    fingerprint = models.BinaryField(max_length=32)
    board = models.ForeignKey("boards.Board", on_delete=models.CASCADE, related_name="+", db_index=False)
    first_seq = models.PositiveBigIntegerField()
    last_seq = models.PositiveBigIntegerField()
    outcome = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "request_id"], name="one_outcome_a_request")]
        # Those of a board that are old enough to go.
        indexes = [models.Index(fields=["board", "at"], name="request_by_age")]

    def __str__(self) -> str:
        return str(self.request_id)
