"""A person's one e-mail address, as django-allauth keeps it.

Nobody waits for a confirmation here, so the address a person has is the one that counts: it stands in
django-allauth's table as verified and primary, always. Beside it there is at most one more, the new address
that a person has asked for and not confirmed yet. Without the first row django-allauth would take the present
address for a pending one, and drop it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models.functions import Lower

from fluxboard.accounts.models import User


def people_with_addresses(emails: Iterable[str]) -> dict[str, User]:
    """The people who can sign in and whose confirmed address is one of `emails`, by it in lower case."""
    wanted = {email.strip().lower() for email in emails if email and email.strip()}
    rows = EmailAddress.objects.annotate(address=Lower("email")).filter(address__in=wanted, verified=True)
    people = User.objects.able_to_sign_in().in_bulk(rows.values_list("user", flat=True))
    return {row.address: people[row.user_id] for row in rows if row.user_id in people}


def person_with_address(email: str) -> User | None:
    """Who can sign in and has confirmed this address; None for nobody. A typed address proves nothing."""
    return people_with_addresses([email]).get(email.strip().lower())


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
    mine.filter(primary=True).exclude(email=person.email).delete()
    EmailAddress.objects.update_or_create(
        user=person, email=person.email, defaults={"primary": True, "verified": True}
    )


def after_save(instance: User, created: bool, update_fields: Any = None, raw: bool = False, **_: Any) -> None:
    """Receiver of `post_save`: the address follows whenever it may have changed."""
    if not raw and (created or update_fields is None or "email" in update_fields):
        keep_address(instance)
