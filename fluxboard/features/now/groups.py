"""The groups of Now and their rows: a card, and the one fact for which it is there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

from boards.models import Card
from fluxboard.core.plain_text import cut

# Each group's name in addresses, its heading, its icon, and what is said where it is empty.
NOW_GROUPS = {
    "waiting": ("Waiting on you", "inbox", "waits on you"),
    "on": ("On now", "board", "is under way"),
    "blocked": ("Blocked", "block", "is blocked"),
    "overdue": ("Overdue", "alert", "is overdue"),
    "due": ("Due in the next 7 days", "cal", "is due in the next 7 days"),
    "stuck": ("Stuck", "clock", "is stuck"),
    "next": ("Comes next", "right", "comes next"),
    "no-owner": ("No owner", "user", "lacks an owner"),
    "no-done-when": ("Missing definition of done", "check", "lacks a definition of done"),
    "questions": ("Open questions", "ask", "is asked of others"),
    "threads": ("Threads without an outcome", "comment", "is argued without an outcome"),
}

SHORTLY = dt.timedelta(days=2)  # how far ahead the standup looks
SAID_BRIEFLY = 48  # characters of what somebody wrote, in the standup
# What the standup only counts.
BRIEF = ("no-owner", "no-done-when")


@dataclass(frozen=True)
class NowRow:
    """One card, and why it stands here.

    It reads `words`, then `moment` as `kind` says it (`when`, `age`, or `due`, a date), then `said`, which
    somebody wrote. `address` is the exact place. `is_late` marks it, `is_begun` is false for what waits in
    its board's first column. `with_title`: the card's title has not stood above. `is_past`: since
    `moment` it is so, and the board can be seen as it stood then.
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
    is_past: bool = False

    @property
    def owner(self) -> str:
        """The first name of who has the card; empty where the words begin with it."""
        name = self.card.assignee.first_name if self.card.assignee else ""
        return "" if self.words.startswith(f"{name} ") else name

    @property
    def url(self) -> str:
        """Where the row leads: the exact place, else the card."""
        return self.address or self.card.get_absolute_url()


@dataclass(frozen=True)
class NowGroup:
    """The rows of one kind, the most pressing first; `total` counts those that are not shown too."""

    name: str
    rows: list[NowRow]
    total: int
    title: str = ""

    @property
    def heading(self) -> str:
        """What the group is called on the page."""
        return self.title or NOW_GROUPS[self.name][0]

    @property
    def icon(self) -> str:
        """The name of its icon."""
        return NOW_GROUPS[self.name][1]

    @property
    def shown(self) -> list[NowRow]:
        """What stands open: all of it, but for cards that nobody has begun."""
        return [row for row in self.rows if row.is_begun]

    @property
    def folded(self) -> list[NowRow]:
        """Cards that nobody has begun."""
        return [row for row in self.rows if not row.is_begun]

    @property
    def more(self) -> int:
        """How many are left out."""
        return self.total - len(self.rows)

    def until(self, last: dt.date) -> NowGroup:
        """What is due until `last`, of a group of cards by their dates."""
        rows = [row for row in self.rows if row.card.due is not None and row.card.due <= last]
        return replace(self, rows=rows, total=len(rows), title="Due soon")


@dataclass(frozen=True)
class Now:
    """The state of things on some boards, for a reader: the groups that have something, and what has not.

    `subject`: whose part of it this is, None for everybody's. `brief`: groups of which the number will do.
    """

    groups: list[NowGroup]
    subject: Any | None = None
    empty: list[str] = field(default_factory=list)
    brief: list[NowGroup] = field(default_factory=list)

    def for_standup(self, today: dt.date) -> Now:
        """What a team looks at every morning in full, and in `brief` what it looks at now and then.

        Without what the standup tells of each person: what they are on, what is due later, what comes next.
        A title, and what was said of a block, stands once: with the block if there is one. `today` is the
        reader's date.
        """
        told = [group for group in self.groups if group.name not in (*BRIEF, "on", "next")]
        told = [group.until(today + SHORTLY) if group.name == "due" else group for group in told]
        told = _said_once([group for group in told if group.rows])
        return replace(self, groups=told, brief=[group for group in self.groups if group.name in BRIEF])

    @property
    def named(self) -> frozenset[int]:
        """The ids of the cards whose titles stand here."""
        return frozenset(row.card.pk for group in self.groups for row in group.rows)

    @property
    def nothing(self) -> str:
        """`Nothing is overdue or stuck.` Empty where every group has something."""
        said = [NOW_GROUPS[name][2] for name in self.empty]
        if self.subject is not None:
            said = [words.replace("on you", "on them") for words in said]
        if len(said) > 1:
            said = [", ".join(said[:-1]), said[-1]]
        return f"Nothing {' or '.join(said)}." if said else ""


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
            with_title = is_block or card not in named
            rows.append(replace(row, with_title=with_title, said="" if is_repeated else words))
            named.add(card)
        found.append(replace(group, rows=rows))
    return found
