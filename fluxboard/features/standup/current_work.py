"""The line with which each person's part of the standup ends: what they are on, by the board as it is."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from boards.models import Card, Column
from comments.models import Ask
from fluxboard.accounts import times
from fluxboard.accounts.names import first_name
from fluxboard.core.postgres.statements import PARAM_BOARD, PARAM_USER, PreparedQuery, PreparedValues

HERE = {PARAM_BOARD: "boards", PARAM_USER: "people"}
_NAMED = ("board", "number", "title")
_SOON = dt.timedelta(days=7)
_MOST = 4


@dataclass(frozen=True)
class Fact:
    """A card, in which `column` it is, and what is to be said of it; `is_blocked` where it cannot go on."""

    card: Card
    words: str = ""
    is_blocked: bool = False
    column: str = ""


@dataclass
class NowLine:
    """What of a person's is begun, is due and not begun, and comes next.

    What is begun is told with where it is, its date, and for whose answer or block it cannot go on. Dates are
    told for a week.
    """

    on: list[Fact] = field(default_factory=list)
    due: list[Fact] = field(default_factory=list)
    next: list[Fact] = field(default_factory=list)

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The facts to show, at most four of a kind, and how many more; of what comes next just the first.

        `with_titles`: the cards' titles are said, where they have not stood above.
        """
        found = []
        for label, facts, is_on in (("On now", _by_column(self.on), True), ("Due", self.due, False)):
            more = max(len(facts) - _MOST, 0)
            found.append({"label": label, "facts": facts[:_MOST], "more": more, "with_titles": is_on})
        found.append({"label": "Next", "facts": self.next[:1], "more": 0, "with_titles": False})
        return [part for part in found if part["facts"]]


def _by_column(facts: list[Fact]) -> list[Fact]:
    """Those in one column together, in the order in which the columns come first."""
    columns = list(dict.fromkeys(fact.column for fact in facts))
    return sorted(facts, key=lambda fact: columns.index(fact.column))


def now_lines(people: Iterable[Any], boards: list[Any], reader: Any, now: dt.datetime) -> dict[int, NowLine]:
    """The line of each of `people`, by their id. Three queries."""
    wanted = [person.pk for person in people]
    lines: dict[int, NowLine] = {pk: NowLine() for pk in wanted}
    today = times.today_of(reader, now)
    begun = Column.objects.begun(boards)
    answers = _answers_awaited(wanted, boards)
    for card in _cards().all(boards=[board.pk for board in boards], people=wanted):
        line = lines[card.assignee_id or 0]
        due = _due(card, today)
        if card.column_id not in begun:
            line.next.append(Fact(card))
            line.due += [Fact(card, due)] if due else []
            continue
        blocked_at = card.blocked_at if card.is_blocked else None
        age = times.how_long(blocked_at or card.moved_at, now)
        words = f"blocked {age}" if blocked_at else age
        if due:
            words += f", {due}" if due.startswith("overdue") else f", due {due}"
        if whom := answers.get((card.pk, card.assignee_id)):
            words += f", asks {' and '.join(whom)}"
        line.on.append(Fact(card, words, blocked_at is not None, card.column.name))
    return lines


def _answers_awaited(people: list[int], boards: list[Any]) -> dict[tuple[int, int | None], list[str]]:
    """Whom each of `people` has asked on a card and not heard from, by card and person. One query."""
    keys = [board.pk for board in boards]
    found: dict[tuple[int, int | None], list[str]] = {}
    for card, author, name in _open_questions().all(boards=keys, people=people):
        found.setdefault((card, author), []).append(first_name(name))
    return found


def _due(card: Card, today: dt.date) -> str:
    """`overdue 1 d`, `tomorrow`, `Sun 6 Dec`; empty for what is not due within a week."""
    if card.due is None or card.due > today + _SOON:
        return ""
    due = times.due_words(card.due, today)
    return due.words.lower() if due.weight else due.words


@functools.cache
def _open_questions() -> PreparedValues:
    asks = Ask.objects.open().filter(comment__card__board__in=[PARAM_BOARD], comment__author__in=[PARAM_USER])
    names = asks.order_by("id").values_list("comment__card", "comment__author", "person__name")
    return PreparedValues(names, HERE)


@functools.cache
def _cards() -> PreparedQuery[Card]:
    cards = Card.objects.filter(
        board__in=[PARAM_BOARD], assignee__in=[PARAM_USER], column__is_done=False
    ).current()
    shown = (*_NAMED, "board__key", "assignee", "column__name", "is_blocked", "blocked_at", "moved_at", "due")
    return PreparedQuery(
        cards.select_related("board", "column").only(*shown).order_by("moved_at", "id"), HERE
    )
