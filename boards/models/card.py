"""The card: a micro-spec with an owner and a place."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from activity.log.verbs import VERBS
from boards.addresses import address
from boards.models.thing import IN_ORDER, PositionField, Thing

SPEC_FIELDS = {value.name: value.label for value in VERBS["card.specified"].sets}


# ---- ready, done, blocked and late: each defined here, for the database and for Python, and nowhere else


def not_done(way: str = "") -> Q:
    """Of a card, to which `way` leads from the rows that are asked for: its column does not count as done."""
    return Q(**{f"{way}column__is_done": False})


NOT_DONE = not_done()
BLOCKED = Q(is_blocked=True)
UNREADY = NOT_DONE & (Q(assignee=None) | Q(why="", done_when=""))


def late(today: dt.date) -> Q:
    """Not done, and due before `today`."""
    return NOT_DONE & Q(due__lt=today)


def is_ready(assignee: Any, why: Any, done_when: Any) -> bool:
    """Whether it has an owner, a why and a done-when, as far as anyone would begin without them."""
    return assignee is not None and bool(why or done_when)


def can_be_late(*, is_done: bool, is_archived: bool) -> bool:
    """Whether a due date that is over says anything of a card: not once it is done or put away."""
    return not is_done and not is_archived


def new_salt() -> bytes:
    return secrets.token_bytes(16)


class CardQuerySet(models.QuerySet["Card"]):
    def in_board_order(self) -> CardQuerySet:
        """As they stand in their columns, from the top."""
        return self.order_by(*IN_ORDER)

    def current(self) -> CardQuerySet:
        return self.filter(archived_at=None, column__archived_at=None)

    def for_fronts(self) -> CardQuerySet:
        """All that a card's front shows, in three queries whatever the number of cards."""
        return self.select_related("assignee", "blocked_by_user", "blocked_by_card__board").prefetch_related(
            "labels", "participants"
        )

    def blocked(self) -> CardQuerySet:
        """Those that cannot go on."""
        return self.filter(BLOCKED)

    def visible_to(self, user: Any) -> CardQuerySet:
        from boards.models.board import Board

        return self.filter(board__in=Board.objects.visible_to(user))


class Card(Thing):
    board = models.ForeignKey("boards.Board", on_delete=models.CASCADE, related_name="cards", db_index=False)
    number = models.PositiveIntegerField()
    column = models.ForeignKey(
        "boards.Column", on_delete=models.PROTECT, related_name="cards", db_index=False
    )
    position = PositionField()
    title = models.CharField(max_length=500)
    what = models.TextField(blank=True)
    why = models.TextField(blank=True)
    done_when = models.TextField(blank=True)
    constraints = models.TextField(blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="cards"
    )
    participants = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="joined_cards", blank=True)
    labels = models.ManyToManyField("boards.Label", related_name="cards", blank=True)
    due = models.DateField(null=True, blank=True)
    size = models.CharField(max_length=6, blank=True)
    is_blocked = models.BooleanField(default=False)
    blocked_reason = models.TextField(blank=True)
    blocked_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="blocking"
    )
    blocked_by_card = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="blocking"
    )
    blocked_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField(help_text="When it came into its column.")
    created_at = models.DateTimeField()
    items_total = models.PositiveIntegerField(default=0)
    items_done = models.PositiveIntegerField(default=0)
    comments_count = models.PositiveIntegerField(default=0)
    decisions_count = models.PositiveIntegerField(default=0)
    questions_open = models.PositiveIntegerField(default=0)
    threads_escalated = models.PositiveIntegerField(default=0)
    salt = models.BinaryField(max_length=16, default=new_salt)

    objects = CardQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "number"], name="one_card_a_number")]
        indexes = [
            models.Index(fields=["column", "position"], name="card_order"),
            # Few rows, looked up for every page: what waits on somebody.
            models.Index(fields=["board"], name="card_blocked", condition=Q(is_blocked=True)),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title}"

    @property
    def due_as(self) -> str:
        """How its date is told: `due`, which can be late, or the mere `day` once it is done or put away."""
        can_be = can_be_late(is_done=self.column.is_done, is_archived=self.is_archived)
        return "due" if can_be else "day"

    @property
    def key(self) -> str:
        return f"{self.board.key}-{self.number}"

    def get_absolute_url(self) -> str:
        return address("boards:card", self.key)

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    @property
    def is_ready(self) -> bool:
        return is_ready(self.assignee_id, self.why, self.done_when)


class FormerCardKey(models.Model):
    """Where a card was before it moved to another board."""

    board = models.ForeignKey("boards.Board", on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="former_keys")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "number"], name="one_former_card_a_number")]

    def __str__(self) -> str:
        return f"{self.board.key}-{self.number}"
