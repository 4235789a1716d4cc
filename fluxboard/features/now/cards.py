"""The cards of Now: blocked, overdue, due, stuck, without an owner, without a definition of done."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.db.models import Case, Count, Q, When, Window

from boards.models import Board, Card, Column
from boards.models.card import CardQuerySet
from fluxboard.core.plain_text import plain
from fluxboard.features.now.groups import NowGroup, NowRow

MOST_ROWS = 50
_SOON = dt.timedelta(days=7)
_SAID = 90
_SHOWN = ("board", "column", "assignee", "blocked_by_user", "blocked_by_card__board")


def card_groups(boards: list[Board], subject: Any | None, today: dt.date, now: dt.datetime) -> list[NowGroup]:
    """The groups of cards, in the order of the page; each is one query. `subject` as in `Now`."""
    here = Card.objects.filter(board__in=boards, column__is_done=False).current()
    begun_in = Column.objects.begun(boards)
    begun = here.filter(column__in=begun_in)
    mine = here.filter(assignee=subject) if subject else here
    mine_begun = begun.filter(assignee=subject) if subject else begun
    groups = [
        _group("blocked", _blocked(here, subject).order_by("blocked_at", "id"), _blocked_row),
        _group("overdue", mine.filter(due__lt=today).order_by("due", "id"), _overdue_row),
        _group("due", mine.filter(due__range=(today, today + _SOON)).order_by("due", "id"), _due_row),
        _group("stuck", mine_begun.filter(_still(boards, now)).order_by("moved_at", "id"), _stuck_row),
        _group("no-done-when", mine_begun.filter(done_when="").order_by("moved_at", "id"), _column_row),
    ]
    if subject:
        waiting = mine.exclude(column__in=begun_in).order_by("board", "position", "id")
        groups.append(_group("on", mine_begun.order_by("moved_at", "id"), _on_row))
        groups.append(_group("next", waiting, _column_row))
    else:
        is_begun = Case(When(column__in=begun_in, then=True), default=False)
        unowned = here.filter(assignee=None).annotate(is_begun=is_begun)
        groups.append(_group("no-owner", unowned.order_by("-is_begun", "board", "number"), _unowned_row))
    return groups


def _blocked(cards: CardQuerySet, subject: Any | None) -> CardQuerySet:
    blocked = cards.filter(is_blocked=True)
    if subject is None:
        return blocked
    return blocked.filter(
        Q(assignee=subject) | Q(blocked_by_user=subject) | Q(blocked_by_card__assignee=subject)
    )


def _still(boards: list[Board], now: dt.datetime) -> Q:
    """Without a move for as long as the card's board allows."""
    by_days: dict[int, list[int]] = defaultdict(list)
    for board in boards:
        by_days[board.stale_after].append(board.pk)
    found = Q(pk__in=[])
    for days, keys in by_days.items():
        found |= Q(board__in=keys, moved_at__lte=now - dt.timedelta(days=days))
    return found


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
    )


def _due_row(card: Card) -> NowRow:
    return NowRow(card, moment=card.due, kind="due")


def _overdue_row(card: Card) -> NowRow:
    return NowRow(card, "was due", card.due, "day", is_late=True)


def _stuck_row(card: Card) -> NowRow:
    return NowRow(card, f"{card.column.name} for", card.moved_at, "age")


def _on_row(card: Card) -> NowRow:
    return NowRow(card, f"{card.column.name},", card.moved_at, "age")


def _column_row(card: Card) -> NowRow:
    return NowRow(card, card.column.name)


def _unowned_row(card: Any) -> NowRow:
    return NowRow(card, card.column.name, is_begun=card.is_begun)


def row_text(text: str) -> str:
    """What a text says, in one line, cut at a word."""
    whole = plain(text)
    return whole if len(whole) <= _SAID else f"{whole[:_SAID].rsplit(' ', 1)[0]} …"
