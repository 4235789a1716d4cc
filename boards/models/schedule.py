"""Cards that open by themselves: a card template on a calendar."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from boards.models.thing import Thing
from boards.recurrence import Rule
from fluxboard.accounts.working_hours import local_moment


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def by_clock_of(self, person: Any) -> ScheduleQuerySet:
        """Those that open in this person's zone, whatever that is."""
        theirs = Q(template__assignee=person) | Q(template__assignee=None, made_by=person)
        return self.filter(theirs, zone="", removed_at=None)

    def wait_anew(self) -> None:
        """Set `next_at` of each by all the rest, after that has changed."""
        for schedule in self.select_related("template__assignee", "made_by"):
            schedule.wait()
            Schedule.objects.filter(pk=schedule.pk).update(next_at=schedule.next_at)


class Schedule(Thing):
    """A card of `template` on each day that `rule` names (RFC 5545, `boards.recurrence`), from `first` on.

    It opens at `time` in `zone`, or in the zone of the template's assignee where that is empty, in `column`,
    or in the board's first where that has been archived. Days up to `upto` are done with: opened, skipped, or
    over while it was paused. `next_at` is when the next card opens; None where none is to come. `made_by` is
    who has asked for what it opens.
    """

    board = models.ForeignKey("boards.Board", on_delete=models.CASCADE, related_name="schedules")
    template = models.ForeignKey("boards.Template", on_delete=models.PROTECT, related_name="schedules")
    column = models.ForeignKey("boards.Column", on_delete=models.PROTECT, related_name="schedules")
    rule = models.CharField(max_length=200)
    first = models.DateField()
    time = models.TimeField(default=dt.time(9))
    zone = models.CharField(max_length=64, blank=True)
    upto = models.DateField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    is_paused = models.BooleanField(default=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="schedules")
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        ordering = ["next_at", "id"]
        indexes = [
            # Few rows, looked up each minute: what is to open.
            models.Index(fields=["next_at"], name="schedule_next", condition=~Q(next_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.template.name}, {self.words}"

    @property
    def words(self) -> str:
        """When it opens a card, for people."""
        return f"{Rule.read(self.rule).words()}, at {self.time:%H:%M}"

    def zone_of(self, person: Any) -> str:
        """The zone in which it opens; `person` is its template's assignee, None for nobody."""
        return self.zone or (person or self.made_by).time_zone

    def moment_of(self, day: dt.date) -> dt.datetime:
        """When that day's card opens, in UTC."""
        return local_moment(day, self.time, self.zone_of(self.template.assignee))

    def next_days(self, count: int, after: dt.date = dt.date.min) -> list[dt.date]:
        """The next days on which it opens a card, at most `count`, and none up to `after`."""
        after = max(after, self.upto or dt.date.min)
        days = Rule.read(self.rule).days(self.first, None if after == dt.date.min else after)
        return list(itertools.islice(days, count))

    def wait(self) -> None:
        """Set `next_at` by all the rest."""
        days = [] if self.is_paused or self.removed_at is not None else self.next_days(1)
        self.next_at = self.moment_of(days[0]) if days else None
