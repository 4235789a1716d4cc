"""How many decisions are written down, on how many cards, and how many were soon superseded."""

from __future__ import annotations

import datetime as dt

from django.db.models import F

from activity.models import Activity
from comments.models import Decision
from fluxboard.core.counting import counted
from fluxboard.features.insight.charts import Series, columns
from fluxboard.features.insight.figures import Figure, Measure, Table
from fluxboard.features.insight.measures import median, number, percent
from fluxboard.features.insight.scope import Scope

SOON = dt.timedelta(days=14)
MOST = 20_000  # the newest


def decisions_figure(scope: Scope) -> Figure:
    """One query."""
    figure = Figure(
        "decisions",
        "Decisions a week",
        "Decisions recorded in these days, each on its card; superseded are those of them, two weeks "
        "old or older, whose place a newer one took within 14 days.",
    )
    here = Activity.objects.filter(  # and so wherever their cards are by now
        board__in=scope.boards, at__gte=scope.start, at__lt=scope.end, verb="decision.recorded"
    ).values("subject")
    rows = (
        Decision.objects.filter(uid__in=here, at__gte=scope.start, at__lt=scope.end)
        .annotate(newer=F("superseded_by__at"))
        .order_by("-at", "-pk")
        .values_list("at", "card", "newer")[:MOST]
    )
    found = list(rows)
    figure.measure = Measure(len(found), f"{len(found):,}", len(found))
    if not found:
        figure.said = ["No decision was recorded in these days."]
        return figure
    counts = [0] * len(scope.weeks)
    for at, _, _ in found:
        counts[scope.week_of(scope.day_of(at))] += 1
    old = [(at, newer) for at, _, newer in found if at + SOON <= scope.now]
    soon = sum(newer is not None and newer - at <= SOON for at, newer in old)
    cards = len({card for _, card, _ in found})
    figure.facts = [
        (f"{len(found):,}", f"on {counted(cards, 'card')}"),
        (number(median(counts)), "a week (median)"),
    ]
    if old:
        figure.facts.append((percent(soon, len(old)), f"of {len(old):,} superseded within 14 days"))
    if len(found) == MOST:
        figure.said = [f"Looked at are the newest {MOST:,}."]
    figure.table = Table(
        ["Week from", "Decisions"], [[week.words, n] for week, n in zip(scope.weeks, counts, strict=True)]
    )
    figure.chart = columns(
        "Decisions recorded each week",
        f"{counted(len(found), 'decision')} in {counted(len(counts), 'week')}, {max(counts):,} in the best.",
        [week.label for week in scope.weeks],
        Series("Decisions", "s-7", counts),
    )
    return figure
