"""A person's one e-mail address, as django-allauth keeps it.

Nobody waits for a confirmation here, so the address a person has is the one that counts: it stands in
django-allauth's table as verified and primary, always. Beside it there is at most one more, the new address
that a person has asked for and not confirmed yet. Without the first row django-allauth would take the present
address for a pending one, and drop it.
"""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction

from fluxboard.accounts.models import User


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
