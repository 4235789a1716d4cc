"""The board: a key, columns, and the sequence that orders all that happens on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from boards.addresses import address
from boards.models.check_in import CHECK_INS
from boards.models.membership import Membership, Role
from boards.models.thing import Thing

if TYPE_CHECKING:
    from fluxboard.accounts.models import User

KEY_PATTERN = r"[A-Z][A-Z0-9]{1,7}"
valid_key = RegexValidator(rf"^{KEY_PATTERN}$", "Use 2 to 8 letters and digits, a letter first, such as FLX.")


class BoardQuerySet(models.QuerySet["Board"]):
    def visible_to(self, user: Any) -> BoardQuerySet:
        """Boards that `user` is on, and those open to everyone signed in."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        mine = Membership.objects.filter(user=user).values("board")
        return self.filter(Q(id__in=mine) | ~Q(open_to=""))

    def of(self, user: User) -> BoardQuerySet:
        """Boards that `user` is a member of, whatever the role."""
        return self.filter(memberships__user=user)

    def current(self) -> BoardQuerySet:
        return self.filter(archived_at=None)


class Board(Thing):
    class WipRule(models.TextChoices):
        WARN = "warn", "Warn"
        REFUSE = "refuse", "Refuse"

    OPEN_TO = [("", "Members only"), ("viewer", "Everyone may read"), ("member", "Everyone may take part")]

    seq = models.PositiveBigIntegerField(default=0)
    look = models.PositiveBigIntegerField(default=0, help_text="Seq of the last change to all fronts.")
    key = models.CharField(max_length=8, unique=True, validators=[valid_key])
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    open_to = models.CharField(max_length=6, blank=True, choices=OPEN_TO)
    wip_rule = models.CharField(max_length=6, choices=WipRule.choices, default=WipRule.WARN)
    stale_after = models.PositiveSmallIntegerField(default=5, help_text="Days without a move until amber.")
    answer_days = models.PositiveSmallIntegerField(
        default=1, help_text="Working days within which a question is answered."
    )
    check_ins = models.CharField(max_length=5, blank=True, choices=list(CHECK_INS.items()), default="")
    card_fields = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        help_text="Which optional fields its cards have.",
    )
    next_decision = models.PositiveIntegerField(default=1)
    next_number = models.PositiveIntegerField(default=1)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through=Membership, related_name="boards")

    objects = BoardQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("boards:board", self.key)

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    @property
    def channel(self) -> str:
        """django-eventstream's name for what happens here."""
        return f"board-{self.pk}"

    def role_of(self, user: Any) -> Role | None:
        """The best role that `user` has here by membership or by openness; None for a stranger.

        A board is open to those who can sign in, not to the people whom imports of other boards brought.
        """
        if not user.is_authenticated or not user.is_active:
            return None
        given = self.memberships.filter(user=user).values_list("role", flat=True).first()
        return self.best_role(given) if given or user.email else None

    def best_role(self, given: str | None) -> Role | None:
        """The better one of a membership's role and that which the board gives to everyone."""
        roles = [Role(role) for role in (given, self.open_to) if role]
        return max(roles, key=lambda role: role.rank) if roles else None


class FormerKey(models.Model):
    """A key that a board had; it keeps redirecting for as long as no other board takes it."""

    key = models.CharField(max_length=8, primary_key=True)
    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="former_keys")

    def __str__(self) -> str:
        return self.key
