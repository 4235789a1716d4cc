"""A search as SQL: words, phrases and operators."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Case, Expression, Func, IntegerField, TextField, Value, When
from django.db.models.expressions import RawSQL

from fluxboard.features.search.results import Searched
from fluxboard.features.search.syntax import JOINING, Term


class Query:
    """The terms as PostgreSQL understands them."""

    def __init__(self, terms: tuple[Term, ...], without: tuple[Term, ...]) -> None:
        self.terms = [_tsquery(term) for term in terms]
        self.without = [_tsquery(term) for term in without]

    def joined(self, operator: str) -> tuple[str, list[Any]]:
        """All terms by `&&` or `||`."""
        sql = f" {operator} ".join(sql for sql, _ in self.terms)
        return f"({sql})", [param for _, params in self.terms for param in params]


def _tsquery(term: Term) -> tuple[str, list[Any]]:
    """SQL with its parameters for one term. What was typed is only ever a parameter, and quoted in it."""
    parts: list[str] = []
    params: list[Any] = []
    for run, is_unspaced in term.runs:
        words = JOINING.sub(" ", run).strip()
        if is_unspaced:
            pairs = [run[at : at + 2] for at in range(len(run) - 1)]
            parts.append("%s::tsquery")
            params.append(" & ".join(map(_quoted, pairs)) if pairs else f"{_quoted(run)}:*")
        elif term.is_phrase:
            parts.append("phraseto_tsquery('simple', %s)")
            params.append(words)
        elif words:
            lexeme = _quoted(words) + (":*" if term.is_last else "")
            parts.append("(to_tsquery('simple', %s) || to_tsquery('english', %s))")
            params += [lexeme, lexeme]
    return f"({' && '.join(parts) or "''::tsquery"})", params


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


class SearchedWords(Expression):
    """The column `words` of what is searched, under whatever name its table has in the query."""

    def __init__(self) -> None:
        super().__init__(output_field=TextField())
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


def matches(sql: str, params: list[Any]) -> Func:
    """Whether the words have what the tsquery asks for."""
    sides = (SearchedWords(), tsquery_of(sql, params))
    return Func(*sides, template="%(expressions)s", arg_joiner=" @@ ", output_field=BooleanField())


def tsquery_of(sql: str, params: list[Any]) -> RawSQL:
    return RawSQL(sql, params, output_field=TextField())  # noqa: S611 — made by `_tsquery`


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
