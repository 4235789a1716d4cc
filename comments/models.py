"""What people say on a card: comments and one level of replies."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from boards.addresses import address
from boards.models import Membership, Role
from boards.models.thing import Thing


class How(models.TextChoices):
    """How people came to a decision."""

    HERE = "", "Here, in writing"
    CALL = "call", "On a call"
    MEETING = "meeting", "In a meeting"
    CHAT = "chat", "In a chat"


class Comment(Thing):
    """One comment. A removed one stays as a mark; its text is empty here and kept by the log."""

    class Kind(models.TextChoices):
        COMMENT = "comment"
        QUESTION = "question"
        DECISION = "decision"

    class Settled(models.TextChoices):
        """How a thread came to its end."""

        ANSWERED = "answered"
        CLOSED = "closed"
        DECIDED = "decided"

    card = models.ForeignKey("boards.Card", on_delete=models.CASCADE, related_name="comments", db_index=False)
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="replies")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.COMMENT)
    text = models.TextField()
    at = models.DateTimeField()
    source_at = models.DateTimeField(null=True)
    edited_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="mentioned_in")

    # Of a thread, told on the comment that began it.
    escalated_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_how = models.CharField(max_length=8, blank=True, choices=Settled.choices)
    # Of a question that was answered before it was asked: the uid of that decision or question, on any board.
    answered_by = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["card", "id"], name="comment_of_card"),
            # Few rows, looked up for every page: the threads that went back and forth and have no outcome.
            models.Index(
                fields=["card"],
                name="comment_escalated",
                condition=models.Q(escalated_at__isnull=False, settled_at=None, removed_at=None),
            ),
            # Few rows: the questions that an older answer answers too.
            models.Index(
                fields=["answered_by"],
                name="comment_answered_by",
                condition=models.Q(answered_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author} on {self.card_id}"

    @property
    def thread(self) -> Comment:
        """The comment that began this one's thread."""
        return self.parent or self

    @property
    def is_settled(self) -> bool:
        return self.settled_at is not None

    @property
    def is_open_question(self) -> bool:
        return self.kind == self.Kind.QUESTION and not self.is_settled and self.removed_at is None

    @property
    def state(self) -> str:
        """Where the thread stands: `open`, `escalated`, or how it was settled."""
        return self.settled_how or ("escalated" if self.escalated_at else "open")


class AskQuerySet(models.QuerySet["Ask"]):
    def open(self) -> AskQuerySet:
        """Those that still wait for an answer."""
        return self.filter(
            handed_to=None,
            comment__settled_at=None,
            comment__removed_at=None,
            comment__card__archived_at=None,
        )

    def handed_on(self) -> AskQuerySet:
        """Those that came to whom they wait for from somebody else, who handed them on."""
        return self.filter(models.Exists(Ask.objects.filter(handed_to=models.OuterRef("pk"))))

    def that_can_answer(self) -> AskQuerySet:
        """Each with `can_answer`: whether who was asked still takes part in the board and the company."""
        return self.annotate(can_answer=models.Exists(answering_memberships()))


def answering_memberships() -> models.QuerySet[Membership]:
    """The memberships by which the person of an `Ask` (of the outer query) can answer."""
    return Membership.objects.filter(
        board=models.OuterRef("comment__card__board"),
        user=models.OuterRef("person"),
        role__in=[Role.OWNER, Role.MEMBER],
        user__is_active=True,
    ).order_by()


class Ask(models.Model):
    """One person whom a question waits for, and by when in their own working hours."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="asks", db_index=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="asks", db_index=False
    )
    answer_by = models.DateTimeField(null=True)
    nudged_at = models.DateTimeField(null=True)
    handed_to = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="handed_from")

    objects = AskQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "person"], name="one_ask_a_person")]
        indexes = [models.Index(fields=["person", "comment"], name="asks_of_person")]

    def __str__(self) -> str:
        return f"{self.person} asked by {self.comment_id}"


class Decision(Thing):
    """What was decided, where it was argued. Never edited; a newer one can take its place."""

    board = models.ForeignKey(
        "boards.Board", on_delete=models.CASCADE, related_name="decisions", db_index=False
    )
    number = models.PositiveIntegerField()
    card = models.ForeignKey(
        "boards.Card", on_delete=models.CASCADE, related_name="decisions", db_index=False
    )
    comment = models.OneToOneField(Comment, on_delete=models.PROTECT, related_name="decision")
    grew_from = models.ForeignKey(Comment, null=True, on_delete=models.PROTECT, related_name="led_to")
    text = models.TextField()
    how = models.CharField(max_length=8, blank=True, choices=How.choices)
    decided_by = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="decisions")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="recorded_decisions"
    )
    at = models.DateTimeField()
    superseded_by = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="supersedes")
    # When it is to be looked at again, and when after that: the day that somebody named in that round.
    review_on = models.DateField(null=True)
    next_review_on = models.DateField(null=True)
    agreed_by = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Agreement", related_name="agreed_decisions"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "number"], name="one_decision_a_number")]
        indexes = [
            models.Index(fields=["card", "id"], name="decision_of_card"),
            # Few rows, looked up for every page: those that somebody wants to look at again.
            models.Index(
                fields=["review_on"],
                name="decision_review",
                condition=models.Q(review_on__isnull=False, superseded_by=None),
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """Its number on its board, `D-41`."""
        return f"D-{self.number}"

    def get_absolute_url(self) -> str:
        """The page of this decision, wherever its card is."""
        return address("boards:decision", self.board.key, self.number)

    @property
    def is_standing(self) -> bool:
        return self.superseded_by_id is None


class Agreement(models.Model):
    """Someone who agreed to a decision."""

    decision = models.ForeignKey(
        Decision, on_delete=models.CASCADE, related_name="agreements", db_index=False
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["decision", "person"], name="one_agreement_a_person")]

    def __str__(self) -> str:
        return f"{self.person} agreed to {self.decision_id}"


class Confirmation(models.Model):
    """Someone who said, when a decision was looked at again, that it is still true.

    `round` is the day on which it was to be looked at.
    """

    decision = models.ForeignKey(
        Decision, on_delete=models.CASCADE, related_name="confirmations", db_index=False
    )
    round = models.DateField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "round", "person"], name="one_confirmation_a_person_a_round"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} confirmed {self.decision_id} of {self.round}"


class Snooze(models.Model):
    """Something that waits on someone, put off until their next morning. Theirs alone: not in the log."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="snoozes", db_index=False
    )
    comment = models.ForeignKey(Comment, null=True, on_delete=models.CASCADE, related_name="+")
    card = models.ForeignKey("boards.Card", null=True, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "comment"], name="one_snooze_a_comment"),
            models.UniqueConstraint(fields=["user", "card"], name="one_snooze_a_card"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} until {self.until}"
