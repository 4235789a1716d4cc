"""What a standup's address asks for: period, people, labels, kinds and grouping."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from activity.feed.period import Period, period_of
from fluxboard.core import parsing

STANDUP_GROUPS = {"": "People", "cards": "Cards", "time": "Timeline"}
STANDUP_KINDS = {"moved": "moved", "comments": "comments", "decisions": "decisions", "blocked": "blocked"}


@dataclass(frozen=True)
class StandupQuery:
    """What the address asks for: how it is grouped, the days, the filters, and where the page begins.

    `search` is the code of a saved one (`mine-3`, `board-7`).
    """

    query: QueryDict
    by: str
    period: Period
    person: int | None
    label: str
    search: str
    kind: str
    is_unfolded: bool
    before: int | None

    @classmethod
    def of(cls, query: QueryDict, reader: Any, now: dt.datetime) -> StandupQuery:
        """Whatever is not understood counts as not asked for."""
        return cls(
            query=query,
            by=query.get("by", "") if query.get("by") in STANDUP_GROUPS else "",
            period=period_of(reader, now, query.get("from", ""), query.get("to", "")),
            person=parsing.whole_number(query.get("person", "")),
            label=query.get("label", "")[:80].replace("\x00", ""),
            search=query.get("search", "")[:40],
            kind=query.get("kind", "") if query.get("kind") in STANDUP_KINDS else "",
            is_unfolded=query.get("all") == "1",
            before=parsing.whole_number(query.get("before", "")),
        )

    def url(self, **changed: str) -> str:
        """The same page with other words in its address (empty: without), from its top unless `before`."""
        query = self.query.copy()
        for name in ("before", *changed):
            query.pop(name, None)
        for name, value in changed.items():
            if value:
                query[name] = value
        return f"?{query.urlencode()}" if query else "?"

    @property
    def is_by_person(self) -> bool:
        """Whether it tells each person's outcomes, rather than changes by card or in order of time."""
        return self.by == ""

    @property
    def shows_now(self) -> bool:
        """Whether how things stand now belongs above: not above days that are past, nor above a part."""
        return self.is_by_person and self.period.is_open and not (self.label or self.kind or self.search)

    @property
    def is_filtered(self) -> bool:
        return bool(self.person or self.label or self.kind or self.search)
