"""Figures of many single values, each of a day: their share or median, and week by week how it went."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Sequence

from fluxboard.features.insight.charts import Chart, Series, lines
from fluxboard.features.insight.figures import Figure, Measure, Table
from fluxboard.features.insight.measures import FEWEST, FEWEST_PEOPLE, median, percent, span_words
from fluxboard.features.insight.scope import Scope

FEWEST_A_WEEK = 3  # below that a week has no point in the chart
Dated = Sequence[tuple[dt.date, float]]
People = Sequence[int | None] | None  # whose each of the values is, where that makes a difference


def by_week(scope: Scope, values: Dated, by: People = None) -> list[list[float]]:
    """The values of each week. `by`: whose each is; then none of a week with too few people."""
    weeks: list[list[float]] = [[] for _ in scope.weeks]
    people: list[set[int | None]] = [set() for _ in scope.weeks]
    for place, (day, value) in enumerate(values):
        week = scope.week_of(day)
        weeks[week].append(value)
        people[week].add(by[place] if by is not None else None)
    return [
        week if by is None or len(there) >= FEWEST_PEOPLE else []
        for week, there in zip(weeks, people, strict=True)
    ]


def _number(week: Sequence[float], by: People) -> int | str:
    """How many there are; of a week that is not told, nothing."""
    return len(week) if week or by is None else "–"


def too_few(count: int, what: str) -> str:
    return f"It takes {FEWEST} to tell; these days have {count} {what}."


def share_words(values: Sequence[float]) -> str:
    return percent(sum(value > 0 for value in values), len(values))


def median_words(values: Sequence[float], words: Callable[[float], str] = span_words) -> str:
    return words(median(values)) if values else "–"


def tell_shares(
    figure: Figure, scope: Scope, values: Dated, what: str, said: str, by: People = None
) -> Figure:
    """The share of `values` (days with 1 or 0) that are 1: `said` completes "62 % …", `what` are many.

    `by` as in `by_week`.
    """
    figure.facts = [*figure.facts, (f"{len(values):,}", what)]
    if len(values) < FEWEST:
        figure.said = [*figure.said, too_few(len(values), what)]
        return figure
    all_values = [value for _, value in values]
    share = sum(value > 0 for value in all_values) / len(values)
    figure.measure = Measure(share, share_words(all_values), len(values))
    figure.facts = [
        *figure.facts,
        (figure.measure.words, said),
        *_halves(scope, values, share_words, by),
    ]
    weeks = by_week(scope, values, by)
    points = [100 * sum(week) / len(week) if len(week) >= FEWEST_A_WEEK else None for week in weeks]
    figure.table = Table(
        ["Week from", what.capitalize(), "Share"],
        [
            [week.words, _number(here, by), share_words(here)]
            for week, here in zip(scope.weeks, weeks, strict=True)
        ],
    )
    figure.chart = weekly(scope, figure, points, " %", 100)
    return figure


def tell_spans(
    figure: Figure,
    scope: Scope,
    values: Dated,
    what: str,
    words: Callable[[float], str] = span_words,
    by: People = None,
) -> Figure:
    """The median of `values`: days with a number of days, or with one of hours that `words` tells.

    `by` as in `by_week`.
    """
    figure.facts = [*figure.facts, (f"{len(values):,}", what)]
    if len(values) < FEWEST:
        figure.said = [*figure.said, too_few(len(values), what)]
        return figure
    told = functools.partial(median_words, words=words)
    middle = median([value for _, value in values])
    figure.measure = Measure(middle, words(middle), len(values))
    figure.facts = [
        *figure.facts,
        (figure.measure.words, "median"),
        *_halves(scope, values, told, by),
    ]
    weeks = by_week(scope, values, by)
    figure.table = Table(
        ["Week from", what.capitalize(), "Median"],
        [[week.words, _number(here, by), told(here)] for week, here in zip(scope.weeks, weeks, strict=True)],
    )
    if words is span_words:
        figure.chart = weekly_spans(scope, figure, weeks)
    else:
        figure.chart = weekly(scope, figure, _medians(weeks), " h")
    return figure


def _medians(weeks: Sequence[Sequence[float]]) -> list[float | None]:
    return [median(week) if len(week) >= FEWEST_A_WEEK else None for week in weeks]


def weekly_spans(scope: Scope, figure: Figure, weeks: Sequence[Sequence[float]]) -> Chart | None:
    """Weekly medians, in hours where none comes to two days."""
    points = _medians(weeks)
    if all(point is None or point < 2 for point in points):
        return weekly(scope, figure, [None if point is None else 24 * point for point in points], " h")
    return weekly(scope, figure, points, " d")


def weekly(
    scope: Scope, figure: Figure, points: Sequence[float | None], unit: str = "", top: float = 0
) -> Chart | None:
    """A point a week; None, with a word of it, where no week has enough for one."""
    known = [point for point in points if point is not None]
    if not known:
        figure.said = [*figure.said, f"No week has {FEWEST_A_WEEK}, so there is nothing to draw."]
        return None
    return lines(
        f"{figure.title}, week by week",
        f"From {known[0]:.3g}{unit} to {known[-1]:.3g}{unit}, in {len(known)} of {len(points)} weeks.",
        [week.label for week in scope.weeks],
        [Series(figure.title, "s-work", points)],
        unit,
        top,
    )


def _halves(
    scope: Scope, values: Dated, words: Callable[[Sequence[float]], str], by: People = None
) -> list[tuple[str, str]]:
    """How the first half of the days compares with the second, where both have enough, of enough people."""
    middle = scope.days.first + dt.timedelta(scope.length // 2)
    first = [value for day, value in values if day < middle]
    second = [value for day, value in values if day >= middle]
    if by is not None:
        early = {by[place] for place, (day, _) in enumerate(values) if day < middle}
        late = {by[place] for place, (day, _) in enumerate(values) if day >= middle}
        if min(len(early), len(late)) < FEWEST_PEOPLE:
            return []
    if min(len(first), len(second)) < FEWEST:
        return []
    return [(f"{words(first)} → {words(second)}", "first half of these days → second")]
