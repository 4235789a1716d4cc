"""One person's search as rows: which of them the operators and the words let through, and in which order.

Everything asked for has to be in one text (AND). Where nothing has it all, texts with some of it are found,
most hits first (OR); where nothing has a whole word of it, texts that contain it anywhere (substring). So a
longer query never ends in nothing. The columns `words` are made by the migrations named `search`.
"""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, Func, Q, QuerySet, Value

from boards.card_fields import CardField, choice_fields
from boards.card_states import CardScope, cards_that
from boards.models import Board, Card, CheckIn, Item
from boards.models.card import BLOCKED, UNREADY
from comments.due_reviews import decisions_due
from comments.models import Ask, Comment, Decision
from comments.reuse import ANSWERED
from comments.waiting import waits_on_cards
from fluxboard.accounts import times
from fluxboard.accounts.calendar import midnight
from fluxboard.features.finished.load import finished_ids
from fluxboard.features.search.days import since_day
from fluxboard.features.search.moves import MovesFound, find_moves
from fluxboard.features.search.names import unknown_names
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
from fluxboard.features.search.results import SEARCHED_KINDS, Searched
from fluxboard.features.search.syntax import CARD_FACTS, MOVE_OPERATORS, SearchQuery, Term

DECISION_FACTS = {"decision", "due-for-review"}
QUESTION_FACTS = {"question", "answered", "handed-on"}
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
    def of(
        cls, asked: SearchQuery, reader: Any, now: dt.datetime, boards: Collection[int] | None = None
    ) -> Self:
        """Over all that the reader may see, or over those of `boards` (ids, of which they may see each).

        `asked.problems` then has a line on each board, column, label or person that there is on none that the
        reader may see. They find nothing: what was searched for by a name that is gone must not become a
        search for everything.
        """
        everywhere = tuple(sorted(Board.objects.visible_to(reader).values_list("pk", flat=True)))
        here, moved = tuple(sorted(everywhere if boards is None else boards)), None
        lines: tuple[str, ...] = ()
        if asked.has_moves:
            today = times.today_of(reader, now)
            moved, lines = find_moves(asked, here, reader, today)
            if lines and here != everywhere:
                lines = find_moves(asked, everywhere, reader, today)[1]
        problems = dict.fromkeys((*asked.problems, *lines, *unknown_names(asked, reader, everywhere)))
        return cls(replace(asked, problems=tuple(problems)), reader, here, now, moved)

    @property
    def ways(self) -> tuple[str, ...]:
        """How the words are looked for, one way after the other until something is found."""
        if not self.asked.terms:
            return ("all",)
        return ("all", "some", "inside") if len(self.asked.terms) > 1 else ("all", "inside")

    @property
    def way(self) -> str:
        """The first of `ways` that finds anything; empty where none does."""
        return next(
            (way for way in self.ways if any(self.found(kind, way).exists() for kind in self.kinds(""))), ""
        )

    @cached_property
    def today(self) -> dt.date:
        """The date on the reader's calendar."""
        return times.today_of(self.reader, self.now)

    @cached_property
    def scope(self) -> CardScope:
        """The boards in use among them, for how their cards stand. One query."""
        return CardScope(list(Board.objects.filter(pk__in=self.boards).current()), self.today, self.now)

    def kinds(self, only: str) -> list[Searched]:
        """The kinds that can answer. `is:decision` and `is:question` name theirs; facts alone mean cards."""
        if self.asked.done or self.moved is not None:
            return [SEARCHED_KINDS["cards"]] if only in ("", "cards") else []
        facts, asked = self.asked.facts, self.asked
        is_of_decisions = bool(facts & DECISION_FACTS)
        is_of_people = "by" in asked.named or "by" in asked.not_named
        if facts & QUESTION_FACTS:
            names = [] if is_of_decisions else ["comments"]
        elif is_of_decisions:
            names = ["decisions"]
        elif asked.terms or is_of_people or asked.not_facts & (DECISION_FACTS | QUESTION_FACTS):
            names = list(SEARCHED_KINDS)
        else:
            names = ["cards"]
        if "decision" in asked.not_facts:
            names = [name for name in names if name != "decisions"]
        if not self._goes_without_cards():
            names = [name for name in names if SEARCHED_KINDS[name].card is not None]
        return [SEARCHED_KINDS[name] for name in names if only in ("", name)]

    def _goes_without_cards(self) -> bool:
        """Whether nothing is asked for that only cards have."""
        asked = self.asked
        named = {*asked.named, *asked.not_named}
        return bool(asked.terms) and named <= {"by", "in"} and not (asked.facts or asked.not_facts)

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
                rows = self._comments()
            case "checkins":
                rows = CheckIn.objects.filter(board__in=self.boards, removed_at=None)
            case _:
                rows = self._decisions()
        for term in self.asked.without:
            rows = rows.exclude(matches(query_of(term)))
        rows = rows.filter(self._operators(kind))
        if self.asked.not_named or self.asked.not_facts:
            rows = rows.exclude(self._left_out(kind))
        return rows.distinct() if kind.name == "decisions" and "by" in self.asked.named else rows

    def _decisions(self) -> QuerySet[Decision]:
        rows = Decision.objects.filter(card__board__in=self.boards)
        if "due-for-review" in self.asked.facts:
            rows = rows.filter(self._due_for_review())
        return rows.exclude(self._due_for_review()) if "due-for-review" in self.asked.not_facts else rows

    def _due_for_review(self) -> Q:
        return Q(pk__in=decisions_due(self.scope.boards, self.today).values("pk"))

    def _comments(self) -> QuerySet[Comment]:
        rows = Comment.objects.filter(removed_at=None, card__board__in=self.boards)
        handed_on = Q(pk__in=Ask.objects.handed_on().values("comment"))
        if "handed-on" in self.asked.facts:
            rows = rows.filter(handed_on)
        elif "answered" in self.asked.facts:
            rows = rows.filter(kind=Comment.Kind.QUESTION, settled_how__in=ANSWERED)
        elif "question" in self.asked.facts:
            rows = rows.filter(kind=Comment.Kind.QUESTION)
        else:
            rows = rows.exclude(kind=Comment.Kind.DECISION)
        if "question" in self.asked.not_facts:
            rows = rows.exclude(kind=Comment.Kind.QUESTION)
        if "answered" in self.asked.not_facts:
            rows = rows.exclude(kind=Comment.Kind.QUESTION, settled_how__in=ANSWERED)
        return rows.exclude(handed_on) if "handed-on" in self.asked.not_facts else rows

    def _operators(self, kind: Searched) -> Q:
        """What all operators ask for; all of those that `find_moves` answers come as the cards it found."""
        asked, card, found = self.asked, kind.card or "", Q()
        of_moves = () if self.moved is None else (*MOVE_OPERATORS, "by")
        for name, values in asked.named.items():
            if name not in of_moves:
                found &= self._named(kind, name, values)
        if self.moved is not None:
            found &= Q(**{f"{card}pk__in": list(self.moved.moves)})
        else:
            found &= self._dates(kind)
        if asked.done:
            came = finished_ids(self.boards, asked.done, self.reader)
            found &= Q(**{f"{card}pk__in": came, f"{card}column__is_done": True})
        if facts := asked.facts.intersection(CARD_FACTS):
            stands = functools.reduce(operator.and_, map(self._fact, facts))
            found &= Q(**{f"{card}pk__in": Card.objects.filter(stands).values("pk")})
        return found

    def _left_out(self, kind: Searched) -> Q:
        """What any operator with a `-` names: none of it is found."""
        asked, found = self.asked, Q(pk__in=[])
        for name, values in asked.not_named.items():
            if self.moved is None or name != "by":
                found |= self._named(kind, name, values)
        for fact in asked.not_facts.intersection(CARD_FACTS):
            found |= Q(**{f"{kind.card}pk__in": Card.objects.filter(self._fact(fact)).values("pk")})
        return found

    def _named(self, kind: Searched, name: str, values: tuple[str, ...]) -> Q:
        """By one of the `values` of an operator that names things."""
        card, found = kind.card or "", Q(pk__in=[])
        if name == "label":
            return Q(**{f"{card}pk__in": self._labelled(values)})
        if name in CHOICES:
            return _chosen(card, CHOICES[name], values)
        people = {"by": kind.by, "owner": (f"{card}assignee",)}.get(name, ())
        ways = {
            "in": [f"{card}board__key__iexact", f"{card}board__name__folded__contains"],
            "column": [f"{card}column__name__folded__contains"],
        }.get(
            name, [f"{who}__{way}" for who in people for way in ("handle__iexact", "name__folded__contains")]
        )
        for value in values:
            if people and value.lower() == "me":
                for who in people:
                    found |= Q(**{who: self.reader})
                continue
            for way in ways:
                found |= Q(**{way: value})
        return found

    def _dates(self, kind: Searched) -> Q:
        asked, found = self.asked, Q()
        if asked.before:
            found &= Q(**{f"{kind.at}__lt": midnight(asked.before, self.reader.zone)})
        since = since_day(asked.since, self.today) if asked.since else None
        for day in filter(None, (asked.after, since)):
            found &= Q(**{f"{kind.at}__gte": midnight(day, self.reader.zone)})
        return found

    def _labelled(self, values: tuple[str, ...]) -> QuerySet[Any]:
        named = Q()
        for value in values:
            named |= Q(labels__name__folded__contains=value)
        return Card.objects.filter(named, labels__removed_at=None).values("pk")

    def _fact(self, fact: str) -> Q:
        """What is so of a card: for `blocked` also of one that is done or archived, else as `CARD_STATES`."""
        match fact:
            case "blocked":
                return BLOCKED
            case "unready":
                return UNREADY
            case "archived":
                return ~Q(archived_at=None)
            case "mine":
                return Q(assignee=self.reader)
            case "waiting":
                return waits_on_cards(self.reader, self.now) & Q(board__in=self.boards)
            case _:
                return Q(pk__in=cards_that(fact, self.scope).values("pk"))

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
        """The tsquery of each term."""
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
