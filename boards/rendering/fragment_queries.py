"""What the frames of a change show of cards and columns, each read in one statement that is composed once."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL

from boards.models import Board, Card, Label
from fluxboard.core.postgres.statements import PARAM_USER, PreparedQuery, Statement, rows_of

_LABELS = """(
    SELECT json_agg(json_build_array(l.id, l.name, l.hue) ORDER BY l.name, l.id)
    FROM boards_card_labels cl JOIN boards_label l ON l.id = cl.label_id WHERE cl.card_id = boards_card.id)"""
_PEOPLE = """(
    SELECT json_agg(json_build_array(u.id, u.name, u.hue) ORDER BY u.id)
    FROM boards_card_participants cp JOIN accounts_user u ON u.id = cp.user_id
    WHERE cp.card_id = boards_card.id)"""
FACE = ["id", "name", "hue"]
_COUNTS = """
    SELECT column_id, count(*) FROM boards_card
    WHERE column_id = ANY(%(columns)s::bigint[]) AND archived_at IS NULL GROUP BY column_id
"""


def cards_shown(cards: Collection[int]) -> list[Card]:
    """Those of these cards that are not put away, with their column and all that a front shows."""
    return _cards().all(cards=list(cards)) if cards else []


def card_asking(card: int) -> Statement:
    """Asks for one card, also one that is put away; `card_made` makes it of the row."""
    return _card().bind(card=card)


def card_made(row: tuple[Any, ...]) -> Card:
    """The card with its column, its assignee, and all that a front shows besides."""
    return _card().made(row)


@contextmanager
def drawn(card: Any) -> Iterator[None]:
    """Within it, the labels and participants of a card that was read here are those that it was read with.

    They have just what is drawn of them. The card must not have had others since.
    """
    card._prefetched_objects_cache = {
        "labels": _rows(Label.objects.all(), card.shown_labels),
        "participants": _rows(get_user_model().objects.all(), card.shown_people),
    }
    try:
        yield
    finally:
        card._prefetched_objects_cache = {}


def _rows(rows: QuerySet[Any], facts: list[list[Any]] | None) -> QuerySet[Any]:
    rows._result_cache = [rows.model.from_db(DEFAULT_DB_ALIAS, FACE, fact) for fact in facts or ()]
    return rows


@functools.cache
def _cards() -> PreparedQuery[Card]:
    cards = Card.objects.filter(pk__in=[PARAM_USER], archived_at=None)
    return PreparedQuery(_with_fronts(cards), {PARAM_USER: "cards"})


@functools.cache
def _card() -> PreparedQuery[Card]:
    return PreparedQuery(_with_fronts(Card.objects.filter(pk=PARAM_USER)), {PARAM_USER: "card"})


def _with_fronts(cards: QuerySet[Card]) -> QuerySet[Card]:
    person, other, board = get_user_model(), "blocked_by_card", "blocked_by_card__board"
    cards = cards.select_related("column", "assignee", "blocked_by_user", board)
    cards = cards.defer(
        *_but(person, "blocked_by_user", "id", "uid", "name", "hue"),
        *_but(Card, other, "id", "uid", "number", "board", "assignee"),
        *_but(Board, board, "id", "key"),
    )
    return cards.annotate(shown_labels=RawSQL(_LABELS, []), shown_people=RawSQL(_PEOPLE, []))  # noqa: S611


def _but(model: type[Model], way: str, *kept: str) -> list[str]:
    return [f"{way}__{field.name}" for field in model._meta.concrete_fields if field.name not in kept]


def counts_shown(columns: Collection[int]) -> dict[int, int]:
    """How many cards that are not put away each of these columns has."""
    counted = rows_of(_COUNTS, {"columns": list(columns)}) if columns else []
    return dict.fromkeys(columns, 0) | dict(counted)
