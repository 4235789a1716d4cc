"""The groups of Now and their rows: a card, and the one fact for which it is there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

from boards.models import Card
from fluxboard.accounts import times
from fluxboard.core.plain_text import cut

# Each group's name in addresses, its heading and its icon.
NOW_GROUPS = {
    "waiting": ("Waiting on you", "inbox"),
    "on": ("On now", "board"),
    "blocked": ("Blocked", "block"),
    "overdue": ("Overdue", "alert"),
    "due": ("Due in the next 7 days", "cal"),
    "stuck": ("Not moved", "clock"),
    "next": ("Comes next", "right"),
    "no-owner": ("No owner", "user"),
    "no-done-when": ("Missing definition of done", "check"),
    "questions": ("Questions to others", "ask"),
    "threads": ("Threads without an outcome", "comment"),
    "decisions": ("Decisions to look at again", "decision"),
}

SOON = dt.timedelta(days=7)  # how far ahead Now looks
SHORTLY = dt.timedelta(days=2)  # how far ahead the standup looks
SAID_BRIEFLY = 48  # characters of what somebody wrote, in the standup
# What the standup only counts, and of which groups it says that there is nothing.
BRIEF = ("no-owner", "no-done-when")
EVERY_MORNING = ("waiting", "blocked", "overdue", "due", "stuck", *BRIEF)


@dataclass(frozen=True)
class NowRow:
    """One card, and why it stands here.

    It reads `words`, then `moment` as `kind` says it (`when`, `age`, or `due`, a date), then `said`, which
    somebody wrote. `address` is the exact place. `is_late` marks it, `is_begun` is false for what waits in
    its board's first column. `with_title`: the card's title has not stood above. `names`: the person with
    whom the words begin. `is_past`: since `moment` it is so, and the board can be seen as it stood then.
    """

    card: Card
    words: str = ""
    moment: dt.datetime | dt.date | None = None
    kind: str = "when"
    said: str = ""
    address: str = ""
    is_late: bool = False
    is_begun: bool = True
    with_title: bool = True
    names: Any = None
    is_past: bool = False

    @property
    def owner(self) -> str:
        """The first name of who has the card; empty where the words begin with it."""
        owner = self.card.assignee
        return "" if owner is None or owner == self.names else str(owner.first_name)

    @property
    def shows_past(self) -> bool:
        """Whether the board can be seen as it stood at its moment; an imported card can be older."""
        return self.is_past and self.moment is not None and self.moment >= self.card.board.created_at

    @property
    def url(self) -> str:
        """Where the row leads: to its exact place, else to the card."""
        return self.address or self.card.get_absolute_url()

    def moment_words(self, reader: Any, now: dt.datetime) -> str:
        """Its moment as plain text, where no page fills it in: `3 d`, `Thu 11:36`, `tomorrow`."""
        if isinstance(self.moment, dt.datetime):
            is_age = self.kind == "age"
            return times.how_long(self.moment, now) if is_age else times.when(self.moment, reader, now)
        if self.moment is None:
            return ""
        today = times.today_of(reader, now)
        is_due = self.kind == "due"
        return times.due_words(self.moment, today).words if is_due else times.day_words(self.moment, today)

    def in_words(self, reader: Any, now: dt.datetime) -> str:
        """Its words and its moment as plain text."""
        return f"{self.words} {self.moment_words(reader, now)}".strip()


@dataclass(frozen=True)
class NowGroup:
    """The rows of one kind, the most pressing first; `total` counts those that are not shown too.

    `counted`: how many count as of its kind, where that is not all of them.
    """

    name: str
    rows: list[NowRow]
    total: int
    title: str = ""
    counted: int | None = None

    @property
    def number(self) -> int:
        """How many there are, as the heading says it."""
        return self.total if self.counted is None else self.counted

    @property
    def heading(self) -> str:
        """Its own title, else that of all groups of its name."""
        return self.title or NOW_GROUPS[self.name][0]

    @property
    def icon(self) -> str:
        """The name of its icon in `static/icons.svg`."""
        return NOW_GROUPS[self.name][1]

    @property
    def shown(self) -> list[NowRow]:
        """What stands open: all of it, but for cards that nobody has begun."""
        return [row for row in self.rows if row.is_begun]

    @property
    def folded(self) -> list[NowRow]:
        """What is folded below: cards that nobody has begun."""
        return [row for row in self.rows if not row.is_begun]

    def without_folded(self) -> NowGroup:
        """Just what stands open."""
        return replace(self, rows=self.shown, total=self.total - len(self.folded))

    @property
    def more(self) -> int:
        """How many are not among the rows."""
        return self.total - len(self.rows)


@dataclass(frozen=True)
class Now:
    """The state of things on some boards, for a reader: the groups that have something, and what has not.

    `subject`: whose part of it this is, None for everybody's. `empty`: groups with nothing in them. `brief`:
    those of which the number will do. `handed_on`: how many open questions somebody handed on to another.
    """

    groups: list[NowGroup]
    subject: Any | None = None
    empty: list[NowGroup] = field(default_factory=list)
    brief: list[NowGroup] = field(default_factory=list)
    handed_on: int = 0

    def for_standup(self) -> Now:
        """What a team looks at every morning in full, and in `brief` what it looks at now and then.

        Without what the standup tells of each person: what they are on, what comes next. A title, and what
        was said of a block, stands once: with the block if there is one.
        """
        told = [group.without_folded() for group in self.groups if group.name not in (*BRIEF, "on", "next")]
        brief = [group for group in self.groups if group.name in BRIEF]
        empty = [group for group in [*self.empty, *told] if group.name in EVERY_MORNING and not group.rows]
        told = [group for group in told if group.rows]
        return replace(self, groups=_said_once(told), brief=brief, empty=empty)

    @property
    def named(self) -> frozenset[int]:
        """The ids of the cards whose titles stand here."""
        return frozenset(row.card.pk for group in self.groups for row in group.rows)


def _said_once(groups: list[NowGroup]) -> list[NowGroup]:
    """The groups with a card's title where it comes first and where it is blocked, which also says why."""
    blocked = {row.card.pk: row.said for group in groups if group.name == "blocked" for row in group.rows}
    named: set[int] = set()
    found = []
    for group in groups:
        rows = []
        for row in group.rows:
            card, is_block = row.card.pk, group.name == "blocked"
            words = cut(row.said, SAID_BRIEFLY)
            is_repeated = not is_block and row.said == blocked.get(card)
            with_title = is_block or (card not in named and card not in blocked)
            rows.append(replace(row, with_title=with_title, said="" if is_repeated else words))
            named.add(card)
        found.append(replace(group, rows=rows))
    return found
