"""Invitations to a board: made and revoked by an owner, accepted by whoever holds the token.

One by e-mail, and one that lets a person from an import be claimed, works once; a plain link works for
everyone who has it until it expires. Only `member.added` is history; the invitation itself is not.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from activity.errors import Refused
from activity.recording import change
from boards.actions.membership import enter, valid_role
from boards.actions.writing import action
from boards.models import Board, Invitation, Membership
from boards.parts import frames
from fluxboard.accounts.addresses import person_with_address
from fluxboard.accounts.zones import city
from fluxboard.core.mail import Mail
from fluxboard.core.public_url import MISSING, public_url

DAYS = (1, 7, 30)


class Spent(Exception):
    """An invitation that does not work any more; the message tells the person why."""


def invite(
    board: Board,
    *,
    by: Any,
    role: str,
    days: int,
    now: dt.datetime,
    email: str = "",
    claims: Any = None,
) -> tuple[Invitation, str]:
    """A new invitation and its token, of which only the hash is kept.

    `claims` is a person of the board without sign-in whom the invited becomes. Raises `Refused` when that
    person can sign in already, or when `email` belongs to someone who is on the board.
    """
    if claims is not None and claims.is_claimed:
        raise Refused(f"{claims.name} can sign in already.", "claims")
    known = person_with_address(email) if email else None
    if known and Membership.objects.filter(board=board, user=known).exists():
        raise Refused("Whoever has this address is on the board already.", "email")
    if claims is not None and email and get_user_model().objects.filter(email__iexact=email).exists():
        raise Refused("This address belongs to someone who is here already.", "email")
    token = Invitation.new_token()
    invitation = Invitation.objects.create(
        board=board,
        role=valid_role(role),
        email=email.lower(),
        claims=claims,
        token_hash=Invitation.digest(token),
        invited_by=by,
        created_at=now,
        expires_at=now + dt.timedelta(days=days),
    )
    return invitation, token


def address_of(token: str, base_url: str) -> str:
    """The whole address of an invitation under `base_url`; `FLUXBOARD_URL` wins over that."""
    return f"{settings.PUBLIC_URL or base_url.rstrip('/')}{reverse('boards:join', args=[token])}"


def address_in_mail(token: str) -> str:
    """The whole address of an invitation, for a mail. Raises `Refused` where nothing says what it is."""
    base_url = public_url()
    if base_url is None:
        raise Refused(MISSING, "email")
    return address_of(token, base_url)


def send(invitation: Invitation, address: str) -> None:
    """Mail the invitation once the transaction is through."""
    context = {"invitation": invitation, "address": address, "expires": _moment(invitation)}
    subject = f"{invitation.invited_by.name} invites you to {invitation.board.name}"
    text = render_to_string("boards/mail/invitation.txt", context)
    transaction.on_commit(Mail(subject, text, [invitation.email]).send)


def _moment(invitation: Invitation) -> str:
    """When it expires, on the clock of whoever gets it; else on the inviter's and in UTC."""
    reader = get_user_model().objects.filter(email__iexact=invitation.email).first()
    zone = (reader or invitation.invited_by).time_zone
    local = invitation.expires_at.astimezone(ZoneInfo(zone))
    words = f"{local.day} {local:%B %Y, %H:%M}, {city(zone)} time"
    return words if reader or zone == "UTC" else f"{words} ({invitation.expires_at:%H:%M} UTC)"


def find(token: str, now: dt.datetime) -> Invitation:
    """The invitation of this token. Raises `Spent` when there is none, or none that still works."""
    known = Invitation.objects.select_related("board", "invited_by", "claims")
    invitation = known.filter(token_hash=Invitation.digest(token)).first()
    if invitation is None:
        raise Spent("This is not an invitation that we know. Check that the address is complete.")
    if reason := why_spent(invitation, now):
        raise Spent(reason)
    return invitation


def why_spent(invitation: Invitation, now: dt.datetime) -> str:
    """Why an invitation does not work any more; empty while it does."""
    if invitation.revoked_at is not None:
        return f"{invitation.invited_by.name} took this invitation back."
    if invitation.accepted_at is not None:
        return "This invitation has been used. Sign in to see the board."
    if invitation.expires_at <= now:
        return "This invitation has expired. Ask for a new one."
    if invitation.board.is_archived:
        return "The board of this invitation has been archived."
    if invitation.claims is not None and invitation.claims.is_claimed:
        return f"{invitation.claims.name} can sign in already."
    return ""


@action
def accept_invitation(invitation: Invitation, *, by: Any) -> Membership:
    """Put whoever accepts on the board, in the invited role; someone who is on it keeps theirs.

    Raises `Refused` when the invitation was revoked, used or expired meanwhile.
    """
    with change(by, invitation.board_id, render=frames) as (log,):
        invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
        invitation.board = log.board
        claimed_now = invitation.claims_id == by.user.pk
        if claimed_now:
            invitation.claims = None
        if reason := why_spent(invitation, timezone.now()):
            raise Refused(reason)
        membership = enter(log, by.user, valid_role(invitation.role))
        if invitation.email or claimed_now:
            invitation.accepted_by, invitation.accepted_at = by.user, by.now
            invitation.save(update_fields=["accepted_by", "accepted_at"])
        return membership


def revoke(invitation: Invitation, now: dt.datetime) -> None:
    """Take an invitation back. Nothing happens to one that was used or taken back already."""
    Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(revoked_at=now)
