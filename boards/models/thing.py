"""What every thing on a board has: a name for ever, its version, and the seq of each field's last change."""

import uuid

from django.db import models
from django.db.models.functions import Collate


class Thing(models.Model):
    """`version` is the board's seq of the last change; `field_seqs` maps each field to that of its own."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveBigIntegerField(default=0)
    field_seqs = models.JSONField(default=dict)

    class Meta:
        abstract = True

    def changed_since(self, field: str, seen: int) -> bool:
        """Whether `field` was changed after the version that a person saw."""
        return self.field_seqs.get(field, 0) > seen


class PositionField(models.CharField):
    """A fractional key: compares bytewise, so that order is the same in Python and in the database."""

    def __init__(self, **kwargs):
        super().__init__(**{"max_length": 200, "db_collation": "C", **kwargs})


def in_order(prefix: str = "") -> list:
    return [Collate(f"{prefix}position", "C"), f"{prefix}id"]
