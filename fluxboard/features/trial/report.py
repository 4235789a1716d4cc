"""What a trial comes to: each figure of the two weeks with a standup beside the two weeks without it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from boards.models import Board, Trial, TrialAnswer
from boards.models.trial import FEWEST_ANSWERS, LENGTH
from fluxboard.accounts.calendar import DAY
from fluxboard.core.counting import counted
from fluxboard.features.finished.load import Days
from fluxboard.features.insight.figures import Figure, Measure
from fluxboard.features.insight.load import FLOW, QUALITY
from fluxboard.features.insight.measures import number
from fluxboard.features.insight.scope import Scope

# Whether more of it is better. What is not named here is told without saying which is better.
MORE_IS_BETTER = {
    "coverage": True,
    "reading": True,
    "ready": True,
    "unblocking": False,
    "answers": False,
    "silence": False,
    "threads": False,
    "after_hours": False,
}
# Figures that count something: how many they counted says nothing more.
COUNTS = {"meetings": "Meetings held", "decisions": "Decisions recorded", "throughput": "Cards finished"}
# Below a tenth of what it was before, a difference is as likely to be chance as anything.
SAME = 0.1


@dataclass(frozen=True)
class Comparison:
    """One figure on both sides; None where there was too little to tell.

    `verdict` is `better`, `worse` or `same`, or empty where one side is missing or neither is better.
    """

    name: str
    title: str
    definition: str
    before: Measure | None
    after: Measure | None

    @property
    def is_count(self) -> bool:
        return self.name in COUNTS

    @property
    def verdict(self) -> str:
        better = MORE_IS_BETTER.get(self.name)
        if better is None or self.before is None or self.after is None:
            return ""
        was, now = self.before.value, self.after.value
        if abs(now - was) <= SAME * max(abs(was), abs(now)):
            return "same"
        return "better" if (now > was) == better else "worse"


@dataclass(frozen=True)
class FridayAnswers:
    """What was answered on a Friday; `counts` in the order of the answers, empty while they are too few."""

    friday: dt.date
    is_after: bool
    number: int
    counts: Sequence[tuple[str, int]] = ()
    said: Sequence[str] = ()


@dataclass(frozen=True)
class TrialReport:
    """`missing`: how many of the days with a standup lie before the board's log begins."""

    trial: Trial
    comparisons: list[Comparison]
    fridays: list[FridayAnswers]
    standups: int
    minutes: int
    missing: int

    @property
    def verdicts(self) -> Counter[str]:
        return Counter(one.verdict for one in self.comparisons if one.verdict)

    @property
    def summary(self) -> str:
        """`3 better, 1 worse, 2 the same`."""
        words = {"better": "better", "worse": "worse", "same": "the same"}
        found = self.verdicts
        return ", ".join(f"{found[name]} {said}" for name, said in words.items() if found[name])

    @property
    def hours(self) -> str:
        """The time that no standup took, of everybody together."""
        return counted_hours(self.minutes)

    @property
    def hours_each(self) -> str:
        return counted_hours(self.standups * self.trial.minutes)

    def as_logged(self) -> dict[str, Any]:
        """What is kept with the decision: figures and counts, never what somebody said."""
        return {
            "figures": {
                one.name: [side.words if side else None for side in (one.before, one.after)]
                for one in self.comparisons
            },
            "answers": {one.friday.isoformat(): dict(one.counts) for one in self.fridays if one.counts},
            "standups": self.standups,
            "minutes": self.minutes,
        }


def counted_hours(minutes: int) -> str:
    """`18 hours`, `1.5 hours`, `45 minutes`."""
    if minutes < 60:
        return counted(minutes, "minute")
    return "1 hour" if minutes == 60 else f"{number(round(minutes / 60, 1))} hours"


def load_report(trial: Trial, board: Board, reader: Any, now: dt.datetime) -> TrialReport:
    """The report on the reader's calendar; while the trial runs, of its days so far.

    Two rounds of the figures of insight, and the answers: some sixty queries, none of which grows.
    """
    before = Scope([board], Days(trial.begins, trial.stops - DAY), reader, now)
    today = before.today
    missing = min(LENGTH, max(0, (before.day_of(board.created_at) - trial.begins).days))
    comparisons: list[Comparison] = []
    if today >= trial.stops:
        after = Scope([board], Days(trial.stops, min(today, trial.ends)), reader, now)
        sides = _figures(before), _figures(after)
        comparisons = [
            Comparison(was.name, COUNTS.get(was.name, was.title), was.definition, was.measure, since.measure)
            for was, since in zip(*sides, strict=True)
            if was.measure is not None or since.measure is not None
        ]
    return TrialReport(
        trial,
        comparisons,
        answers_of(trial),
        trial.standups_until(today) if today >= trial.stops else 0,
        trial.minutes_back(today) if today >= trial.stops else 0,
        missing,
    )


def _figures(scope: Scope) -> list[Figure]:
    """The figures to compare: of what people wrote, and of what they finished beside it."""
    flow = ("throughput", "cycle")
    return [make(scope, None) for make in (*QUALITY.values(), *(FLOW[name] for name in flow))]


def answers_of(trial: Trial) -> list[FridayAnswers]:
    """What was answered on each Friday that has an answer. One query."""
    by_friday: dict[dt.date, list[TrialAnswer]] = {}
    for one in trial.answers.order_by("friday", "pk"):
        by_friday.setdefault(one.friday, []).append(one)
    return [_friday(trial, friday, there) for friday, there in by_friday.items()]


def _friday(trial: Trial, friday: dt.date, there: Iterable[TrialAnswer]) -> FridayAnswers:
    """Of fewer than FEWEST_ANSWERS nothing but how many there are: they might be told to be somebody's."""
    answers = list(there)
    is_after = friday >= trial.stops
    if len(answers) < FEWEST_ANSWERS:
        return FridayAnswers(friday, is_after, len(answers))
    counts = Counter(one.answer for one in answers)
    return FridayAnswers(
        friday,
        is_after,
        len(answers),
        [(str(label), counts[value]) for value, label in TrialAnswer.Answer.choices],
        [one.text for one in answers if one.text],
    )


def days_left(trial: Trial, today: dt.date) -> int:
    """How many of the trial's days are still to come, today included."""
    return max(0, min(LENGTH, (trial.ends - today).days + 1))
