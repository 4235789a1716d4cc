"""What happened: a row an activity, append-only; and the texts that people typed."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.db import models

from activity.log.verbs import UNDONE, VERBS, Verb


class Via(models.TextChoices):
    """The door through which a change came."""

    WEB = "web"
    API = "api"
    SLACK = "slack"
    EMAIL = "email"
    IMPORT = "import"
    ADMIN = "admin"
    COMMAND = "command"
    SCHEDULE = "schedule"


# What put something into the archive; an undo can do so too.
REMOVALS = (
    "card.archived",
    "column.archived",
    "comment.removed",
    "checklist.removed",
    "item.removed",
    "label.removed",
    "template.removed",
    "schedule.removed",
    "change.undone",
)


# What changes where a card stands: in a column, off the board, put away; an undo can do so too.
_STEPS = (
    "card.created",
    "card.moved",
    "card.transferred",
    "card.archived",
    "card.restored",
    "change.undone",
)


# What blocks a card, and what ends a block, a question or a thread; an undo can do so too.
ENDINGS = (
    "card.blocked",
    "card.unblocked",
    "question.answered",
    "question.closed",
    "thread.settled",
    "change.undone",
)


class ActivityQuerySet(models.QuerySet["Activity"]):
    def since(self, seq: int) -> ActivityQuerySet:
        """What happened on one board after `seq`, in order."""
        return self.filter(seq__gt=seq).order_by("seq")

    def on(self, board: Any) -> ActivityQuerySet:
        return self.filter(board=board)

    def about(self, card: Any) -> ActivityQuerySet:
        """One card's whole history, also from boards that it stood on earlier; oldest first."""
        return self.filter(card=card).order_by("id")

    def doing(self, *verbs: str) -> ActivityQuerySet:
        """What had the effect of one of `verbs`, also by way of an undo."""
        return self.filter(models.Q(verb__in=verbs) | models.Q(verb=UNDONE, after__effect__in=verbs))

    def witnessed(self) -> ActivityQuerySet:
        """Without what an import brought along."""
        return self.filter(source_at=None)


class Activity(models.Model):
    """One change of one thing. Written by `activity.log.record` only; the database refuses to alter it.

    `before` and `after` hold just the fields that changed. A text that a person typed stands there as
    `{"text": DIGEST}` and once in `ActivityContent`. Things are named by their `uid`, so that the row reads
    the same in another installation; `card` and `board` are this installation's own keys. On a board that was
    carried in from another installation, `actor_uid` and `card_uid` say what was recorded there: where
    `actor` has another uid here, and where `card` is not here.
    """

    board = models.ForeignKey(
        "boards.Board", on_delete=models.PROTECT, related_name="activities", db_index=False
    )
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    source_at = models.DateTimeField(null=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="activities",
        db_index=False,
    )
    verb = models.CharField(max_length=40)
    subject = models.UUIDField()
    card = models.ForeignKey(
        "boards.Card", null=True, on_delete=models.PROTECT, related_name="activities", db_index=False
    )
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    via = models.CharField(max_length=8, choices=Via.choices, default=Via.WEB)
    request_id = models.UUIDField(null=True)
    schema = models.PositiveSmallIntegerField(default=1)
    digest = models.BinaryField(max_length=32)
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    actor_uid = models.UUIDField(null=True, help_text="As recorded, where the actor has another uid.")
    card_uid = models.UUIDField(null=True, help_text="As recorded, where the card isn't here.")

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "activities"
        constraints = [models.UniqueConstraint(fields=["board", "seq"], name="one_activity_a_seq")]
        indexes = [
            models.Index(
                fields=["card", "id"], name="activity_of_card", condition=models.Q(card__isnull=False)
            ),
            models.Index(fields=["actor", "id"], name="activity_of_actor"),
            # The standup: a page by id, and the ids between which a stretch of time lies.
            models.Index(
                fields=["board", "-id"], name="activity_witnessed", condition=models.Q(source_at=None)
            ),
            models.Index(fields=["board", "at"], name="activity_by_day", condition=models.Q(source_at=None)),
            models.Index(
                fields=["board", "actor", "-id"],
                name="activity_by_person",
                condition=models.Q(source_at=None),
            ),
            # When cards came into a column or left one: what was finished in a stretch of time, and what
            # stood where, day by day.
            models.Index(
                fields=["board", "at"], name="activity_of_steps", condition=models.Q(verb__in=_STEPS)
            ),
            # Few rows too: when blocks and threads came to an end.
            models.Index(
                fields=["board", "at"], name="activity_of_endings", condition=models.Q(verb__in=ENDINGS)
            ),
            # Few rows: which texts may go from the contents.
            models.Index(
                fields=["card"], name="activity_of_erasures", condition=models.Q(verb="card.erased")
            ),
            # Few rows, looked up by the archive: who put something away, and what a removed comment said.
            models.Index(
                fields=["subject"], name="activity_of_removals", condition=models.Q(verb__in=REMOVALS)
            ),
            # Few rows: who took over what an import brought under another name.
            models.Index(
                fields=["board"], name="activity_of_claims", condition=models.Q(verb="member.claimed")
            ),
            # Few rows too: what has been undone already.
            models.Index(
                fields=["board", "seq"], name="activity_undone", condition=models.Q(verb="change.undone")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.board_id}:{self.seq} {self.verb}"

    @property
    def recorded_actor(self) -> uuid.UUID | None:
        """The uid by which the log names who did it; its digest covers this one."""
        return self.actor_uid or (self.actor.uid if self.actor is not None else None)

    @property
    def recorded_card(self) -> uuid.UUID | None:
        """The uid by which the log names the card; its digest covers this one."""
        return self.card_uid or (self.card.uid if self.card is not None else None)

    @property
    def effect(self) -> str:
        """The verb of what it did to the board: an undo's is that of the change back."""
        return self.after["effect"] if self.verb == UNDONE else self.verb

    @property
    def happened_at(self) -> dt.datetime:
        """When it happened: for imported history when it happened elsewhere."""
        return self.source_at or self.at

    @property
    def words(self) -> str:
        """What was done, in the log's words where its card is in sight: `moved this`, `undid: moved this`."""
        return self.worded(self.naming(self.told.words))

    def naming(self, words: str) -> str:
        """`words` of `told`; of what happened to a member, those that say to whom."""
        person = self.after.get("person") or self.before.get("person") or {}
        if "whom" not in self.told.feed or not person.get("name"):
            return words
        is_own = self.undoes is None and self.actor is not None and str(self.actor.uid) == person.get("id")
        return self.told.said("oneself" if is_own else "whom", name=person["name"])

    @property
    def told(self) -> Verb:
        """The verb that tells of it: for an undo what it undid, for one of an undo what it did again."""
        undone = self.undoes["verb"] if self.undoes is not None else UNDONE
        return VERBS[self.effect if undone == UNDONE else undone]

    def worded(self, words: str, *, place: str = "") -> str:
        """`words` for what was done, and for an undo that it was one; `place` is where that is told."""
        if self.undoes is None:
            return words
        how = "again" if self.undoes["verb"] == UNDONE else "undone"
        return VERBS[UNDONE].said(f"{place} {how}".strip(), words=words)

    @property
    def undoes(self) -> dict[str, Any] | None:
        """What it undid, as `seq` (on the same board) and `verb`; None for what is no undo."""
        return self.after["undoes"] if self.verb == UNDONE else None


class ActivityContent(models.Model):
    """A text that someone typed, under the salted digest by which the log names it.

    Rows go by `activity.log.erasure` only. The salt goes with them, so that the digest of a short text
    can't be guessed once nothing else under that salt is left.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    salt = models.BinaryField(max_length=16)
    text = models.TextField()
    board = models.ForeignKey("boards.Board", on_delete=models.PROTECT, related_name="+")
    card = models.ForeignKey("boards.Card", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "content"

    def __str__(self) -> str:
        return self.digest[:12]
