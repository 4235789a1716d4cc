"""Which cards a board shows: the filters that live in its address."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict

from boards.models import Board, Card
from boards.models.card import CardQuerySet
from fluxboard.core import parsing

# Facts with a chip of their own in the toolbar, and those that stand in the filter form.
CHIPS = {"blocked", "quiet", "unready"}
TALK = {"question": "Open question", "decision": "Decision"}
FACTS = CHIPS | TALK.keys()
DUE = {"overdue": "Overdue", "week": "Within a week", "none": "No date"}
LONGEST_TEXT = 200


@dataclass(frozen=True)
class Filters:
    """What was asked for. Ids that are no numbers and words that mean nothing here are left out.

    `assignee` holds user ids and "none"; `query` is the rest of the address, kept for links.
    """

    mine: bool = False
    waiting: bool = False
    facts: frozenset[str] = frozenset()
    labels: frozenset[int] = frozenset()
    assignees: frozenset[int | str] = frozenset()
    columns: frozenset[int] = frozenset()
    due: str = ""
    text: str = ""
    query: QueryDict = field(default_factory=lambda: QueryDict(mutable=True), compare=False)

    @classmethod
    def of(cls, query: QueryDict) -> Filters:
        """The filters in an address such as `?mine=1&is=blocked&label=3&due=week&q=tax`."""
        people = frozenset(_numbers(query, "assignee"))
        nobody = frozenset({"none"} if "none" in query.getlist("assignee") else ())
        return cls(
            mine=query.get("mine") == "1",
            waiting=query.get("waiting") == "1",
            facts=frozenset(query.getlist("is")) & FACTS,
            labels=frozenset(_numbers(query, "label")),
            assignees=people | nobody,
            columns=frozenset(_numbers(query, "column")),
            due=query.get("due", "") if query.get("due") in DUE else "",
            text=" ".join(query.get("q", "").replace("\0", "").split())[:LONGEST_TEXT],
            query=query,
        )

    def __bool__(self) -> bool:
        return self != Filters()

    @property
    def in_form(self) -> int:
        """How many of the filters stand in the filter form rather than in the chips."""
        there = (self.labels, self.assignees, self.columns, self.due, self.text, self.facts & TALK.keys())
        return sum(map(bool, there))

    def toggled(self, name: str, value: str) -> str:
        """The query string with `name=value` put in, or taken out where it is; "" when nothing is left."""
        query = self.query.copy()
        values = query.getlist(name)
        left = [other for other in values if other != value] if value in values else [*values, value]
        query.setlist(name, left)
        for paging in ("more", "part"):
            query.pop(paging, None)
        return f"?{query.urlencode()}" if query.urlencode() else ""

    def apply(self, cards: CardQuerySet, board: Board, user: Any, now: dt.datetime) -> CardQuerySet:
        """Those of `cards` that pass every filter; within one filter any of its values will do."""
        today = now.astimezone(user.zone).date()
        if self.mine:
            cards = cards.filter(on_hands_of(user))
        if self.waiting:
            cards = cards.filter(waiting_on(user))
        if "blocked" in self.facts:
            cards = cards.filter(is_blocked=True)
        if "unready" in self.facts:
            cards = cards.filter(unready())
        if "question" in self.facts:
            cards = cards.filter(questions_open__gt=0)
        if "decision" in self.facts:
            cards = cards.filter(decisions_count__gt=0)
        if "quiet" in self.facts:
            cards = cards.filter(quiet(board, now))
        if self.labels:
            worn = Card.labels.through.objects.filter(card=OuterRef("pk"), label__in=self.labels)
            cards = cards.filter(Exists(worn))
        if self.assignees:
            people = [one for one in self.assignees if one != "none"]
            cards = cards.filter(
                Q(assignee__in=people) | (Q(assignee=None) if "none" in self.assignees else Q(pk__in=[]))
            )
        if self.columns:
            cards = cards.filter(column__in=self.columns)
        if self.due:
            cards = cards.filter(_due(self.due, today))
        for word in self.text.split():
            cards = cards.filter(_says(word, board))
        return cards


def on_hands_of(user: Any) -> Q:
    """Theirs, and not done: what home counts as theirs too."""
    return Q(assignee=user, column__is_done=False)


def quiet(board: Board, now: dt.datetime) -> Q:
    """Not done, and without a move for as many days as the board calls stale."""
    return Q(column__is_done=False, moved_at__lte=now - dt.timedelta(days=board.stale_after))


def asking(user: Any) -> CardQuerySet:
    """Cards with an open question to `user`; one with several may come as often."""
    return Card.objects.filter(
        comments__asks__person=user,
        comments__asks__handed_to=None,
        comments__settled_at=None,
        comments__removed_at=None,
    )


def waiting_on(user: Any) -> Q:
    """With an open question to `user`, or blocked by them or by a card of theirs."""
    theirs = Q(blocked_by_user=user) | Q(blocked_by_card__assignee=user)
    return Q(pk__in=asking(user).values("pk")) | Q(is_blocked=True) & theirs & ~Q(assignee=user)


def unready() -> Q:
    """Not done, and without an owner, or without both why and done-when."""
    return Q(column__is_done=False) & (Q(assignee=None) | Q(why="", done_when=""))


def _due(asked: str, today: dt.date) -> Q:
    if asked == "overdue":
        return Q(due__lt=today, column__is_done=False)
    return Q(due__range=(today, today + dt.timedelta(days=7))) if asked == "week" else Q(due=None)


def _says(word: str, board: Board) -> Q:
    found = Q()
    for name in ("title", "what", "why", "done_when", "constraints"):
        found |= Q(**{f"{name}__folded__contains": word})
    number = word.upper().removeprefix(f"{board.key}-")
    asked = parsing.card_number(number)
    return found if asked is None else found | Q(number=asked)


def _numbers(query: QueryDict, name: str) -> list[int]:
    numbers = map(parsing.whole_number, query.getlist(name))
    return [number for number in numbers if number is not None]
