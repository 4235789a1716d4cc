"""Undo check-ins: by whoever gave them; owners of the board may take them back as well."""

from __future__ import annotations

from typing import Any

from activity.models import Activity
from boards.actions import check_ins
from boards.models import Role
from boards.undo.registry import Undo, undoes


def _or_an_owner(activity: Activity, reader: Any, role: Role) -> bool:
    return activity.actor_id == reader.pk or role.covers(Role.OWNER)


def _whoever_gave_it(activity: Activity, reader: Any, role: Role) -> bool:
    return activity.actor_id == reader.pk


@undoes("checkin.given", only=_or_an_owner)
def _given(undo: Undo) -> None:
    check_ins.remove_check_in(undo.thing, by=undo.by)


@undoes("checkin.removed", only=_or_an_owner)
def _removed(undo: Undo) -> None:
    check_ins.restore_check_in(undo.thing, by=undo.by)


@undoes("checkin.changed", only=_whoever_gave_it)
def _changed(undo: Undo) -> None:
    check_in = undo.thing
    values = {
        name: undo.settled(check_in, name, now=getattr(check_in, name), was=was)
        for name, was in undo.before.items()
    }
    check_ins.change_check_in(check_in, by=undo.by, **values)
