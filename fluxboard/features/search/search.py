"""Search over all that a person may see: decisions, cards, checklist items, comments, boards, people.

Everything asked for has to be in one text (AND). Where nothing has it all, texts with some of it are found,
most hits first (OR); where nothing has a whole word of it, texts that contain it anywhere (substring). So a
longer query never ends in nothing. The columns `words` are made by the migrations named `search`.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Self

from django.db import connection
from django.db.models import (
    BooleanField,
    Case,
    Expression,
    F,
    FloatField,
    Func,
    IntegerField,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import RawSQL
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from activity.models import Activity
from boards.board_page.filters import unready
from boards.models import Board, Card, Item
from comments.models import Comment, Decision
from fluxboard.accounts.models import User
from fluxboard.core import limits
from fluxboard.core.folding import fold
from fluxboard.core.plain_text import plain
from fluxboard.features.search.syntax import CARD_KEY, DECISION_KEY, JOINING, UNSPACED, Asked, Term

# A letter of a word that has spaces around it.
LETTER = rf"[^\W{UNSPACED}]"
AROUND = 70
SNIPPET = 190


@dataclass(frozen=True)
class Found:
    """One hit: where it leads, what it says with the words marked, and whose it is."""

    kind: str
    url: str
    title: SafeString
    key: str = ""
    text: SafeString | str = ""
    at: dt.datetime | None = None
    person: Any = None
    facts: tuple[str, ...] = ()


@dataclass
class Group:
    """Hits of one kind. `more`: there are others beyond these."""

    kind: str
    words: str
    icon: str
    hits: list[Found]
    more: bool = False


@dataclass
class Results:
    """`how`: `all` when every word is in each hit, `some` or `inside` when the query had to be loosened."""

    asked: Asked
    groups: list[Group] = field(default_factory=list)
    how: str = "all"

    @property
    def count(self) -> int:
        return sum(len(group.hits) for group in self.groups)


@dataclass(frozen=True)
class Kind:
    """A model that is searched: where its text stands, and the way from it to its card and its people."""

    name: str
    words: str
    icon: str
    texts: tuple[str, ...]
    card: str
    by: tuple[str, ...]
    at: str


KINDS = {
    "decisions": Kind(
        "decisions", "Decisions", "decision", ("text",), "card__", ("decided_by", "recorded_by"), "at"
    ),
    "cards": Kind(
        "cards",
        "Cards",
        "board",
        ("title", "what", "why", "done_when", "constraints", "blocked_reason"),
        "",
        ("assignee",),
        "created_at",
    ),
    "items": Kind(
        "items",
        "Checklists",
        "list",
        ("text",),
        "checklist__card__",
        ("checked_by",),
        "checklist__card__created_at",
    ),
    "comments": Kind("comments", "Comments", "comment", ("text",), "card__", ("author",), "at"),
}


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


@dataclass
class Searcher:
    """One person's search: what is asked for, and the boards that they may see."""

    asked: Asked
    reader: Any
    boards: tuple[int, ...]

    @classmethod
    def of(cls, asked: Asked, reader: Any) -> Self:
        visible = Board.objects.visible_to(reader)
        return cls(asked, reader, tuple(visible.order_by("pk").values_list("pk", flat=True)))

    @cached_property
    def query(self) -> Query:
        return Query(self.asked.terms, self.asked.without)

    def kinds(self, only: str) -> list[Kind]:
        """The kinds that can answer. `is:decision` and `is:question` name theirs; facts alone mean cards."""
        names = list(KINDS)
        facts = self.asked.facts
        if {"decision", "question"} <= facts:
            names = []
        elif "decision" in facts:
            names = ["decisions"]
        elif "question" in facts:
            names = ["comments"]
        elif not self.asked.terms and not (self.asked.named.keys() & {"by"}):
            names = ["cards"]
        return [KINDS[name] for name in names if only in ("", name)]

    # ---- which rows may be found -----------------------------------------------------------------------

    def rows(self, kind: Kind) -> QuerySet[Any]:
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
            rows = rows.exclude(_matches(*term))
        rows = rows.filter(self._operators(kind))
        return rows.distinct() if kind.name == "decisions" and "by" in self.asked.named else rows

    def _operators(self, kind: Kind) -> Q:
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
            "unready": unready(),
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

    def page(self, kind: Kind, how: str, skip: int, most: int) -> QuerySet[Any]:
        """`most` of the rows in order, after the first `skip`.

        Only keys are put in order: to sort whole rows with what is shown beside them, a word that stands in
        every comment had the database write files.
        """
        found = self._found(kind, how)
        keys = self._in_order(found, kind, how).values("pk")[skip : skip + most]
        return self._in_order(found.model._default_manager.filter(pk__in=keys), kind, how)

    def _found(self, kind: Kind, how: str) -> QuerySet[Any]:
        rows = self.rows(kind)
        if not self.asked.terms:
            return rows
        if how == "inside":
            any_hit = Q()
            for term in self.asked.terms:
                any_hit |= self._contains(kind, term)
            return rows.filter(any_hit)
        return rows.filter(_matches(*self._joined(how)))

    def _joined(self, how: str) -> tuple[str, list[Any]]:
        return self.query.joined("&&" if how == "all" else "||")

    def _in_order(self, rows: QuerySet[Any], kind: Kind, how: str) -> QuerySet[Any]:
        """Those where it all stands by rank, those with some of it by the number of hits."""
        if not self.asked.terms:
            return rows.order_by(F(kind.at).desc(), "-pk")
        if how == "inside":
            hits = [self._contains(kind, term) for term in self.asked.terms]
            return rows.annotate(hits=_count_of(hits)).order_by("-hits", "-pk")
        query = _tsquery_of(*self._joined(how))
        rank = Func(_Words(), query, Value(1), function="ts_rank", output_field=FloatField())
        if how == "all":
            return rows.annotate(rank=rank).order_by(*_settled_last(kind), "-rank", "-pk")
        hits = [Q(_matches(*term)) for term in self.query.terms]
        return rows.annotate(rank=rank, hits=_count_of(hits)).order_by("-hits", "-rank", "-pk")

    def _contains(self, kind: Kind, term: Term) -> Q:
        found = Q()
        for name in kind.texts:
            for text in {term.text, term.typed}:
                found |= Q(**{f"{name}__icontains": text})
        return found


class _Words(Expression):
    """The column `words` of what is searched, under whatever name its table has in the query."""

    def __init__(self) -> None:
        super().__init__(output_field=TextField())
        self.table = ""

    def resolve_expression(self, query: Any = None, *args: Any, **kwargs: Any) -> _Words:
        found = self.copy()
        found.table = query.get_initial_alias()
        return found

    def relabeled_clone(self, change_map: Any) -> _Words:
        found = self.copy()
        found.table = change_map.get(self.table, self.table)
        return found

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return f'{connection.ops.quote_name(self.table)}."words"', ()


def _matches(sql: str, params: list[Any]) -> Func:
    """Whether the words have what the tsquery asks for."""
    sides = (_Words(), _tsquery_of(sql, params))
    return Func(*sides, template="%(expressions)s", arg_joiner=" @@ ", output_field=BooleanField())


def _tsquery_of(sql: str, params: list[Any]) -> RawSQL:
    return RawSQL(sql, params, output_field=TextField())  # noqa: S611 — made by `_tsquery`


def _count_of(hits: list[Any]) -> Any:
    total: Any = Value(0, output_field=IntegerField())
    for hit in hits:
        total = total + Case(When(hit, then=1), default=0, output_field=IntegerField())
    return total


def _settled_last(kind: Kind) -> list[Any]:
    """Decisions that stand come before those superseded, cards on the board before archived ones."""
    if kind.name == "decisions":
        return [_is_gone("superseded_by")]
    return [_is_gone(f"{kind.card}archived_at")] if kind.name == "cards" else []


def _is_gone(path: str) -> Any:
    return Case(When(**{f"{path}__isnull": True}, then=0), default=1, output_field=IntegerField())


def search(asked: Asked, reader: Any, *, most: int = 8, only: str = "", skip: int = 0) -> Results:
    """Up to `most` hits of each kind (or of `only` one, from `skip` on). At most some twenty queries."""
    results = Results(asked)
    if not asked:
        return results
    searcher = Searcher.of(asked, reader)
    if not only and not asked.has_operators:
        results.groups += _jumps(asked, reader, searcher.boards)
    names = len(results.groups)
    for how in ("all", "some", "inside") if asked.terms else ("all",):
        if how == "some" and len(asked.terms) == 1:
            continue
        marks = Marks.of(asked.terms, is_inside=how == "inside")
        for kind in searcher.kinds(only):
            rows = list(_with_all_shown(kind, searcher.page(kind, how, skip, most + 1)))
            if rows:
                hits = [_shown(kind, row, marks) for row in rows[:most]]
                results.groups.append(Group(kind.name, kind.words, kind.icon, hits, len(rows) > most))
        if len(results.groups) > names:
            results.how = how
            break
    return results


def _with_all_shown(kind: Kind, rows: QuerySet[Any]) -> QuerySet[Any]:
    match kind.name:
        case "cards":
            return rows.select_related("board", "column", "assignee")
        case "items":
            return rows.select_related("checklist__card__board")
        case "comments":
            return rows.select_related("card__board", "author")
        case _:
            return rows.select_related("board", "card__board", "recorded_by")


def _shown(kind: Kind, row: Any, marks: Marks) -> Found:
    facts: tuple[str, ...]
    match kind.name:
        case "cards":
            return card_found(row, marks)
        case "items":
            card = row.checklist.card
            facts = ("Done",) if row.is_checked else ()
            return Found(
                "item",
                f"{card.get_absolute_url()}#card-{card.pk}-checklists",
                marks.line(plain(row.text)),
                card.key,
                marks.line(card.title),
                facts=facts,
            )
        case "comments":
            facts = ("Question", row.state.capitalize()) if row.kind == Comment.Kind.QUESTION else ()
            url = f"{row.card.get_absolute_url()}?comments=all#c-{row.pk}"
            return Found(
                "comment",
                url,
                marks.snippet(row.text),
                row.card.key,
                marks.line(row.card.title),
                row.at,
                row.author,
                facts,
            )
        case _:
            facts = () if row.is_standing else ("Superseded",)
            url = f"{row.card.get_absolute_url()}#d-{row.number}"
            return Found(
                "decision",
                url,
                marks.snippet(row.text),
                f"{row.board.key} {row.key}",
                marks.line(row.card.title),
                row.at,
                row.recorded_by,
                facts,
            )


def card_found(card: Card, marks: Marks) -> Found:
    """A card as a hit, with the first of its texts that has a word of the query."""
    facts = [card.column.name]
    if card.is_archived:
        facts = ["Archived"]
    elif card.is_blocked:
        facts.append("Blocked")
    texts = (card.what, card.why, card.done_when, card.constraints, card.blocked_reason)
    text = next((marks.snippet(text) for text in texts if marks.first(text) is not None), "")
    return Found(
        "card",
        card.get_absolute_url(),
        marks.line(card.title),
        card.key,
        text,
        None,
        card.assignee,
        tuple(facts),
    )


def last_touched(reader: Any, most: int = 5) -> list[Found]:
    """The cards that this person changed last, for a search that has not begun yet. Two queries."""
    mine = Activity.objects.filter(actor=reader, card__board__in=Board.objects.visible_to(reader))
    latest = mine.order_by("-pk").values_list("card_id", flat=True)[:200]
    keys = list(dict.fromkeys(latest))[:most]
    cards = Card.objects.select_related("board", "column", "assignee").in_bulk(keys)
    return [card_found(cards[key], Marks.of(())) for key in keys]


# ---- jumps: what is found by its name -------------------------------------------------------------------


def _jumps(asked: Asked, reader: Any, boards: tuple[int, ...]) -> list[Group]:
    """A card or decision by its key, boards by key or name, people by name or handle."""
    typed = asked.typed.strip()
    groups = []
    if direct := [*_card_called(typed, boards), *_decisions_called(typed, boards)]:
        groups.append(Group("jump", "Go to", "arrow", direct))
    if not asked.terms or asked.without:
        return groups
    marks = Marks.of(asked.terms, is_inside=True)
    called = Board.objects.filter(pk__in=boards, archived_at=None)
    named = Q(name__folded__contains=asked.words)
    called = called.filter(Q(key__istartswith=asked.words) | named).order_by("name")
    if found := [
        Found("board", board.get_absolute_url(), marks.line(board.name), board.key) for board in called[:5]
    ]:
        groups.append(Group("boards", "Boards", "board", found))
    met = User.objects.filter(Q(memberships__board__in=boards) | Q(pk=reader.pk), is_active=True)
    met = met.filter(named | Q(handle__istartswith=asked.words.removeprefix("@")))
    people = [
        Found("person", f"/search/?q=by:{one.handle}", marks.line(one.name), f"@{one.handle}", person=one)
        for one in met.distinct().order_by("name")[:5]
    ]
    if people:
        groups.append(Group("people", "People", "people", people))
    return groups


def _card_called(typed: str, boards: tuple[int, ...]) -> list[Found]:
    key = CARD_KEY.fullmatch(typed)
    if key is None:
        return []
    cards = Card.objects.filter(
        board__in=boards, board__key=key["board"].upper(), number=int(key["number"])
    ).select_related("board", "column", "assignee")
    return [card_found(card, Marks.of(())) for card in cards]


def _decisions_called(typed: str, boards: tuple[int, ...]) -> list[Found]:
    key = DECISION_KEY.fullmatch(typed)
    if key is None:
        return []
    found = Decision.objects.filter(board__in=boards, number=int(key["number"])).order_by("-at")[:5]
    kind = KINDS["decisions"]
    return [_shown(kind, row, Marks.of(())) for row in _with_all_shown(kind, found)]


# ---- marking --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Marks:
    """Where the words of a query stand in a text. What comes out is escaped, with `<mark>` around them."""

    pattern: re.Pattern[str] | None

    @classmethod
    def of(cls, terms: tuple[Term, ...], *, is_inside: bool = False) -> Marks:
        """`is_inside`: mark them within other words too. Stems are asked of PostgreSQL, in one query."""
        spaced = [run for term in terms for run, unspaced in term.runs if not unspaced and not term.is_phrase]
        stems = {} if is_inside or not spaced else _stems(spaced)
        parts = []
        for term in terms:
            for run, unspaced in term.runs:
                if unspaced or is_inside:
                    parts.append(re.escape(run))
                elif term.is_phrase:
                    parts.append(
                        rf"(?<!{LETTER})" + r"\s+".join(map(re.escape, run.split())) + f"(?!{LETTER})"
                    )
                else:
                    end = f"{LETTER}*" if term.is_last else f"(?!{LETTER})"
                    stem = re.escape(stems.get(run, run))
                    parts.append(f"(?<!{LETTER}){re.escape(run)}{end}")
                    parts.append(f"(?<!{LETTER}){stem}{LETTER}{{0,4}}(?!{LETTER})")
        return cls(re.compile("|".join(parts)) if parts else None)

    def first(self, text: str) -> int | None:
        """Where the first hit begins, None without any."""
        if self.pattern is None or not text:
            return None
        folded, origin = _folded_with_origin(text)
        found = self.pattern.search(folded)
        return origin[found.start()] if found and found[0] else None

    def line(self, text: str) -> SafeString:
        """All of a short text, marked."""
        return self._marked(text)

    def snippet(self, text: str) -> SafeString:
        """The part of a longer text around its first hit, on one line."""
        text = plain(_around(text, self.first(text[: limits.TEXT]) or 0))
        start = max((self.first(text) or 0) - AROUND, 0)
        if start:
            start = text.rfind(" ", 0, start + 1) + 1 or start
        part = text[start : start + SNIPPET]
        before, after = "… " if start else "", " …" if start + SNIPPET < len(text) else ""
        return mark_safe(f"{before}{self._marked(part)}{after}")  # noqa: S308

    def _spots(self, text: str) -> list[tuple[int, int]]:
        if self.pattern is None or not text:
            return []
        folded, origin = _folded_with_origin(text)
        return [
            (origin[found.start()], origin[found.end() - 1] + 1)
            for found in self.pattern.finditer(folded)
            if found.end() > found.start()
        ]

    def _marked(self, text: str) -> SafeString:
        html, done = "", 0
        for start, end in self._spots(text):
            if start >= done:
                html += f"{escape(text[done:start])}<mark>{escape(text[start:end])}</mark>"
                done = end
        return mark_safe(html + escape(text[done:]))  # noqa: S308


def _around(text: str, spot: int) -> str:
    """The lines around a hit, as many as an excerpt can need."""
    start = text.rfind("\n", 0, max(spot - SNIPPET, 0)) + 1
    if spot - start > 2 * SNIPPET:  # a long line: from a word on
        start = text.rfind(" ", 0, spot - SNIPPET) + 1
    return text[start : spot + 4 * SNIPPET]


def _folded_with_origin(text: str) -> tuple[str, list[int]]:
    """The text as the index has it, and for each of its characters the place that it comes from."""
    folded: list[str] = []
    origin: list[int] = []
    for place, character in enumerate(text):
        for part in _folded_letter(character) if ord(character) > 127 else character.lower():
            folded.append(part)
            origin.append(place)
    return "".join(folded), origin


_folded_letter = lru_cache(maxsize=2**14)(fold)


def _stems(words: list[str]) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, ts_lexize('english_stem', word) FROM unnest(%s::text[]) AS word", [words]
        )
        return {word: stems[0] if stems else word for word, stems in cursor.fetchall()}
