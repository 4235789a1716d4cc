"""Meetings that were held, and those that writing made needless."""

from __future__ import annotations

from collections import Counter

from django.db.models import Count, Q

from fluxboard.core.counting import counted
from fluxboard.features.insight.charts import Series, columns
from fluxboard.features.insight.figures import Figure, Measure, Table
from fluxboard.features.insight.measures import hours_words
from fluxboard.features.insight.scope import Scope
from fluxboard.meetings.models import Meeting, Topic

MOST = 5_000  # the newest
_HEADING = ["Week from", "Held", "Not needed", "Called off"]
_STATES = (Meeting.State.CLOSED, Meeting.State.NOT_NEEDED, Meeting.State.CANCELLED)


def meetings_figure(scope: Scope) -> Figure:
    """One query."""
    figure = Figure(
        "meetings",
        "Meetings",
        "Meetings that were to begin in these days: held, not needed because each topic was settled in "
        "writing beforehand, or called off. Time not spent is the minutes planned for those not needed, "
        "times the people invited.",
    )
    rows = (
        Meeting.objects.filter(board__in=scope.boards, state__in=_STATES)
        .filter(starts_at__gte=scope.start, starts_at__lt=scope.end)
        .annotate(
            people=Count("invited", distinct=True),
            written=Count("topics", filter=Q(topics__outcome=Topic.Outcome.WRITTEN), distinct=True),
        )
        .order_by("-starts_at", "-pk")
        .values_list("starts_at", "state", "minutes", "people", "written")[:MOST]
    )
    found = list(rows)
    if not found:
        figure.said = ["No meeting was to be in these days."]
        return figure
    states = Counter(state for _, state, *_ in found)
    saved = sum(
        minutes * people for _, state, minutes, people, _ in found if state == Meeting.State.NOT_NEEDED
    )
    figure.measure = Measure(states[Meeting.State.CLOSED], f"{states[Meeting.State.CLOSED]:,}", len(found))
    figure.facts = [
        (f"{states[Meeting.State.CLOSED]:,}", "held"),
        (f"{states[Meeting.State.NOT_NEEDED]:,}", "not needed"),
        (f"{states[Meeting.State.CANCELLED]:,}", "called off"),
        (f"{sum(written for *_, written in found):,}", "topics settled in writing"),
        (hours_words(saved / 60) if saved else "0 h", "of everybody not spent"),
    ]
    if len(found) == MOST:
        figure.said = [f"Looked at are the newest {MOST:,}."]
    weeks = [Counter[str]() for _ in scope.weeks]
    for at, state, *_ in found:
        weeks[scope.week_of(scope.day_of(at))][state] += 1
    figure.table = Table(
        _HEADING,
        [
            [week.words, *(here[state] for state in _STATES)]
            for week, here in zip(scope.weeks, weeks, strict=True)
        ],
    )
    figure.chart = columns(
        "Meetings held each week",
        f"{counted(states[Meeting.State.CLOSED], 'meeting')} in {counted(len(weeks), 'week')}.",
        [week.label for week in scope.weeks],
        Series("Held", "s-7", [here[Meeting.State.CLOSED] for here in weeks]),
    )
    return figure
