"""Search over all that a person may see: cards and what is on them, check-ins, boards, people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from fluxboard.features.search.jumps import cards_called, jumps
from fluxboard.features.search.marks import Marks
from fluxboard.features.search.results import HANDED_ON, HitGroup, Results, row_found, with_all_shown
from fluxboard.features.search.searcher import Searcher
from fluxboard.features.search.syntax import SearchQuery

_MOST_CARDS = 5000  # to whose changes a standup is narrowed


def search(
    asked: SearchQuery,
    reader: Any,
    *,
    most: int = 8,
    only: str = "",
    skip: int = 0,
    now: dt.datetime | None = None,
) -> Results:
    """Up to `most` hits of each kind (or of `only` one, from `skip` on). At most some twenty queries."""
    results = Results(asked, problems=asked.problems)
    if not asked:
        return results
    searcher = Searcher.of(asked, reader, now or timezone.now())
    results.problems = searcher.asked.problems
    if not only and not asked.has_operators:
        results.groups += jumps(asked, reader, searcher.boards)
    names = len(results.groups)
    for way in searcher.ways:
        results.groups += _hits(searcher, way, only, skip, most)
        if len(results.groups) > names:
            results.how = way
            break
    return results


@dataclass(frozen=True)
class CardsFound:
    """The ids of cards that a search finds, and what it asks for that is not understood or is nobody's."""

    cards: frozenset[int]
    problems: tuple[str, ...] = ()


def cards_found(asked: SearchQuery, reader: Any, boards: Collection[int], now: dt.datetime) -> CardsFound:
    """The cards on `boards` (ids) that the search page finds: hits, and those that have a hit on them.

    What is looked for loosely on the page, because nowhere in sight there is anything else, is so here too.
    Of each kind the `_MOST_CARDS` newest. At most 27 queries, nine where every word is found.
    """
    searcher = Searcher.of(asked, reader, now, boards)
    found = set() if asked.has_operators else cards_called(asked, searcher.boards)
    for way in searcher.ways:
        if hits := _cards_with_hits(searcher, way):
            if way == searcher.ways[0] or Searcher.of(asked, reader, now).way == way:
                found |= hits
            break
    return CardsFound(frozenset(found), searcher.asked.problems)


def _cards_with_hits(searcher: Searcher, way: str) -> set[int]:
    hits: set[int] = set()
    for kind in searcher.kinds(""):
        if kind.card is None:
            continue
        card = f"{kind.card}pk"
        rows = searcher.found(kind, way).order_by(f"-{card}").values_list(card, flat=True).distinct()
        hits.update(rows[:_MOST_CARDS])
    return hits


def _hits(searcher: Searcher, how: str, only: str, skip: int, most: int) -> Iterator[HitGroup]:
    marks = Marks.of(searcher.asked.terms, is_inside=how == "inside")
    is_handed_on = "handed-on" in searcher.asked.facts
    for kind in searcher.kinds(only):
        page = with_all_shown(kind, searcher.page(kind, how, skip, most + 1))
        rows = list(page.prefetch_related(HANDED_ON) if is_handed_on else page)
        if not rows:
            continue
        hits = [row_found(kind, row, marks) for row in rows[:most]]
        if (moved := searcher.moved) is not None:
            of = zip(hits, rows, strict=False)
            hits = [replace(hit, text=moved.words(row.pk), at=moved.moves[row.pk].at) for hit, row in of]
        yield HitGroup(kind.name, kind.words, kind.icon, hits, len(rows) > most)
