"""Undo: the change back, made by the action that does it, and written down as what undoes what.

`INVERSES` has the change back of every verb that can be undone; another app adds its own. What was done as
one request is undone as one, newest first.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from activity.errors import Clash, Forbidden, NotDone, Refused
from activity.feed.load import ToldActivity, tell
from activity.log.record import By, Log
from activity.log.transaction import change, persistently
from activity.log.undone import together, undone
from activity.models import Activity
from boards.actions.base import UNCHECKED_DOORS, admit, role_of
from boards.models import Board, Role
from boards.undo.registry import INVERSES, ONLY, Undo, UndoChoice
from boards.undo.rights import why_not


def undo_change(board: Board, seq: int, *, by: Any, choice: UndoChoice | None = None) -> list[Activity]:
    """Undo what was done at `seq` on `board`, with all else that the same request did. Returns the undos.

    Who made the change does not matter: whoever may make the change back may undo it. Nothing is recorded
    where all that was changed since is to stay. Raises `Clash` with before, now and after where a field was
    changed since, `Refused` for what is final, imported, undone already or as it was before anyway,
    `Forbidden` for whoever may not make the change back, and `Repeated` for the same request again.
    """
    return persistently(_undo)(board, seq, By.of(by), choice or UndoChoice())


def _undo(board: Board, seq: int, by: By, choice: UndoChoice) -> list[Activity]:
    from boards.rendering.fragments import frames

    asked = Activity.objects.select_related("actor", "card").filter(board=board, seq=seq).first()
    if asked is None:
        raise Refused("Nothing happened at that point.")
    done = together(asked)
    begun = next((one for one in done if one.effect == "board.created"), None)
    if begun is not None:  # which goes with all that the board began with
        if asked.pk != begun.pk:
            raise Refused("The board began with this. Change it by itself, or undo that the board was made.")
        done = [begun]
    ids = list(dict.fromkeys([board.pk, *(activity.board_id for activity in done)]))
    with change(by, *ids, render=frames) as logs:
        for log in logs:
            admit(log, Role.VIEWER, archived=True)
        for reason in filter(None, map(why_not, done)):
            raise Refused(reason)
        over = undone(done)
        left = [one for one in done if (one.board_id, one.seq) not in over]
        if not left:
            raise Refused("This has been undone already.")
        _refuse_others(logs, left)
        _take_back(logs, tell(left, withheld=set()), choice)
        made = [activity for log in logs for activity in log.activities]
        if not made and not choice.keep:
            raise Refused("There is nothing to undo: it is as it was before.")
        return made


def _refuse_others(logs: list[Log], done: list[Activity]) -> None:
    """Refuse whoever is not among those who alone may make a change back, before the action itself looks."""
    for log in logs:
        if log.by.via in UNCHECKED_DOORS:
            continue
        role = role_of(log)
        for one in done:
            only = ONLY.get(one.effect)
            if (
                only is not None
                and one.board_id == log.board.pk
                and not (role and only(one, log.by.user, role))
            ):
                raise Forbidden("Only those whom this concerns can take it back.")


def _take_back(logs: list[Log], done: list[ToldActivity], choice: UndoChoice) -> None:
    """Take each back, the newest first; all that was changed since is asked about at once."""
    by_board = {log.board.pk: log for log in logs}
    clashes: list[Clash] = []
    for told in reversed(done):
        with ExitStack() as stack:
            for log in logs:
                here = [one.activity for one in done if one.activity.board_id == log.board.pk]
                here.sort(key=lambda activity: (activity.pk == told.activity.pk, activity.pk))
                stack.enter_context(log.undoing(*here))
            try:
                INVERSES[told.activity.effect](Undo(by_board[told.activity.board_id], told, done, choice))
            except Clash as clash:
                clashes.append(clash)
            except NotDone:
                if clashes:
                    break  # which may well be because of what was not taken back
                raise
    if clashes:
        differences = [difference for clash in clashes for difference in clash.differences]
        raise Clash(differences, max(clash.version for clash in clashes), clashes[0].thing)
