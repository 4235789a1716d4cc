"""Check-ins: given once a person, board and day, and corrected or taken back within that day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from activity.errors import Forbidden, Refused
from activity.log.record import Log
from boards.actions.base import action, admit, writing
from boards.actions.clean import cleaned
from boards.actions.facts import person_fact
from boards.models import Board, CheckIn, Role
from fluxboard.accounts.away import today_there
from fluxboard.core import limits


@action
def give_check_in(
    board: Board, text: str, shown: Sequence[dict[str, Any]], *, by: Any, seen: int | None = None
) -> CheckIn:
    """Somebody's own check-in of their present day; again on that day, it changes the one that is there.

    `shown`: the outcomes that stand in it, each with its `code`, `kind`, `card` and `words`. `seen` is the
    version that the form stood on, 0 where there was none yet. Raises `Refused` where another page of theirs
    has said something else meanwhile, and on a board without check-ins.
    """
    with writing(board, by) as log:
        if not log.board.check_ins:
            raise Refused("This board has no check-ins.")
        text = _text(text)
        day, facts = today_there(log.by.user, log.now), list(shown)[: limits.CHECK_IN_FACTS]
        there = CheckIn.objects.filter(board=log.board, person=log.by.user, day=day).first()
        if there is not None and there.removed_at is None:
            return _change(log, there, text, facts, seen)
        made = there or CheckIn(board=log.board, person=log.by.user, day=day)
        made.text, made.shown, made.at, made.removed_at = text, facts, log.now, None
        _record(log, made)
        return made


def _change(log: Log, there: CheckIn, text: str, shown: list[dict[str, Any]], seen: int | None) -> CheckIn:
    there.board = log.board
    if seen is not None and there.version > seen and text != there.text:
        said = f"“{there.text}”" if there.text else "nothing beside the facts"
        raise Refused(f"Another page of yours has said {said} meanwhile. Post again to replace it.", "text")
    return _set(log, there, {"text": text, "shown": shown})


def change_check_in(check_in: CheckIn, *, by: Any, **values: Any) -> CheckIn:
    """Set `text` or `shown` of one's own."""
    return _changed(check_in, values, by=by)


@action
def _changed(check_in: CheckIn, values: dict[str, Any], *, by: Any) -> CheckIn:
    with writing(check_in.board, by) as log:
        check_in = _fresh(log, check_in)
        if check_in.removed_at is not None:
            raise Refused("That check-in was taken back.")
        if check_in.person_id != log.by.user.pk:
            raise Forbidden("A check-in is changed by whoever gave it.")
        return _set(log, check_in, values)


def _set(log: Log, check_in: CheckIn, values: dict[str, Any]) -> CheckIn:
    if "text" in values:
        values["text"] = _text(values["text"])
    after = {name: value for name, value in values.items() if value != getattr(check_in, name)}
    if after:
        before = {name: getattr(check_in, name) for name in after}
        log.record("checkin.changed", check_in, before=before, after=after)
        for name, value in after.items():
            setattr(check_in, name, value)
        check_in.keep(*after)
    return check_in


@action
def remove_check_in(check_in: CheckIn, *, by: Any) -> CheckIn:
    """Take a check-in back: whoever gave it, or an owner of the board."""
    with writing(check_in.board, by) as log:
        check_in = _fresh(log, check_in)
        if check_in.person_id != log.by.user.pk:
            admit(log, Role.OWNER)
        if check_in.removed_at is None:
            before = {"text": check_in.text, "day": check_in.day.isoformat()}
            log.record("checkin.removed", check_in, before=before)
            check_in.removed_at = log.now
            check_in.keep("removed_at")
        return check_in


@action
def restore_check_in(check_in: CheckIn, *, by: Any) -> CheckIn:
    """Undo that it was taken back."""
    with writing(check_in.board, by) as log:
        check_in = _fresh(log, check_in)
        if check_in.person_id != log.by.user.pk:
            admit(log, Role.OWNER)
        if check_in.removed_at is not None:
            check_in.removed_at = None
            _record(log, check_in)
        return check_in


def _record(log: Log, check_in: CheckIn) -> None:
    facts = {
        "person": person_fact(check_in.person),
        "day": check_in.day.isoformat(),
        "text": check_in.text,
        "shown": check_in.shown,
    }
    log.record("checkin.given", check_in, after=facts)
    check_in.save()


def _text(text: str) -> str:
    longest = limits.CHECK_IN
    return cleaned(text, field="text", what="The check-in", longest=longest, lines=True, needed=False)


def _fresh(log: Log, check_in: CheckIn) -> CheckIn:
    now: CheckIn = CheckIn.objects.select_related("person").get(pk=check_in.pk, board=log.board)
    now.board = log.board
    return now


def own_check_in(board: Board, person: Any, now: dt.datetime) -> CheckIn | None:
    """The one that `person` gave for their present day, if any."""
    day = today_there(person, now)
    found: CheckIn | None = CheckIn.objects.filter(
        board=board, person=person, day=day, removed_at=None
    ).first()
    if found is not None:
        found.board = board
    return found
