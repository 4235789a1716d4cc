"""What a search has found, in groups."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.safestring import SafeString

from activity.models import Activity
from boards.addresses import address
from boards.models import Board, Card
from comments.models import Ask, Comment
from fluxboard.core.plain_text import plain
from fluxboard.features.search.marks import Marks
from fluxboard.features.search.syntax import SearchQuery


@dataclass(frozen=True)
class Hit:
    """One hit: where it leads, what it says with the words marked, and whose it is."""

    kind: str
    url: str
    title: SafeString
    key: str = ""
    text: SafeString | str = ""
    at: dt.datetime | None = None
    person: Any = None
    facts: tuple[str, ...] = ()


@dataclass
class HitGroup:
    """Hits of one kind. `more`: there are others beyond these."""

    kind: str
    words: str
    icon: str
    hits: list[Hit]
    more: bool = False


@dataclass
class Results:
    """`how`: `all` when every word is in each hit, `some` or `inside` when the query had to be loosened.

    `problems`: lines on what was not understood, and what is allowed there.
    """

    asked: SearchQuery
    groups: list[HitGroup] = field(default_factory=list)
    how: str = "all"
    problems: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many hits are shown."""
        return sum(len(group.hits) for group in self.groups)


@dataclass(frozen=True)
class Searched:
    """A model that is searched: where its text stands, and the way from it to its card and its people.

    `card` is None where it is on none, so that only a board, a person and days narrow it.
    """

    name: str
    words: str
    icon: str
    texts: tuple[str, ...]
    card: str | None
    by: tuple[str, ...]
    at: str


SEARCHED_KINDS = {
    "decisions": Searched(
        "decisions", "Decisions", "decision", ("text",), "card__", ("decided_by", "recorded_by"), "at"
    ),
    "cards": Searched(
        "cards",
        "Cards",
        "board",
        ("title", "what", "why", "done_when", "constraints", "blocked_reason"),
        "",
        ("assignee",),
        "created_at",
    ),
    "items": Searched(
        "items",
        "Checklists",
        "list",
        ("text",),
        "checklist__card__",
        ("checked_by",),
        "checklist__card__created_at",
    ),
    "comments": Searched("comments", "Comments", "comment", ("text",), "card__", ("author",), "at"),
    "checkins": Searched("checkins", "Check-ins", "comment", ("text",), None, ("person",), "at"),
}


def with_all_shown(kind: Searched, rows: QuerySet[Any]) -> QuerySet[Any]:
    """`rows` of one kind with what a hit shows of each, in the same query."""
    match kind.name:
        case "cards":
            return rows.select_related("board", "column", "assignee")
        case "items":
            return rows.select_related("checklist__card__board")
        case "comments":
            return rows.select_related("card__board", "author")
        case "checkins":
            return rows.select_related("board", "person")
        case _:
            return rows.select_related("board", "card__board", "recorded_by")


def row_found(kind: Searched, row: Any, marks: Marks) -> Hit:
    """A row of one kind as a hit, with the words of the search marked."""
    facts: tuple[str, ...]
    match kind.name:
        case "cards":
            return card_found(row, marks)
        case "items":
            card = row.checklist.card
            facts = ("Ticked",) if row.is_checked else ()
            return Hit(
                "item",
                f"{card.get_absolute_url()}#card-{card.pk}-checklists",
                marks.line(plain(row.text)),
                card.key,
                marks.line(card.title),
                facts=facts,
            )
        case "comments":
            facts = ("Question", row.state.capitalize()) if row.kind == Comment.Kind.QUESTION else ()
            facts = (*_handings(row), *facts)
            url = f"{row.card.get_absolute_url()}?comments=all#c-{row.pk}"
            return Hit(
                "comment",
                url,
                marks.snippet(row.text),
                row.card.key,
                marks.line(row.card.title),
                row.at,
                row.author,
                facts,
            )
        case "checkins":
            return _check_in_found(row, marks)
        case _:
            facts = () if row.is_standing else ("Superseded",)
            url = f"{row.card.get_absolute_url()}#d-{row.number}"
            return Hit(
                "decision",
                url,
                marks.snippet(row.text),
                f"{row.board.key} {row.key}",
                marks.line(row.card.title),
                row.at,
                row.recorded_by,
                facts,
            )


def _check_in_found(row: Any, marks: Marks) -> Hit:
    """A check-in leads to the standup of its day: wherever its reader lives, that lies within three days."""
    first, last = ((row.at + days * dt.timedelta(days=1)).date().isoformat() for days in (-1, 1))
    url = f"{address('boards:standup', row.board.key)}?from={first}&to={last}&person={row.person_id}"
    return Hit(
        "checkin", url, marks.snippet(row.text), row.board.key, marks.line(row.board.name), row.at, row.person
    )


HANDED_ON = Prefetch(
    "asks",
    Ask.objects.handed_on().select_related("person").prefetch_related("handed_from__person").order_by("id"),
    to_attr="handed_on",
)


def _handings(question: Any) -> list[str]:
    """`Ana → June`, where it was loaded with `HANDED_ON`."""
    return [
        f"{giver.person.first_name} → {ask.person.first_name}"
        for ask in getattr(question, "handed_on", ())
        for giver in ask.handed_from.all()
    ]


def card_found(card: Card, marks: Marks) -> Hit:
    """A card as a hit, with the first of its texts that has a word of the query."""
    facts = [card.column.name]
    if card.is_archived:
        facts = ["Archived"]
    elif card.is_blocked:
        facts.append("Blocked")
    texts = (card.what, card.why, card.done_when, card.constraints, card.blocked_reason)
    text = next((marks.snippet(text) for text in texts if marks.first(text) is not None), "")
    return Hit(
        "card",
        card.get_absolute_url(),
        marks.line(card.title),
        card.key,
        text,
        None,
        card.assignee,
        tuple(facts),
    )


def last_touched(reader: Any, most: int = 5) -> list[Hit]:
    """The cards that this person changed last, for a search that has not begun yet. Two queries."""
    mine = Activity.objects.filter(actor=reader, card__board__in=Board.objects.visible_to(reader))
    latest = mine.order_by("-pk").values_list("card_id", flat=True)[:200]
    keys = list(dict.fromkeys(latest))[:most]
    cards = Card.objects.select_related("board", "column", "assignee").in_bulk(keys)
    return [card_found(cards[key], Marks.of(())) for key in keys]
