"""Checklists and their items."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from boards.models.thing import IN_ORDER, PositionField, Thing


class OrderedQuerySet(models.QuerySet):
    def in_order(self) -> OrderedQuerySet:
        return self.order_by(*IN_ORDER)

    def current(self) -> OrderedQuerySet:
        return self.filter(removed_at=None)


class Checklist(Thing):
    card = models.ForeignKey("boards.Card", on_delete=models.CASCADE, related_name="checklists")
    name = models.CharField(max_length=120)
    position = PositionField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = OrderedQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class Item(Thing):
    checklist = models.ForeignKey(Checklist, on_delete=models.CASCADE, related_name="items")
    text = models.CharField(max_length=1000)
    position = PositionField()
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    promoted_to = models.ForeignKey(
        "boards.Card", null=True, blank=True, on_delete=models.SET_NULL, related_name="promoted_from"
    )
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = OrderedQuerySet.as_manager()

    def __str__(self) -> str:
        return self.text

    @property
    def is_checked(self) -> bool:
        return self.checked_at is not None
