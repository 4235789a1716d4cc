"""New boards, by a plan or like another; a board saved as a template."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet

from activity.errors import Refused
from activity.log.record import By, Log
from activity.log.transaction import change, refuse_repeat
from boards.actions.base import action, refuse_many
from boards.actions.board import begin_board, board_facts
from boards.actions.cards.create import optional_values, write_card
from boards.actions.checklists import write_checklist_like
from boards.actions.clean import cleaned
from boards.actions.columns import write_column
from boards.actions.labels import write_label
from boards.actions.membership import enter, write_member
from boards.actions.templates import write_template
from boards.board_plan import BoardPlan, ColumnPlan
from boards.models import (
    SPEC_FIELDS,
    Board,
    BoardTemplate,
    Card,
    Checklist,
    Column,
    Item,
    Label,
    Membership,
    Role,
)
from boards.rendering.fragments import frames
from fluxboard.accounts.models import User
from fluxboard.core import limits
from fluxboard.core.ordering import positions_between

START_COLUMNS = ("Ready", "In progress", "Done")
EXAMPLE: dict[str, Any] = {
    "title": "Read me: what a card looks like here",
    "what": "One piece of work that someone can finish, in words that a reader in another time zone follows.",
    "why": "So that whoever opens it tomorrow knows what it is worth, without asking.",
    "done_when": "- Anyone can tell that it is finished\n- It stands in the last column",
    "constraints": "Keep it short. Archive this card when you have read it.",
}
# What the copy of a board can take along besides what a template of it would hold.
COPIED_OF_A_BOARD = ("cards", "people")


@action
def create_board(
    name: str,
    *,
    by: Any,
    key: str = "",
    description: str = "",
    columns: tuple[str, ...] = START_COLUMNS,
    starter: bool = True,
    plan: BoardPlan | None = None,
) -> Board:
    """A board owned by `by`, with columns (the last counts as done) and, as `starter`, one example card.

    `plan`: what it is made of instead, all of it in this one change.
    """
    plan = plan or BoardPlan(
        tuple(ColumnPlan(one, is_done=len(columns) > 1 and one == columns[-1]) for one in columns)
    )
    refuse_many(
        0, limits.ROWS_AT_ONCE, "A template can have {} columns, labels and templates.", coming=plan.rows
    )
    with transaction.atomic():
        refuse_repeat(by)
        description = cleaned(
            description,
            field="description",
            what="The description",
            longest=limits.TEXT,
            lines=True,
            needed=False,
        )
        begun = begin_board(
            by, name=name, key=key, description=description or plan.description, settings=plan.settings
        )
        Membership.begin(begun, by.user, Role.OWNER, at=by.now)
        with change(by, begun.pk, render=frames) as (log,):
            board = log.board
            log.record("board.created", board, after=board_facts(board))
            board.keep()
            write_member(log, by.user, Role.OWNER)
            made = write_plan(log, plan)
            if starter and made:
                write_card(log, made[0], "a0", assignee=by.user, **EXAMPLE)
        return board


def write_plan(log: Log, plan: BoardPlan) -> list[Column]:
    """The columns, labels and card templates of a plan, on a board that has none yet; returns the columns."""
    columns = [
        write_column(log, one.name, position, is_done=one.is_done, wip_limit=one.wip_limit)
        for one, position in zip(plan.columns, positions_between([], len(plan.columns)), strict=True)
    ]
    labels = {one.name: write_label(log, one.name, one.hue) for one in plan.labels}
    for one in plan.templates:
        texts = {name: getattr(one, name) for name in ("title", *SPEC_FIELDS, "steps")}
        worn = [labels[name] for name in one.labels if name in labels]
        write_template(log, worn, name=one.name, is_default=one.is_default, **texts)
    return columns


def save_board_template(board: Board, name: str, *, by: By, is_shared: bool = False) -> BoardTemplate:
    """Keep what a board is made of, besides its people and cards, as a template of one's own.

    The same name again keeps the board as it is now. Raises `Refused`
    for a name that won't do, and where there are too many.
    """
    name = cleaned(name, field="name", what="The name", longest=limits.BOARD_NAME)
    plan = BoardPlan.of(board)
    refuse_many(
        0,
        limits.ROWS_AT_ONCE,
        "A template can have {} columns, labels and templates.",
        "name",
        coming=plan.rows,
    )
    written = plan.written()
    if len(json.dumps(written)) > limits.PLAN:
        raise Refused(
            "The texts of its card templates and its description are too long for a template.", "name"
        )
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.user.pk)  # so that they are counted one by one
        known = BoardTemplate.objects.filter(owner=by.user, name=name).first()
        if known is None:
            there = BoardTemplate.objects.filter(owner=by.user).count()
            refuse_many(there, limits.BOARD_TEMPLATES, "You can have {} board templates.", "name", coming=1)
            known = BoardTemplate(owner=by.user, name=name)
        known.plan, known.is_shared, known.at = written, is_shared, by.now
        known.save()
        return known


@action
def copy_board(board: Board, name: str, *, by: Any, key: str = "", take: Collection[str] = ()) -> Board:
    """A new board like another, owned by `by`; with its open cards and its people where `take` says so.

    Nothing of the history, comments and decisions comes along, and no checklist is ticked. Raises `Refused`
    where there is too much for one change.
    """
    if set(take) - set(COPIED_OF_A_BOARD):
        raise Refused("Choose from what there is to take along.", "take")
    there = list(board.columns.current().in_board_order())
    plan, cards = BoardPlan.of(board, there), _cards_of(board) if "cards" in take else []
    people = list(_people_of(board, by)) if "people" in take else []
    refuse_many(
        0,
        limits.COPIED_ROWS,
        "There is too much to copy at once: more than {} columns, cards, items, people."
        " Copy the board without its cards.",
        "take",
        coming=plan.rows + _rows_of(cards) + len(people),
    )
    with transaction.atomic():
        refuse_repeat(by)
        begun = begin_board(by, name=name, key=key, description=plan.description, settings=plan.settings)
        Membership.begin(begun, by.user, Role.OWNER, at=by.now)
        with change(by, begun.pk, render=frames) as (log,):
            log.record("board.created", log.board, after=board_facts(log.board))
            log.board.keep()
            write_member(log, by.user, Role.OWNER)
            columns = write_plan(log, plan)
            for one in people:
                enter(log, one.user, Role(one.role))
            here = {by.user.pk, *(one.user_id for one in people)}
            _copy_cards(log, cards, dict(zip([one.pk for one in there], columns, strict=True)), here)
        return log.board


def _cards_of(board: Board) -> list[Card]:
    """The open cards of a board, one more than can be copied at most, in the order of their columns."""
    lists = Prefetch("checklists", Checklist.objects.current().in_order())
    cards = board.cards.current().select_related("assignee").prefetch_related("labels", lists)
    return list(cards.order_by("column__position", "position", "pk")[: limits.COPIED_ROWS + 1])


def _rows_of(cards: list[Card]) -> int:
    lists = [one.pk for card in cards for one in card.checklists.all()]
    items = Item.objects.current().filter(checklist__in=lists).count()
    return len(cards) + len(lists) + items


def _people_of(board: Board, by: By) -> QuerySet[Membership]:
    """Who is on a board and can sign in, in the roles that they have there; for its members to ask for."""
    if not Membership.objects.filter(board=board, user=by.user).exists():
        raise Refused("Only who is on the board can take its people along.", "take")
    there = Membership.objects.filter(board=board, user__is_active=True, user__email__isnull=False)
    return there.select_related("user").order_by("pk")


def _copy_cards(log: Log, cards: list[Card], columns: dict[int, Column], people: set[int]) -> None:
    labels = {label.name: label for label in Label.objects.filter(board=log.board)}
    for column, made in columns.items():
        inside = [card for card in cards if card.column_id == column]
        for card, position in zip(inside, positions_between([], len(inside)), strict=True):
            values: dict[str, Any] = {name: getattr(card, name) for name in SPEC_FIELDS}
            assignee = card.assignee if card.assignee_id in people else None
            worn = [
                labels[one.name] for one in card.labels.all() if one.removed_at is None and one.name in labels
            ]
            values |= optional_values(card, log.board)
            values |= {"due": card.due, "assignee": assignee, "labels": worn, "source": card}
            copy = write_card(log, made, position, title=card.title, told={"of_several": True}, **values)
            for checklist in card.checklists.all():
                write_checklist_like(log, copy, checklist)
