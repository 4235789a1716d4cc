"""What a change of a person means for the boards that they are on."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from activity.log.notify import notify
from activity.models import Activity
from boards.models import Board, Card, Membership


def looks_changed(person: Any) -> None:
    """Ask the open pages of every board that shows `person` to draw themselves again, after the commit.

    A name or a colour is not a change of a board, so nothing is logged. The fronts drawn before are no longer
    found: their key holds the faces on them.
    """
    shown = Q(members=person) | Q(cards__assignee=person) | Q(cards__participants=person)
    for pk in (
        Board.objects.current().filter(shown | Q(cards__blocked_by_user=person)).values_list("pk").distinct()
    ):
        _after_commit(f"look:{pk[0]}")


def colleagues(reader: Any, people: Iterable[int]) -> set[int]:
    """Those of `people`, by their ids, who are `reader` or on a board that `reader` sees. One query."""
    there = Membership.objects.filter(board__in=Board.objects.visible_to(reader), user__in=people)
    return {reader.pk, *there.values_list("user", flat=True)}


def nameable(board: Board, reader: Any) -> QuerySet[Any]:
    """Whom `reader` may name in a form on `board`: whoever is or was on it, by anything that shows there.

    On a board that is open to everyone, also whom `reader` shares another board with. All others are as
    people who do not exist, so that nobody reads names by counting through ids.
    """
    people, them = get_user_model().objects, OuterRef("pk")
    known = [
        Membership.objects.filter(board=board, user=them),
        Activity.objects.filter(board=board, actor=them),
        Card.objects.filter(Q(assignee=them) | Q(blocked_by_user=them), board=board),
        Card.participants.through.objects.filter(card__board=board, user=them),
    ]
    if board.open_to:
        mine = Membership.objects.filter(user=reader).values("board")
        known.append(Membership.objects.filter(board__in=mine, user=them))
    either = functools.reduce(operator.or_, (Q(Exists(one)) for one in known), Q(pk=reader.pk))
    return people.filter(either)


def access_changed(person: Any) -> None:
    """Have every worker look again whether this person's open streams may stay, after the commit."""
    _after_commit(f"user:{person.pk}")


def _after_commit(payload: str) -> None:
    transaction.on_commit(functools.partial(notify, payload), robust=True)
