"""What people say on a card: comments and one level of replies."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from boards.models.thing import Thing


class Comment(Thing):
    """One comment. A removed one stays as a mark; its text is empty here and kept by the log."""

    class Kind(models.TextChoices):
        COMMENT = "comment"
        QUESTION = "question"
        DECISION = "decision"

    card = models.ForeignKey("boards.Card", on_delete=models.CASCADE, related_name="comments")
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="replies")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.COMMENT)
    text = models.TextField()
    at = models.DateTimeField()
    source_at = models.DateTimeField(null=True)
    edited_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="mentioned_in")

    class Meta:
        indexes = [models.Index(fields=["card", "id"], name="comment_of_card")]

    def __str__(self) -> str:
        return f"{self.author} on {self.card_id}"
