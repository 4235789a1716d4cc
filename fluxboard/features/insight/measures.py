"""The numbers of the figures: medians, shares, and spans of time in words."""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections.abc import Sequence

FEWEST = 5  # of which a median is told; of fewer the single values say as much
FEWEST_PEOPLE = 3  # below that a figure would be about one of them, to the other
DAY = 86_400.0


def days_between(start: dt.datetime, end: dt.datetime) -> float:
    """The time that passed, in days; nights and weekends count."""
    return max(0.0, (end - start).total_seconds() / DAY)


def median(values: Sequence[float]) -> float:
    """The middle one; between two of them, their mean. `values` must not be empty."""
    return statistics.median(values)


def reached(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that `share` of them do not exceed (nearest rank). They must not be empty."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered) - 1e-9) - 1)]


def span_words(days: float) -> str:
    """`20 min`, `5 h`, `3.2 days`."""
    minutes = days * 1440
    if minutes < 59.5:
        return f"{max(1, round(minutes))} min"
    if minutes < 1439.5:
        return f"{round(minutes / 60)} h"
    return f"{days:,.1f} days"


def hours_words(hours: float) -> str:
    """`20 min`, `5.5 h`, for time that was worked."""
    return f"{hours:,.1f} h" if hours >= 1 else f"{max(1, round(60 * hours))} min"


def percent(part: int, whole: int) -> str:
    """`85 %`; a dash of nothing."""
    return f"{round(100 * part / whole)} %" if whole else "–"


def number(value: float) -> str:
    """`4`, `4.5`."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
