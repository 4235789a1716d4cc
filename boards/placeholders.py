"""People without a sign-in, whom an import brought along: who may hand their name to somebody, and where.

A placeholder stands for somebody on certain boards. Whoever lets another person be them gives away all that
stands there in that name, so they must own each of those boards, or be an admin; else only what is on
boards of their own is handed over (`boards.actions.claiming`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q, QuerySet

from activity.models import Activity
from boards.models import Membership, Role

ON_A_BOARD = ("member.added", "member.removed")


@dataclass(frozen=True)
class Tie:
    """A field by which a row names a person, and the way from that row to its board.

    `moves`: it goes to whoever takes the person over. `once` is what a person may be named for but once, a
    word a field.
    """

    model: str
    field: str
    board: str
    once: str = ""
    moves: bool = True

    def rows(self) -> QuerySet[Any]:
        return apps.get_model(self.model)._default_manager.all()


TIES = (
    Tie("boards.Card", "assignee", "board"),
    Tie("boards.Card", "blocked_by_user", "board"),
    Tie("boards.Card_participants", "user", "card__board", once="card"),
    Tie("boards.Item", "checked_by", "checklist__card__board"),
    Tie("boards.Template", "assignee", "board"),
    Tie("boards.Schedule", "made_by", "board"),
    Tie("boards.RotaPlace", "person", "schedule__board", once="schedule"),
    Tie("boards.CheckIn", "person", "board", once="day"),
    Tie("boards.ImportedPerson", "user", "board"),
    Tie("boards.Watch", "user", "board", once="board"),
    Tie("boards.Watch", "user", "card__board", once="card"),
    Tie("comments.Comment", "author", "card__board"),
    Tie("comments.Comment", "removed_by", "card__board"),
    Tie("comments.Comment_mentions", "user", "comment__card__board", once="comment"),
    Tie("comments.Ask", "person", "comment__card__board", once="comment"),
    Tie("comments.Decision", "recorded_by", "board"),
    Tie("comments.Decision_decided_by", "user", "decision__board", once="decision"),
    Tie("comments.Agreement", "person", "decision__board", once="decision"),
    Tie("comments.Confirmation", "person", "decision__board", once="decision round"),
    Tie("meetings.Meeting", "organiser", "board"),
    Tie("meetings.Meeting_invited", "user", "meeting__board", once="meeting"),
    Tie("meetings.Topic", "owner", "meeting__board"),
    # The record itself, and what reads it, name whom they named; `member.claimed` says who that is now.
    Tie("activity.Activity", "actor", "board", moves=False),
    Tie("boards.CarriedPerson", "user", "board", moves=False),
    Tie("boards.Import", "by", "board", moves=False),
    Tie("boards.Membership", "user", "board", moves=False),
)


def placeholders() -> QuerySet[Any]:
    """Everyone who has no address and no password: nobody can sign in as them."""
    unusable = Q(password="") | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    people: QuerySet[Any] = get_user_model()._default_manager.filter(unusable, email=None)
    return people


def is_placeholder(person: Any) -> bool:
    """Whether nobody can sign in as this person, nor is about to: no address, no password."""
    return not person.email and not person.has_usable_password()


def boards_of(people: Iterable[Any]) -> dict[int, set[int]]:
    """The boards on which each of `people` is, was, or has anything: ids of boards by the person's id.

    A fixed number of queries; the one over the log's members reads all of it.
    """
    uids = {person.uid: person.pk for person in people}
    found: dict[int, set[int]] = defaultdict(set)
    if not uids:
        return found
    for tie in TIES:
        rows = tie.rows().filter(**{f"{tie.field}__in": uids.values(), f"{tie.board}__isnull": False})
        for person, board in rows.values_list(f"{tie.field}_id", tie.board).distinct().order_by():
            found[person].add(board)
    told = Activity.objects.filter(subject__in=uids, verb__in=ON_A_BOARD)
    for uid, board in told.values_list("subject", "board").distinct().order_by():
        found[uids[uid]].add(board)
    return found


def is_admin(person: Any) -> bool:
    return bool(person.is_active and person.is_staff and person.is_superuser)


def owned_by(person: Any) -> set[int]:
    """The boards that `person` owns, by id; none for someone who is deactivated."""
    if not person.is_active:
        return set()
    return set(Membership.objects.filter(user=person, role=Role.OWNER).values_list("board", flat=True))


def boards_given_by(inviter: Any, placeholder: Any) -> tuple[set[int], bool]:
    """The placeholder's boards that `inviter` may hand over, and whether those are all of them."""
    boards = boards_of([placeholder])[placeholder.pk]
    if is_admin(inviter):
        return boards, True
    mine = boards & owned_by(inviter)
    return mine, mine == boards


def reusable(candidates: Iterable[Any], importer: Any) -> set[int]:
    """Those of these people who are still nobody's, and only on boards of the importer: by id.

    Another import may name them again: nothing of them is then in anybody else's hands. They are locked, so
    that nobody claims them before that import is done. Within a transaction.
    """
    pks = sorted(person.pk for person in candidates)
    nobody = list(placeholders().filter(pk__in=pks).order_by("pk").select_for_update(no_key=True))
    boards = boards_of(nobody)
    mine = owned_by(importer)
    return {person.pk for person in nobody if boards[person.pk] <= mine}
