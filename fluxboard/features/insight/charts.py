"""Charts as shapes with their places, for `templates/insight/_chart.html` to draw as SVG.

They are drawn 400 units wide, about as wide as they are shown, so that their words can be read on a phone
too. Colours are classes: those of the states of cards, and the eight hues of labels.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 400, 188
LEFT, RIGHT, TOP, BOTTOM = 34, 394, 10, 160
THINNEST = 12.0  # of a band that has its number in it
RULED = 352  # where the plot ends when lines across it have their words beside it
WIDEST = 40  # of a bar
MOST_LABELS = 5


@dataclass(frozen=True)
class Word:
    """Words at a place."""

    x: str
    y: str
    words: str


@dataclass(frozen=True)
class Rule:
    """A line across the plot at a height, what it stands for, and how high these words stand."""

    y: str
    words: str
    words_y: str = ""


@dataclass(frozen=True)
class Bar:
    x: str
    y: str
    width: str
    height: str
    look: str


@dataclass(frozen=True)
class Shape:
    """A filled area or a line through `points`."""

    points: str
    look: str


@dataclass(frozen=True)
class Series:
    """Values one beside the other, None where there is none; `look` is a class of `insight.css`."""

    words: str
    look: str
    values: Sequence[float | None]


@dataclass
class Chart:
    """What is drawn. `title` and `told` are what is read aloud in its place."""

    title: str
    told: str
    ticks: list[Rule] = field(default_factory=list)
    labels: list[Word] = field(default_factory=list)
    areas: list[Shape] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    lines: list[Shape] = field(default_factory=list)
    dots: list[tuple[str, str, str]] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    legend: list[tuple[str, str]] = field(default_factory=list)
    marks: list[Word] = field(default_factory=list)
    right: int = RIGHT


def stacked(title: str, told: str, days: Sequence[str], series: Sequence[Series]) -> Chart:
    """Areas one upon the other, the first series at the bottom.

    Each has its number in the legend, and where it is high enough in itself, so that nobody has to tell them
    apart by their colours.
    """
    totals = [sum(values) for values in zip(*([v or 0 for v in one.values] for one in series), strict=True)]
    scale = Scale.upto(max(totals, default=0))
    chart = _frame(title, told, scale)
    xs = _spread(len(days), chart.right)
    below = [0.0] * len(days)
    for one in series:
        above = [low + (value or 0) for low, value in zip(below, one.values, strict=True)]
        edge = [*zip(xs, above, strict=True), *reversed(list(zip(xs, below, strict=True)))]
        chart.areas.append(Shape(_points(edge, scale), one.look))
        chart.marks += _mark(str(len(chart.areas)), xs, below, above, scale)
        below = above
    named = [(one.look, f"{place}. {one.words}") for place, one in enumerate(series, 1)]
    chart.legend = named[::-1]
    chart.labels = _below(xs, days)
    return chart


def _mark(
    words: str, xs: Sequence[float], below: Sequence[float], above: Sequence[float], scale: Scale
) -> list[Word]:
    """`words` in the middle of a band where it is highest, and not at its very ends; none in a thin one."""
    inside = [place for place, x in enumerate(xs) if xs[0] + 8 <= x <= xs[-1] - 8]
    if not inside:
        return []
    place = max(inside, key=lambda one: above[one] - below[one])
    top, bottom = scale.y(above[place]), scale.y(below[place])
    return [Word(_n(xs[place]), _n((top + bottom) / 2), words)] if bottom - top >= THINNEST else []


def columns(
    title: str,
    told: str,
    words: Sequence[str],
    series: Series,
    rules: Sequence[tuple[float, str]] = (),
    unit: str = "",
) -> Chart:
    """A bar for each value; `rules` are lines across at some height."""
    values = [value or 0 for value in series.values]
    scale = Scale.upto(max([*values, *(height for height, _ in rules)], default=0))
    chart = _frame(title, told, scale, unit, rules)
    room = (chart.right - LEFT) / max(1, len(values))
    width = min(room - 2 * min(room * 0.12, 6), WIDEST)
    middles = [LEFT + room * (place + 0.5) for place in range(len(values))]
    for middle, value in zip(middles, values, strict=True):
        if value:
            top = scale.y(value)
            chart.bars.append(Bar(_n(middle - width / 2), _n(top), _n(width), _n(BOTTOM - top), series.look))
    chart.labels = _below(middles, words)
    return chart


def lines(
    title: str, told: str, words: Sequence[str], series: Sequence[Series], unit: str = "", top: float = 0
) -> Chart:
    """A line for each series, broken where there is no value; `top`: what the scale reaches at least."""
    known = [value for one in series for value in one.values if value is not None]
    scale = Scale.upto(max([*known, top], default=0))
    chart = _frame(title, told, scale, unit)
    xs = _spread(len(words), chart.right)
    for one in series:
        places = list(zip(xs, one.values, strict=True))
        for is_there, run in itertools.groupby(places, key=lambda place: place[1] is not None):
            if is_there:
                chart.lines.append(Shape(_points([(x, value or 0) for x, value in run], scale), one.look))
        chart.dots += [(_n(x), _n(scale.y(value)), one.look) for x, value in places if value is not None]
    chart.legend = [(one.look, one.words) for one in series] if len(series) > 1 else []
    chart.labels = _below(xs, words)
    return chart


def scattered(
    title: str,
    told: str,
    dots: Sequence[tuple[float, float]],
    rules: Sequence[tuple[float, str]],
    words: Sequence[str],
    unit: str = "",
) -> Chart:
    """A dot for each of `dots`: how far along the plot (0 to 1), and a height.

    Each of `words` stands where its part of the plot begins, all of them equally wide.
    """
    scale = Scale.upto(max([*(height for _, height in dots), *(height for height, _ in rules)], default=0))
    chart = _frame(title, told, scale, unit, rules)
    wide = chart.right - LEFT - 8
    chart.dots = [(_n(LEFT + 4 + wide * way), _n(scale.y(height)), "s-work") for way, height in dots]
    chart.labels = _below(_spread(len(words) + 1, chart.right)[:-1], words)
    return chart


@dataclass(frozen=True)
class Scale:
    """From nothing at the bottom to `top`, a tick at each `step`."""

    top: float
    step: float

    @classmethod
    def upto(cls, most: float) -> Scale:
        """Three to five ticks at round numbers, so that `most` is on it."""
        if most <= 0:
            return cls(1, 1)
        size = 1.0
        while size * 10 <= most:
            size *= 10
        while size > most:
            size /= 10
        step = next(size * part for part in (0.25, 0.5, 1, 2, 2.5, 5) if size * part * 4 >= most)
        return cls(step * max(1, -(-most // step)), step)

    def y(self, value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * value / self.top

    @property
    def ticks(self) -> list[float]:
        return [self.step * place for place in range(round(self.top / self.step) + 1)]


def _frame(
    title: str, told: str, scale: Scale, unit: str = "", rules: Sequence[tuple[float, str]] = ()
) -> Chart:
    ticks = [Rule(_n(scale.y(tick)), f"{tick:g}{unit}") for tick in scale.ticks]
    return Chart(title, told, ticks=ticks, rules=_rules(rules, scale), right=RULED if rules else RIGHT)


def _rules(rules: Sequence[tuple[float, str]], scale: Scale) -> list[Rule]:
    """Their words stand at the end of the line, and apart from one another."""
    made, free = [], float("inf")
    for height, words in sorted(rules):
        y = scale.y(height)
        free = min(y + 3.5, free - 12)
        made.append(Rule(_n(y), words, _n(free)))
    return made


def _spread(count: int, right: int) -> list[float]:
    if count < 2:
        return [(LEFT + right) / 2] * count
    return [LEFT + 4 + (right - LEFT - 8) * place / (count - 1) for place in range(count)]


def _below(xs: Sequence[float], words: Sequence[str]) -> list[Word]:
    """Some of the words below the plot, evenly apart."""
    every = max(1, -(-len(words) // MOST_LABELS))
    return [
        Word(_n(min(max(x, 46), 370)), str(BOTTOM + 18), said)
        for x, said in list(zip(xs, words, strict=True))[::every]
    ]


def _points(places: Sequence[tuple[float, float]], scale: Scale) -> str:
    return " ".join(f"{_n(x)},{_n(scale.y(value))}" for x, value in places)


def _n(value: float) -> str:
    """A coordinate, whatever the reader's language."""
    return f"{value:.1f}".removesuffix(".0")
