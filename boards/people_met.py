"""Whom somebody knows by their boards: only of those may a page say that they are there."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, Q

from activity.models import Activity
from boards.models import ImportedPerson, Membership
from fluxboard.accounts.models import People, User


def people_met(reader: Any, boards: Collection[int]) -> People:
    """`reader`, who is on `boards` (ids) that they see or was named there by an import, and who left.

    Of anybody else no page of `reader`'s may tell that they exist, so ask here who goes by a name.
    """
    members = Membership.objects.filter(board__in=boards).values("user")
    came_along = ImportedPerson.objects.filter(board__in=boards).values("user")
    did = Activity.objects.filter(board__in=boards, actor=OuterRef("pk"), source_at=None)
    return User.objects.filter(Q(pk=reader.pk) | Q(pk__in=members) | Q(pk__in=came_along) | Exists(did))
