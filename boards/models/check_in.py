"""What a person says of their day or week: what the log tells of it, and a sentence or two beside that."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models

from boards.models.thing import Thing
from fluxboard.accounts.calendar import DAY, works_on

DAILY = "daily"
# How often a board offers check-ins; in ISO's order of weekdays after the first two.
CHECK_INS = {
    "": "No check-ins",
    DAILY: "Each working day",
    "MO": "Each week on Monday",
    "TU": "Each week on Tuesday",
    "WE": "Each week on Wednesday",
    "TH": "Each week on Thursday",
    "FR": "Each week on Friday",
    "SA": "Each week on Saturday",
    "SU": "Each week on Sunday",
}
_WEEKDAYS = [*CHECK_INS][2:]


class CheckIn(Thing):
    """One person's check-in on a board, for a `day` of their own calendar.

    `shown` are the outcomes that they let stand, as the log has them (`boards.actions.check_ins`). A removed
    one stays as a row, so that it can come back.
    """

    board = models.ForeignKey(
        "boards.Board", on_delete=models.CASCADE, related_name="check_in_set", db_index=False
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="check_ins")
    day = models.DateField()
    text = models.TextField(blank=True)
    shown = models.JSONField(default=list)
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["board", "person", "day"], name="one_check_in_a_day")]
        indexes = [models.Index(fields=["board", "at"], name="check_in_of_board")]

    def __str__(self) -> str:
        return f"{self.person} on {self.day}"


def is_check_in_day(how_often: str, person: Any, today: dt.date) -> bool:
    """Whether a board that offers check-ins so has one for `person` on their day `today`.

    Of a weekday on which they do not work, on their first working day after it.
    """
    if not how_often or not works_on(person, today):
        return False
    if how_often == DAILY:
        return True
    since = (today.weekday() - _WEEKDAYS.index(how_often)) % 7
    return not any(works_on(person, today - back * DAY) for back in range(1, since + 1))
