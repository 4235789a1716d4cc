"""Trials of working without a standup: owners say when it stops, and decide at the end what comes of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from activity.errors import Refused
from activity.log.board_verbs import TRIAL_CHOICES
from activity.log.record import Log
from activity.log.verbs import VERBS
from boards.actions.base import action, writing
from boards.actions.clean import cleaned
from boards.actions.conflicts import settle_value
from boards.models import Board, Role, Trial
from boards.models.trial import LARGEST, LENGTH, LONGEST
from fluxboard.accounts.away import today_there
from fluxboard.accounts.calendar import DAY
from fluxboard.core import limits
from fluxboard.core.recurrence import WEEKDAYS

FURTHEST = 90  # days ahead for which a trial can be said


@action
def start_trial(
    board: Board, stops: dt.date, *, minutes: int, team: int, weekdays: Iterable[str], by: Any
) -> Trial:
    """The board's standup stops on `stops`, a day of the owner's calendar.

    `weekdays` are the days on which it was held, as in RFC 5545 (`MO`). Raises `Refused` while there is a
    trial of which nothing has been decided.
    """
    with writing(board, by, Role.OWNER) as log:
        _only(log)
        if log.board.trials.count() >= limits.TRIALS:
            raise Refused(f"A board has at most {limits.TRIALS} trials.")
        facts = _facts(log, {"stops": stops, "minutes": minutes, "team": team, "weekdays": weekdays})
        trial = Trial(board=log.board, **facts)
        _record_start(log, trial)
        return trial


def _only(log: Log) -> None:
    if log.board.trials.undecided().exists():
        raise Refused("There is a trial on this board already. Decide what comes of it, or call it off.")


def _record_start(log: Log, trial: Trial) -> None:
    log.record("trial.started", trial, after=_logged({name: getattr(trial, name) for name in _SAID}))
    trial.save()


_SAID = ("stops", "minutes", "team", "weekdays")


def change_trial(trial: Trial, *, by: Any, seen: int | None = None, **values: Any) -> Trial:
    """Set `stops`, `minutes`, `team` or `weekdays`; the day only while the standup has not stopped."""
    return _change(trial, values, by=by, seen=seen)


@action
def _change(trial: Trial, values: dict[str, Any], *, by: Any, seen: int | None) -> Trial:
    with writing(trial.board, by, Role.OWNER) as log:
        trial = _fresh(log, trial)
        _require_undecided(trial)
        after = {name: value for name, value in values.items() if value != getattr(trial, name)}
        if "stops" in after and today_there(log.by.user, log.now) >= trial.stops:
            raise Refused("The standup has stopped already. Call the trial off to begin another.", "stops")
        after = {name: value for name, value in _facts(log, after).items() if value != getattr(trial, name)}
        _refuse_stale(log, trial, after, seen)
        if after:
            before = {name: getattr(trial, name) for name in after}
            log.record("trial.changed", trial, before=_logged(before), after=_logged(after))
            for name, value in after.items():
                setattr(trial, name, value)
            trial.keep(*after)
        return trial


def _refuse_stale(log: Log, trial: Trial, after: dict[str, Any], seen: int | None) -> None:
    """Raise `Clash` where somebody else has set one of the same fields since."""
    yours, theirs = _logged(after), _logged({name: getattr(trial, name) for name in after})
    for name in after:
        said = _in_form(theirs[name]), _in_form(yours[name])
        label = VERBS["trial.changed"].label(name)
        settle_value(log, trial, name, label, theirs=theirs[name], yours=yours[name], seen=seen, values=said)


def _in_form(fact: Any) -> str:
    return " ".join(map(str, fact)) if isinstance(fact, list) else str(fact)


@action
def remove_trial(trial: Trial, *, by: Any) -> Trial:
    """Call a trial off."""
    with writing(trial.board, by, Role.OWNER) as log:
        trial = _fresh(log, trial)
        if trial.removed_at is None:
            _require_undecided(trial)
            log.record("trial.removed", trial, before=_logged({"stops": trial.stops}))
            trial.removed_at = log.now
            trial.keep("removed_at")
        return trial


@action
def restore_trial(trial: Trial, *, by: Any) -> Trial:
    """Undo that it was called off."""
    with writing(trial.board, by, Role.OWNER) as log:
        trial = _fresh(log, trial)
        if trial.removed_at is not None:
            _only(log)
            trial.removed_at = None
            _record_start(log, trial)
        return trial


@action
def decide_trial(trial: Trial, choice: str, text: str, report: dict[str, Any], *, by: Any) -> Trial:
    """What comes of a trial that is over: one of TRIAL_CHOICES, with a word on why.

    `report` is what it came to, as it stands on its page (`fluxboard.features.trial.report`), for the record.
    """
    with writing(trial.board, by, Role.OWNER) as log:
        trial = _fresh(log, trial)
        _require_undecided(trial)
        if not trial.is_over(today_there(log.by.user, log.now)):
            raise Refused("This trial is not over yet.")
        if choice not in TRIAL_CHOICES:
            raise Refused("Choose what comes of it.", "choice")
        text = cleaned(text, field="text", what="The reason", longest=limits.TRIAL_TEXT, lines=True)
        after = {"choice": choice, "text": text, "report": report}
        log.record("trial.decided", trial, after=after)
        trial.choice, trial.text, trial.report = choice, text, report
        trial.keep("choice", "text", "report")
        return trial


@action
def reopen_trial(trial: Trial, *, by: Any) -> Trial:
    """Take back what was decided, so that it can be decided again."""
    with writing(trial.board, by, Role.OWNER) as log:
        trial = _fresh(log, trial)
        if trial.choice:
            _only(log)
            before = {"choice": trial.choice, "text": trial.text, "report": trial.report}
            log.record("trial.reopened", trial, before=before)
            trial.choice, trial.text, trial.report = "", "", {}
            trial.keep("choice", "text", "report")
        return trial


def _require_undecided(trial: Trial) -> None:
    if trial.removed_at is not None:
        raise Refused("This trial was called off.")
    if trial.choice:
        raise Refused("What comes of this trial has been decided.")


def _fresh(log: Log, trial: Trial) -> Trial:
    now: Trial = Trial.objects.get(pk=trial.pk, board=log.board)
    now.board = log.board
    return now


def _logged(values: dict[str, Any]) -> dict[str, Any]:
    """Values as facts of the log: a day as `2026-11-30`."""
    return {name: value.isoformat() if name == "stops" else value for name, value in values.items()}


def _facts(log: Log, values: dict[str, Any]) -> dict[str, Any]:
    """Those of `values` that a trial may have. Raises `Refused`, with the field's name."""
    facts = dict(values)
    if "stops" in facts:
        today = today_there(log.by.user, log.now)
        if not today - LENGTH * DAY < facts["stops"] <= today + FURTHEST * DAY:
            raise Refused(f"Choose a day from {LENGTH - 1} days back to {FURTHEST} days ahead.", "stops")
    for name, most, what in (("minutes", LONGEST, "minutes"), ("team", LARGEST, "people")):
        if name in facts and not 1 <= facts[name] <= most:
            raise Refused(f"Between 1 and {most} {what}.", name)
    if "weekdays" in facts:
        held = set(facts["weekdays"])
        facts["weekdays"] = [code for code in WEEKDAYS if code in held]
        if not held or len(held) != len(facts["weekdays"]):
            raise Refused("Choose the days on which the standup was held.", "weekdays")
    return facts
