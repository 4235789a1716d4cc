"""`/b/KEY/archive/`: all that was put away or removed on a board, with who and when, and the way back.

Cards and columns that were archived, labels, templates, schedules, and what was taken off cards: comments,
checklists, items. What went together with something else (the items of a checklist) comes back with it and
is not listed by itself.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_safe

from activity.feed.load import tell
from activity.log.replay.state import ERASED
from activity.models import REMOVALS, Activity, ActivityContent
from boards import page_frame
from boards.http.doors import on_board
from boards.http.responses import show
from boards.models import Board, Card, Checklist, Column, Item, Label, Role, Schedule, Template
from comments.models import Comment
from fluxboard.core import parsing
from fluxboard.core.plain_text import cut, plain
from fluxboard.core.postgres.statements import PARAM_BOARD, PARAM_NUMBER, compiled, one_row

_PAGE = 50
_WORDS = 160
_LONGEST = 200
_KINDS = {
    "card": "Cards",
    "column": "Columns",
    "comment": "Comments",
    "checklist": "Checklists",
    "item": "Checklist items",
    "label": "Labels",
    "template": "Card templates",
    "schedule": "Schedules",
}
ICONS = {
    "card": "board",
    "column": "board",
    "comment": "comment",
    "label": "tag",
    "template": "template",
    "schedule": "cal",
}
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
LATEST = (dt.datetime(9999, 12, 31, tzinfo=dt.UTC) - _EPOCH) // MICROSECOND


@dataclass(frozen=True)
class ArchiveQuery:
    """What the address asks for: words, one kind, one card's number, and from where on."""

    text: str = ""
    kind: str = ""
    card: int | None = None
    before: tuple[dt.datetime, str, int] | None = None

    @classmethod
    def of(cls, query: QueryDict) -> ArchiveQuery:
        """What a query string asks for; what makes no sense in it is passed over."""
        kind, number = query.get("kind", ""), query.get("card", "").rpartition("-")[2]
        return cls(
            text=query.get("q", "").replace("\x00", "").strip()[:_LONGEST],
            kind=kind if kind in _KINDS else "",
            card=parsing.card_number(number),
            before=_cursor(query.get("before", "")),
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.kind or self.card is not None)


def _cursor(typed: str) -> tuple[dt.datetime, str, int] | None:
    moment, _, rest = typed.partition("-")
    kind, _, pk = rest.partition("-")
    since, row = parsing.whole_number(moment, LATEST), parsing.whole_number(pk)
    if kind not in _KINDS or since is None or row is None:
        return None
    return _EPOCH + since * MICROSECOND, kind, row


@dataclass
class ArchivedRow:
    """One thing in the bin, ready to show.

    `words` is what it says or is called, None where only owners may read that. `place` says where it was.
    `verb` restores it; where that can't be done (yet, or by this reader), `reason` says why or is empty.
    """

    kind: str
    thing: Any
    at: Any
    words: str | None
    place: str = ""
    card: Card | None = None
    by: Any = None
    verb: str = ""
    button: str = "Restore"
    reason: str = ""

    @property
    def icon(self) -> str:
        return ICONS.get(self.kind, "list")

    @property
    def cursor(self) -> str:
        return f"{(self.at - _EPOCH) // MICROSECOND}-{self.kind}-{self.thing.pk}"


@on_board
@require_safe
def archive(request: Any, board: Board) -> HttpResponse:
    """GET: the bin. `?q=` searches it, `?kind=` and `?card=FLX-12` narrow it, `?before=` pages back."""
    asked = ArchiveQuery.of(request.GET)
    things = _things(board, asked, is_owner=request.role == Role.OWNER)
    counts = _counts(things)
    found = _page(things, asked)
    rows = _rows(board, request.user, request.role, found[:_PAGE])
    context = page_frame.frame(request.user, board, request.role, "archive") | {
        "asked": asked,
        "rows": rows,
        "kinds": [(kind, words, counts.get(kind, 0)) for kind, words in _KINDS.items()],
        "count": sum(number for kind, number in counts.items() if asked.kind in ("", kind)),
        "card_asked": f"{board.key}-{asked.card}" if asked.card is not None else "",
        "earlier": _with(request, before=rows[-1].cursor) if len(found) > _PAGE else "",
    }
    return show(request, "archive/archive.html", context)


def removed_on(card: Card) -> int:
    """How much of what stood on a card is in the bin. One query."""
    statement, fixed = _counting_removed()
    (count,) = one_row(statement, fixed | {"board": card.board_id, "number": card.number})
    return int(count)


@functools.cache
def _counting_removed() -> tuple[str, dict[str, Any]]:
    things = _things(Board(pk=PARAM_BOARD), ArchiveQuery(card=PARAM_NUMBER), is_owner=False)
    first, *others = (things[kind].values_list("pk") for kind in ("comment", "checklist", "item"))
    names = {PARAM_BOARD: "board", PARAM_NUMBER: "number"}
    sql, fixed = compiled(first.union(*others, all=True), names, "fixed")
    return f"SELECT count(*) FROM ({sql}) AS removed", fixed  # noqa: S608


def _things(board: Board, asked: ArchiveQuery, *, is_owner: bool) -> dict[str, QuerySet[Any]]:
    """What of each kind is in the bin and asked for, each with `gone_at`."""
    on_card = Q(card__board=board)
    of_item = Q(checklist__card__board=board)
    cards: QuerySet[Any] = Card.objects.filter(board=board)
    if asked.card is not None:
        on_card &= Q(card__number=asked.card)
        of_item &= Q(checklist__card__number=asked.card)
        cards = cards.filter(number=asked.card)
    # An item that went with its checklist comes back with it.
    by_itself = Q(checklist__removed_at=None) | ~Q(checklist__removed_at=F("removed_at"))
    things: dict[str, QuerySet[Any]] = {
        "card": cards.exclude(archived_at=None).annotate(gone_at=F("archived_at")),
        "column": Column.objects.filter(board=board).exclude(archived_at=None),
        "comment": Comment.objects.filter(on_card).exclude(removed_at=None),
        "checklist": Checklist.objects.filter(on_card).exclude(removed_at=None),
        "item": Item.objects.filter(of_item, by_itself).exclude(removed_at=None),
        "label": Label.objects.filter(board=board).exclude(removed_at=None),
        "template": Template.objects.filter(board=board).exclude(removed_at=None),
        "schedule": Schedule.objects.filter(board=board).exclude(removed_at=None),
    }
    for kind in things:
        things[kind] = things[kind].order_by()
        if kind != "card":
            gone = F("archived_at" if kind == "column" else "removed_at")
            things[kind] = things[kind].annotate(gone_at=gone)
        if asked.card is not None and kind in ("column", "label", "template", "schedule"):
            things[kind] = things[kind].filter(pk__in=[])
    return {kind: rows.filter(_says(kind, asked.text, is_owner)) for kind, rows in things.items()}


def _says(kind: str, text: str, is_owner: bool) -> Q:
    if not text:
        return Q()
    match kind:
        case "card":
            number = parsing.card_number(text.rpartition("-")[2])
            return Q(title__folded__contains=text) | (Q() if number is None else Q(number=number))
        case "item":
            return Q(text__folded__contains=text)
        case "comment":
            by_author = Q(author__name__folded__contains=text)
            return by_author | Q(Exists(_removals_that_say(text))) if is_owner else by_author
        case "schedule":
            return Q(template__name__folded__contains=text)
    return Q(name__folded__contains=text)


def _removals_that_say(text: str) -> QuerySet[Any]:
    """The removals of a comment (of the outer query) that said `text`: its words are in the log only."""
    said = KeyTextTransform("text", KeyTransform("text", "before"))
    contents = ActivityContent.objects.filter(text__icontains=text)
    return (
        Activity.objects.filter(subject=OuterRef("uid"), verb__in=REMOVALS, after__removed=True)
        .annotate(said=said)
        .filter(Exists(contents.filter(digest=OuterRef("said"))))
    )


def _counts(things: dict[str, QuerySet[Any]]) -> dict[str, int]:
    """How much of each kind there is. One query."""
    counted = [
        rows.annotate(of_kind=Value(kind)).values("of_kind").annotate(how_many=Count("pk"))
        for kind, rows in things.items()
    ]
    first, *others = counted
    return {row["of_kind"]: row["how_many"] for row in first.union(*others, all=True)}


def _page(things: dict[str, QuerySet[Any]], asked: ArchiveQuery) -> list[tuple[str, int]]:
    """Kind and id of the latest things, and one more than a page holds. One query."""
    parts = []
    for kind, rows in things.items():
        if asked.kind in ("", kind):
            kept = rows.filter(_before(asked.before, kind)) if asked.before else rows
            parts.append(kept.annotate(of_kind=Value(kind)).values_list("of_kind", "pk", "gone_at"))
    first, *others = parts
    found = first.union(*others, all=True) if others else first
    return [(kind, pk) for kind, pk, _ in found.order_by("-gone_at", "of_kind", "-pk")[: _PAGE + 1]]


def _before(cursor: tuple[dt.datetime, str, int], kind: str) -> Q:
    at, at_kind, pk = cursor
    if kind == at_kind:
        return Q(gone_at__lt=at) | Q(gone_at=at, pk__lt=pk)
    return Q(gone_at__lte=at) if kind > at_kind else Q(gone_at__lt=at)


def _rows(board: Board, reader: Any, role: Role, found: list[tuple[str, int]]) -> list[ArchivedRow]:
    """What `found` names, in its order. A query for each kind, three for who, what was said and whereto."""
    loaded = {(row.kind, row.thing.pk): row for kind in _KINDS for row in _load(board, kind, found)}
    rows = [loaded[place] for place in found if place in loaded]
    removals = _removals(board, rows)
    said = {
        one.activity.subject: one.before.get("text")
        for one in tell([a for a in removals.values() if a.after.get("removed")], set())
    }
    first = board.columns.current().in_board_order().first()
    for row in rows:
        removal = removals.get(row.thing.uid)
        row.by = removal.actor if removal is not None else None
        if row.kind == "comment":
            words = cut(plain(said.get(row.thing.uid) or ERASED), _WORDS)
            row.words = words if role == Role.OWNER else None
        _offer(row, board, reader, role, first)
    return rows


def _load(board: Board, kind: str, found: Iterable[tuple[str, int]]) -> list[ArchivedRow]:
    ids = [pk for of_kind, pk in found if of_kind == kind]
    rows = _LOADERS[kind](ids) if ids else []
    for row in rows:
        if row.card is not None:
            row.card.board = board
        if row.kind in ("card", "column", "label", "template", "schedule"):
            row.thing.board = board
    return rows


def _cards(ids: list[int]) -> list[ArchivedRow]:
    return [
        ArchivedRow("card", card, card.archived_at, card.title, f"was in {card.column.name}", card)
        for card in Card.objects.filter(pk__in=ids).select_related("column")
    ]


def _columns(ids: list[int]) -> list[ArchivedRow]:
    along = Count("cards", filter=Q(cards__archived_at=F("archived_at")))
    return [
        ArchivedRow("column", column, column.archived_at, column.name, _with_its("card", column.along))
        for column in Column.objects.filter(pk__in=ids).annotate(along=along)
    ]


def _comments(ids: list[int]) -> list[ArchivedRow]:
    return [
        ArchivedRow("comment", comment, comment.removed_at, None, f"by {comment.author.name}", comment.card)
        for comment in Comment.objects.filter(pk__in=ids).select_related("card", "author")
    ]


def _checklists(ids: list[int]) -> list[ArchivedRow]:
    along = Count("items", filter=Q(items__removed_at=F("removed_at")))
    return [
        ArchivedRow("checklist", one, one.removed_at, one.name, _with_its("item", one.along), one.card)
        for one in Checklist.objects.filter(pk__in=ids).select_related("card").annotate(along=along)
    ]


def _items(ids: list[int]) -> list[ArchivedRow]:
    return [
        ArchivedRow(
            "item", item, item.removed_at, item.text, f"in {item.checklist.name}", item.checklist.card
        )
        for item in Item.objects.filter(pk__in=ids).select_related("checklist__card")
    ]


def _labels(ids: list[int]) -> list[ArchivedRow]:
    return [ArchivedRow("label", one, one.removed_at, one.name) for one in Label.objects.filter(pk__in=ids)]


def _templates(ids: list[int]) -> list[ArchivedRow]:
    return [
        ArchivedRow("template", one, one.removed_at, one.name) for one in Template.objects.filter(pk__in=ids)
    ]


def _schedules(ids: list[int]) -> list[ArchivedRow]:
    there = Schedule.objects.filter(pk__in=ids).select_related("template")
    return [ArchivedRow("schedule", one, one.removed_at, str(one)) for one in there]


_LOADERS = {
    "card": _cards,
    "column": _columns,
    "comment": _comments,
    "checklist": _checklists,
    "item": _items,
    "label": _labels,
    "template": _templates,
    "schedule": _schedules,
}


def _with_its(word: str, number: int) -> str:
    return f"with {number} {word}{'' if number == 1 else 's'}" if number else ""


def _removals(board: Board, rows: list[ArchivedRow]) -> dict[Any, Activity]:
    """The activity that put each thing where it is, by the thing's uid. One query."""
    told = Activity.objects.filter(
        subject__in=[row.thing.uid for row in rows], verb__in=REMOVALS
    ).select_related("actor")
    return {
        activity.subject: activity
        for activity in told.order_by("id")
        if activity.verb != "change.undone" or activity.after.get("effect") in REMOVALS
    }


def _offer(row: ArchivedRow, board: Board, reader: Any, role: Role, first: Column | None) -> None:
    """Say how a thing comes back, or why it doesn't (yet), or nothing to those who may not bring it back."""
    if board.is_archived or not role.covers(Role.OWNER if row.kind == "column" else Role.MEMBER):
        return
    thing = row.thing
    if row.kind == "comment" and role != Role.OWNER and thing.removed_by_id != reader.pk:
        return
    if row.kind != "card" and row.card is not None and row.card.is_archived:
        row.reason = f"{row.card.key} is archived: restore that first"
    elif row.kind == "item" and thing.checklist.removed_at is not None:
        row.reason = "Its checklist was removed: restore that first"
    else:
        row.verb = f"{row.kind}.restored"
    if row.kind == "card" and thing.column.is_archived and first is not None:
        row.place += ", which is archived too"
        row.button = f"Restore to {first.name}"


def _with(request: Any, **changed: str) -> str:
    query = request.GET.copy()
    for name, value in changed.items():
        query[name] = value
    return f"?{query.urlencode()}"
