"""People. A person stays in the log for ever, signed in or not, active or not."""

from __future__ import annotations

import datetime as dt
import functools
import re
import uuid
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.text import slugify

from fluxboard.accounts.away import AbsencesField
from fluxboard.accounts.names import first_name
from fluxboard.accounts.time_zones import known
from fluxboard.core.postgres.statements import PARAM_USER, PreparedQuery

HUES = range(1, 9)
HANDLE = RegexValidator(r"^[a-z0-9](?:[a-z0-9_.-]{0,28}[a-z0-9])?$", "Use a-z, 0-9, dot, dash, underscore.")


def known_zone(name: str) -> None:
    """Refuse a time zone that the IANA database does not name."""
    if name not in known():
        raise ValidationError("%(name)s is not a time zone.", params={"name": name})


def weekdays() -> list[int]:
    """Monday to Friday, as ISO weekday numbers."""
    return [1, 2, 3, 4, 5]


class People(models.QuerySet["User"]):
    """Phrases about people."""

    def able_to_sign_in(self) -> People:
        """Active people with an e-mail address and a password."""
        unusable = models.Q(password="") | models.Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        return self.filter(is_active=True, email__isnull=False).exclude(unusable)

    def with_proved_address(self) -> People:
        """Who has shown that they read mail at their address, or for whom an admin vouched."""
        return self.filter(emailaddress__verified=True, emailaddress__email=models.F("email"))

    def admins(self) -> People:
        """Active people who may use the Django admin for everything."""
        return self.filter(is_active=True, is_staff=True, is_superuser=True)


class UserManager(BaseUserManager.from_queryset(People)):  # type: ignore[misc]
    def create_user(self, email: str | None = None, password: str | None = None, **fields: Any) -> User:
        """A person; without an e-mail address a placeholder who can be claimed by an invitation later.

        `address_is_proved=False`: the address is what somebody typed about themselves.
        """
        name = fields.pop("name", "") or (email or "").partition("@")[0] or "Somebody"
        handle = fields.pop("handle", "") or self.free_handle(name)
        is_proved = fields.pop("address_is_proved", True)
        person = self.model(email=(email or "").strip().lower() or None, name=name, handle=handle, **fields)
        person.address_is_proved = is_proved
        person.set_password(password)
        person.save(using=self._db)
        return person

    def next_hue(self) -> int:
        """The colour of whoever comes next: blue first, and no two of eight in a row alike."""
        return 1 + (5 + 3 * self.count()) % 8

    def get(self, *args: Any, **named: Any) -> User:
        """As ever; by the key alone, as each request asks, in a statement that is composed once."""
        key = named.get("pk")
        if args or len(named) != 1 or type(key) is not int or self._db:
            found: User = super().get(*args, **named)
            return found
        person = (at_hand.get(None) or {}).pop(key, None) or _person().first(person=key)
        if person is None:
            raise self.model.DoesNotExist(f"No person {key}.")
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)

    def free_handle(self, name: str) -> str:
        """A handle that nobody has, made from a name: `kenji`, else `kenji.mori`, else `kenji2` …"""
        words = [word for word in re.split(r"[^a-z0-9]+", slugify(name)) if word] or ["person"]
        first, whole = words[0][:24], ".".join(words)[:28].strip(".-_")
        taken = set(self.filter(handle__startswith=first).values_list("handle", flat=True))
        candidates = [first, whole, *(f"{first}{number}" for number in range(2, len(taken) + 4))]
        return next(handle for handle in candidates if handle not in taken)


# Who was read along with a session, while it is found out whose that is: `accounts.sessions`.
at_hand: ContextVar[dict[int, User] | None] = ContextVar("at_hand", default=None)


@functools.cache
def _person() -> PreparedQuery[User]:
    return PreparedQuery(User.objects.filter(pk=PARAM_USER), {PARAM_USER: "person"})


class User(AbstractBaseUser, PermissionsMixin):
    """One person, with the clock they live by.

    `has_started`: they have just told it, by joining. `address_is_proved`: what is known of an address that
    is about to be saved; `fluxboard.accounts.email_addresses` keeps it.
    """

    has_started = False
    address_is_proved = True

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(unique=True, null=True, blank=True)
    name = models.CharField(max_length=80)
    handle = models.CharField(max_length=30, unique=True, validators=[HANDLE])
    hue = models.PositiveSmallIntegerField(default=6, validators=[MinValueValidator(1), MaxValueValidator(8)])
    time_zone = models.CharField(max_length=64, default="UTC", validators=[known_zone])
    work_days = ArrayField(models.PositiveSmallIntegerField(), default=weekdays, size=7)
    work_start = models.TimeField(default=dt.time(9))
    work_end = models.TimeField(default=dt.time(17, 30))
    days_off = ArrayField(models.DateField(), default=list, blank=True, size=100)
    away = AbsencesField(default=list, blank=True, editable=False)
    digest_on = models.BooleanField("daily digest", default=True)
    digest_at = models.TimeField("digest time", default=dt.time(9))
    nudge_on = models.BooleanField("a mail before an answer of mine is due", default=False)
    theme = models.CharField(
        max_length=6, blank=True, choices=[("", "System"), ("light", "Light"), ("dark", "Dark")]
    )
    shortcuts = models.BooleanField("single-key shortcuts", default=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("admin", default=False)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = [models.UniqueConstraint(Lower("email"), name="one_person_an_email")]

    def __str__(self) -> str:
        return self.name

    def get_session_auth_hash(self) -> str:
        """What a session must know to be this person's: changes with the password and the `session_epoch`.

        `fluxboard.accounts.deactivation.end_sessions` counts on the latter, which makes every session
        worthless at once, in every worker process.
        """
        return self._session_hash(None)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same by each former secret key."""
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._session_hash(secret)

    def _session_hash(self, secret: str | bytes | None) -> str:
        salt = "fluxboard.accounts.models.User.get_session_auth_hash"
        value = f"{self.password}:{self.session_epoch}"
        return salted_hmac(salt, value, secret=secret, algorithm="sha256").hexdigest()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def first_name(self) -> str:
        return first_name(self.name)

    @property
    def initials(self) -> str:
        """Two letters for the avatar; one for a name of one word."""
        words = self.name.split()
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()

    @property
    def is_claimed(self) -> bool:
        """Whether someone can sign in as this person (people from an import cannot, until invited)."""
        return bool(self.email) and self.has_usable_password()


class AddressChange(models.Model):
    """Another address that somebody wants. `agreed_at`: the old mailbox, or an admin, has agreed."""

    person = models.OneToOneField(User, models.CASCADE, related_name="address_change")
    email = models.EmailField()
    asked_at = models.DateTimeField(default=timezone.now)
    agreed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.email


class Spent(models.Model):
    """What somebody has used up of a rate: nothing more is free before then. See `accounts.rates`.

    The table is unlogged: a crash of the database empties it, and asking costs no wait for the disk.
    """

    key = models.CharField(max_length=60, primary_key=True)
    free_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class Link(models.Model):
    """An address that works once, for a while. Only the digest of its secret is kept."""

    class Kind(models.TextChoices):
        FIRST = "first", "makes the first account"
        WELCOME = "welcome", "lets a person set their password"

    kind = models.CharField(max_length=8, choices=Kind)
    digest = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="links")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Link that {self.get_kind_display()}"
