"""What happens to cards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple, Protocol

from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from activity.errors import Refused
from activity.log.transaction import Log, change
from boards.actions.base import (
    LONG_TEXT,
    action,
    admit,
    card_fact,
    cleaned,
    fresh_card,
    person_fact,
    refuse_many,
    settle_text,
    settle_value,
    thing_fact,
    writing,
)
from boards.actions.cards.position import Gap, Numbered, gap_asking, gap_made
from boards.actions.columns import fresh_column, usable_column
from boards.actions.labels import fresh_label
from boards.models import (
    SPEC_FIELDS,
    Board,
    Card,
    Checklist,
    Column,
    FormerCardKey,
    Item,
    Label,
    Membership,
    Role,
)
from fluxboard.core import limits
from fluxboard.core.ordering import position_again, position_between, positions_between

LONG_TITLE = limits.TITLE
MOST_AT_ONCE = limits.AT_ONCE


def clean_title(title: str | None, field: str = "title") -> str:
    return cleaned(title, field=field, what="The title", longest=LONG_TITLE)


def clean_spec(text: str | None, field: str) -> str:
    return cleaned(text, field=field, what=SPEC_FIELDS[field], longest=LONG_TEXT, lines=True, needed=False)


class Place(NamedTuple):
    """A card of a column as far as order is concerned."""

    pk: int
    position: str


def rows_of(column: Column) -> list[Place]:
    """Everything that has a place in a column, archived cards too, in order; just key and place."""
    rows = Card.objects.filter(column=column).in_board_order().values_list("pk", "position")
    return [Place(*row) for row in rows]


def refuse_full(log: Log, column: Column, *, coming: int = 1, count: int | None = None) -> None:
    """Refuse when `coming` more cards pass the column's limit and the board's rule is to refuse.

    `count`: how many it has, where that is known.
    """
    if column.wip_limit is None or log.board.wip_rule != Board.WipRule.REFUSE:
        return
    count = column.cards.filter(archived_at=None).count() if count is None else count
    if count + coming > column.wip_limit:
        raise Refused(f"{column.name} is full ({count} of {column.wip_limit}).", "column")


def take_number(log: Log) -> int:
    number = log.board.next_number
    log.board.next_number = number + 1
    log.board.save(update_fields=["next_number"])
    return number


def card_facts(card: Card) -> dict[str, Any]:
    """All that a card is, as the log tells it when the card comes to a board; nothing that is empty."""
    facts = {
        "number": card.number,
        "title": card.title,
        "column": thing_fact(card.column),
        "position": card.position,
        **{field: getattr(card, field) for field in SPEC_FIELDS},
        "assignee": person_fact(card.assignee),
        "due": card.due.isoformat() if card.due else None,
    }
    return {name: value for name, value in facts.items() if value not in (None, "")}


def write_card(log: Log, column: Column, position: str, *, title: str, **fields: Any) -> Card:
    """A new card, within an open change."""
    several = {"of_several": True} if fields.pop("of_several", False) else {}
    if log.board.next_number > limits.CARDS:  # fewer were ever made, so none need be counted
        there = log.board.cards.count()
        refuse_many(there, limits.CARDS, "A board can have {} cards, archived ones included.", "title")
    card = Card(
        board=log.board,
        column=column,
        number=take_number(log),
        position=position,
        title=title,
        moved_at=log.now,
        created_at=log.now,
        **fields,
    )
    log.record("card.created", card, after=card_facts(card) | several, columns=[column])
    card.save()
    return card


@action
def create_card(
    column: Column,
    title: str,
    *,
    by: Any,
    before: Card | None = None,
    after: Card | None = None,
    what: str = "",
    why: str = "",
    done_when: str = "",
    constraints: str = "",
    assignee: Any = None,
) -> Card:
    """A card next to a neighbour, or at the column's end."""
    with writing(column.board, by) as log:
        column = fresh_column(log, column)
        title = clean_title(title)
        spec = {"what": what, "why": why, "done_when": done_when, "constraints": constraints}
        spec = {field: clean_spec(text, field) for field, text in spec.items()}
        _assignable(log, assignee)
        refuse_full(log, column)
        position = position_between(rows_of(column), before=before, after=after)
        return write_card(log, column, position, title=title, assignee=assignee, **spec)


def titles_in(text: str) -> list[str]:
    """One title for each line that has one, without list marks such as "- " and "1. "."""
    lines = (line.strip() for line in text.replace("\r", "\n").split("\n"))
    return [bare for line in lines if (bare := _without_mark(line))]


def _without_mark(line: str) -> str:
    for mark in ("- [ ] ", "- [x] ", "- ", "* ", "• ", "– "):
        if line.startswith(mark):
            return line[len(mark) :].strip()
    return line


@action
def create_cards(
    column: Column, text: str, *, by: Any, before: Card | None = None, after: Card | None = None
) -> list[Card]:
    """A card for each line of a pasted text, in order, at one place; all of them or none."""
    with writing(column.board, by) as log:
        column = fresh_column(log, column)
        lines = titles_in(text)
        if not lines:
            raise Refused("The title can't be empty.", "title")
        if len(lines) > MOST_AT_ONCE:
            raise Refused(f"At most {MOST_AT_ONCE} cards at once; this has {len(lines)} lines.", "title")
        titles = [clean_title(title) for title in lines]
        refuse_full(log, column, coming=len(titles))
        positions = positions_between(rows_of(column), len(titles), before=before, after=after)
        several = len(titles) > 1
        return [
            write_card(log, column, position, title=title, of_several=several)
            for title, position in zip(titles, positions, strict=True)
        ]


@action
def retitle_card(card: Card, title: str, *, by: Any, seen: int | None = None) -> Card:
    with writing(card.board, by, card=card) as log:
        card = fresh_card(log, card)
        title = settle_text(log, card, "title", "Title", clean_title(title), seen)
        if title != card.title:
            before, card.title = card.title, title
            log.record("card.retitled", card, before={"title": before}, after={"title": title}, as_it_is=True)
            log.keep_last(card, "title")
        return card


@action
def specify_card(card: Card, field: str, text: str, *, by: Any, seen: int | None = None) -> Card:
    """Write one of the four micro-spec fields; two people's edits of it merge by line."""
    if field not in SPEC_FIELDS:
        raise Refused("Choose what, why, done when or constraints.")
    with writing(card.board, by, card=card) as log:
        card = fresh_card(log, card)
        text = clean_spec(text, field)
        text = settle_text(log, card, field, SPEC_FIELDS[field], text, seen, by_line=True)
        text = clean_spec(text, field)
        before = getattr(card, field)
        if text != before:
            setattr(card, field, text)
            log.record("card.specified", card, before={field: before}, after={field: text}, as_it_is=True)
            log.keep_last(card, field)
        return card


@action
def move_card(
    card: Card,
    *,
    by: Any,
    to: Column | None = None,
    before: Numbered | None = None,
    after: Numbered | None = None,
    at: str | None = None,
    archived: bool = False,
) -> Card:
    """Next to a neighbour in a column (its own by default), else to the column's end.

    A neighbour that has left the column meanwhile counts as none: a move never clashes. `at` is a place that
    it had there before; `archived`: also a card, and to a column, that is put away.
    """
    ahead = {"gap": gap_asking(card, to.pk if to is not None else None, before, after)}
    with writing(card.board, by, card=card, ahead=ahead) as log:
        card = fresh_card(log, card, archived=archived)
        found, gap = gap_made(log.ahead.pop("gap"))
        column = usable_column(log, found, archived=archived) if to is not None else card.column
        is_new = column.pk != card.column_id
        if is_new:
            refuse_full(log, column, count=gap.others)
        position = position_again(rows_of(column), card, at) if at is not None else gap.position
        stays = gap.has(card) if at is None else position == card.position
        if is_new or not stays:
            write_moved(log, card, column, position, gap, is_last=True)
        return card


def write_moved(
    log: Log, card: Card, column: Column, position: str, gap: Gap | None = None, *, is_last: bool = False
) -> None:
    """Put a card at a place, within an open change; `is_last`: there is nothing more in that one.

    `gap` tells how full the two columns are.
    """
    was = card.column
    is_new = column.pk != was.pk
    facts = {"column": thing_fact(was), "position": card.position}
    card.column, card.position = column, position
    if is_new:
        card.moved_at = log.now.astimezone(dt.UTC)
    log.record(
        "card.moved",
        card,
        before=facts,
        after={"column": thing_fact(column), "position": position},
        columns=[was, column] if is_new and not card.is_archived else [],
        counts={was.pk: gap.left, column.pk: gap.others + 1} if gap is not None else {},
        left=card.is_archived,
        as_it_is=True,
    )
    (log.keep_last if is_last else Card.keep)(card, "column", "position", "moved_at")


@action
def transfer_card(card: Card, *, by: Any, to: Column) -> Card:
    """To a column on another board, at its end: a new key there, the old address redirects.

    Both boards record it. Labels go along where the other board has one of that name; people who are not
    on the other board are left off; both boards' logs say which under `left_off`.
    """
    from boards.rendering.fragments import frames

    with change(by, card.board_id, to.board_id, render=frames) as (here, there):
        if here.board.pk == there.board.pk:
            raise Refused("That column is on the same board. Move the card instead.", "column")
        admit(here, Role.MEMBER)
        admit(there, Role.MEMBER)
        card = fresh_card(here, card)
        column = fresh_column(there, to)
        refuse_full(there, column)
        return _transfer(here, there, card, column)


@action
def return_card(card: Card, *, by: Any, to: Column, left: dict[str, Any], kept: dict[str, Any]) -> Card:
    """Back to the board that it was transferred from: to its old number and place, in `to`.

    `left` is all that it was there, `kept` what it was once it had come here: what was left off, such as
    labels and people, it has again, besides all that was changed since.
    """
    from boards.rendering.fragments import frames

    with change(by, card.board_id, to.board_id, render=frames) as (here, there):
        admit(here, Role.MEMBER)
        admit(there, Role.MEMBER)
        card = fresh_card(here, card)
        column = fresh_column(there, to)
        refuse_full(there, column)
        return _transfer(here, there, card, column, left=left, kept=kept)


def _old_number(there: Log, card: Card, left: dict[str, Any]) -> int:
    """The number that a card had on a board before, since its old key leads to it; else the next one."""
    former = FormerCardKey.objects.filter(board=there.board, number=left.get("number", 0), card=card)
    return int(left["number"]) if former.delete()[0] else take_number(there)


def _left_off(left: dict[str, Any], kept: dict[str, Any], name: str, by: str) -> list[str]:
    """The ids of the things under `name` that a card had, and has not kept."""
    here = {thing[by] for thing in kept.get(name, [])}
    return [thing["id"] for thing in left.get(name, []) if thing[by] not in here]


def _transfer(
    here: Log,
    there: Log,
    card: Card,
    column: Column,
    left: dict[str, Any] | None = None,
    kept: dict[str, Any] | None = None,
) -> Card:
    old, was = card_fact(card), card.column
    left, kept = left or {}, kept or {}
    FormerCardKey.objects.create(board=here.board, number=card.number, card=card)
    facts = full_facts(card)
    labels, staying, left_off = _luggage_for(card, there.board)
    labels += there.board.labels.filter(removed_at=None, uid__in=_left_off(left, kept, "labels", "name"))
    back = _people(_left_off(left, kept, "participants", "id"))
    staying += [person for person in back if there.board.role_of(person)]
    if card.assignee is None and left.get("assignee") and not kept.get("assignee"):
        card.assignee = next(iter(_people([left["assignee"]["id"]])), None)
    here.record(
        "card.transferred",
        card,
        before=facts,
        after={"board": {"id": str(there.board.uid), "name": there.board.name, "key": there.board.key}}
        | left_off,
        left=True,
        columns=[was],
    )
    card.board, card.column = there.board, column
    card.number = _old_number(there, card, left) if left else take_number(there)
    rows = rows_of(column)
    card.position = position_again(rows, card, left["position"]) if left else position_between(rows)
    card.moved_at = there.now
    if card.assignee and not there.board.role_of(card.assignee):
        card.assignee = None
    card.labels.set(labels)
    card.participants.set(staying)
    for luggage in LUGGAGE:
        luggage.settle_in(card, there, left)
    there.record(
        "card.transferred",
        card,
        before={"card": old, "board": {"id": str(here.board.uid), "name": here.board.name}},
        after=full_facts(card) | left_off,
        columns=[column],
    )
    card.field_seqs = dict.fromkeys([*card.field_seqs, "title", *SPEC_FIELDS], card.version)
    card.keep("board", "column", "number", "position", "moved_at", "assignee")
    _restamp(card)
    for luggage in LUGGAGE:
        luggage.restamp(card)
    return card


def _luggage_for(card: Card, board: Board) -> tuple[list[Label], list[Any], dict[str, Any]]:
    """What of a card's labels and participants goes along to `board`; and what is left off, for the log.

    That is empty where nothing is; an assignee who is not on the board stands in it as well.
    """
    theirs = {label.name: label for label in board.labels.filter(removed_at=None)}
    on_card = list(card.labels.all())
    labels = [theirs[label.name] for label in on_card if label.name in theirs]
    lost_labels = [label for label in on_card if label.name not in theirs]
    people = list(card.participants.all())
    staying = [person for person in people if board.role_of(person)]
    everyone = dict.fromkeys([person for person in (card.assignee, *people) if person is not None])
    lost_people = [person for person in everyone if not board.role_of(person)]
    if not lost_labels and not lost_people:
        return labels, staying, {}
    facts = {
        "labels": [thing_fact(label) for label in lost_labels],
        "people": [person_fact(person) for person in lost_people],
    }
    return labels, staying, {"left_off": facts}


def _people(uids: list[str]) -> list[Any]:
    return list(get_user_model().objects.filter(uid__in=uids)) if uids else []


def _restamp(card: Card) -> None:
    """Give the card's checklists the new board's seq, since a seq of the old board means nothing there."""
    restamp(card, Checklist.objects.filter(card=card))
    restamp(card, Item.objects.filter(checklist__card=card))


def restamp(card: Card, rows: QuerySet[Any]) -> None:
    """Give `rows`, which hang on a card that changed boards, the version that the card has there."""
    changed = list(rows)
    for row in changed:
        row.version = card.version
        row.field_seqs = dict.fromkeys(row.field_seqs, card.version)
    rows.model._default_manager.bulk_update(changed, ["version", "field_seqs"], batch_size=500)


class Luggage(Protocol):
    """What another app hangs on a card, and takes along when the card goes to another board."""

    def facts(self, card: Card) -> dict[str, Any]:
        """All of it, as the log tells it."""

    def settle_in(self, card: Card, there: Log, left: dict[str, Any]) -> None:
        """Numbers and the like of the board to which the card is about to belong.

        `left` is all that it was there before, where it comes back; else empty.
        """

    def restamp(self, card: Card) -> None:
        """Versions of that board, once the card has one."""

    def erase(self, card: Card, texts: AbstractSet[str]) -> None:
        """The mark in the place of these texts, as of the card's version."""

    def take_over(self, board: Board, placeholder: Any, person: Any) -> None:
        """What both are named for becomes one, before `person` takes over the rest."""


LUGGAGE: list[Luggage] = []


def full_facts(card: Card) -> dict[str, Any]:
    """A card with all that hangs on it, so that a board's log alone can rebuild it."""
    facts = card_facts(card) | {
        "key": card.key,
        "created_at": card.created_at.isoformat(),
        "labels": [thing_fact(label) for label in card.labels.all()],
        "participants": [person_fact(person) for person in card.participants.all()],
        "blocked": block_facts(card),
        "checklists": [
            {
                "id": str(checklist.uid),
                "title": checklist.name,
                "position": checklist.position,
                "items": [
                    {
                        "id": str(item.uid),
                        "text": item.text,
                        "position": item.position,
                        "checked": item.is_checked,
                        "checked_at": item.checked_at.isoformat() if item.checked_at else None,
                        "checked_by": person_fact(item.checked_by),
                        "promoted_to": card_fact(item.promoted_to),
                    }
                    for item in checklist.items.current()
                    .select_related("checked_by", "promoted_to__board")
                    .in_order()
                ],
            }
            for checklist in card.checklists.current().in_order()
        ],
    }
    for luggage in LUGGAGE:
        facts |= luggage.facts(card)
    return facts


def block_facts(card: Card) -> dict[str, Any] | None:
    if not card.is_blocked:
        return None
    return {
        "reason": card.blocked_reason,
        "person": person_fact(card.blocked_by_user),
        "card": card_fact(card.blocked_by_card),
    }


def _assignable(log: Log, person: Any, field: str = "assignee") -> None:
    """Refuse people who have left, and those whom a board that is not open has not let in."""
    if person is None:
        return
    if not person.is_active:
        raise Refused(f"{person.name} has left the team.", field)
    # Open to everyone who can sign in: people of other boards' imports are named on those boards alone.
    if log.board.open_to and person.email:
        return
    if not Membership.objects.filter(board=log.board, user=person).exists():
        name = person.name if person.email else "Whoever that is"
        raise Refused(f"{name} is not on this board.", field)


@action
def assign_card(card: Card, person: Any, *, by: Any, seen: int | None = None) -> Card:
    """Give a card its one owner; None takes it away."""
    with writing(card.board, by, card=card) as log:
        card = fresh_card(log, card)
        theirs, yours = person_fact(card.assignee), person_fact(person)
        if theirs == yours:
            return card
        _assignable(log, person)
        values = (str(card.assignee_id or ""), str(person.pk if person else ""))
        settle_value(log, card, "assignee", "Assignee", theirs=theirs, yours=yours, seen=seen, values=values)
        card.assignee = person
        log.record("card.assigned", card, before={"assignee": theirs}, after={"assignee": yours})
        card.keep("assignee")
        return card


@action
def join_card(card: Card, person: Any, *, by: Any) -> Card:
    """Someone takes part in a card."""
    with writing(card.board, by) as log:
        card = fresh_card(log, card)
        if card.participants.filter(pk=person.pk).exists():
            return card
        _assignable(log, person, "participant")
        card.participants.add(person)
        log.record("card.joined", card, after={"participant": person_fact(person)})
        card.keep()
        return card


@action
def leave_card(card: Card, person: Any, *, by: Any) -> Card:
    """Someone takes part no longer."""
    with writing(card.board, by) as log:
        card = fresh_card(log, card)
        if card.participants.filter(pk=person.pk).exists():
            card.participants.remove(person)
            log.record("card.left", card, before={"participant": person_fact(person)})
            card.keep()
        return card


@action
def label_card(card: Card, label: Label, *, by: Any) -> Card:
    with writing(card.board, by, card=card) as log:
        card, label = fresh_card(log, card), fresh_label(log, label)
        if not card.labels.filter(pk=label.pk).exists():
            card.labels.add(label)
            log.record("card.labelled", card, after={"label": thing_fact(label)})
            card.keep()
        return card


@action
def unlabel_card(card: Card, label: Label, *, by: Any) -> Card:
    with writing(card.board, by, card=card) as log:
        card = fresh_card(log, card)
        if card.labels.filter(pk=label.pk).exists():
            card.labels.remove(label)
            log.record("card.unlabelled", card, before={"label": thing_fact(label)})
            card.keep()
        return card


@action
def date_card(card: Card, due: dt.date | None, *, by: Any, seen: int | None = None) -> Card:
    """Due on a date, the same one in every time zone; None takes it away."""
    with writing(card.board, by, card=card) as log:
        card = fresh_card(log, card)
        theirs, yours = (day.isoformat() if day else "" for day in (card.due, due))
        if theirs == yours:
            return card
        settle_value(log, card, "due", "Due", theirs=theirs, yours=yours, seen=seen, values=(theirs, yours))
        card.due = due
        log.record("card.dated", card, before={"due": theirs or None}, after={"due": yours or None})
        card.keep("due")
        return card


@action
def block_card(
    card: Card,
    reason: str,
    *,
    by: Any,
    person: Any = None,
    card_in_the_way: Card | None = None,
    seen: int | None = None,
) -> Card:
    """Say what a card waits for: a reason, and optionally whom or which card. Also changes a block."""
    with writing(card.board, by, card=card) as log:
        card = fresh_card(log, card)
        reason = cleaned(reason, field="reason", what="The reason", longest=limits.REASON)
        if card_in_the_way is not None and card_in_the_way.pk == card.pk:
            raise Refused("A card can't be in its own way.", "card")
        if card_in_the_way is not None and not Card.objects.visible_to(log.by.user).filter(
            pk=card_in_the_way.pk
        ):
            raise Refused("There is no such card.", "card")
        _assignable(log, person, "person")
        if card.is_blocked:
            reason = settle_text(log, card, "reason", "Blocked", reason, seen, attribute="blocked_reason")
        before = block_facts(card)
        after = {
            "reason": reason,
            "person": person_fact(person),
            "card": card_fact(card_in_the_way),
        }
        if before == after:
            return card
        if not card.is_blocked:
            card.blocked_at = log.now
        card.is_blocked, card.blocked_reason = True, reason
        card.blocked_by_user, card.blocked_by_card = person, card_in_the_way
        log.record("card.blocked", card, before=before or {"reason": ""}, after=after)
        card.keep("is_blocked", "blocked_reason", "blocked_by_user", "blocked_by_card", "blocked_at")
        return card


@action
def unblock_card(card: Card, *, by: Any) -> Card:
    with writing(card.board, by, card=card) as log:
        card = fresh_card(log, card)
        before = block_facts(card)
        if before is not None:
            card.is_blocked, card.blocked_reason, card.blocked_at = False, "", None
            card.blocked_by_user = card.blocked_by_card = None
            log.record("card.unblocked", card, before=before, after={"reason": ""})
            card.keep("is_blocked", "blocked_reason", "blocked_by_user", "blocked_by_card", "blocked_at")
        return card


def write_archived(log: Log, card: Card, at: dt.datetime | None) -> None:
    """Put a card away or bring it back, within an open change."""
    card.archived_at = at
    log.record(
        "card.archived" if at else "card.restored",
        card,
        before={"archived": not at},
        after={"archived": bool(at)},
        columns=[card.column],
        left=bool(at),
    )
    card.keep("archived_at")


@action
def archive_card(card: Card, *, by: Any) -> Card:
    """Put a card away; it keeps its place and comes back to it."""
    with writing(card.board, by, card=card) as log:
        card = fresh_card(log, card, archived=True)
        if not card.is_archived:
            write_archived(log, card, log.now)
        return card


@action
def restore_card(card: Card, *, by: Any) -> Card:
    """Bring a card back to its place; to the first column where its own is archived.

    Raises `Refused` where that column is full and the board's rule is to refuse, as for a card that is moved.
    """
    with writing(card.board, by, card=card) as log:
        card = fresh_card(log, card, archived=True)
        if card.is_archived:
            first = first_column(log.board) if card.column.is_archived else None
            refuse_full(log, first or card.column)
            if first is not None:
                _to_column(log, card, first)
            write_archived(log, card, None)
        return card


def first_column(board: Board) -> Column:
    """The column in which work waits to be begun: the first that is not done, else the first of all."""
    columns = list(board.columns.current().in_board_order())
    return next((column for column in columns if not column.is_done), columns[0])


def _to_column(log: Log, card: Card, column: Column) -> None:
    before = {"column": thing_fact(card.column), "position": card.position}
    card.column, card.position = column, position_between(rows_of(column))
    card.moved_at = log.now
    after = {"column": thing_fact(column), "position": card.position}
    log.record("card.moved", card, before=before, after=after, left=True)
    card.keep("column", "position", "moved_at")
