"""Undo what was said of absences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from activity.models import Activity
from boards.actions import absences
from boards.models import Role
from boards.undo.registry import Undo, undoes
from fluxboard.accounts.away import Absence


def _theirs(activity: Activity, reader: Any, role: Role) -> bool:
    """The person themselves, in any role, and owners."""
    return activity.subject == reader.uid or role.covers(Role.OWNER)


@undoes("member.away", only=_theirs)
def _away(undo: Undo) -> None:
    absences.unsay(undo.log, undo.thing, undo.after["stretch"])


@undoes("member.away_changed", "member.back", only=_theirs)
def _changed(undo: Undo) -> None:
    known = _absence(undo, undo.before | undo.after)
    absences.say_again(undo.log, undo.thing, _absence(undo, undo.after | undo.before), known=known)


def _absence(undo: Undo, facts: Mapping[str, Any]) -> Absence:
    cover = facts["cover"] or {"id": "", "name": ""}
    first, last = (dt.date.fromisoformat(facts[name] or "0001-01-01") for name in ("first", "last"))
    return Absence(undo.after["stretch"], first, last, facts["reason"], cover["id"], cover["name"])
