"""What a standup page is made of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from activity.feed.entry import Entry
from fluxboard.features.check_in.given import GivenCheckIn
from fluxboard.features.standup.current_work import NowLine
from fluxboard.features.standup.outcomes import Outcomes


@dataclass
class FeedArticle:
    """One article of the feed: a person, a card, or one entry of the timeline."""

    kind: str
    entries: list[Entry]
    person: Any = None
    at: str = ""
    is_at_work: bool = False
    now_line: NowLine | None = None
    outcomes: Outcomes = field(default_factory=Outcomes)
    named_above: frozenset[int] = frozenset()
    check_ins: list[GivenCheckIn] = field(default_factory=list)

    @property
    def top(self) -> int:
        """The id of the newest change that it tells of; 0 for none."""
        told = [item.activity.pk for line in self.outcomes.lines for item in line.items]
        return max([*(entry.top for entry in self.entries), *told], default=0)

    @property
    def is_news(self) -> bool:
        """Whether any of it has not been read yet."""
        is_told = any(item.is_news for line in self.outcomes.lines for item in line.items)
        return is_told or any(entry.is_news for entry in self.entries)

    @property
    def changes(self) -> int:
        """How many changes it tells of."""
        return sum(entry.changes for entry in self.entries)

    @property
    def cards(self) -> int:
        """How many cards its entries are about."""
        return len({entry.card.pk for entry in self.entries if entry.card is not None})

    @property
    def named(self) -> frozenset[int]:
        """The ids of the cards whose titles its outcomes say, or stand above."""
        return self.named_above | {item.card.pk for line in self.outcomes.lines for item in line.items}

    @property
    def head(self) -> Entry:
        """The entry that stands first; an article about one card is headed by it."""
        return self.entries[0]


@dataclass
class Article:
    """A group of the feed, or (`group` None) the line between what is new and what has been read."""

    group: FeedArticle | None
    place: int


@dataclass
class Feed:
    """The page's articles in order, the numbers at a glance, and where the page goes on.

    `cut_at`: since when the outcomes are told, where the period holds more than a page can. `problems`: what
    the saved search asks for that nothing has by now.
    """

    articles: list[Article] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    earlier: int | None = None
    quiet: list[dict[str, Any]] = field(default_factory=list)
    cut_at: dt.datetime | None = None
    has_news: bool = False
    problems: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many articles there are in all; -1 when the page has more behind it."""
        return -1 if self.earlier else len(self.articles) + bool(self.quiet)
