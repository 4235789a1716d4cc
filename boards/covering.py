"""Who stands in on a board for those who are away now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model

from boards.models import Membership, Role
from fluxboard.accounts.away import away_now


def covers_for(board: int, people: Iterable[Any], now: dt.datetime) -> list[Any]:
    """Who covers for those of `people` who are away now and can change something on `board` (its id).

    One query, and none while nobody who is covered for is away.
    """
    uids = {absence.cover for person in people if (absence := away_now(person, now)) and absence.cover}
    if not uids:
        return []
    writers = Membership.objects.filter(board=board, role__in=[Role.OWNER, Role.MEMBER])
    found = get_user_model()._default_manager.filter(uid__in=uids, is_active=True)
    return list(found.filter(pk__in=writers.values("user")))
