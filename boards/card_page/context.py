"""What a card's own page shows, loaded in a fixed number of queries.

The page is made of parts; each has a loader here, so that a script that asks for some of them costs no more
than those. What speaks of comments and of the log is added by `fluxboard.features.card_page.views`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import Count, Q
from django.utils.safestring import SafeString

from activity.feed.sentences import left_off_words
from boards.card_fields import CARD_FIELDS, CardField
from boards.card_page.former import former_values
from boards.covering import covers_for
from boards.models import SPEC_FIELDS, Board, Card, Checklist, Column, Item, Label, Membership, Role
from boards.rendering.markdown import Names, render
from boards.watching import watching
from fluxboard.accounts import working_hours
from fluxboard.accounts.away import away_now, away_words, cover_of
from fluxboard.core.postgres.statements import (
    PARAM_BOARD,
    PARAM_CARD,
    PARAM_USER,
    PreparedQuery,
    PreparedValues,
)

SOME_COLUMN = 2**61 + 7
ASKS = {
    "what": "What is to be done?",
    "why": "Why does it matter?",
    "done_when": "How will everyone see that it is done?",
    "constraints": "What must not happen, or must stay as it is?",
}
CARD_PARTS = ("head", "props", "blocks", "spec", "checklists")
PART_TEMPLATES = {name: f"cards/_{name}.html" for name in CARD_PARTS} | {"actions": "cards/_actions.html"}


@dataclass(frozen=True)
class SpecPart:
    """One of the four micro-spec fields, as text and as HTML."""

    name: str
    text: str
    html: SafeString
    typed: str = ""

    @property
    def label(self) -> str:
        return SPEC_FIELDS[self.name]

    @property
    def ask(self) -> str:
        return ASKS[self.name]

    @property
    def rows(self) -> int:
        """Lines that its editor opens with."""
        return min(max(self.text.count("\n") + len(self.text) // 70 + 2, 3), 20)


@dataclass(frozen=True)
class Property:
    """A field of the table among the properties of a card, as its templates show it."""

    field: CardField
    card: Card

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def verb(self) -> str:
        return self.field.verb.name

    @property
    def icon(self) -> str:
        return self.field.verb.icon

    @property
    def label(self) -> str:
        return self.field.label

    @property
    def form(self) -> str:
        return self.field.form

    @property
    def shown(self) -> str:
        return self.field.shown

    @property
    def held(self) -> Any:
        return self.field.held(self.card)

    @property
    def words(self) -> str:
        """What it is, or that it is nothing."""
        return self.field.words(self.card)

    @property
    def options(self) -> list[tuple[str, str]]:
        """The values that it can be set to, in words."""
        return list(self.field.value.choices.items())


@dataclass(frozen=True)
class MoveTargets:
    """The keys of the cards that the move buttons land next to; empty where there is nowhere to go."""

    top: str = ""
    above: str = ""
    below: str = ""
    bottom: str = ""


@dataclass
class OtherBoard:
    """Another board that the reader may move cards to, and its columns.

    `without` says what the card would lose there: `without the label Bug and Kenji Mori`; empty for nothing.
    """

    name: str
    choices: list[Column]
    without: str = ""


def card_context(
    card: Card, reader: Any, role: Role, now: Any, parts: Iterable[str] = CARD_PARTS
) -> dict[str, Any]:
    """The context of the templates of `parts`. `card` comes from `card_called`; `now` is aware, in UTC."""
    wanted = set(parts)
    board = card.board
    may_write = role.covers(Role.MEMBER) and not board.is_archived
    context: dict[str, Any] = {
        "card": card,
        "board": board,
        "column": card.column,
        "assignee": card.assignee,
        "role": role,
        "seq": board.seq,
        "may_restore": may_write and card.is_archived,
        "can_write": may_write and not card.is_archived,
    }
    if "props" in wanted:
        context |= {"watching": watching(card, reader), "properties": properties_of(card)}
        context |= {"former": former_values(card, reader, now)}
    if wanted & {"props", "actions"}:
        context |= _props(card, reader, now) if context["can_write"] else _shown_props(card)
        context |= _away(card, now)
    if "blocks" in wanted:
        context |= _blocks(card, reader, now)
    if "people" not in context and "blocks" in wanted and card.is_blocked and context["can_write"]:
        context |= {"people": people_for(card, reader, now)}
    if "spec" in wanted:
        context |= {"spec": spec_of(card)}
    if "checklists" in wanted:
        context |= {"checklists": checklists_of(card)}
    return context


def properties_of(card: Card) -> list[Property]:
    """The fields of the table that the card's page lists among its properties, in order."""
    chosen = card.board.card_fields
    return [Property(one, card) for one in CARD_FIELDS.values() if one.form and one.is_on(chosen)]


def _shown_props(card: Card) -> dict[str, Any]:
    asked = _asked()
    return {"labels": asked.labels.all(card=card.pk), "participants": asked.participants.all(card=card.pk)}


def _away(card: Card, now: Any) -> dict[str, Any]:
    """That the assignee is away, in words, and who could take the card meanwhile. A query where they are."""
    person = card.assignee
    absence = away_now(person, now) if person is not None else None
    if person is None or absence is None:
        return {}
    cover = cover_of(absence, covers_for(card.board_id, [person], now))
    return {"away": away_words(person, now, [cover] if cover else ()), "cover": cover}


class _Asked(NamedTuple):
    """What a card's page asks the database, put into words once."""

    labels: PreparedQuery[Label]
    participants: PreparedQuery[Any]
    every_label: PreparedQuery[Label]
    members: PreparedQuery[Any]
    columns: PreparedQuery[Column]
    numbers: PreparedValues
    elsewhere: PreparedQuery[Column]
    checklists: PreparedQuery[Checklist]
    items: PreparedQuery[Item]


@functools.cache
def _asked() -> _Asked:
    people = get_user_model().objects.order_by("name", "id")
    columns = Column.objects.current()
    count = Count("cards", filter=Q(cards__archived_at=None))
    in_column = Card.objects.filter(column=SOME_COLUMN, archived_at=None).in_board_order()
    mine = Membership.objects.filter(user=PARAM_USER, role__in=[Role.OWNER, Role.MEMBER]).values("board")
    others = columns.filter(board__in=mine, board__archived_at=None).exclude(board=PARAM_BOARD)
    items = Item.objects.filter(checklist__card=PARAM_CARD).current().in_order()
    names = {PARAM_CARD: "card", PARAM_BOARD: "board", SOME_COLUMN: "column", PARAM_USER: "user"}
    return _Asked(
        labels=PreparedQuery(Label.objects.filter(cards=PARAM_CARD).order_by("name", "id"), names),
        participants=PreparedQuery(people.filter(joined_cards=PARAM_CARD), names),
        every_label=PreparedQuery(
            Label.objects.filter(board=PARAM_BOARD, removed_at=None).order_by("name", "id"), names
        ),
        members=PreparedQuery(people.filter(boards=PARAM_BOARD, is_active=True), names),
        columns=PreparedQuery(
            columns.filter(board=PARAM_BOARD).annotate(count=count).in_board_order(), names
        ),
        numbers=PreparedValues(in_column.values_list("number"), names),
        elsewhere=PreparedQuery(
            others.select_related("board").order_by("board__name", "board_id", "position", "id"), names
        ),
        checklists=PreparedQuery(Checklist.objects.filter(card=PARAM_CARD).current().in_order(), names),
        items=PreparedQuery(items.select_related("checked_by", "promoted_to__board"), names),
    )


def _props(card: Card, reader: Any, now: Any) -> dict[str, Any]:
    shown = _shown_props(card)
    people = people_for(card, reader, now)
    labels, participants = shown["labels"], shown["participants"]
    every_label = _asked().every_label.all(board=card.board_id)
    return shown | {
        "people": people,
        "join_choices": [person for person in people if person not in participants],
        "label_choices": [label for label in every_label if label not in labels],
        "columns": columns_to(card),
        "place": place_of(card),
        "elsewhere": boards_to(card, reader, shown),
    }


def people_for(card: Card, reader: Any, now: Any) -> list[Any]:
    """Whom a card can be given to: active members, whoever has it now, and a `reader` who may write.

    Those at work come first, then whoever starts next; `there` says what hour it is for each of them.
    """
    people = _asked().members.all(board=card.board_id)
    others = dict.fromkeys(person for person in (card.assignee, reader) if person)
    people += [person for person in others if person not in people]
    for person in people:
        person.there = working_hours.there_words(person, now, people)
    return working_hours.at_work_first(people, now)


def columns_to(card: Card) -> list[Any]:
    """The board's columns, each with `count`, `is_at_limit` and `count_words` ("4 of 4")."""
    columns: list[Any] = _asked().columns.all(board=card.board_id)
    for column in columns:
        column.board = card.board
        column.is_at_limit = column.is_full(column.count)
        limit = column.wip_limit
        column.count_words = f"{column.count} of {limit}" if limit is not None else str(column.count)
    return columns


def place_of(card: Card) -> MoveTargets:
    """Where a step up or down, or a jump to the top or bottom, lands."""
    numbers = [number for (number,) in _asked().numbers.all(column=card.column_id)]
    if card.number not in numbers:
        return MoveTargets()
    at = numbers.index(card.number)
    keys = [f"{card.board.key}-{number}" for number in numbers]
    above, below = keys[:at], keys[at + 1 :]
    return MoveTargets(
        top=above[0] if above else "",
        above=above[-1] if above else "",
        below=below[0] if below else "",
        bottom=below[-1] if below else "",
    )


def boards_to(card: Card, reader: Any, shown: dict[str, Any]) -> list[OtherBoard]:
    """The other boards on which the reader is a member, with their columns, by name. At most 3 queries."""
    columns = _asked().elsewhere.all(user=reader.pk, board=card.board_id)
    groups: dict[int, OtherBoard] = {}
    for column in columns:
        if column.board_id not in groups:
            groups[column.board_id] = OtherBoard(column.board.name, [])
        groups[column.board_id].choices.append(column)
    people = dict.fromkeys([*filter(None, [card.assignee]), *shown["participants"]])
    _say_losses(groups, shown["labels"], list(people))
    return list(groups.values())


def _say_losses(groups: dict[int, OtherBoard], labels: list[Label], people: list[Any]) -> None:
    theirs: set[tuple[int, Any]] = set()
    if groups and labels:
        names = Label.objects.filter(
            board__in=groups, removed_at=None, name__in=[label.name for label in labels]
        )
        theirs |= set(names.values_list("board_id", "name"))
    if groups and people:
        members = Membership.objects.filter(board__in=groups, user__in=people)
        theirs |= set(members.values_list("board_id", "user_id"))
    for pk, group in groups.items():
        lost = [label.name for label in labels if (pk, label.name) not in theirs]
        off = [person.name for person in people if (pk, person.pk) not in theirs]
        group.without = left_off_words(lost, off).removeprefix(", ")


def _blocks(card: Card, reader: Any, now: Any) -> dict[str, Any]:
    other, person = card.blocked_by_card, card.blocked_by_user
    visible = other is not None and Board.objects.visible_to(reader).filter(pk=other.board_id).exists()
    return {
        "blocked_by_card": other,
        "blocked_by_card_visible": visible,
        "blocked_by_user": person,
        "blocked_by_hours": working_hours.at_work_words(person, now) if person else "",
    }


def spec_of(card: Card) -> list[SpecPart]:
    """The four fields in their order."""
    texts = {name: getattr(card, name) for name in SPEC_FIELDS}
    names = Names.on(card.board) if any(texts.values()) else Names()
    return [SpecPart(name, text, render(text, names)) for name, text in texts.items()]


def checklists_of(card: Card) -> list[Any]:
    """The card's checklists in order, each with `shown` (its items), `done` and `total`. Two queries.

    Each item knows its neighbours' ids, `above` and `below`, and its `look`: all that its row shows.
    """
    checklists: list[Any] = _asked().checklists.all(card=card.pk)
    items: list[Any] = _asked().items.all(card=card.pk)
    by_list: dict[int, list[Any]] = {checklist.pk: [] for checklist in checklists}
    for item in items:
        if item.checklist_id in by_list:
            by_list[item.checklist_id].append(item)
    for checklist in checklists:
        checklist.card = card
        checklist.shown = _with_neighbours(checklist, by_list[checklist.pk])
        checklist.total = len(checklist.shown)
        checklist.done = sum(item.is_checked for item in checklist.shown)
    _add_looks(card, checklists)
    return checklists


def _add_looks(card: Card, checklists: list[Any]) -> None:
    others = tuple((one.pk, one.name) for one in checklists) if len(checklists) > 1 else ()
    for checklist in checklists:
        for item in checklist.shown:
            by = item.checked_by.first_name if item.checked_by else ""
            to = item.promoted_to.key if item.promoted_to else ""
            item.look = (item.uid, item.version, card.key, item.above, item.below, by, to, others)


def _with_neighbours(checklist: Checklist, items: list[Any]) -> list[Any]:
    ids = [item.pk for item in items]
    for at, item in enumerate(items):
        item.checklist = checklist
        item.above = ids[at - 1] if at else ""
        item.below = ids[at + 1] if at + 1 < len(ids) else ""
    return items
