"""Search over all that a person may see: decisions, cards, checklist items, comments, boards, people.

Everything asked for has to be in one text (AND). Where nothing has it all, texts with some of it are found,
most hits first (OR); where nothing has a whole word of it, texts that contain it anywhere (substring). So a
longer query never ends in nothing. The columns `words` are made by the migrations named `search`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from django.db.models import (
    F,
    FloatField,
    Func,
    Q,
    QuerySet,
    Value,
)

from boards.card_fields import CardField, choice_fields
from boards.models import Board, Card, Item
from boards.models.card import UNREADY
from comments.models import Comment, Decision
from fluxboard.features.finished.load import finished_ids
from fluxboard.features.search.jumps import jumps
from fluxboard.features.search.marks import Marks
from fluxboard.features.search.query import (
    Query,
    SearchedWords,
    match_count,
    matches,
    settled_last,
    tsquery_of,
)
from fluxboard.features.search.results import (
    SEARCHED_KINDS,
    HitGroup,
    Results,
    Searched,
    row_found,
    with_all_shown,
)
from fluxboard.features.search.syntax import SearchQuery, Term

CHOICES = {field.name: field for field in choice_fields()}


def _chosen(card: str, field: CardField, typed: tuple[str, ...]) -> Q:
    """On boards that have the field: with one of the values that were typed, or that are called so."""
    asked = {word.casefold() for word in typed}
    values = [value for value, words in field.value.choices.items() if {value, words.casefold()} & asked]
    found = Q(**{f"{card}{field.name}__in": values})
    return found & Q(**{f"{card}board__card_fields__contains": [field.name]}) if field.is_optional else found


@dataclass
class Searcher:
    """One person's search: what is asked for, and the boards that they may see."""

    asked: SearchQuery
    reader: Any
    boards: tuple[int, ...]

    @classmethod
    def of(cls, asked: SearchQuery, reader: Any) -> Self:
        visible = Board.objects.visible_to(reader)
        return cls(asked, reader, tuple(visible.order_by("pk").values_list("pk", flat=True)))

    @cached_property
    def query(self) -> Query:
        return Query(self.asked.terms, self.asked.without)

    def kinds(self, only: str) -> list[Searched]:
        """The kinds that can answer. `is:decision` and `is:question` name theirs; facts alone mean cards."""
        if self.asked.done:
            return [SEARCHED_KINDS["cards"]] if only in ("", "cards") else []
        names = list(SEARCHED_KINDS)
        facts = self.asked.facts
        if {"decision", "question"} <= facts:
            names = []
        elif "decision" in facts:
            names = ["decisions"]
        elif "question" in facts:
            names = ["comments"]
        elif not self.asked.terms and not (self.asked.named.keys() & {"by"}):
            names = ["cards"]
        return [SEARCHED_KINDS[name] for name in names if only in ("", name)]

    # ---- which rows may be found -----------------------------------------------------------------------

    def rows(self, kind: Searched) -> QuerySet[Any]:
        """All of one kind that the reader may see and the operators let through."""
        match kind.name:
            case "cards":
                rows: QuerySet[Any] = Card.objects.filter(board__in=self.boards)
            case "items":
                rows = Item.objects.filter(
                    removed_at=None, checklist__removed_at=None, checklist__card__board__in=self.boards
                )
            case "comments":
                rows = Comment.objects.filter(removed_at=None, card__board__in=self.boards)
                if "question" in self.asked.facts:
                    rows = rows.filter(kind=Comment.Kind.QUESTION)
                else:
                    rows = rows.exclude(kind=Comment.Kind.DECISION)
            case _:
                rows = Decision.objects.filter(card__board__in=self.boards)
        for term in self.query.without:
            rows = rows.exclude(matches(*term))
        rows = rows.filter(self._operators(kind))
        return rows.distinct() if kind.name == "decisions" and "by" in self.asked.named else rows

    def _operators(self, kind: Searched) -> Q:
        asked, card = self.asked, kind.card
        ways = {
            "by": [
                way for who in kind.by for way in (f"{who}__handle__iexact", f"{who}__name__folded__contains")
            ],
            "in": [f"{card}board__key__iexact", f"{card}board__name__folded__contains"],
            "column": [f"{card}column__name__folded__contains"],
        }
        found = Q()
        for name, values in asked.named.items():
            if name == "label":
                found &= Q(**{f"{card}pk__in": self._labelled(values)})
                continue
            if name in CHOICES:
                found &= _chosen(card, CHOICES[name], values)
                continue
            any_of = Q(pk__in=[])
            for value in values:
                if name == "by" and value.lower() == "me":
                    for who in kind.by:
                        any_of |= Q(**{who: self.reader})
                    continue
                for way in ways[name]:
                    any_of |= Q(**{way: value.removeprefix("@")})
            found &= any_of
        if asked.before:
            found &= Q(**{f"{kind.at}__lt": self._midnight(asked.before)})
        if asked.after:
            found &= Q(**{f"{kind.at}__gte": self._midnight(asked.after)})
        if asked.done:
            came = finished_ids(self.boards, asked.done, self.reader)
            found &= Q(**{f"{card}pk__in": came, f"{card}column__is_done": True})
        if facts := self._cards_with_facts():
            found &= Q(**{f"{card}pk__in": Card.objects.filter(facts).values("pk")})
        return found

    def _labelled(self, values: tuple[str, ...]) -> QuerySet[Any]:
        named = Q()
        for value in values:
            named |= Q(labels__name__folded__contains=value)
        return Card.objects.filter(named, labels__removed_at=None).values("pk")

    def _cards_with_facts(self) -> Q:
        of = {
            "blocked": Q(is_blocked=True),
            "unready": UNREADY,
            "archived": ~Q(archived_at=None),
            "mine": Q(assignee=self.reader),
        }
        found = Q()
        for fact in self.asked.facts & of.keys():
            found &= of[fact]
        return found

    def _midnight(self, day: dt.date) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(), self.reader.zone)

    # ---- how well they fit -----------------------------------------------------------------------------

    def page(self, kind: Searched, how: str, skip: int, most: int) -> QuerySet[Any]:
        """`most` of the rows in order, after the first `skip`.

        Only keys are put in order: to sort whole rows with what is shown beside them, a word that stands in
        every comment had the database write files.
        """
        found = self._found(kind, how)
        keys = self._in_order(found, kind, how).values("pk")[skip : skip + most]
        return self._in_order(found.model._default_manager.filter(pk__in=keys), kind, how)

    def _found(self, kind: Searched, how: str) -> QuerySet[Any]:
        rows = self.rows(kind)
        if not self.asked.terms:
            return rows
        if how == "inside":
            any_hit = Q()
            for term in self.asked.terms:
                any_hit |= self._contains(kind, term)
            return rows.filter(any_hit)
        return rows.filter(matches(*self._joined(how)))

    def _joined(self, how: str) -> tuple[str, list[Any]]:
        return self.query.joined("&&" if how == "all" else "||")

    def _in_order(self, rows: QuerySet[Any], kind: Searched, how: str) -> QuerySet[Any]:
        """Those where it all stands by rank, those with some of it by the number of hits."""
        if not self.asked.terms:
            return rows.order_by(F(kind.at).desc(), "-pk")
        if how == "inside":
            hits = [self._contains(kind, term) for term in self.asked.terms]
            return rows.annotate(hits=match_count(hits)).order_by("-hits", "-pk")
        query = tsquery_of(*self._joined(how))
        rank = Func(SearchedWords(), query, Value(1), function="ts_rank", output_field=FloatField())
        if how == "all":
            return rows.annotate(rank=rank).order_by(*settled_last(kind), "-rank", "-pk")
        hits = [Q(matches(*term)) for term in self.query.terms]
        return rows.annotate(rank=rank, hits=match_count(hits)).order_by("-hits", "-rank", "-pk")

    def _contains(self, kind: Searched, term: Term) -> Q:
        found = Q()
        for name in kind.texts:
            for text in {term.text, term.typed}:
                found |= Q(**{f"{name}__icontains": text})
        return found


def search(asked: SearchQuery, reader: Any, *, most: int = 8, only: str = "", skip: int = 0) -> Results:
    """Up to `most` hits of each kind (or of `only` one, from `skip` on). At most some twenty queries."""
    results = Results(asked)
    if not asked:
        return results
    searcher = Searcher.of(asked, reader)
    if not only and not asked.has_operators:
        results.groups += jumps(asked, reader, searcher.boards)
    names = len(results.groups)
    for how in ("all", "some", "inside") if asked.terms else ("all",):
        if how == "some" and len(asked.terms) == 1:
            continue
        marks = Marks.of(asked.terms, is_inside=how == "inside")
        for kind in searcher.kinds(only):
            rows = list(with_all_shown(kind, searcher.page(kind, how, skip, most + 1)))
            if rows:
                hits = [row_found(kind, row, marks) for row in rows[:most]]
                results.groups.append(HitGroup(kind.name, kind.words, kind.icon, hits, len(rows) > most))
        if len(results.groups) > names:
            results.how = how
            break
    return results


# ---- jumps: what is found by its name -------------------------------------------------------------------


# ---- marking --------------------------------------------------------------------------------------------
