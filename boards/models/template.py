"""Card templates: what new cards of a board can begin with."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from boards.models.thing import Thing


class Template(Thing):
    """What a new card begins with: a pattern of its title, micro-spec with prompts, checklist, labels, owner.

    `steps` has an item of the checklist in each line; `title` may have marks such as `{week}`
    (`boards.title_pattern`). New cards begin with the one that `is_default`. A removed one stays as a row, so
    that it can come back.
    """

    board = models.ForeignKey("boards.Board", on_delete=models.CASCADE, related_name="templates")
    name = models.CharField(max_length=60)
    title = models.CharField(max_length=500, blank=True)
    what = models.TextField(blank=True)
    why = models.TextField(blank=True)
    done_when = models.TextField(blank=True)
    constraints = models.TextField(blank=True)
    steps = models.TextField(blank=True)
    labels = models.ManyToManyField("boards.Label", related_name="templates", blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="templates"
    )
    is_default = models.BooleanField(default=False)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["board", "name"], condition=Q(removed_at=None), name="one_template_a_name"
            ),
            models.UniqueConstraint(
                fields=["board"], condition=Q(is_default=True), name="one_default_template"
            ),
        ]

    def __str__(self) -> str:
        return self.name
