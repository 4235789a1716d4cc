"""The cards of Now: blocked, overdue, due, stuck, without an owner, without a definition of done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import Case, Count, Q, When, Window

from boards.card_states import CardScope, cards_that
from boards.models import Board, Card
from boards.models.card import CardQuerySet
from fluxboard.core.plain_text import cut, plain
from fluxboard.features.now.groups import NowGroup, NowRow

MOST_ROWS = 50
_SOON = dt.timedelta(days=7)
_SAID = 90
_SHOWN = ("board", "column", "assignee", "blocked_by_user", "blocked_by_card__board")


def card_groups(boards: list[Board], subject: Any | None, today: dt.date, now: dt.datetime) -> list[NowGroup]:
    """The groups of cards, in the order of the page; each is one query. `subject` as in `Now`."""
    scope = CardScope(boards, today, now)

    def mine(state: str) -> CardQuerySet:
        cards = cards_that(state, scope)
        return cards.filter(assignee=subject) if subject else cards

    theirs = scope.cards.filter(assignee=subject) if subject else scope.cards
    soon = theirs.filter(due__range=(today, today + _SOON))
    groups = [
        _group("blocked", _blocked(cards_that("blocked", scope), subject), _blocked_row),
        _group("overdue", mine("late").order_by("due", "id"), _overdue_row),
        _group("due", soon.order_by("due", "id"), _due_row),
        _group("stuck", mine("stuck").order_by("moved_at", "id"), _stuck_row),
        _group("no-done-when", mine("no-done-when").order_by("moved_at", "id"), _column_row),
    ]
    if subject:
        waiting = theirs.exclude(column__in=scope.begun_in).order_by("board", "position", "id")
        groups.append(_group("on", mine("begun").order_by("moved_at", "id"), _on_row))
        groups.append(_group("next", waiting, _column_row))
    else:
        is_begun = Case(When(column__in=scope.begun_in, then=True), default=False)
        unowned = cards_that("noowner", scope).annotate(is_begun=is_begun)
        groups.append(_group("no-owner", unowned.order_by("-is_begun", "board", "number"), _unowned_row))
    return groups


def _blocked(blocked: CardQuerySet, subject: Any | None) -> CardQuerySet:
    blocked = blocked.order_by("blocked_at", "id")
    if subject is None:
        return blocked
    return blocked.filter(
        Q(assignee=subject) | Q(blocked_by_user=subject) | Q(blocked_by_card__assignee=subject)
    )


def _group(name: str, cards: CardQuerySet, row: Callable[[Any], NowRow]) -> NowGroup:
    counted = cards.select_related(*_SHOWN).annotate(in_all=Window(Count("pk")))
    found: list[Any] = list(counted[:MOST_ROWS])
    return NowGroup(name, [row(card) for card in found], found[0].in_all if found else 0)


def _blocked_row(card: Card) -> NowRow:
    by = [card.blocked_by_user.first_name if card.blocked_by_user else ""]
    by.append(card.blocked_by_card.key if card.blocked_by_card else "")
    names = " and ".join(filter(None, by))
    return NowRow(
        card,
        f"by {names}, since" if names else "since",
        card.blocked_at,
        said=row_text(card.blocked_reason),
        is_late=True,
        is_past=card.blocked_at is not None,
    )


def _due_row(card: Card) -> NowRow:
    return NowRow(card, moment=card.due, kind="due")


def _overdue_row(card: Card) -> NowRow:
    return NowRow(card, "was due", card.due, "day", is_late=True)


def _stuck_row(card: Card) -> NowRow:
    return NowRow(card, f"{card.column.name} for", card.moved_at, "age", is_past=True)


def _on_row(card: Card) -> NowRow:
    return NowRow(card, f"{card.column.name},", card.moved_at, "age", is_past=True)


def _column_row(card: Card) -> NowRow:
    return NowRow(card, card.column.name)


def _unowned_row(card: Any) -> NowRow:
    return NowRow(card, card.column.name, is_begun=card.is_begun)


def row_text(text: str) -> str:
    """What a text says, in one line, cut at a word."""
    return cut(plain(text), _SAID)
