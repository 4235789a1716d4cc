"""One-time links: made with a secret that is shown once, kept as a digest, used by compare-and-set."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils import timezone

from fluxboard.accounts.models import Link, User
from fluxboard.core.secret_tokens import new_token, token_digest

_LIFE = {Link.Kind.FIRST: dt.timedelta(days=1), Link.Kind.WELCOME: dt.timedelta(days=7)}


class LinkSpent(Exception):
    """The link was used, replaced or has expired in the meantime."""


def make_link(kind: Link.Kind, base_url: str, person: User | None = None) -> str:
    """A new address under `base_url`; earlier unused links of this kind and person stop working."""
    now, secret = timezone.now(), new_token()
    Link.objects.filter(kind=kind, person=person, used_at=None).delete()
    Link.objects.create(
        kind=kind, person=person, digest=token_digest(secret).hex(), made_at=now, expires_at=now + _LIFE[kind]
    )
    return base_url.rstrip("/") + reverse("welcome", args=[secret])


def welcome_link(person: User, base_url: str) -> str:
    """The address at which this person sets their password and then is signed in; it lives for a week."""
    return make_link(Link.Kind.WELCOME, base_url, person)


def withdraw_links(person: User) -> None:
    """Unused links of this person work no more."""
    Link.objects.filter(person=person, used_at=None).delete()


def find_link(secret: str, now: dt.datetime) -> Link | None:
    """The unused, unexpired link of this secret, with its person; None for anything else."""
    live = Link.objects.select_related("person").filter(used_at=None, expires_at__gt=now)
    return live.filter(digest=token_digest(secret).hex()).first()


def spend(link: Link, now: dt.datetime) -> None:
    """Use a link up, in the transaction of what it allows. Of two at once the second raises LinkSpent."""
    live = Link.objects.filter(pk=link.pk, used_at=None, expires_at__gt=now)
    if not live.update(used_at=now):
        raise LinkSpent
