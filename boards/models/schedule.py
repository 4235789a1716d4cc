"""Cards that open by themselves: a card template on a calendar."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q

from boards.models.rota import RotaPlace, Turn
from boards.models.thing import Thing
from fluxboard.accounts.calendar import works_on
from fluxboard.accounts.working_hours import local, local_moment
from fluxboard.core.recurrence import Rule


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def complete(self) -> ScheduleQuerySet:
        """With all by which a schedule knows when it opens a card, and for whom. Two queries."""
        related = self.select_related("board", "template__assignee", "column", "made_by")
        return related.prefetch_related(Prefetch("rota", RotaPlace.objects.with_people()))

    def by_clock_of(self, person: Any) -> ScheduleQuerySet:
        """Those that may open in this person's zone, whatever that is."""
        in_turn = RotaPlace.objects.filter(person=person).values("schedule")
        theirs = Q(template__assignee=person) | Q(template__assignee=None, made_by=person) | Q(pk__in=in_turn)
        return self.filter(theirs, zone="", removed_at=None)

    def wait_anew(self) -> None:
        """Set `next_at` of each by all the rest, after that has changed."""
        for schedule in self.complete():
            schedule.wait()
            Schedule.objects.filter(pk=schedule.pk).update(next_at=schedule.next_at)


class Schedule(Thing):
    """A card of `template` on each day that `rule` names (`fluxboard.core.recurrence`), from `first` on.

    It opens at `time` in `zone`, or where that is empty in the zone of whoever gets it, in `column`, or in
    the board's first where that has been archived. It is for the template's assignee, or with a `rota` for
    those in turn who are at work on that day. Days up to `upto` are done with: opened, skipped, or over while
    it was paused. `next_at` is when the next card opens; None where none is to come. `made_by` is who has
    asked for what it opens.
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
        rule = Rule.read(self.rule)
        leap = (
            ", in leap years only" if rule.is_yearly and (self.first.month, self.first.day) == (2, 29) else ""
        )
        return f"{rule.words()}{leap}, at {self.time:%H:%M}"

    @functools.cached_property
    def places(self) -> list[RotaPlace]:
        """Its rota in order, also of those who have left; of one that is being made, what it is given."""
        return list(self.rota.all()) if self.pk else []

    def zone_of(self, person: Any) -> str:
        """The zone in which it opens; `person` is who gets the card, None for nobody."""
        return self.zone or (person or self.template.assignee or self.made_by).time_zone

    def moment_of(self, day: dt.date, person: Any = None) -> dt.datetime:
        """When that day's card opens for `person`, in UTC."""
        return local_moment(day, self.time, self.zone_of(person))

    def next_days(self, count: int, after: dt.date = dt.date.min) -> list[dt.date]:
        """The next days on which it opens a card, at most `count`, and none up to `after`."""
        after = max(after, self.upto or dt.date.min)
        days = Rule.read(self.rule).days(self.first, None if after == dt.date.min else after)
        return list(itertools.islice(days, count))

    def turns(self, count: int, after: dt.date = dt.date.min) -> Iterator[Turn]:
        """The next cards, each with its moment and whose it will be as things stand, at most `count`."""
        lasts = {one.person_id: one.last for one in self.places}
        for day in self.next_days(count, after):
            person = next(
                (one for one in self._by_turn(lasts) if works_on(one, self._day_of(one, day))), None
            )
            if person is not None:
                lasts[person.pk] = day
            yield Turn(day, self.moment_of(day, person), person)

    @functools.cached_property
    def coming(self) -> list[Turn]:
        """The next three cards; none while it is paused."""
        return [] if self.is_paused else list(self.turns(3))

    def in_turn_at(self, now: dt.datetime) -> Any:
        """Whose turn it is at that moment: of those who work on their own day then; None for nobody."""
        lasts = {one.person_id: one.last for one in self.places}
        return next(
            (one for one in self._by_turn(lasts) if works_on(one, local(now, one.time_zone).date())), None
        )

    def _by_turn(self, lasts: Mapping[int, dt.date | None]) -> list[Any]:
        """Those of the rota who may own a card here, whoever waited longest first."""
        there = [one for one in self.places if one.may_own_cards_of(self.board)]
        there.sort(key=lambda one: (lasts[one.person_id] or dt.date.min, one.place))
        return [one.person for one in there]

    def _day_of(self, person: Any, day: dt.date) -> dt.date:
        """The day on the person's own calendar on which the card of `day` opens."""
        return local(self.moment_of(day, person), person.time_zone).date()

    def wait(self) -> None:
        """Set `next_at` by all the rest."""
        is_waiting = not self.is_paused and self.removed_at is None
        self.next_at = next((turn.at for turn in self.turns(1)), None) if is_waiting else None
