"""Loads all that a page shows, in a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import QueryDict
from django.utils.safestring import SafeString

from activity.feed.read_marker import news_of
from boards.board_page.chips import CHIPS, ChipContext
from boards.board_page.filters import DUE, NONE, ON_CHIPS, TALK, Filters
from boards.card_fields import CardField, choice_fields
from boards.models import Board, Card, Column, Fold, Role, Welcome
from boards.models.card import CardQuerySet
from boards.page_frame import frame
from boards.rendering.card_front import card_front, column_count
from boards.watching import watching
from fluxboard.core import parsing

AT_FIRST = 25
AT_MOST = 1000


@dataclass
class ColumnOnPage:
    """A column with what of it is on the page: `fronts` of the first cards, how many `more` there are."""

    column: Column
    count: int | str
    count_html: SafeString
    fronts: list[SafeString]
    shown: int
    found: int
    is_folded: bool
    query: QueryDict

    @property
    def left(self) -> int:
        return self.found - self.shown

    @property
    def next_step(self) -> int:
        """How many cards the link for more asks for, counted from the first."""
        return self.shown + max(AT_FIRST, self.shown)

    @property
    def next_count(self) -> int:
        return min(self.left, self.next_step - self.shown)

    @property
    def more_url(self) -> str:
        """The same page with the next cards of this column."""
        query = self.query.copy()
        query.pop("part", None)
        others = [value for value in query.getlist("more") if not value.startswith(f"{self.column.pk}:")]
        query.setlist("more", [*others, f"{self.column.pk}:{self.next_step}"])
        return f"?{query.urlencode(safe=':')}#column-{self.column.pk}"


def board_page(board: Board, user: Any, role: Role, query: QueryDict, now: dt.datetime) -> dict[str, Any]:
    """The board as `user` sees it: columns with their first cards, chips with counts, the filter form.

    `board.seq` has been read before everything else, so a change that comes meanwhile is told again by the
    stream and never missed.
    """
    filters = Filters.of(query)
    columns = list(board.columns.current().in_board_order())
    current = Card.objects.filter(board=board, archived_at=None, column__archived_at=None)
    found = filters.apply(current, board, user, now)
    counts = _by_column(current)
    hits = _by_column(found) if filters else counts
    folded = set(Fold.objects.filter(user=user, column__board=board).values_list("column_id", flat=True))
    if filters:
        folded = {pk for pk in folded if not hits.get(pk)}
    cards = _first_cards(found, [column for column in columns if column.pk not in folded], query)
    context = frame(user, board, role, "board")
    context |= {
        "filters": filters,
        "chips": _chips(current, board, user, filters, now),
        "hits": sum(hits.values()),
        "all_cards": sum(counts.values()),
        "columns": [_on_page(column, board, counts, hits, cards, folded, filters) for column in columns],
        "filter_form": filter_form(board, columns, filters),
        "live": True,
        "watching": watching(board, user),
        "news": news_of(user, [board.pk]).get(board.pk),
        "is_new_here": Welcome.objects.to(user, board).exists(),
    }
    return context


def _by_column(cards: QuerySet[Card]) -> dict[int, int]:
    return dict(cards.order_by().values_list("column").annotate(Count("pk")))


def _first_cards(found: CardQuerySet, columns: list[Column], query: QueryDict) -> dict[int, list[Card]]:
    """The first cards of each open column, by column: 25, or as many as `?more=ID:N` asks for."""
    place = Window(RowNumber(), partition_by=F("column_id"), order_by=["position", "id"])
    asked = Q(place__lte=AT_FIRST)
    for pk, count in more_asked(query).items():
        asked |= Q(column=pk, place__lte=count)
    unseen = ("what", "constraints", "field_seqs", "salt")
    cards = found.for_fronts().defer(*unseen).in_board_order().filter(column__in=columns)
    by_column: dict[int, list[Card]] = {column.pk: [] for column in columns}
    of = {column.pk: column for column in columns}
    for card in cards.annotate(place=place).filter(asked):
        card.column = of[card.column_id]
        by_column[card.column_id].append(card)
    return by_column


def more_asked(query: QueryDict) -> dict[int, int]:
    """How many cards `?more=ID:N` asks for, by column."""
    asked = {}
    for value in query.getlist("more"):
        pk, _, count = value.partition(":")
        column, many = parsing.whole_number(pk), parsing.whole_number(count)
        if column is not None and many is not None:
            asked[column] = min(many, AT_MOST)
    return asked


def _on_page(
    column: Column,
    board: Board,
    counts: dict[int, int],
    hits: dict[int, int],
    cards: dict[int, list[Card]],
    folded: set[int],
    filters: Filters,
) -> ColumnOnPage:
    count, shown = counts.get(column.pk, 0), cards.get(column.pk, [])
    column.board = board
    return ColumnOnPage(
        column=column,
        count=count,
        count_html=column_count(column, count),
        fronts=[card_front(card, board) for card in shown],
        shown=len(shown),
        found=hits.get(column.pk, 0) if column.pk not in folded else 0,
        is_folded=column.pk in folded,
        query=filters.query,
    )


def _chips(
    current: QuerySet[Card], board: Board, user: Any, filters: Filters, now: dt.datetime
) -> list[dict[str, Any]]:
    look = ChipContext(board, user, now)
    counts = current.aggregate(**{chip.name: Count("pk", filter=chip.found(look)) for chip in CHIPS})
    return chips_of(board, filters, counts)


def chips_of(board: Board, filters: Filters, counts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The toolbar's chips, each with its count and with the address that turns it on or off."""
    return [
        {
            "name": chip.name,
            "icon": chip.icon,
            "words": chip.says(board),
            "is_on": filters.has(chip),
            "count": counts[chip.name],
            "url": filters.toggled(chip.param, chip.value) or board.get_absolute_url(),
        }
        for chip in CHIPS
    ]


def filter_form(board: Board, columns: list[Column], filters: Filters) -> dict[str, Any]:
    """What the filter form offers."""
    return {
        "labels": list(board.labels.filter(removed_at=None)),
        "people": list(board.members.filter(is_active=True).order_by("name")),
        "columns": columns,
        "choices": [_offered(field, filters) for field in choice_fields() if field.is_on(board.card_fields)],
        "due": DUE.items(),
        "talk": TALK.items(),
        "kept": [("mine", "1")] * filters.mine
        + [("waiting", "1")] * filters.waiting
        + [("is", fact) for fact in sorted(filters.facts & ON_CHIPS)],
    }


def _offered(field: CardField, filters: Filters) -> dict[str, Any]:
    values = [*field.value.choices.items(), (NONE, field.value.empty)]
    options = [(value, words, (field.name, value) in filters.choices) for value, words in values]
    return {"name": field.name, "label": field.label, "options": options}


# ---- settings ---------------------------------------------------------------------------------------


# ---- home -------------------------------------------------------------------------------------------
