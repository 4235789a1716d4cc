"""A link to the weekly report of a board, for people without an account: what it shows, and until when."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef

from boards.models.membership import Membership, Role
from boards.models.thing import Thing
from fluxboard.core.secret_tokens import token_digest

# What a link can show, in the order of the page; the last two say how much of each part.
WEEKLY_PARTS = {
    "finished": "What was finished",
    "decided": "Decisions",
    "outcomes": "What else it came to",
    "still": "What stands still",
    "next": "What is under way, and next",
    "names": "Names of people",
    "words": "What people wrote: reasons of blocks, questions",
}
LINK_DAYS = (7, 30, 90)


class WeeklyLinkQuerySet(models.QuerySet["WeeklyLink"]):
    def working(self, now: dt.datetime) -> WeeklyLinkQuerySet:
        """Those that open the report: neither revoked nor over, of somebody who still owns the board."""
        owns = Membership.objects.filter(
            board=OuterRef("board"), user=OuterRef("made_by"), role=Role.OWNER, user__is_active=True
        )
        return self.filter(Exists(owns), revoked_at=None, expires_at__gt=now, board__archived_at=None)

    def with_token(self, token: str) -> WeeklyLinkQuerySet:
        return self.filter(token_hash=token_digest(token))


class WeeklyLink(Thing):
    """Holds only the SHA-256 of its token, which is shown once. `parts` are of WEEKLY_PARTS.

    How often it was opened is counted, by whom is not known. It is told on the calendar of who made it.
    """

    board = models.ForeignKey("boards.Board", on_delete=models.CASCADE, related_name="weekly_links")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    token_hash = models.BinaryField(max_length=32, unique=True)
    parts = ArrayField(models.CharField(max_length=8), size=len(WEEKLY_PARTS))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True, blank=True)

    objects = WeeklyLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"The week of {self.board}, until {self.expires_at:%Y-%m-%d}"

    def shows(self, part: str) -> bool:
        return part in self.parts

    @property
    def shown(self) -> list[str]:
        """What it shows, in words."""
        return [words for part, words in WEEKLY_PARTS.items() if part in self.parts]
