"""A moment in the words of its reader's clock."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from fluxboard.accounts import times


def moment_words(at: dt.datetime, reader: Any) -> str:
    """`Mon 12 Oct, 16:00` on the reader's clock, with the year where it is not the present one."""
    here = at.astimezone(times.ZoneInfo(reader.time_zone))
    today = times.today_of(reader, timezone.now())
    return f"{times.day_words(here.date(), today)}, {here:%H:%M}"
