"""What a benchmark found, and how long something takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One figure; `floor` is what the same machine does without us in the same run, `ratio` the two."""

    figure: str
    value: float
    unit: str
    floor: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    def as_dict(self) -> dict[str, Any]:
        known = {"figure": self.figure, "value": round(self.value, 4), "unit": self.unit}
        if self.floor is not None:
            known |= {"floor": round(self.floor, 4), "ratio": round(self.ratio or 0, 2)}
        return known

    def as_row(self) -> str:
        more = f"  {self.ratio:6.2f} × {self.floor:.2f} {self.unit}" if self.floor else ""
        return f"{self.figure:<36} {self.value:12,.2f} {self.unit:<4}{more}"


def timed_side_by_side(
    runs: dict[str, Callable[[], Any]], times: int = 60, warm_up: int = 8
) -> dict[str, float]:
    """The median milliseconds of each of `runs`, taken in turns so that a busy moment meets all of them."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(times + warm_up):
        for name, run in runs.items():
            begun = time.perf_counter()
            run()
            if turn >= warm_up:
                taken[name].append((time.perf_counter() - begun) * 1000)
    return {name: statistics.median(values) for name, values in taken.items()}
