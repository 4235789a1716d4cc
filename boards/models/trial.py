"""The trial of working without a standup: when that stops, what it took, and what comes of it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from activity.log.board_verbs import TRIAL_CHOICES
from boards.models.thing import Thing
from fluxboard.accounts.calendar import DAY
from fluxboard.core.recurrence import WEEKDAYS

LENGTH = 14  # days before the standup stops, and as many after it, are compared
LONGEST = 240  # minutes of a standup
LARGEST = 200  # people of one
FEWEST_ANSWERS = 3  # below that an answer could be told to be somebody's


class TrialQuerySet(models.QuerySet["Trial"]):
    def current(self) -> TrialQuerySet:
        """Not called off."""
        return self.filter(removed_at=None)

    def undecided(self) -> TrialQuerySet:
        return self.current().filter(choice="")


class Trial(Thing):
    """A board's standup stops on `stops`: until then it took `minutes` of `team` people on `weekdays`.

    `weekdays` are codes of RFC 5545. It is over by itself once LENGTH days have passed; `choice` (of
    TRIAL_CHOICES), `text` and the `report` as it then was are what an owner decides. One that was called off
    stays as a row, so that it can come back.
    """

    board = models.ForeignKey("boards.Board", on_delete=models.CASCADE, related_name="trials")
    stops = models.DateField()
    minutes = models.PositiveSmallIntegerField()
    team = models.PositiveSmallIntegerField()
    weekdays = ArrayField(models.CharField(max_length=2), size=7)
    choice = models.CharField(max_length=5, blank=True, choices=list(TRIAL_CHOICES.items()))
    text = models.TextField(blank=True)
    report = models.JSONField(default=dict)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = TrialQuerySet.as_manager()

    class Meta:
        ordering = ["stops", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["board"], condition=Q(choice="", removed_at=None), name="one_trial_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.board}, from {self.stops}"

    @property
    def begins(self) -> dt.date:
        """The first of the days with a standup that are compared."""
        return self.stops - LENGTH * DAY

    @property
    def last_with(self) -> dt.date:
        """The last day with a standup."""
        return self.stops - DAY

    @property
    def ends(self) -> dt.date:
        """The last day of the trial."""
        return self.stops + (LENGTH - 1) * DAY

    def is_over(self, today: dt.date) -> bool:
        return today > self.ends

    def standups_until(self, today: dt.date) -> int:
        """How many standups there would have been since they stopped, `today` and the end included."""
        last = min(today, self.ends)
        days = (self.stops + n * DAY for n in range((last - self.stops).days + 1))
        held = {[*WEEKDAYS].index(code) for code in self.weekdays}
        return sum(day.weekday() in held for day in days)

    def minutes_back(self, today: dt.date) -> int:
        """Minutes of everybody together that no standup has taken so far."""
        return self.standups_until(today) * self.minutes * self.team

    def friday_of(self, person: Any, today: dt.date) -> dt.date | None:
        """The Friday whose question is open to `person` on their day `today`; None where none is.

        It opens on Friday, or on their last working day before it in that week, and closes with the week.
        """
        monday = today - today.weekday() * DAY
        friday = monday + 4 * DAY
        if not self.begins <= friday <= self.ends:
            return None
        days = [monday + n * DAY for n in range(5) if (monday + n * DAY).isoweekday() in person.work_days]
        opens = days[-1] if days else friday
        return friday if today >= opens else None


class TrialVoice(models.Model):
    """Who has answered the question of a Friday. Not what: no row leads from one to the other."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="voices", db_index=False)
    friday = models.DateField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trial", "friday", "person"], name="one_voice_a_friday")
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.friday}"


class TrialAnswer(models.Model):
    """An answer to “Did you know what you needed this week?”, by nobody: it has no author and no time."""

    class Answer(models.TextChoices):
        YES = "yes", "Yes"
        PARTLY = "partly", "Partly"
        NO = "no", "No"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="answers")
    friday = models.DateField()
    answer = models.CharField(max_length=6, choices=Answer)
    text = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.friday}: {self.get_answer_display()}"
