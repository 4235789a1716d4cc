"""What a change of a person means for the boards that they are on."""

from __future__ import annotations

import functools
import operator
from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from activity.log.notify import notify
from activity.models import Activity
from boards.models import Board, Card, ImportedPerson, Membership


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
    known = _shows([board.pk])
    if board.open_to:
        mine = Membership.objects.filter(user=reader).values("board")
        known.append(Membership.objects.filter(board__in=mine, user=OuterRef("pk")))
    return _either(reader, known)


def people_met(reader: Any, boards: Collection[int]) -> QuerySet[Any]:
    """Whom `reader` knows by `boards` (ids) that they see: as `nameable`, and whom an import brought there.

    Ask here who goes by a name, so that nobody learns whether somebody else has an account.
    """
    came_along = ImportedPerson.objects.filter(board__in=boards, user=OuterRef("pk"))
    return _either(reader, [*_shows(boards), came_along])


def _shows(boards: Collection[int]) -> list[QuerySet[Any]]:
    """The rows by which a person of an outer query shows on `boards`."""
    them = OuterRef("pk")
    return [
        Membership.objects.filter(board__in=boards, user=them),
        Activity.objects.filter(board__in=boards, actor=them),
        Card.objects.filter(Q(assignee=them) | Q(blocked_by_user=them), board__in=boards),
        Card.participants.through.objects.filter(card__board__in=boards, user=them),
    ]


def _either(reader: Any, known: Iterable[QuerySet[Any]]) -> QuerySet[Any]:
    either = functools.reduce(operator.or_, (Q(Exists(one)) for one in known), Q(pk=reader.pk))
    return get_user_model().objects.filter(either)


def access_changed(person: Any) -> None:
    """Have every worker look again whether this person's open streams may stay, after the commit."""
    _after_commit(f"user:{person.pk}")


def _after_commit(payload: str) -> None:
    transaction.on_commit(functools.partial(notify, payload), robust=True)
