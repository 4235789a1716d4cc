"""The cards of Now: blocked, overdue, due, stuck, without an owner, without a definition of done."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db.models import Case, Count, Q, When, Window

from boards.card_states import CardScope, cards_that
from boards.models import Board, Card
from boards.models.card import CardQuerySet
from fluxboard.core.counting import counted
from fluxboard.core.plain_text import cut, plain
from fluxboard.features.now.groups import SOON, NowGroup, NowRow

MOST_ROWS = 50
_SAID = 90
_MOST_LIMITS = 2  # boards whose own number of days is named
_BEGUN = Window(Count("pk", filter=Q(is_begun=True)))
_SHOWN = ("board", "column", "assignee", "blocked_by_user", "blocked_by_card__board")


def card_groups(scope: CardScope, subject: Any | None, reader: Any, soon: dt.timedelta) -> list[NowGroup]:
    """The groups of cards of `scope`, in the order of the page; each is one query.

    `subject`, `reader` and `soon` as in `load_now`.
    """

    def mine(cards: CardQuerySet) -> CardQuerySet:
        return cards.filter(assignee=subject) if subject else cards

    def that(state: str) -> CardQuerySet:
        return mine(cards_that(state, scope))

    is_begun = Case(When(column__in=scope.begun_in, then=True), default=False)
    every = mine(scope.cards).annotate(is_begun=is_begun)
    due = every.filter(due__range=(scope.today, scope.today + soon)).order_by("due", "id")
    groups = [
        _group("blocked", _blocked(cards_that("blocked", scope), subject, reader), _blocked_row),
        _group("overdue", that("late").order_by("due", "id"), _overdue_row),
        _group("due", due, _due_row, "" if soon == SOON else "Due soon"),
        _stuck(scope, every),
        _group("no-done-when", that("no-done-when").order_by("moved_at", "id"), _column_row),
    ]
    if subject:
        waiting = every.filter(is_begun=False).order_by("board", "position", "id")
        groups.append(_group("on", that("begun").order_by("moved_at", "id"), _on_row))
        groups.append(_group("next", waiting, _column_row))
    else:
        unowned = every.filter(assignee=None).order_by("-is_begun", "board", "number")
        groups.append(_group("no-owner", unowned, _unowned_row))
    return groups


def _stuck(scope: CardScope, every: Any) -> NowGroup:
    """What stands still; what nobody has begun is folded, and counted where a number of days is asked for."""
    still = every.filter(scope.stands_still).order_by("-is_begun", "moved_at", "id")
    group = _group("stuck", still.annotate(begun=_BEGUN), _stuck_row, _still_words(scope))
    first: Any = group.rows[0].card if group.rows else None
    return group if scope.still or not group.rows else replace(group, counted=first.begun)


def _still_words(scope: CardScope) -> str:
    """`Not moved for 5 days`, or `for 5 days (7 on Support)` where the boards differ."""
    if scope.still:
        return f"Not moved for {counted(scope.still, 'day')}"
    days = Counter(board.stale_after for board in scope.boards)
    if not days:
        return ""
    usual = days.most_common(1)[0][0]
    others = [f"{one.stale_after} on {one.name}" for one in scope.boards if one.stale_after != usual]
    if len(others) > _MOST_LIMITS:
        return "Not moved for as long as their board allows"
    return f"Not moved for {counted(usual, 'day')}" + (f" ({', '.join(others)})" if others else "")


def _blocked(blocked: CardQuerySet, subject: Any | None, reader: Any) -> CardQuerySet:
    """Those of a `subject`, and those that wait on them, also by a card of theirs that `reader` sees."""
    blocked = blocked.order_by("blocked_at", "id")
    if subject is None:
        return blocked
    return blocked.filter(
        Q(assignee=subject)
        | Q(blocked_by_user=subject)
        | Q(blocked_by_card__assignee=subject, blocked_by_card__board__in=Board.objects.visible_to(reader))
    )


def _group(name: str, cards: CardQuerySet, row: Callable[[Any], NowRow], title: str = "") -> NowGroup:
    all_of_it = cards.select_related(*_SHOWN).annotate(in_all=Window(Count("pk")))
    found: list[Any] = list(all_of_it[:MOST_ROWS])
    return NowGroup(name, [row(card) for card in found], found[0].in_all if found else 0, title)


def _blocked_row(card: Card) -> NowRow:
    by = [card.blocked_by_user.first_name if card.blocked_by_user else ""]
    by.append(card.blocked_by_card.key if card.blocked_by_card else "")
    names = " and ".join(filter(None, by))
    return NowRow(
        card,
        f"waits on {names} since" if names else "blocked since",
        card.blocked_at,
        said=row_text(card.blocked_reason),
        is_late=True,
        is_past=card.blocked_at is not None,
    )


def _due_row(card: Card) -> NowRow:
    return NowRow(card, moment=card.due, kind="due")


def _overdue_row(card: Card) -> NowRow:
    return NowRow(card, "was due", card.due, "day", is_late=True)


def _stuck_row(card: Any) -> NowRow:
    return NowRow(card, f"{card.column.name} for", card.moved_at, "age", is_begun=card.is_begun, is_past=True)


def _on_row(card: Card) -> NowRow:
    return NowRow(card, f"{card.column.name},", card.moved_at, "age", is_past=True)


def _column_row(card: Card) -> NowRow:
    return NowRow(card, card.column.name)


def _unowned_row(card: Any) -> NowRow:
    return NowRow(card, card.column.name, is_begun=card.is_begun)


def row_text(text: str) -> str:
    """What a text says, in one line, cut at a word."""
    return cut(plain(text), _SAID)
