"""Whose turn it is: the people who take the cards of a schedule one after another."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef

from boards.models.membership import Membership


class Turn(NamedTuple):
    """One card to come: its day, its moment in UTC, and who gets it (None where there is no rota, or nobody
    of it is at work)."""

    day: dt.date
    at: dt.datetime
    person: Any


class RotaQuerySet(models.QuerySet["RotaPlace"]):
    def with_people(self) -> RotaQuerySet:
        """With each person, and whether they are a member of the schedule's board."""
        there = Membership.objects.filter(board=OuterRef("schedule__board"), user=OuterRef("person"))
        return self.select_related("person").annotate(is_member=Exists(there))


class RotaPlace(models.Model):
    """One person of a schedule's rota. `last` is the day of the last card that was theirs in turn.

    The turn is of whoever has had none for longest; among those who had none yet, in the order of `place`. So
    somebody who is away keeps their turn.
    """

    schedule = models.ForeignKey(
        "boards.Schedule", on_delete=models.CASCADE, related_name="rota", db_index=False
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rota_places")
    place = models.PositiveSmallIntegerField()
    last = models.DateField(null=True, blank=True)

    is_member = True  # by `with_people`; of one that is just being made it has been checked

    objects = RotaQuerySet.as_manager()

    class Meta:
        ordering = ["place", "id"]
        constraints = [models.UniqueConstraint(fields=["schedule", "person"], name="once_in_a_rota")]

    def __str__(self) -> str:
        return f"{self.place}. {self.person}"

    def may_own_cards_of(self, board: Any) -> bool:
        """Whether a card of the board may be theirs now, as `assignable` of the actions has it."""
        is_let_in = self.is_member or bool(board.open_to and self.person.email)
        return bool(self.person.is_active) and is_let_in
