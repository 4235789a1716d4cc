"""Search over all that a person may see: decisions, cards, checklist items, comments, boards, people.

Everything asked for has to be in one text (AND). Where nothing has it all, texts with some of it are found,
most hits first (OR); where nothing has a whole word of it, texts that contain it anywhere (substring). So a
longer query never ends in nothing. The columns `words` are made by the migrations named `search`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, Func, Q, QuerySet, Value
from django.utils import timezone

from boards.card_fields import CardField, choice_fields
from boards.card_states import CardScope, cards_that
from boards.models import Board, Card, Item
from boards.models.card import UNREADY
from comments.models import Ask, Comment, Decision
from comments.waiting import waits_on_cards
from fluxboard.accounts import times
from fluxboard.features.finished.load import finished_ids
from fluxboard.features.search.days import since_day
from fluxboard.features.search.jumps import jumps
from fluxboard.features.search.marks import Marks
from fluxboard.features.search.moves import MovesFound, find_moves
from fluxboard.features.search.query import (
    AND,
    OR,
    joined,
    match_count,
    matches,
    query_of,
    rank_by,
    settled_last,
)
from fluxboard.features.search.results import (
    HANDED_ON,
    SEARCHED_KINDS,
    HitGroup,
    Results,
    Searched,
    row_found,
    with_all_shown,
)
from fluxboard.features.search.syntax import MOVE_OPERATORS, STATE_FACTS, SearchQuery, Term

_MOST_CARDS = 5000  # to whose changes a standup is narrowed
CHOICES = {field.name: field for field in choice_fields()}


def _chosen(card: str, field: CardField, typed: tuple[str, ...]) -> Q:
    """On boards that have the field: with one of the values that were typed, or that are called so."""
    asked = {word.casefold() for word in typed}
    values = [value for value, words in field.value.choices.items() if {value, words.casefold()} & asked]
    found = Q(**{f"{card}{field.name}__in": values})
    return found & Q(**{f"{card}board__card_fields__contains": [field.name]}) if field.is_optional else found


def _place(cards: list[int]) -> Func:
    """Where a card stands in a list of ids."""
    ids = Value(cards, output_field=ArrayField(BigIntegerField()))
    return Func(ids, F("pk"), function="array_position", output_field=BigIntegerField())


@dataclass
class Searcher:
    """One person's search: what is asked for, and the boards that they may see.

    `moved`: which cards were moved as asked, where the search asks for moves.
    """

    asked: SearchQuery
    reader: Any
    boards: tuple[int, ...]
    now: dt.datetime
    moved: MovesFound | None = None

    @classmethod
    def of(cls, asked: SearchQuery, reader: Any, now: dt.datetime) -> Self:
        visible = Board.objects.visible_to(reader)
        boards = tuple(visible.order_by("pk").values_list("pk", flat=True))
        moved = None
        if asked.has_moves:
            asked, moved = find_moves(asked, boards, reader, times.today_of(reader, now))
        return cls(asked, reader, boards, now, moved)

    @cached_property
    def today(self) -> dt.date:
        return times.today_of(self.reader, self.now)

    @cached_property
    def scope(self) -> CardScope:
        """The boards in use among them, for how their cards stand. One query."""
        return CardScope(list(Board.objects.filter(pk__in=self.boards).current()), self.today, self.now)

    def kinds(self, only: str) -> list[Searched]:
        """The kinds that can answer. `is:decision` and `is:question` name theirs; facts alone mean cards."""
        if self.asked.done or self.moved is not None:
            return [SEARCHED_KINDS["cards"]] if only in ("", "cards") else []
        names = list(SEARCHED_KINDS)
        facts = self.asked.facts
        if "decision" in facts and facts & {"question", "handed-on"}:
            names = []
        elif "decision" in facts:
            names = ["decisions"]
        elif facts & {"question", "handed-on"}:
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
                if "handed-on" in self.asked.facts:
                    rows = rows.filter(pk__in=Ask.objects.handed_on().values("comment"))
                elif "question" in self.asked.facts:
                    rows = rows.filter(kind=Comment.Kind.QUESTION)
                else:
                    rows = rows.exclude(kind=Comment.Kind.DECISION)
            case _:
                rows = Decision.objects.filter(card__board__in=self.boards)
        for term in self.asked.without:
            rows = rows.exclude(matches(query_of(term)))
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
        of_moves = () if self.moved is None else (*MOVE_OPERATORS, "by")
        for name, values in asked.named.items():
            if name in of_moves:
                continue
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
        if self.moved is not None:
            found &= Q(**{f"{card}pk__in": list(self.moved.moves)})
        else:
            found &= self._dates(kind)
        if asked.done:
            came = finished_ids(self.boards, asked.done, self.reader)
            found &= Q(**{f"{card}pk__in": came, f"{card}column__is_done": True})
        if facts := self._cards_with_facts():
            found &= Q(**{f"{card}pk__in": Card.objects.filter(facts).values("pk")})
        return found

    def _dates(self, kind: Searched) -> Q:
        asked, found = self.asked, Q()
        if asked.before:
            found &= Q(**{f"{kind.at}__lt": self._midnight(asked.before)})
        since = since_day(asked.since, self.today) if asked.since else None
        for day in filter(None, (asked.after, since)):
            found &= Q(**{f"{kind.at}__gte": self._midnight(day)})
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
        for state in self.asked.facts.intersection(STATE_FACTS):
            if state == "waiting":
                found &= waits_on_cards(self.reader, self.now) & Q(board__in=self.boards)
            else:
                found &= Q(pk__in=cards_that(state, self.scope).values("pk"))
        return found

    def _midnight(self, day: dt.date) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(), self.reader.zone)

    # ---- how well they fit -----------------------------------------------------------------------------

    def page(self, kind: Searched, how: str, skip: int, most: int) -> QuerySet[Any]:
        """`most` of the rows in order, after the first `skip`.

        Only keys are put in order: to sort whole rows with what is shown beside them, a word that stands in
        every comment had the database write files.
        """
        found = self.found(kind, how)
        keys = self._in_order(found, kind, how).values("pk")[skip : skip + most]
        return self._in_order(found.model._default_manager.filter(pk__in=keys), kind, how)

    def found(self, kind: Searched, how: str) -> QuerySet[Any]:
        """Those of `rows` that have the words: `all` of them, `some`, or `inside` others too."""
        rows = self.rows(kind)
        if not self.asked.terms:
            return rows
        if how == "inside":
            any_hit = Q()
            for term in self.asked.terms:
                any_hit |= self._contains(kind, term)
            return rows.filter(any_hit)
        return rows.filter(matches(self._joined(how)))

    @cached_property
    def queries(self) -> list[Any]:
        return [query_of(term) for term in self.asked.terms]

    def _joined(self, how: str) -> Any:
        return joined(self.queries, AND if how == "all" else OR)

    def _in_order(self, rows: QuerySet[Any], kind: Searched, how: str) -> QuerySet[Any]:
        """Those where it all stands by rank, those with some of it by the number of hits."""
        if not self.asked.terms:
            if self.moved is not None:
                return rows.annotate(place=_place(list(self.moved.moves))).order_by("place")
            return rows.order_by(F(kind.at).desc(), "-pk")
        if how == "inside":
            hits = [self._contains(kind, term) for term in self.asked.terms]
            return rows.annotate(hits=match_count(hits)).order_by("-hits", "-pk")
        rank = rank_by(self._joined(how))
        if how == "all":
            return rows.annotate(rank=rank).order_by(*settled_last(kind), "-rank", "-pk")
        hits = [Q(matches(query)) for query in self.queries]
        return rows.annotate(rank=rank, hits=match_count(hits)).order_by("-hits", "-rank", "-pk")

    def _contains(self, kind: Searched, term: Term) -> Q:
        found = Q()
        for name in kind.texts:
            for text in {term.text, term.typed}:
                found |= Q(**{f"{name}__icontains": text})
        return found


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
    asked, results.problems = searcher.asked, searcher.asked.problems
    if not asked:
        return results
    if not only and not asked.has_operators:
        results.groups += jumps(asked, reader, searcher.boards)
    names = len(results.groups)
    for how in ("all", "some", "inside") if asked.terms else ("all",):
        if how == "some" and len(asked.terms) == 1:
            continue
        results.groups += _hits(searcher, how, only, skip, most)
        if len(results.groups) > names:
            results.how = how
            break
    return results


def cards_found(asked: SearchQuery, reader: Any, boards: Sequence[int], now: dt.datetime) -> list[int]:
    """The cards on `boards` that a search finds, by id: hits, and those with a hit on them.

    Every word has to be there. At most `_MOST_CARDS` of each kind; at most nine queries.
    """
    searcher = Searcher.of(asked, reader, now)
    found: set[int] = set()
    if not searcher.asked:
        return []
    for kind in searcher.kinds(""):
        rows = searcher.found(kind, "all").filter(**{f"{kind.card}board__in": boards})
        found.update(rows.order_by().values_list(f"{kind.card}pk", flat=True).distinct()[:_MOST_CARDS])
    return sorted(found)


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
