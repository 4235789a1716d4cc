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


def load_flow(scope: Scope, cards: int | None) -> Chapter:
    """How work flows. Nine queries."""
    found = finished_cards(scope)
    return Chapter(
        "flow",
        "Flow",
        [
            flow_figure(scope),
            throughput_figure(scope, found),
            time_figure(scope, found, "cycle"),
            time_figure(scope, found, "lead"),
            ageing_figure(scope, found),
            forecast_figure(scope, found, cards),
        ],
    )


def load_quality(scope: Scope, cards: int | None) -> Chapter:
    """How good the information is that one reads instead of meeting. Some twenty queries."""
    return Chapter(
        "quality",
        "Quality of information",
        [
            coverage_figure(scope),
            blocks_figure(scope),
            answers_figure(scope),
            silence_figure(scope),
            readiness_figure(scope),
            threads_figure(scope),
            decisions_figure(scope),
            reading_figure(scope),
            hours_figure(scope),
            meetings_figure(scope),
        ],
    )


# What a page tells, in order; each takes the scope and how many cards are still to be done.
CHAPTERS: list[Callable[[Scope, int | None], Chapter]] = [load_flow, load_quality]


def load_insight(scope: Scope, cards: int | None) -> list[Chapter]:
    return [chapter(scope, cards) for chapter in CHAPTERS]
