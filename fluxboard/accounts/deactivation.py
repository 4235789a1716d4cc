"""Ending what somebody may do here. Nobody is ever deleted: their name stays in the log."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from fluxboard.accounts.models import AddressChange, Link, User
from fluxboard.accounts.signals import person_changed


class CannotLeave(Exception):
    """Why this person cannot be deactivated, as a sentence."""


@transaction.atomic
def deactivate(person: User, by: User) -> None:
    """From now on this person cannot sign in; every session and every open stream of theirs ends.

    Raises CannotLeave for oneself and for the last admin.
    """
    admins = set(User.objects.admins().select_for_update().values_list("pk", flat=True))
    if person.pk == by.pk:
        raise CannotLeave("You cannot deactivate yourself. Another admin can.")
    if person.pk in admins and len(admins) == 1:
        raise CannotLeave(f"{person} is the last admin. Make somebody else an admin first.")
    if not User.objects.filter(pk=person.pk, is_active=True).update(is_active=False):
        return
    person.is_active = False
    Link.objects.filter(person=person, used_at=None).delete()
    AddressChange.objects.filter(person=person).delete()
    end_sessions(person)
    person_changed.send(User, person=person, kind="deactivated")


@transaction.atomic
def reactivate(person: User) -> None:
    """Let this person sign in again, with the password they had; old sessions stay ended."""
    if User.objects.filter(pk=person.pk, is_active=False).update(is_active=True):
        person.is_active = True
        person_changed.send(User, person=person, kind="reactivated")


@transaction.atomic
def end_sessions(person: User) -> None:
    """Make every session of this person worthless, in every worker process, from their next request on.

    To keep the browser at hand, call `django.contrib.auth.update_session_auth_hash` afterwards.
    """
    User.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)
    person.refresh_from_db(fields=["session_epoch"])
    person_changed.send(User, person=person, kind="sessions")


def after_new_password(user: User, **_: Any) -> None:
    """Receiver of django-allauth's password signals: a new password has ended all other sessions."""
    person_changed.send(User, person=user, kind="sessions")


def end_other_sessions(request: HttpRequest, person: User) -> None:
    """Make every session of this person worthless but the one that this request belongs to."""
    end_sessions(person)
    if request.user.is_authenticated and request.user.pk == person.pk:
        update_session_auth_hash(request, person)


def after_new_factor(request: HttpRequest, user: User, **_: Any) -> None:
    """Receiver of django-allauth's signals: a factor that came, went or is new ends all other sessions."""
    end_other_sessions(request, User.objects.get(pk=user.pk))
