"""The line with which each person's part of the standup ends: what they are on, by the board as it is."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import prefetch_related_objects

from boards.models import Card, Column
from boards.models.thing import IN_ORDER
from comments.models import Ask, Comment
from fluxboard.accounts import times
from fluxboard.core.postgres.statements import SOME_BOARD, SOMEONE, Asked, AskedValues

HERE = {SOME_BOARD: "boards", SOMEONE: "people"}
NAMED = ("board", "number")
SOON = dt.timedelta(days=7)
MOST = 4


@dataclass(frozen=True)
class Fact:
    """A card, and what is to be said of it."""

    card: Card
    words: str


@dataclass
class NowLine:
    """What of a person's is begun, due within a week, blocked, waited for, and to be talked over."""

    on: list[Fact] = field(default_factory=list)
    due: list[Fact] = field(default_factory=list)
    blocked: list[Fact] = field(default_factory=list)
    waiting: list[Fact] = field(default_factory=list)
    escalated: list[Fact] = field(default_factory=list)

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The facts to show, at most four of a kind, and how many more there are."""
        named = {
            "On now": self.on,
            "Due": self.due,
            "Blocked": self.blocked,
            "Waiting": self.waiting,
            "Talk about": self.escalated,
        }
        return [
            {"label": label, "facts": facts[:MOST], "more": len(facts) - MOST if len(facts) > MOST else 0}
            for label, facts in named.items()
            if facts
        ]


def now_lines(people: Iterable[Any], boards: list[Any], reader: Any, now: dt.datetime) -> dict[int, NowLine]:
    """The line of each of `people`, by their id. At most five queries."""
    wanted = [person.pk for person in people]
    lines: dict[int, NowLine] = {pk: NowLine() for pk in wanted}
    today = times.today_of(reader, now)
    first = _first_columns(boards)
    here = {"boards": [board.pk for board in boards], "people": wanted}
    for card in _cards().all(**here):
        line = lines[card.assignee_id or 0]
        if card.is_blocked and card.blocked_at:
            line.blocked.append(Fact(card, times.how_long(card.blocked_at, now)))
        elif card.column_id not in first:
            line.on.append(Fact(card, times.how_long(card.moved_at, now)))
        if card.due is not None and card.due <= today + SOON:
            words = times.due_words(card.due, today).words
            line.due.append(
                Fact(card, words[0].lower() + words[1:] if words[:3] in ("Tod", "Tom", "Ove") else words)
            )
    for ask in _asks().all(**here):
        line = lines[ask.comment.author_id]
        line.waiting.append(Fact(ask.comment.card, f"for {ask.person.first_name}"))
    for thread in _escalated(boards):
        fact = Fact(thread.card, times.how_long(thread.escalated_at, now))
        for person in {thread.author_id, *(reply.author_id for reply in thread.replies.all())}:
            if person in lines:
                lines[person].escalated.append(fact)
    return lines


@functools.cache
def _cards() -> Asked[Card]:
    cards = Card.objects.filter(
        board__in=[SOME_BOARD], assignee__in=[SOMEONE], column__is_done=False
    ).current()
    shown = (*NAMED, "board__key", "assignee", "column", "is_blocked", "blocked_at", "moved_at", "due")
    return Asked(cards.select_related("board").only(*shown).order_by("moved_at", "id"), HERE)


@functools.cache
def _asks() -> Asked[Ask]:
    asks = Ask.objects.open().filter(comment__author__in=[SOMEONE], comment__card__board__in=[SOME_BOARD])
    named = (f"comment__card__{name}" for name in (*NAMED, "board__key"))
    shown = asks.select_related("comment__card__board", "person").only(
        "comment__author", "person__name", *named
    )
    return Asked(shown.order_by("comment", "id"), HERE)


def _escalated(boards: list[Any]) -> Iterable[Any]:
    """The threads that went back and forth without an outcome, the oldest first; two queries at most."""
    threads = _open_threads().all(boards=[board.pk for board in boards])
    prefetch_related_objects(threads, "replies")
    return threads


@functools.cache
def _open_threads() -> Asked[Comment]:
    threads = Comment.objects.filter(
        card__board__in=[SOME_BOARD], card__archived_at=None, removed_at=None, settled_at=None
    ).exclude(escalated_at=None)
    named = (f"card__{name}" for name in (*NAMED, "board__key"))
    shown = threads.select_related("card__board").only("author", "escalated_at", *named)
    return Asked(shown.order_by("escalated_at", "id"), HERE)


def _first_columns(boards: list[Any]) -> set[int]:
    """The column of each board in which work waits to be begun."""
    return {column for (column,) in _columns().all(boards=[board.pk for board in boards])}


@functools.cache
def _columns() -> AskedValues:
    columns = Column.objects.filter(board__in=[SOME_BOARD]).current().order_by("board_id", *IN_ORDER)
    return AskedValues(columns.distinct("board_id").values_list("pk"), HERE)
