"""Somebody takes over what stands on boards under the name of a person without a sign-in.

The log stays as it is: its earlier rows name the placeholder for ever. One row more, `member.claimed`, says
who that is from then on, and replay follows it; so the tables can be compared with the log as ever.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef

from activity.log.record import Log
from activity.models import Activity
from boards.actions.cards.extensions import CARD_EXTENSIONS
from boards.actions.facts import person_fact
from boards.actions.membership import enter
from boards.models import Board, Membership, Role, Schedule
from boards.placeholders import TIES, Tie

_CLAIMED = "member.claimed"


def take_over(log: Log, placeholder: Any, person: Any) -> None:
    """Within an open change: all that stands on its board in the placeholder's name is `person`'s.

    Where the placeholder was on the board, `person` is from now on, in the same role unless they have one.
    """
    board = log.board
    was = Membership.objects.filter(board=board, user=placeholder).first()
    if was is not None:
        enter(log, person, Role(was.role))
        was.delete()
    for extension in CARD_EXTENSIONS:
        extension.take_over(board, placeholder, person)
    for tie in TIES:
        if tie.moves:
            _move(tie, board, placeholder, person)
    Schedule.objects.filter(board=board).by_clock_of(person).wait_anew()
    log.record(
        _CLAIMED,
        placeholder,
        before={"person": person_fact(placeholder)},
        after={"person": person_fact(person)},
    )


def _move(tie: Tie, board: Board, placeholder: Any, person: Any) -> None:
    rows = tie.rows().filter(**{tie.board: board})
    theirs = rows.filter(**{tie.field: placeholder})
    if tie.once:
        same = {name: OuterRef(name) for name in tie.once.split()}
        theirs.filter(Exists(rows.filter(**{tie.field: person}, **same))).delete()
    # By the id: a row can't be updated through a join.
    pks = list(theirs.values_list("pk", flat=True))
    tie.rows().filter(pk__in=pks).update(**{tie.field: person})


def claimed_by(board: Board, placeholder_uid: Any) -> str | None:
    """The uid of who has taken this person's name over on a board; None while nobody has."""
    rows = Activity.objects.filter(board=board, verb=_CLAIMED, subject=placeholder_uid)
    # All of them, not the last: a limit would have the database walk back through the board's log.
    found = list(rows.order_by("seq").values_list("after", flat=True))
    return found[-1]["person"]["id"] if found else None


def names_of(board: Board, person: Any) -> list[Any]:
    """The uids of those whose names `person` has taken over on a board."""
    rows = Activity.objects.filter(board=board, verb=_CLAIMED, after__person__id=str(person.uid))
    return list(rows.values_list("subject", flat=True))
