"""When some number of cards will be done: many runs, in each of which the coming days are like past ones.

The runs are drawn from a seed that is the same for the same question, so that the answer is, too.
"""

from __future__ import annotations

import bisect
import datetime as dt
import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass

from boards.card_states import CardScope
from fluxboard.core.counting import counted
from fluxboard.features.insight.charts import Series, columns
from fluxboard.features.insight.figures import Figure, Table
from fluxboard.features.insight.finishing import FinishedCard
from fluxboard.features.insight.query import MOST_CARDS
from fluxboard.features.insight.scope import Scope, label

RUNS = 1000
WEEKS_AHEAD = 52
FEWEST_FINISHED, FEWEST_WEEKS = 10, 2
CHANCES = (0.5, 0.85, 0.95)


@dataclass(frozen=True)
class Outcome:
    """After how many days each run was through, in order; None for those that were not within a year."""

    days: tuple[int | None, ...]

    def within(self, chance: float) -> int | None:
        """After how many days that share of the runs was through."""
        return self.days[max(0, -(-int(chance * 1000) * len(self.days) // 1000) - 1)]


def simulated(by_weekday: Sequence[Sequence[int]], cards: int, first: int, *, seed: int) -> Outcome:
    """`by_weekday` has, from Monday, what was finished on each of the past days; `first` is today's weekday.

    Each day ahead, beginning tomorrow, finishes as many cards as one of the past days of the same weekday.
    """
    dice = random.Random(seed)  # noqa: S311 — nothing secret is drawn
    found: list[int | None] = []
    order = [by_weekday[(first + 1 + place) % 7] for place in range(7)]
    for _ in range(RUNS):
        drawn = [dice.choices(days, k=WEEKS_AHEAD) for days in order]
        totals = list(itertools.accumulate(itertools.chain.from_iterable(zip(*drawn, strict=True))))
        place = bisect.bisect_left(totals, cards)
        found.append(place + 1 if place < len(totals) else None)
    return Outcome(tuple(sorted(found, key=lambda days: (days is None, days or 0))))


def forecast_figure(scope: Scope, found: Sequence[FinishedCard], asked: int | None) -> Figure:
    """One query."""
    still = CardScope(scope.boards, scope.today, scope.now).cards.count()
    cards = min(asked or still, MOST_CARDS)
    figure = Figure(
        "forecast",
        "When will it be done?",
        f"By when a share of {RUNS:,} runs had finished that many cards, if each day from tomorrow on "
        "finishes as many as one of these days, drawn at random among those of the same weekday.",
        form=True,
    )
    weeks = scope.length / 7
    if len(found) < FEWEST_FINISHED or weeks < FEWEST_WEEKS:
        figure.said = [
            f"It takes {FEWEST_FINISHED} finished cards in {FEWEST_WEEKS} weeks to tell; these days have "
            f"{len(found):,} in {counted(max(1, round(weeks)), 'week')}."
        ]
        return figure
    if not cards:
        figure.said = ["No card is open."]
        return figure
    seed = cards
    outcome = simulated(_by_weekday(scope, found), cards, scope.today.weekday(), seed=seed)
    what = counted(cards, "card") if asked else f"all {counted(cards, 'open card')}"
    if not asked and still > cards:
        what = f"{cards:,} of {still:,} open cards, the most that it can tell of"
    figure.facts = [
        (_by(scope, outcome.within(chance)), f"{chance:.0%}".replace("%", " %")) for chance in CHANCES
    ]
    figure.said = [
        f"For {what}. It assumes that the coming weeks are like these, that cards are of about the same "
        f"size, and that none is added; seed {seed}."
    ]
    figure.table = Table(["Chance", "Done by"], [[share, day] for day, share in figure.facts])
    shares = _shares(scope, outcome)
    figure.sheet = lambda: shares
    reach = next((n for n, row in enumerate(shares.rows) if row[1] >= 99), len(shares.rows) - 1)
    shown = shares.rows[: reach + 1]
    figure.chart = columns(
        f"Share of the runs that had finished {what}, by the end of each week",
        "; ".join(f"{share}: {day}" for day, share in figure.facts) + ".",
        [label(dt.date.fromisoformat(day)) for day, _ in shown],
        Series("Finished", "s-done", [share for _, share in shown]),
        [(50, "50 %"), (85, "85 %")],
        unit=" %",
    )
    return figure


def _by(scope: Scope, days: int | None) -> str:
    return scope.words(scope.today + dt.timedelta(days)) if days is not None else "later than in a year"


def _by_weekday(scope: Scope, found: Sequence[FinishedCard]) -> list[list[int]]:
    counts: dict[dt.date, int] = {}
    for one in found:
        day = scope.day_of(one.done)
        counts[day] = counts.get(day, 0) + 1
    # The present day is not over.
    last = min(scope.days.last, scope.today - dt.timedelta(1))
    days = [scope.days.first + dt.timedelta(n) for n in range((last - scope.days.first).days + 1)]
    return [[counts.get(day, 0) for day in days if day.weekday() == weekday] for weekday in range(7)]


def _shares(scope: Scope, outcome: Outcome) -> Table:
    """The share of the runs that were through, at the end of each week ahead."""
    through = [days for days in outcome.days if days is not None]
    rows = []
    for week in range(1, WEEKS_AHEAD + 1):
        share = bisect.bisect_right(through, 7 * week) / len(outcome.days)
        rows.append([(scope.today + dt.timedelta(7 * week)).isoformat(), round(100 * share, 1)])
    return Table(["By", "Share of runs (%)"], rows)
