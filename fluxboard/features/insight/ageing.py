"""Work under way now, by its age, against how long the board's finished work took."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from boards.addresses import address
from boards.card_states import CardScope, cards_that
from fluxboard.core.counting import counted
from fluxboard.features.insight.charts import Series, columns
from fluxboard.features.insight.figures import CardCell, Figure, Table
from fluxboard.features.insight.finishing import LIKELY, FinishedCard, beginnings
from fluxboard.features.insight.measures import FEWEST, days_between, median, reached, span_words
from fluxboard.features.insight.scope import Scope

MOST_SHOWN = 40
MOST_CARDS = 5000


def ageing_figure(scope: Scope, found: Sequence[FinishedCard]) -> Figure:
    """Four queries at most."""
    figure = Figure(
        "ageing",
        "Age of work in progress",
        "Cards under way now, and how long ago each came out of waiting into work, beside the cycle times of "
        "what was finished in these days.",
    )
    cards = CardScope(scope.boards, scope.today, scope.now)
    rows = cards_that("begun", cards).select_related(None).order_by("moved_at", "pk")
    under_way = list(
        rows.values_list("pk", "board__key", "number", "title", "column__name", "moved_at")[:MOST_CARDS]
    )
    if not under_way:
        figure.said = ["Nothing is under way."]
        return figure
    ages = _ages(scope, under_way)
    cycles = [one.cycle for one in found if one.cycle is not None]
    rules, facts = (
        [],
        [(f"{len(ages):,}", "under way"), (span_words(median([age for age, *_ in ages])), "median age")],
    )
    said = []
    if len(cycles) >= FEWEST:
        middle, most = median(cycles), reached(cycles, LIKELY)
        rules = [(middle, "median"), (most, "85 %")]
        said.append(f"The lines: half were done within {span_words(middle)}, 85 % within {span_words(most)}.")
        older = sum(age > most for age, *_ in ages)
        facts.append((f"{older:,}", f"older than 85 % of {counted(len(cycles), 'finished card')} were"))
    else:
        said.append(f"To compare with, it takes {FEWEST} finished cards; these days have {len(cycles)}.")
    if len(under_way) == MOST_CARDS:
        said.append(f"Looked at are the {MOST_CARDS:,} that have stood longest in their column.")
    if any(is_imported for *_, is_imported in ages):
        said.append("Of cards that came under way from an import, the age is that in their column.")
    table = Table(
        ["Card", "Column", "In work for"],
        [[card, column, span_words(age)] for age, card, column, _ in ages[:MOST_SHOWN]],
    )
    if len(ages) > MOST_SHOWN:
        said.append(f"Shown are the {MOST_SHOWN} oldest of {len(ages):,}.")
    figure.facts, figure.table, figure.said = facts, table, said
    figure.sheet = lambda: Table(
        ["Card", "Column", "Days"], [[str(card), column, round(age, 3)] for age, card, column, _ in ages]
    )
    drawn = ages[:MOST_SHOWN]
    figure.chart = columns(
        "Days since work on each card began, the oldest first",
        f"{counted(len(ages), 'card')}; the oldest, {drawn[0][1].key}, for {span_words(drawn[0][0])}.",
        [card.key for _, card, *_ in drawn],
        Series("Under way", "s-work", [age for age, *_ in drawn]),
        rules,
        unit=" d",
    )
    return figure


def _ages(scope: Scope, under_way: Sequence[Any]) -> list[tuple[float, CardCell, str, bool]]:
    """Days in work, card, column, and whether it came from an import, the oldest first. One query."""
    known = beginnings(scope, {row[0]: scope.now for row in under_way})
    ages = []
    for pk, key, number, title, column, moved_at in under_way:
        one = known.get(pk)
        since = one.began if one and one.began else moved_at
        card = CardCell(f"{key}-{number}", title, address("boards:card", f"{key}-{number}"))
        ages.append((days_between(since, scope.now), card, column, one is not None and one.is_imported))
    return sorted(ages, key=lambda row: -row[0])
