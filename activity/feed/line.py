"""One line of a feed: what one person did about one thing, and for whom it is worded."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from activity.feed.load import ToldActivity
from activity.feed.sentences import NOTHING
from activity.log.replay.state import ERASED
from activity.models import Activity
from fluxboard.accounts import times
from fluxboard.accounts.names import first_name
from fluxboard.core.plain_text import cut, plain

SAID = 280
_KINDS = {
    "moved": "moved",
    "transferred": "moved",
    "comment": "comments",
    "question": "comments",
    "decision": "decisions",
    "block": "blocked",
}


@dataclass(frozen=True)
class Line:
    """One line of a feed.

    It reads `mark` (in the colour of `tone`), `words`, then what it has of: `was` and `now` (two states),
    `before` and `after` or `diff` (what went and what came), `strong`, `said` (what somebody wrote), `rest`.
    `can_undo`: the reader may undo it from here. `kind` is the filter that keeps it: moved, comments,
    decisions, blocked, or empty.
    """

    told: tuple[ToldActivity, ...]
    topic: str
    icon: str
    words: str = ""
    mark: str = ""
    tone: str = ""
    was: str = ""
    now: str = ""
    before: str = ""
    after: str = ""
    diff: SafeString = NOTHING
    strong: str = ""
    said: str = ""
    rest: str = ""
    is_news: bool = False
    can_undo: bool = False

    @property
    def plain(self) -> str:
        """All of it as plain text: two states with an arrow, what went in [-…-], what came in {+…+}."""
        became = " → ".join(filter(None, (self.was, self.now)))
        changed = " → ".join(filter(None, (self.before, self.after)))
        quoted = f"“{self.said}”" if self.said else ""
        parts = [
            f"{self.mark}{self.words}".strip(),
            became,
            changed,
            plain_diff(self.diff),
            self.strong,
            quoted,
        ]
        return " ".join(part for part in parts if part) + self.rest

    @property
    def first(self) -> Activity:
        """The oldest of the activities that it stands for."""
        return self.told[0].activity

    @property
    def began(self) -> dt.datetime | None:
        """When the first of what it tells happened, where that is another minute than the last."""
        first, last = self.first.at, self.last.at
        return (
            first if first.replace(second=0, microsecond=0) != last.replace(second=0, microsecond=0) else None
        )

    @property
    def look(self) -> tuple[Any, ...]:
        """All that it shows."""
        shown = (self.icon, self.words, self.mark, self.tone, self.was, self.now, self.before, self.after)
        more = (
            self.diff,
            self.strong,
            self.said,
            self.rest,
            self.can_undo,
            bool(self.last.undoes),
            self.first.pk,
        )
        return (self.topic, self.verb, self.key, *shown, *more)

    @property
    def is_one(self) -> bool:
        """Whether it tells of one request: something that can be undone as one."""
        return len({(one.activity.actor_id, one.activity.at) for one in self.told}) == 1

    @property
    def last(self) -> Activity:
        """The newest of them."""
        return self.told[-1].activity

    @property
    def verb(self) -> str:
        """The verb of what the newest of them did."""
        return self.last.effect

    @property
    def key(self) -> str:
        """`FLX:345`, the newest of the activities that it stands for."""
        return f"{self.last.board.key}:{self.last.seq}"

    @property
    def at(self) -> dt.datetime:
        """When the newest of them happened."""
        return self.last.at

    @property
    def kind(self) -> str:
        """The filter that keeps it: moved, comments, decisions, blocked, or empty."""
        return "" if self.verb == "card.unblocked" else _KINDS.get(self.topic, "")


@dataclass(frozen=True)
class LineReader:
    """For whom lines are written: `uid` of the person, and their date of today."""

    uid: str
    today: dt.date

    @classmethod
    def of(cls, person: Any, now: dt.datetime) -> LineReader:
        """`person` as the reader, on their own date at `now`."""
        return cls(str(person.uid), times.today_of(person, now))


def first_name_of(person: Mapping[str, Any] | None) -> str:
    """The first name of a person whom the log names; empty for nobody."""
    return first_name(str((person or {}).get("name", "")))


def names_for(people: Iterable[Mapping[str, Any]], reader: LineReader) -> str:
    """The first names of people whom the log names, `you` first where the reader is one of them."""
    names = ["you" if one.get("id") == reader.uid else first_name_of(one) for one in people]
    names.sort(key=lambda name: name != "you")
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def text_of_change(value: Any) -> str:
    """A text of the log, or the mark where it has been erased (None)."""
    return ERASED if value is None else str(value)


def said_by(value: Any) -> str:
    """What a text says, in one paragraph, cut at a word."""
    return cut(plain(text_of_change(value)), SAID)


def plain_diff(diff: str) -> str:
    """A change of text without markup: what went in [-…-], what came in {+…+}."""
    marked = re.sub(r"<del>(.*?)</del>", r"[-\1-]", str(diff), flags=re.DOTALL)
    marked = re.sub(r"<ins>(.*?)</ins>", r"{+\1+}", marked, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", marked))
