"""A board that was saved as a template."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q


class BoardTemplateQuerySet(models.QuerySet["BoardTemplate"]):
    def usable_by(self, person: Any) -> BoardTemplateQuerySet:
        """One's own, and those that others offer to everybody."""
        return self.filter(Q(owner=person) | Q(is_shared=True, owner__is_active=True)).select_related("owner")


class BoardTemplate(models.Model):
    """What new boards can begin with: a `boards.board_plan.BoardPlan` as JSON, one person's own.

    Where `is_shared`, everybody who can sign in may use it. No board changes by it, so no log tells it.
    """

    name = models.CharField(max_length=120)
    plan = models.JSONField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="board_templates", db_index=False
    )
    is_shared = models.BooleanField(default=False)
    at = models.DateTimeField()

    objects = BoardTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="one_board_template_a_name")]

    def __str__(self) -> str:
        return self.name
