"""A search as SQL: words, phrases and operators, by `django.contrib.postgres.search`."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.postgres import search as postgres
from django.db.models import Case, Expression, IntegerField, Value, When

from fluxboard.features.search.results import Searched
from fluxboard.features.search.syntax import JOINING, Term

AND, OR = operator.and_, operator.or_


class AsTyped(postgres.SearchQuery):
    """A text that is a tsquery already, taken without a parser, which knows no words of unspaced scripts."""

    template = "(%(expressions)s)::tsquery"


def query_of(term: Term) -> Any:
    """The tsquery of one term. What was typed is only ever a parameter, and quoted in it."""
    parts: list[Any] = []
    for run, is_unspaced in term.runs:
        words = JOINING.sub(" ", run).strip()
        if is_unspaced:
            pairs = [run[at : at + 2] for at in range(len(run) - 1)]
            parts.append(AsTyped(" & ".join(map(_quoted, pairs)) if pairs else f"{_quoted(run)}:*"))
        elif term.is_phrase:
            parts.append(postgres.SearchQuery(words, config="simple", search_type="phrase"))
        elif words:
            lexeme = _quoted(words) + (":*" if term.is_last else "")
            simple, english = (
                postgres.SearchQuery(lexeme, config=config, search_type="raw")
                for config in ("simple", "english")
            )
            parts.append(simple | english)
    return joined(parts, AND) if parts else AsTyped("")


def joined(queries: Sequence[Any], how: Callable[[Any, Any], Any]) -> Any:
    """Several tsqueries as one, by `AND` or `OR`."""
    return functools.reduce(how, queries)


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


class SearchedWords(Expression):
    """The column `words` of what is searched, under whatever name its table has in the query.

    It is no field of the models, so that nothing loads it with a row.
    """

    def __init__(self) -> None:
        super().__init__(output_field=postgres.SearchVectorField())
        self.table = ""

    def resolve_expression(self, query: Any = None, *args: Any, **kwargs: Any) -> SearchedWords:
        found = self.copy()
        found.table = query.get_initial_alias()
        return found

    def relabeled_clone(self, change_map: Any) -> SearchedWords:
        found = self.copy()
        found.table = change_map.get(self.table, self.table)
        return found

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return f'{connection.ops.quote_name(self.table)}."words"', ()


def matches(query: Any) -> Any:
    """Whether the words have what the tsquery asks for."""
    return postgres.SearchVectorExact(SearchedWords(), query)


def rank_by(query: Any) -> Any:
    """How well the words fit, longer texts for less."""
    return postgres.SearchRank(SearchedWords(), query, normalization=1)


def match_count(hits: list[Any]) -> Any:
    total: Any = Value(0, output_field=IntegerField())
    for hit in hits:
        total = total + Case(When(hit, then=1), default=0, output_field=IntegerField())
    return total


def settled_last(kind: Searched) -> list[Any]:
    """Decisions that stand come before those superseded, cards on the board before archived ones."""
    if kind.name == "decisions":
        return [_is_gone("superseded_by")]
    return [_is_gone(f"{kind.card}archived_at")] if kind.name == "cards" else []


def _is_gone(path: str) -> Any:
    return Case(When(**{f"{path}__isnull": True}, then=0), default=1, output_field=IntegerField())
