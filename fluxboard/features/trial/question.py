"""The question of each Friday: “Did you know what you needed this week?”

An answer has no author. That somebody has answered is kept apart from what was answered, so each has one
answer a Friday, and none can be changed afterwards.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from activity.errors import Refused
from boards.actions.clean import cleaned
from boards.models import Board, Trial, TrialAnswer, TrialVoice
from boards.models.trial import LENGTH
from fluxboard.accounts.away import today_there
from fluxboard.accounts.calendar import DAY
from fluxboard.accounts.working_hours import local
from fluxboard.core import limits

ANSWERED = "You have answered this week’s question. An answer has no author, so it can’t be changed."
CLOSED = "No question is open just now. The next one comes on Friday."


@dataclass(frozen=True)
class OpenQuestion:
    """A question that somebody has not answered yet."""

    trial: Trial
    board: Board
    friday: dt.date


def open_questions(boards: Iterable[Board], person: Any, now: dt.datetime) -> list[OpenQuestion]:
    """Those that are open to `person` on `boards`, from when they begin to work. One query at most."""
    today = today_there(person, now)
    if local(now, person.time_zone).time() < person.work_start:
        return []
    current = {board.pk: board for board in boards if not board.is_archived}
    trials = Trial.objects.undecided().filter(
        board__in=current, stops__gt=today - (LENGTH + 7) * DAY, stops__lte=today + (LENGTH + 7) * DAY
    )
    friday = today - today.weekday() * DAY + 4 * DAY
    voice = TrialVoice.objects.filter(trial=OuterRef("pk"), person=person, friday=friday)
    there = [trial for trial in trials.exclude(Exists(voice)) if trial.friday_of(person, today)]
    found = [OpenQuestion(trial, current[trial.board_id], friday) for trial in there]
    return sorted(found, key=lambda one: one.board.name)


def answer(trial: Trial, person: Any, chosen: str, text: str, now: dt.datetime) -> None:
    """Keep an answer. Raises `Refused` where no question is open, or this one has been answered."""
    friday = trial.friday_of(person, today_there(person, now))
    if friday is None or trial.choice or trial.removed_at is not None:
        raise Refused(CLOSED)
    if chosen not in TrialAnswer.Answer.values:
        raise Refused("Choose one of the three.", "answer")
    longest = limits.TRIAL_ANSWER
    text = cleaned(text, field="text", what="What you add", longest=longest, lines=False, needed=False)
    with transaction.atomic():
        _, is_first = TrialVoice.objects.get_or_create(trial=trial, friday=friday, person=person)
        if not is_first:
            raise Refused(ANSWERED)
        TrialAnswer.objects.create(trial=trial, friday=friday, answer=chosen, text=text)


def has_answered(trial: Trial, person: Any, now: dt.datetime) -> bool:
    """Whether `person` has answered the question that is open to them. One query."""
    friday = trial.friday_of(person, today_there(person, now))
    return (
        friday is not None and TrialVoice.objects.filter(trial=trial, friday=friday, person=person).exists()
    )
