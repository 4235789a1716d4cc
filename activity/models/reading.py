"""How far each person has read, what they put off, and the digests that they were sent."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Value

from activity.stretches import StretchesField


class Reading(models.Model):
    """How far someone has read a board's log: all up to `seq`, and of what is after it, `seen`.

    `seq` moves by "Mark all read", Shift U, the end of the catch-up, and over what was seen when nothing
    before it is unread.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="readings", db_index=False
    )
    board = models.ForeignKey("boards.Board", on_delete=models.CASCADE, related_name="readings")
    seq = models.PositiveBigIntegerField(default=0)
    seen = StretchesField(default=list, db_default=Value([], output_field=StretchesField()))
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "board"], name="one_reading_a_board")]

    def __str__(self) -> str:
        return f"{self.user_id} read {self.board_id} up to {self.seq}"


class ReadDay(models.Model):
    """How far someone had read a board's log when a day of theirs was over: the last `Reading` of that day.

    It answers one question, how much of what happens is read, and by when, and is shown of nobody by name.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    board = models.ForeignKey("boards.Board", on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    seq = models.PositiveBigIntegerField()
    seen = StretchesField(default=list, db_default=Value([], output_field=StretchesField()))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "day", "user"], name="one_read_day_a_board")]
        indexes = [models.Index(fields=["day"], name="read_day")]

    def __str__(self) -> str:
        return f"{self.user_id} had read {self.board_id} up to {self.seq} on {self.day}"


class Later(models.Model):
    """A card that someone put off in the catch-up, with the seq from which they have not read it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="later", db_index=False
    )
    card = models.ForeignKey("boards.Card", on_delete=models.CASCADE, related_name="+")
    since = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "card"], name="one_later_a_card")]

    def __str__(self) -> str:
        return f"{self.user_id} reads {self.card_id} later"


class Digest(models.Model):
    """One person's digest of one of their days: claimed by one process, then sent, at most once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digests", db_index=False
    )
    day = models.DateField()
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sending_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    is_empty = models.BooleanField(default=False)
    heads = models.JSONField(default=dict, help_text="Up to where it told, by board id: seq and hash.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="one_digest_a_day")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.day}"
