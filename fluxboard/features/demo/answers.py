"""What the demo team has answered on the Fridays of its trial."""

from __future__ import annotations

import datetime as dt
from typing import Any

from boards.models import Trial
from fluxboard.accounts.calendar import DAY
from fluxboard.features.trial.question import answer

# With a standup and without; each week one answer a person, in the order of the team.
_WITH = ("partly", "yes", "no", "partly", "no"), ("no", "partly", "yes", "partly", "partly")
_WITHOUT = ("yes", "partly", "yes", "yes", "partly"), ("yes", "yes", "partly", "yes", "yes")
_SAID = {
    ("no", True): "I heard who does what, and had forgotten it by noon.",
    ("partly", True): "I had to ask twice where the photos are.",
    ("yes", False): "Everything stood on the cards when I got up.",
    ("partly", False): "Questions are answered sooner, but I miss the chat.",
}


def answer_fridays(trial: Trial, people: list[Any]) -> None:
    """Everyone's answer on each Friday of the trial, in the afternoon; the same words are said but once."""
    said: set[tuple[str, bool]] = set()
    first = trial.begins + (4 - trial.begins.weekday()) % 7 * DAY
    fridays = [first + n * 7 * DAY for n in range(4) if first + n * 7 * DAY <= trial.ends]
    before = [day for day in fridays if day < trial.stops]
    for friday in fridays:
        is_with = friday in before
        weeks = _WITH if is_with else _WITHOUT
        chosen = weeks[(fridays.index(friday) if is_with else fridays.index(friday) - len(before)) % 2]
        for person, value in zip(people, chosen, strict=False):
            at = dt.datetime.combine(friday, dt.time(15, 30), person.zone)
            words = "" if (value, is_with) in said else _SAID.get((value, is_with), "")
            said.add((value, is_with))
            answer(trial, person, value, words, at)
