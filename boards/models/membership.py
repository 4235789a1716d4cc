"""Who may do what on a board."""

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

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "user"], name="one_membership_a_person")]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.board}"
