"""All figures of a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fluxboard.features.insight.ageing import ageing_figure
from fluxboard.features.insight.figures import Figure
from fluxboard.features.insight.finishing import finished_cards, throughput_figure, time_figure
from fluxboard.features.insight.flow import flow_figure
from fluxboard.features.insight.forecast import forecast_figure
from fluxboard.features.insight.quality.answers import answers_figure
from fluxboard.features.insight.quality.blocks import blocks_figure
from fluxboard.features.insight.quality.coverage import coverage_figure
from fluxboard.features.insight.quality.decisions import decisions_figure
from fluxboard.features.insight.quality.hours import hours_figure
from fluxboard.features.insight.quality.meetings import meetings_figure
from fluxboard.features.insight.quality.readiness import readiness_figure
from fluxboard.features.insight.quality.reading import reading_figure
from fluxboard.features.insight.quality.silence import silence_figure
from fluxboard.features.insight.quality.threads import threads_figure
from fluxboard.features.insight.scope import Scope


@dataclass(frozen=True)
class Chapter:
    """A heading, and the figures under it."""

    name: str
    title: str
    figures: Sequence[Figure]


type Make = Callable[[Scope, int | None], Figure]

FLOW: dict[str, Make] = {
    "flow": lambda scope, cards: flow_figure(scope),
    "throughput": lambda scope, cards: throughput_figure(scope, finished_cards(scope)),
    "cycle": lambda scope, cards: time_figure(scope, finished_cards(scope), "cycle"),
    "lead": lambda scope, cards: time_figure(scope, finished_cards(scope), "lead"),
    "ageing": lambda scope, cards: ageing_figure(scope, finished_cards(scope)),
    "forecast": lambda scope, cards: forecast_figure(scope, finished_cards(scope), cards),
}
QUALITY: dict[str, Make] = {
    "coverage": lambda scope, cards: coverage_figure(scope),
    "unblocking": lambda scope, cards: blocks_figure(scope),
    "answers": lambda scope, cards: answers_figure(scope),
    "silence": lambda scope, cards: silence_figure(scope),
    "ready": lambda scope, cards: readiness_figure(scope),
    "threads": lambda scope, cards: threads_figure(scope),
    "decisions": lambda scope, cards: decisions_figure(scope),
    "reading": lambda scope, cards: reading_figure(scope),
    "after_hours": lambda scope, cards: hours_figure(scope),
    "meetings": lambda scope, cards: meetings_figure(scope),
}
# What a page tells, in order: how work flows (nine queries), and how good the information is that one reads
# instead of meeting (some twenty). Each figure takes the scope and how many cards are still to be done.
CHAPTERS = (("flow", "Flow", FLOW), ("quality", "Quality of information", QUALITY))


def load_insight(scope: Scope, cards: int | None) -> list[Chapter]:
    """Every figure."""
    return [
        Chapter(name, title, [make(scope, cards) for make in figures.values()])
        for name, title, figures in CHAPTERS
    ]


def load_figure(scope: Scope, name: str, cards: int | None = None) -> Figure | None:
    """One figure, and nothing of the others; None for one that there is not."""
    make = (FLOW | QUALITY).get(name)
    return make(scope, cards) if make is not None else None
