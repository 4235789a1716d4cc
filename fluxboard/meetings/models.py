"""Meetings of a board: an agenda before, notes while they run, minutes afterwards."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from boards.models.thing import PositionField, Thing


class Meeting(Thing):
    """A meeting with its number on the board.

    `at_hand` is the uid of the topic that is talked about, since `at_hand_since`. `sequence` is the revision
    of its calendar entry (RFC 5545): it goes up with each change that the invited have to hear of.
    """

    class Kind(models.TextChoices):
        """Of what kind it is: which topics it begins with."""

        PLAIN = "", "Meeting"
        REVIEW = "review", "Review"
        RETRO = "retro", "Retro"
        PLANNING = "planning", "Planning"
        ONE_TO_ONE = "one_to_one", "1:1"
        INCIDENT = "incident", "Incident review"

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        RUNNING = "running", "Running"
        CLOSED = "closed", "Closed"
        NOT_NEEDED = "not_needed", "Not needed"
        CANCELLED = "cancelled", "Cancelled"

    board = models.ForeignKey("boards.Board", on_delete=models.CASCADE, related_name="meetings")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, blank=True, choices=Kind.choices)
    title = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    organiser = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="organised_meetings"
    )
    invited = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="meetings", blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    reason = models.TextField(blank=True)
    at_hand = models.UUIDField(null=True, blank=True)
    at_hand_since = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    sequence = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-starts_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["board", "number"], name="one_meeting_a_number")]
        indexes = [
            # Few rows, looked up each minute: those that are still to come.
            models.Index(fields=["starts_at"], name="meeting_planned", condition=Q(state="planned")),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def name(self) -> str:
        """What the log calls it."""
        return self.title

    @property
    def ends_at(self) -> dt.datetime:
        """When it is planned to end."""
        return self.starts_at + dt.timedelta(minutes=self.minutes)

    @property
    def is_open(self) -> bool:
        """Whether its agenda can still change."""
        return self.state in (self.State.PLANNED, self.State.RUNNING)

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING

    @property
    def is_over(self) -> bool:
        """Whether it came to its end with minutes: held, or not needed."""
        return self.state in (self.State.CLOSED, self.State.NOT_NEEDED)

    def get_absolute_url(self) -> str:
        return f"/b/{self.board.key}/meetings/{self.number}/"


class Topic(Thing):
    """One topic of an agenda: a card, a question, a thread, a decision, or words of its own.

    `about` is the uid of the thing that it is about, `made` that of what came out. They are no foreign keys:
    a card can move to another board, and the topic stays. `minutes` is how long it is planned for. `prompt`
    says which facts of the board stand beside it.
    """

    class Kind(models.TextChoices):
        TEXT = "text", "In words"
        CARD = "card", "Card"
        BLOCKED = "blocked", "Blocked card"
        QUESTION = "question", "Open question"
        THREAD = "thread", "Thread without an outcome"
        DECISION = "decision", "Decision to look at again"

    class Prompt(models.TextChoices):
        """What the board says about a topic by itself, out of the log or of how things stand."""

        FINISHED = "finished", "Finished"
        DECIDED = "decided", "Decided"
        UNDER_WAY = "under_way", "Under way"
        BLOCKED = "blocked", "Blocked longest"
        LATE = "late", "Questions answered late, or late and still open"
        TAKEN_BACK = "taken_back", "Taken back from done"
        NO_OWNER = "no_owner", "Ready, without an owner"
        STUCK = "stuck", "Overdue, or not moved"
        LIMITS = "limits", "Columns and their limits"
        BETWEEN = "between", "Open questions between those invited"
        ON = "on", "What each is on"
        TIMELINE = "timeline", "What happened, in order"

    class Outcome(models.TextChoices):
        DECISION = "decision", "Decision"
        ACTION = "action", "Action item"
        ITEM = "item", "Item on a card"
        QUESTION = "question", "Question"
        NOTHING = "nothing", "Nothing to decide"
        WRITTEN = "written", "Settled in writing"

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="topics")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    about = models.UUIDField(null=True, blank=True)
    text = models.CharField(max_length=500, blank=True)
    prompt = models.CharField(max_length=10, blank=True, choices=Prompt.choices)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="topics"
    )
    minutes = models.PositiveSmallIntegerField()
    position = PositionField()
    notes = models.TextField(blank=True)
    outcome = models.CharField(max_length=8, blank=True, choices=Outcome.choices)
    made = models.UUIDField(null=True, blank=True)
    reason = models.TextField(blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        indexes = [
            # Which meetings speak of a card, from its page.
            models.Index(fields=["about"], name="topics_about", condition=~Q(about=None)),
            models.Index(fields=["made"], name="topics_made", condition=~Q(made=None)),
        ]

    def __str__(self) -> str:
        return self.text or self.get_kind_display()

    @property
    def board(self) -> Any:
        return self.meeting.board


class MeetingMail(models.Model):
    """One mail with a calendar entry to one person: what was said, and how far it has come. Not in the log.

    A row is claimed before its mail goes out, so that nothing is sent twice (`meetings.mails`).
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="mails", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sequence = models.PositiveIntegerField()
    is_cancel = models.BooleanField()
    claimed_at = models.DateTimeField(null=True)
    sending_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "person", "sequence", "is_cancel"], name="one_mail_a_revision"
            )
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} to {self.person_id}"
