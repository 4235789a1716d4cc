"""Who may do what on a board."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    MEMBER = "member", "Member"
    VIEWER = "viewer", "Viewer"

    @property
    def rank(self) -> int:
        """Viewer 1, member 2, owner 3."""
        return {"viewer": 1, "member": 2, "owner": 3}[self.value]

    def covers(self, needed: str) -> bool:
        """Whether this role may do what `needed` may."""
        return self.rank >= Role(needed).rank


class Membership(models.Model):
    board = models.ForeignKey(
        "boards.Board", on_delete=models.CASCADE, related_name="memberships", db_index=False
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=6, choices=Role.choices)
    version = models.PositiveBigIntegerField(default=0)
    wants_check_in = models.BooleanField(default=False, help_text="One's own wish, which no log tells.")

    came_at: dt.datetime | None = None  # not kept: for who is told that somebody has come, while it is saved

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "user"], name="one_membership_a_person")]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.board}"

    @classmethod
    def begin(
        cls, board: Any, user: Any, role: str, *, at: dt.datetime, version: int = 0
    ) -> tuple[Membership, bool]:
        """Put `user` on `board` at the moment `at`, within its open change; whether they have come just now.

        Someone who is on it already keeps their role. What was there at that moment counts as read.
        """
        known = cls.objects.filter(board=board, user=user).first()
        if known is not None:
            return known, False
        membership = cls(board=board, user=user, role=role, version=version)
        membership.came_at = at
        membership.save(force_insert=True)
        return membership, True
