"""Which cards a board shows: the filters that live in its address."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict

from boards.board_page.chips import CHIPS, ChipContext, ToolbarChip
from boards.card_fields import choice_fields
from boards.card_states import CARD_STATES, CardScope, cards_that
from boards.models import Board, Card
from boards.models.card import CardQuerySet, late
from fluxboard.accounts import times
from fluxboard.core import parsing

# Facts with a chip of their own in the toolbar, and those that stand in the filter form.
ON_CHIPS = {chip.value for chip in CHIPS if chip.param == "is"}
TALK_FILTERS = {"question": "Open question", "decision": "Decision"}
# How open cards stand, by the words that search takes too.
STATE_FILTERS = {name: state.words for name, state in CARD_STATES.items() if state.is_in_form}
WITH_TALK = {"question": Q(questions_open__gt=0), "decision": Q(decisions_count__gt=0)}
_FACTS = ON_CHIPS | TALK_FILTERS.keys() | CARD_STATES.keys()
NONE = "none"
DUE = {"overdue": "Overdue", "week": "Within a week", "none": "No date"}
_LONGEST_TEXT = 200


@dataclass(frozen=True)
class Filters:
    """What was asked for. Ids that are no numbers and words that mean nothing here are left out.

    `assignee` holds user ids and "none", `choices` the names of fields with values or "none"; `query` is the
    rest of the address, kept for links.
    """

    mine: bool = False
    waiting: bool = False
    facts: frozenset[str] = frozenset()
    labels: frozenset[int] = frozenset()
    assignees: frozenset[int | str] = frozenset()
    columns: frozenset[int] = frozenset()
    choices: frozenset[tuple[str, str]] = frozenset()
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
            facts=frozenset(query.getlist("is")) & _FACTS,
            labels=frozenset(_numbers(query, "label")),
            assignees=people | nobody,
            columns=frozenset(_numbers(query, "column")),
            choices=frozenset(
                (one.name, value)
                for one in choice_fields()
                for value in query.getlist(one.name)
                if value == NONE or value in one.value.choices
            ),
            due=query.get("due", "") if query.get("due") in DUE else "",
            text=" ".join(query.get("q", "").replace("\0", "").split())[:_LONGEST_TEXT],
            query=query,
        )

    def __bool__(self) -> bool:
        return self != Filters()

    @property
    def in_form(self) -> int:
        """How many of the filters stand in the filter form rather than in the chips."""
        there = (
            self.labels,
            self.assignees,
            self.columns,
            self.due,
            self.text,
            self.facts - ON_CHIPS,
        )
        return sum(map(bool, there)) + len({name for name, _ in self.choices})

    def has(self, chip: ToolbarChip) -> bool:
        """Whether that chip is on."""
        return chip.value in self.facts if chip.param == "is" else bool(getattr(self, chip.param))

    def toggled(self, name: str, value: str) -> str:
        """The query string with `name=value` put in, or taken out where it is; "" when nothing is left."""
        query = self.query.copy()
        values = query.getlist(name)
        left = [other for other in values if other != value] if value in values else [*values, value]
        query.setlist(name, left)
        for paging in ("more", "part"):
            query.pop(paging, None)
        return f"?{query.urlencode()}" if query.urlencode() else ""

    def ids(self, board: Board, user: Any, now: dt.datetime) -> set[int]:
        """The ids of the board's current cards that pass every filter. One query."""
        current = Card.objects.filter(board=board, archived_at=None, column__archived_at=None)
        return set(self.apply(current, board, user, now).order_by().values_list("pk", flat=True))

    def apply(self, cards: CardQuerySet, board: Board, user: Any, now: dt.datetime) -> CardQuerySet:
        """Those of `cards` that pass every filter; within one filter any of its values will do."""
        today = times.today_of(user, now)
        look = ChipContext(board, user, now)
        for chip in filter(self.has, CHIPS):
            cards = cards.filter(chip.found(look))
        for fact in self.facts & TALK_FILTERS.keys():
            cards = cards.filter(WITH_TALK[fact])
        scope = CardScope([board], today, now)
        for state in (self.facts - ON_CHIPS) & CARD_STATES.keys():
            cards = cards.filter(pk__in=cards_that(state, scope).values("pk"))
        for name in {name for name, _ in self.choices}:
            values = ["" if value == NONE else value for other, value in self.choices if other == name]
            cards = cards.filter(**{f"{name}__in": values})
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


def _due(asked: str, today: dt.date) -> Q:
    if asked == "overdue":
        return late(today)
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
