"""Searches that have a name: those of a board, and those of one person."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.db import models

from boards.models.thing import Thing
from fluxboard.core import limits


class NamedQuery(models.Model):
    """What is searched for, under a name; `kept_by` begins the word by which addresses name it."""

    name = models.CharField(max_length=limits.SEARCH_NAME)
    query = models.CharField(max_length=limits.SEARCH)

    kept_by: ClassVar[str]

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/search/?{urlencode({'q': self.query})}"

    @property
    def code(self) -> str:
        """How an address names it."""
        return f"{self.kept_by}-{self.pk}"


class Search(NamedQuery, Thing):
    """A search of a board's, for all who read it. A removed one stays as a row, so that it can come back."""

    kept_by = "board"

    board = models.ForeignKey("boards.Board", on_delete=models.CASCADE, related_name="searches")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["board", "name"], condition=models.Q(removed_at=None), name="one_search_a_name"
            )
        ]


class OwnSearch(NamedQuery):
    """A search of one person's. Theirs alone, so never in the log."""

    kept_by = "mine"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="own_searches", db_index=False
    )

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="one_own_search_a_name")]
