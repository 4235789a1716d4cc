"""A person's one e-mail address: what it is, whether anybody proved it, and how it changes.

django-allauth's table holds exactly one row for it, primary, `verified` once the person has shown that they
read mail there. Anybody can type an address; only a proved one finds a person (`person_with_address`).
Signing in works with either.

Proved is what came by a mailed invitation, from an admin, from the command line or with the first account;
what was typed on joining by a plain link is proved by a mailed link, by choosing a new password through the
mailbox, or by an admin. A change waits in `AddressChange`: the old mailbox agrees, then the new one
confirms. Where no mail server is set an admin confirms instead, in the admin pages or by `bin/manage
confirm_address`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from fluxboard.accounts.deactivation import end_sessions
from fluxboard.accounts.models import AddressChange, User
from fluxboard.accounts.one_time_links import withdraw_links
from fluxboard.core.mail import can_send_mail as can_send_mail
from fluxboard.core.public_url import public_url

_LIFE = dt.timedelta(days=3)
SALT = "fluxboard.accounts.email_addresses"
TAKEN = "Somebody here already has this email address."


class CannotConfirm(Exception):
    """Why an address cannot be confirmed, as a sentence."""


def people_with_addresses(emails: Iterable[str]) -> dict[str, User]:
    """The active people who have proved that one of `emails` is theirs, by it in lower case."""
    wanted = {email.strip().lower() for email in emails if email and email.strip()}
    people = User.objects.with_proved_address().filter(is_active=True, email__in=wanted)
    return {str(person.email): person for person in people}


def person_with_address(email: str) -> User | None:
    """The active person who has proved that this address is theirs; None for one that was only typed."""
    return people_with_addresses([email]).get(email.strip().lower())


def is_proved(person: User) -> bool:
    """Whether this person has proved the address that they have."""
    return EmailAddress.objects.filter(user=person, email=person.email, verified=True).exists()


# ---- the row ----------------------------------------------------------------------------------------------


def confirmed_addresses(person: User) -> list[str]:
    """The addresses that this person has confirmed, in lower case."""
    rows = EmailAddress.objects.filter(user=person, verified=True)
    return [email.lower() for email in rows.values_list("email", flat=True)]


@transaction.atomic
def keep_address(person: User) -> None:
    """Make django-allauth's table say what `person.email` says."""
    mine = EmailAddress.objects.filter(user=person)
    if not person.email:
        mine.delete()
        return
    mine.exclude(email=person.email).delete()
    EmailAddress.objects.update_or_create(
        user=person,
        email=person.email,
        defaults={"primary": True},
        create_defaults={"primary": True, "verified": person.address_is_proved},
    )


def after_save(instance: User, created: bool, update_fields: Any = None, raw: bool = False, **_: Any) -> None:
    """Receiver of `post_save`: the address follows whenever it may have changed."""
    if not raw and (created or update_fields is None or "email" in update_fields):
        keep_address(instance)


def after_reset(user: User, **_: Any) -> None:
    """Receiver of django-allauth's `password_reset`: who opened the mailed link reads mail there."""
    prove(user)


def prove(person: User) -> None:
    """From now on this person's present address counts as theirs."""
    EmailAddress.objects.filter(user=person, email=person.email).update(verified=True)


# ---- a change ---------------------------------------------------------------------------------------------


def ask_for_change(person: User, email: str) -> AddressChange:
    """Note that this person wants another address, in place of what they wanted before; mail the old mailbox.

    Raises CannotConfirm when somebody has it.
    """
    email = email.strip().lower()
    if _is_taken(email, person):
        raise CannotConfirm(TAKEN)
    wanted = {"email": email, "asked_at": timezone.now(), "agreed_at": None}
    change, _ = AddressChange.objects.update_or_create(person=person, defaults=wanted)
    send_change(change)
    return change


def send_change(change: AddressChange) -> None:
    """Mail the link that this change waits for: to the old mailbox, and once that agreed to the new one."""
    if not can_send_mail():
        return
    person = change.person
    if change.agreed_at is None:
        link = _link("address_old", {"change": change.pk, "asked": change.asked_at.timestamp()})
        _mail("account/email/address_old", str(person.email), person, link, change.email)
    else:
        link = _link("address_new", {"change": change.pk, "agreed": change.agreed_at.timestamp()})
        _mail("account/email/address_new", change.email, person, link, change.email)


def change_of_old(secret: str) -> AddressChange | None:
    """The change that the link in the old mailbox speaks of, while it waits for that."""
    said = _read("address_old", secret)
    changes = AddressChange.objects.select_related("person").filter(person__is_active=True)
    change = changes.filter(pk=said.get("change", 0), agreed_at=None).first()
    return change if change and change.asked_at.timestamp() == said.get("asked") else None


def change_of_new(secret: str, person: User) -> AddressChange | None:
    """The change of this person that the link in the new mailbox confirms."""
    said = _read("address_new", secret)
    change = AddressChange.objects.filter(pk=said.get("change", 0), person=person).first()
    return (
        change if change and change.agreed_at and change.agreed_at.timestamp() == said.get("agreed") else None
    )


def agree(change: AddressChange) -> None:
    """The old mailbox (or an admin) agrees: the new one is asked next. Doing it twice does it once."""
    change.agreed_at = timezone.now()
    if AddressChange.objects.filter(pk=change.pk, agreed_at=None).update(agreed_at=change.agreed_at):
        send_change(change)


def refuse(change: AddressChange) -> None:
    """The old mailbox knows nothing of it: nothing changes, and whoever asked is signed out."""
    AddressChange.objects.filter(pk=change.pk).delete()
    end_sessions(change.person)


def complete(change: AddressChange) -> None:
    """The new address is the person's from now on; sessions end, and the old mailbox is told.

    Raises CannotConfirm when somebody else has it by now.
    """
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=change.person_id)
        before = person.email
        if _is_taken(change.email, person):
            raise CannotConfirm(TAKEN)
        person.email = change.email
        try:
            with transaction.atomic():
                person.save(update_fields=["email"])
        except IntegrityError as clash:
            raise CannotConfirm(TAKEN) from clash
        prove(person)
        AddressChange.objects.filter(person=person).delete()
        withdraw_links(person)
        end_sessions(person)
    if before:
        told = {"user": person, "from_email": before, "to_email": person.email}
        get_adapter().send_mail("account/email/address_changed", before, told)


def forget_change(user: User, **_: Any) -> None:
    """Receiver of new passwords: what somebody else may have asked for before is off."""
    AddressChange.objects.filter(person=user).delete()


# ---- the present one --------------------------------------------------------------------------------------


def send_proof(person: User) -> None:
    """Mail the link by which a person proves the address that they have."""
    link = _link("address_here", {"person": person.pk, "email": person.email})
    _mail("account/email/address_here", str(person.email), person, link, str(person.email))


def is_proof(secret: str, person: User) -> bool:
    """Whether this is the link that was mailed to this person's present address."""
    said = _read("address_here", secret)
    return said.get("person") == person.pk and said.get("email") == person.email


def confirm_by_hand(person: User) -> str:
    """What an admin does who knows whose address it is; a sentence on what came of it.

    A change that waits is agreed to, and confirmed where no mail can do that. Otherwise the present address
    counts as proved. Raises CannotConfirm when nothing waits.
    """
    change = AddressChange.objects.select_related("person").filter(person=person).first()
    if change and can_send_mail():
        if change.agreed_at is not None:
            raise CannotConfirm(f"It waits for the link that was mailed to {change.email}.")
        agree(change)
        return f"A link is on its way to {change.email}; once it is opened the address has changed."
    if change:
        complete(change)
        return f"The address is {change.email} now."
    if not person.email or is_proved(person):
        raise CannotConfirm("No address waits to be confirmed.")
    prove(person)
    return f"{person.email} counts as theirs now."


def _is_taken(email: str, person: User) -> bool:
    others = User.objects.exclude(pk=person.pk).filter(email__iexact=email)
    return (
        others.exists()
        or EmailAddress.objects.exclude(user=person).filter(email=email, verified=True).exists()
    )


def _link(name: str, said: dict[str, Any]) -> str:
    return (public_url() or "") + reverse(name, args=[signing.dumps(said, salt=f"{SALT}.{name}")])


def _read(name: str, secret: str) -> dict[str, Any]:
    try:
        said: dict[str, Any] = signing.loads(secret, salt=f"{SALT}.{name}", max_age=_LIFE)
    except signing.BadSignature:
        return {}
    return said


def _mail(template: str, to: str, person: User, link: str, email: str) -> None:
    get_adapter().send_mail(template, to, {"user": person, "link": link, "email": email})
