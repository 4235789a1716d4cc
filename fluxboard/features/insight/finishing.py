"""What was finished: how much a week, and how long it took from work to done and from first to last.

What counts as finished is said in `activity.feed.finished`, as for the page of what was finished. Work on a
card began when it last came into a column in which work is under way, from one where it was neither that nor
done: so a card that was moved back to wait, by mistake or not, begins anew, and one that was taken back from
done goes on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from activity.feed.finished import MOST_STEPS, ColumnStep, column_steps_between, net
from boards.addresses import address
from boards.models import Card
from fluxboard.core.counting import counted
from fluxboard.core.postgres.statements import rows_of
from fluxboard.features.insight.charts import Series, columns, scattered
from fluxboard.features.insight.figures import CardCell, Figure, Measure, Table
from fluxboard.features.insight.measures import FEWEST, days_between, median, number, reached, span_words
from fluxboard.features.insight.scope import Scope, label

MOST_DOTS = 500
LIKELY = 0.85

# Of some cards, each up to a moment: when it was made (elsewhere, for an imported one), and when work on it
# began; without the latter where that was before an import, or nobody put it where work is under way.
_BEGINNINGS = """
    WITH asked AS (
        SELECT * FROM unnest(%(cards)s::bigint[], %(untils)s::timestamptz[]) AS told(card, until)
    ), told AS (
        SELECT a.card_id, a.id, a.at, a.source_at, after->'column'->>'id' AS came
        FROM asked JOIN activity_activity a ON a.card_id = asked.card AND a.at <= asked.until
        WHERE a.board_id = ANY(%(boards)s)
          AND a.verb IN ('card.created', 'card.moved', 'card.transferred', 'change.undone')
          AND (a.verb <> 'change.undone'
               OR a.after->>'effect' IN ('card.created', 'card.moved', 'card.transferred'))
    ), marked AS (
        SELECT *, max(id) FILTER (WHERE came IS NULL OR came <> ALL(%(inside)s::text[]))
            OVER (PARTITION BY card_id) AS outside
        FROM told
    ), firsts AS (
        SELECT card_id, min(coalesce(source_at, at)) AS made,
            min(id) FILTER (WHERE id > coalesce(outside, 0) AND came = ANY(%(begun)s::text[])) AS began
        FROM marked GROUP BY card_id
    )
    SELECT f.card_id, f.made, b.at, b.source_at IS NOT NULL
    FROM firsts f LEFT JOIN told b ON b.id = f.began
"""


@dataclass(frozen=True)
class Beginning:
    """When a card was made, and when work on it began; None where that is not known, or never was."""

    made: dt.datetime
    began: dt.datetime | None
    is_imported: bool


@dataclass(frozen=True)
class FinishedCard:
    """When it last came to done, and how many days it took: from the beginning of work, and from its own."""

    card: int
    done: dt.datetime
    cycle: float | None
    lead: float | None
    is_imported: bool = False


def beginnings(scope: Scope, moments: Mapping[int, dt.datetime]) -> dict[int, Beginning]:
    """Of each card (id), as things stood at its moment. One query."""
    values = {
        "cards": list(moments),
        "untils": list(moments.values()),
        "boards": scope.ids,
        "begun": list(scope.begun),
        "inside": list(scope.begun | scope.done),
    }
    return {
        card: Beginning(made, None if is_imported else began, bool(is_imported))
        for card, made, began, is_imported in rows_of(_BEGINNINGS, values)
    }


def column_steps(scope: Scope) -> list[ColumnStep]:
    """The steps of the days, once a scope. One query."""
    if "steps" not in scope.kept:
        scope.kept["steps"] = column_steps_between(scope.ids, scope.start, scope.end)
    steps: list[ColumnStep] = scope.kept["steps"]
    return steps


def finished_cards(scope: Scope) -> list[FinishedCard]:
    """What came to done in the days and stood there at their end, in order. Two queries, once a scope."""
    if "finished" not in scope.kept:
        scope.kept["finished"] = _finished_cards(scope)
    found: list[FinishedCard] = scope.kept["finished"]
    return found


def _finished_cards(scope: Scope) -> list[FinishedCard]:
    nets = net(column_steps(scope), scope.done)
    moments = {card: one.done.at for card, one in nets.items() if one.is_finished and one.done}
    known = beginnings(scope, moments)
    found = []
    for card, done in moments.items():
        one = known.get(card)
        found.append(
            FinishedCard(
                card,
                done,
                days_between(one.began, done) if one and one.began else None,
                days_between(one.made, done) if one else None,
                bool(one and one.is_imported),
            )
        )
    return sorted(found, key=lambda one: (one.done, one.card))


def cells(scope: Scope, cards: Sequence[int]) -> dict[int, CardCell]:
    """Those that are still on the boards asked for: where a card has gone since is not the reader's to know.

    One query.
    """
    here = Card.objects.filter(pk__in=cards, board__in=scope.ids)
    rows = here.values_list("pk", "board__key", "number", "title")
    return {
        pk: CardCell(f"{key}-{number}", title, address("boards:card", f"{key}-{number}"))
        for pk, key, number, title in rows
    }


def throughput_figure(scope: Scope, found: Sequence[FinishedCard]) -> Figure:
    counts = [0] * len(scope.weeks)
    for one in found:
        counts[scope.week_of(scope.day_of(one.done))] += 1
    figure = Figure(
        "throughput",
        "Throughput",
        "Cards that came to done in these days, had not been done before them, and stood there on the last: "
        "each counted once, in the week in which it last came there.",
        facts=[(f"{len(found):,}", "finished"), (number(median(counts)), "a week (median)")],
        measure=Measure(len(found), f"{len(found):,}", len(found)),
    )
    if len(column_steps(scope)) == MOST_STEPS:
        figure.said = [f"Looked at are the newest {MOST_STEPS:,} moves."]
    words = [week.words for week in scope.weeks]
    figure.table = Table(["Week from", "Finished"], list(zip(words, counts, strict=True)))
    days = [[week.first.isoformat(), count] for week, count in zip(scope.weeks, counts, strict=True)]
    figure.sheet = lambda: Table(["Week from", "Finished"], days)
    if found:
        figure.chart = columns(
            "Cards finished each week",
            f"{counted(len(found), 'card')} in {counted(len(counts), 'week')}, {max(counts):,} in the best.",
            [week.label for week in scope.weeks],
            Series("Finished", "s-done", counts),
        )
    else:
        figure.said = [*figure.said, "Nothing came to done in these days and stayed there."]
    return figure


def _sheet(scope: Scope, known: Sequence[tuple[FinishedCard, float]]) -> Table:
    """Each card with its days. One query."""
    names = cells(scope, [one.card for one, _ in known])
    rows = [
        [str(names.get(one.card, "A card that has left")), one.done, round(value, 3)] for one, value in known
    ]
    return Table(["Card", "Done (UTC)", "Days"], rows)


def time_figure(scope: Scope, found: Sequence[FinishedCard], kind: str) -> Figure:
    """`kind` is `cycle` or `lead`."""
    title, definition, what = _TIMES[kind]
    known = [(one, getattr(one, kind)) for one in found if getattr(one, kind) is not None]
    values = [value for _, value in known]
    figure = Figure(kind, title, definition, facts=[(f"{len(values):,}", "cards")])
    left, imported = len(found) - len(known), sum(one.is_imported for one in found)
    if left and kind == "cycle":
        figure.said = [_left_out(left, imported)]
    if len(values) < FEWEST:
        figure.said = [*figure.said, f"A median is told of {FEWEST} cards and more."]
        return figure
    middle, most = median(values), reached(values, LIKELY)
    figure.measure = Measure(middle, span_words(middle), len(values))
    figure.facts = [*figure.facts, (span_words(middle), "median"), (span_words(most), "85 % took no longer")]
    weeks: list[list[float]] = [[] for _ in scope.weeks]
    for one, value in known:
        weeks[scope.week_of(scope.day_of(one.done))].append(value)
    figure.table = Table(
        ["Week from", "Cards", "Median", "85 % within"],
        [
            [
                week.words,
                len(here),
                span_words(median(here)) if here else "–",
                span_words(reached(here, LIKELY)) if here else "–",
            ]
            for week, here in zip(scope.weeks, weeks, strict=True)
        ],
    )
    figure.sheet = lambda: _sheet(scope, known)
    drawn, span = known[-MOST_DOTS:], (scope.end - scope.start).total_seconds()
    if len(drawn) < len(known):
        figure.said = [*figure.said, f"Drawn are the {MOST_DOTS} finished last."]
    figure.chart = scattered(
        f"{what} of each card, in days, by the day on which it was done",
        f"Half of {counted(len(values), 'card')} took {span_words(middle)} at most, 85 % {span_words(most)}.",
        [((one.done - scope.start).total_seconds() / span, value) for one, value in drawn],
        [(middle, "median"), (most, "85 %")],
        [label(scope.days.first + dt.timedelta(n)) for n in range(scope.length)],
        unit=" d",
    )
    return figure


_TIMES = {
    "cycle": (
        "Cycle time",
        "From when a card last came out of waiting into work until it was done, for the cards counted as "
        "finished; nights and weekends count.",
        "Cycle time",
    ),
    "lead": (
        "Lead time",
        "From when a card was made (elsewhere, for an imported one) or came to the board until it was done, "
        "for the cards counted as finished.",
        "Lead time",
    ),
}


def _left_out(left: int, imported: int) -> str:
    words = f"Left out: {counted(left, 'card')} that nobody moved through work"
    return (
        f"{words}, or that {'was' if imported == 1 else 'were'} in work before the import"
        if imported
        else words
    )
