"""What every thing on a board has: a name for ever, its version, and the seq of each field's last change."""

import uuid
from typing import Any

from django.db import models

from fluxboard.core.postgres.statements import Statement, keep_fields, keeping

STAMPED = ("version", "field_seqs")


class Thing(models.Model):
    """`version` is the board's seq of the last change; `field_seqs` maps each field to that of its own."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveBigIntegerField(default=0)
    field_seqs = models.JSONField(default=dict)

    class Meta:
        abstract = True

    def keep(self, *fields: str) -> None:
        """Save `fields`, with the version and the seqs that the log has stamped."""
        keep_fields(self, (*fields, *STAMPED))

    def keeping(self, *fields: str) -> Statement:
        """What `keep` asks, for `Log.keep_last`."""
        return keeping(self, (*fields, *STAMPED))

    def changed_since(self, field: str, seen: int) -> bool:
        """Whether `field` was changed after the version that a person saw."""
        return self.field_seqs.get(field, 0) > seen


class PositionField(models.TextField):
    """A fractional key: compares bytewise, so that order is the same in Python and in the database.

    Without a limit of length: a key grows by a character for about six inserts at the very same place.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"db_collation": "C", **kwargs})


IN_ORDER = ("position", "id")
