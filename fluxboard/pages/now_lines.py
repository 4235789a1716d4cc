"""The line with which each person's part of the standup ends: what they are on, by the board as it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from boards.models import Card, Column
from comments.models import Ask, Comment
from fluxboard.accounts import wording

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
    """The line of each of `people`, by their id. Five queries."""
    wanted = [person.pk for person in people]
    lines: dict[int, NowLine] = {pk: NowLine() for pk in wanted}
    today = wording.today_of(reader, now)
    first = _first_columns(boards)
    cards = Card.objects.filter(board__in=boards, assignee__in=wanted, column__is_done=False).current()
    for card in cards.select_related("board", "column").order_by("moved_at", "id"):
        line = lines[card.assignee_id or 0]
        if card.is_blocked and card.blocked_at:
            line.blocked.append(Fact(card, _days((now - card.blocked_at).days)))
        elif card.column_id not in first:
            line.on.append(Fact(card, f"day {(now - card.moved_at).days + 1}"))
        if card.due is not None and card.due <= today + SOON:
            words = wording.due_words(card.due, today).words
            line.due.append(
                Fact(card, words[0].lower() + words[1:] if words[:3] in ("Tod", "Tom", "Ove") else words)
            )
    asks = Ask.objects.open().filter(comment__author__in=wanted, comment__card__board__in=boards)
    for ask in asks.select_related("comment__card__board", "person").order_by("comment", "id"):
        line = lines[ask.comment.author_id]
        line.waiting.append(Fact(ask.comment.card, f"for {ask.person.first_name}"))
    for thread in _escalated(boards):
        fact = Fact(thread.card, _days((now - thread.escalated_at).days))
        for person in {thread.author_id, *(reply.author_id for reply in thread.replies.all())}:
            if person in lines:
                lines[person].escalated.append(fact)
    return lines


def _escalated(boards: list[Any]) -> Iterable[Any]:
    """The threads that went back and forth without an outcome, the oldest first; two queries."""
    threads = Comment.objects.filter(
        card__board__in=boards, card__archived_at=None, removed_at=None, settled_at=None
    )
    return (
        threads.exclude(escalated_at=None)
        .select_related("card__board")
        .prefetch_related("replies")
        .order_by("escalated_at", "id")
    )


def _first_columns(boards: list[Any]) -> set[int]:
    """The column of each board in which work waits to be begun."""
    first: dict[int, int] = {}
    columns = Column.objects.filter(board__in=boards).current().in_board_order()
    for board, column in columns.values_list("board", "pk"):
        first.setdefault(board, column)
    return set(first.values())


def _days(days: int) -> str:
    return "since today" if days < 1 else f"{days} day" if days == 1 else f"{days} days"
