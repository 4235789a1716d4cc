"""What a figure is: a definition, what came of it, a chart, the table behind the chart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from fluxboard.features.insight.charts import Chart


@dataclass(frozen=True)
class CardCell:
    """A card in a table: its key and title, which lead to it."""

    key: str
    title: str
    url: str

    def __str__(self) -> str:
        return f"{self.key} {self.title}"


@dataclass(frozen=True)
class Table:
    """`heading` has one word more than there are numbers in a row: the first cell names the row."""

    heading: Sequence[str]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Measure:
    """What a figure comes to, to be compared with other days: `value`, told in `words`, of `count` things."""

    value: float
    words: str
    count: int


@dataclass
class Figure:
    """One figure of the page.

    `name` stands in addresses; `definition` is one sentence; `facts` are numbers with their words. `said`
    tells why there is no chart, or what is left out. `sheet` is what a spreadsheet gets where that is more
    than `table`, made when it is asked for. `form`: it has a field for how many cards are to be done.
    `own`: the reader's own part. `measure` is None where too little is there to tell.
    """

    name: str
    title: str
    definition: str
    facts: Sequence[tuple[str, str]] = ()
    chart: Chart | None = None
    table: Table | None = None
    said: Sequence[str] = ()
    sheet: Callable[[], Table] | None = field(default=None, repr=False)
    form: bool = False
    own: str = ""
    measure: Measure | None = None

    @property
    def spreadsheet(self) -> Table | None:
        return self.sheet() if self.sheet is not None else self.table
