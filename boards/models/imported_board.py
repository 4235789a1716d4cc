"""What ties the record of a board from another installation to what is here."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class CarriedPerson(models.Model):
    """Who a uid in the record of a carried board is here; a person may have several, the first comes first.

    `email` is the address that the file gave: it tells who to ask to claim a person without a sign-in, and
    goes along when the board is carried on. It signs nobody in.
    """

    board = models.ForeignKey(
        "boards.Board", on_delete=models.CASCADE, related_name="carried_people", db_index=False
    )
    uid = models.UUIDField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    email = models.EmailField(blank=True)

    class Meta:
        verbose_name_plural = "carried people"
        constraints = [models.UniqueConstraint(fields=["board", "uid"], name="one_person_a_carried_uid")]

    def __str__(self) -> str:
        return f"{self.uid} is {self.user}"


class Elsewhere(models.Model):
    """What a field of a row names, when that is on a board that isn't here: true until the field changes.

    `thing` is the row's uid, `field` names the field, `uid` is what it names, `seq` the board's at that time.
    """

    board = models.ForeignKey(
        "boards.Board", on_delete=models.CASCADE, related_name="elsewhere", db_index=False
    )
    thing = models.UUIDField()
    field = models.CharField(max_length=40)
    uid = models.UUIDField()
    seq = models.PositiveBigIntegerField()

    class Meta:
        verbose_name_plural = "elsewhere"
        constraints = [
            models.UniqueConstraint(fields=["board", "thing", "field"], name="one_place_elsewhere")
        ]

    def __str__(self) -> str:
        return f"{self.field} of {self.thing}"
