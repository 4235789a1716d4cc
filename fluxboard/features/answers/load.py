"""Decisions and answered questions that may answer what somebody is about to ask or to make a card of."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from boards.models import Board
from fluxboard.core import limits
from fluxboard.core.folding import fold
from fluxboard.features.search.marks import Marks
from fluxboard.features.search.results import SEARCHED_KINDS, Hit, Searched, row_found, with_all_shown
from fluxboard.features.search.searcher import Searcher
from fluxboard.features.search.syntax import MOST_TERMS, RUNS, SearchQuery, Term

MOST_ANSWERS = 5
SHORTEST = 4  # characters of the words that say something
_MOST_WORDS = 100
_LOOKED_AT = 25  # of each kind, those with the most hits
# Without words such as "the" and "what", which stand in every second text: a text search leaves them out.
_TELLING = "SELECT word FROM unnest(%s::text[]) AS word WHERE to_tsvector('english', word) <> ''"


@dataclass(frozen=True)
class Answer:
    """A hit that may be the answer; `value` is how a form names it, `decision-12` or `question-7`."""

    value: str
    hit: Hit


def answers_to(text: str, reader: Any, now: dt.datetime, *, besides: int | None = None) -> list[Answer]:
    """What `reader` may see of what was decided or answered before and has most of the words of `text`.

    At most `MOST_ANSWERS`, the best first; `besides` is a question (its id) that is left out. None for a text
    without enough words. Four queries.
    """
    terms = terms_of(text)
    if sum(len(term.text) for term in terms) < SHORTEST:
        return []
    boards = list(Board.objects.visible_to(reader).values_list("pk", flat=True))
    marks, found = Marks.of(terms), []
    for name, fact in (("decisions", "decision"), ("comments", "answered")):
        asked = SearchQuery(terms=terms, facts=frozenset({fact}))
        searcher = Searcher(asked, reader, tuple(boards), now)
        found += [row for row in _rows(searcher, SEARCHED_KINDS[name]) if row[1].pk != besides]
    best = sorted(found, key=lambda row: (-row[1].hits, -row[1].rank))[:MOST_ANSWERS]
    return [Answer(f"{_NAMES[kind.name]}-{row.pk}", row_found(kind, row, marks)) for kind, row in best]


_NAMES = {"decisions": "decision", "comments": "question"}


def _rows(searcher: Searcher, kind: Searched) -> Iterator[tuple[Searched, Any]]:
    """Those with enough of the words: decisions that stand, and questions with an answer of their own."""
    needed = _needed(len(searcher.asked.terms))
    for row in with_all_shown(kind, searcher.page(kind, "some", 0, _LOOKED_AT)):
        is_other = row.superseded_by_id if kind.name == "decisions" else row.answered_by
        if row.hits >= needed and is_other is None:
            yield kind, row


def _needed(terms: int) -> int:
    """How many of the words have to be there: both of two, else half of them and two at least."""
    return min(terms, max(2, math.ceil(terms / 2)))


def terms_of(text: str) -> tuple[Term, ...]:
    """The words of a text that say what it is about, as terms of a search; no operators. One query.

    Of scripts that write without spaces each two characters are one. The last word may be half typed.
    """
    folded = fold(" ".join(text[: limits.SEARCH].replace("\0", " ").split()))[: limits.SEARCH]
    words: dict[str, None] = {}
    for run in RUNS.finditer(folded):
        if run["unspaced"]:
            pairs = (run[0][at : at + 2] for at in range(0, max(len(run[0]) - 1, 1), 2))
            words |= dict.fromkeys(pairs)
        else:
            word = run[0].strip("?!.,;:()[]{}\"'“”‘’…<>*_`~-")
            if any(sign.isalnum() for sign in word):
                words[word] = None
    chosen = _telling(list(words)[:_MOST_WORDS])[:MOST_TERMS]
    return tuple(Term(word, word, is_last=at == len(chosen) - 1) for at, word in enumerate(chosen))


def _telling(words: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_TELLING, [words])
        telling = {word for (word,) in cursor.fetchall()}
    return [word for word in words if word in telling or not word.isascii()]
