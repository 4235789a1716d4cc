"""Undo trials of working without a standup."""

from __future__ import annotations

import datetime as dt
from typing import Any

from boards.actions import trials
from boards.undo.registry import Undo, undoes


@undoes("trial.started")
def _started(undo: Undo) -> None:
    trials.remove_trial(undo.thing, by=undo.by)


@undoes("trial.removed")
def _removed(undo: Undo) -> None:
    trials.restore_trial(undo.thing, by=undo.by)


@undoes("trial.changed")
def _changed(undo: Undo) -> None:
    trial, values = undo.thing, dict[str, Any]()
    for name, was in undo.before.items():
        present = getattr(trial, name)
        now = present.isoformat() if name == "stops" else present
        settled = undo.settled(trial, name, now=now, was=was)
        values[name] = dt.date.fromisoformat(settled) if name == "stops" else settled
    trials.change_trial(trial, by=undo.by, **values)


@undoes("trial.decided")
def _decided(undo: Undo) -> None:
    trials.reopen_trial(undo.thing, by=undo.by)


@undoes("trial.reopened")
def _reopened(undo: Undo) -> None:
    was = undo.before
    trials.decide_trial(undo.thing, was["choice"], was["text"] or "", was["report"], by=undo.by)
