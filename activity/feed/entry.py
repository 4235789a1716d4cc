"""One entry of a feed: a line, its place, and what may be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from activity.feed.line import Line


@dataclass
class Entry:
    """What one person did to one card (or to a board itself), folded into lines."""

    person: Any
    board: Any
    card: Any
    lines: list[Line]
    top: int
    changes: int
    is_hidden: bool = False

    @property
    def is_news(self) -> bool:
        return any(line.is_news for line in self.lines)

    @property
    def key(self) -> str:
        return f"{self.board.key}-{self.card.number}" if self.card is not None else self.board.key

    @property
    def title(self) -> str:
        if self.card is None:
            return str(self.board.name)
        return "A card that has gone to another board" if self.is_hidden else str(self.card.title)

    @property
    def url(self) -> str:
        if self.card is None:
            return str(self.board.get_absolute_url())
        return "" if self.is_hidden else str(self.card.get_absolute_url())

    @property
    def last(self) -> Line:
        """The newest of its lines."""
        return max(self.lines, key=lambda line: line.last.pk)

    @property
    def look(self) -> tuple[Any, ...]:
        """All that it shows: what was done never changes, the names around it might."""
        last, person = self.last, self.person
        return (
            (self.top, self.is_news, last.key, last.at, last.last.pk),
            (self.key, self.title, self.url),
            (person.name, person.initials, person.hue) if person is not None else (),
            tuple(line.look for line in self.lines),
        )
