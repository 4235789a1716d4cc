"""Taking a second factor away from somebody who has lost it."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.urls import reverse

from fluxboard.accounts.deactivation import end_sessions
from fluxboard.accounts.models import User
from fluxboard.accounts.one_time_links import withdraw_links
from fluxboard.core.public_url import public_url


def remove_second_factor(person: User, by: User) -> bool:
    """Remove apps, keys, passkeys and recovery codes of `person`; end their sessions; tell them by mail.

    An admin's password goes as well: they choose a new one by a mailed link, so that nobody else among the
    admins gets in with a password that they may know. False when there was nothing to remove.
    """
    is_admin = person.is_staff or person.is_superuser
    with transaction.atomic():
        removed, _ = Authenticator.objects.filter(user=person).delete()
        if not removed:
            return False
        if is_admin:
            person.set_unusable_password()
            person.save(update_fields=["password"])
        withdraw_links(person)
        end_sessions(person)
    if person.email:
        reset = (public_url() or "") + reverse("account_reset_password")
        told = {"user": person, "by": by, "is_admin": is_admin, "reset": reset}
        get_adapter().send_mail("account/email/factor_removed", person.email, told)
    return True
