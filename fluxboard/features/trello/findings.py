"""What an import has to tell, gathered: one line a kind of thing, with its number and a few examples."""

from __future__ import annotations

from dataclasses import dataclass, field

EXAMPLES = 3
LONGEST_EXAMPLE = 120
TOLD_APART = 20_000  # places of one kind; of what is more each counts, even if it was there before


@dataclass
class _Kind:
    times: int = 0
    total: int = 0
    further: int = 0
    places: set[str] = field(default_factory=set)
    examples: list[str] = field(default_factory=list)


class Findings:
    """What is worth telling, alike things in one line. No kind is left out, however many there are.

    A kind is a pair of sentences, for one and for several. `{n}` stands for how often it was met, `{total}`
    for how much that was in all; a brace that means itself is written twice.
    """

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, str], _Kind] = {}

    def add(self, one: str, several: str, place: str = "", *, amount: int = 1, times: int = 1) -> None:
        """It was met `times` times at `place`, which is an example of it; `amount` counts into `{total}`."""
        kind = self._kinds.setdefault((one, several), _Kind())
        kind.times += times
        kind.total += amount
        place = place[:LONGEST_EXAMPLE]
        if place and len(kind.places) >= TOLD_APART:
            kind.further += 1
        elif place and place not in kind.places:
            kind.places.add(place)
            if len(kind.examples) < EXAMPLES:
                kind.examples.append(place)

    def lines(self) -> list[str]:
        """One sentence a kind, in the order in which they were first met."""
        return [_line(one, several, kind) for (one, several), kind in self._kinds.items()]


def _line(one: str, several: str, kind: _Kind) -> str:
    words = (one if kind.times == 1 else several).format(n=f"{kind.times:,}", total=f"{kind.total:,}")
    if not kind.examples:
        return words
    more = len(kind.places) - len(kind.examples) + kind.further
    return f"{words}: {'; '.join(kind.examples)}" + (f" and {more:,} more" if more else "")
