"""Invitations to a board: made and revoked by an owner, accepted by whoever holds the token.

One by e-mail, and one that lets a person from an import be claimed, works once; a plain link works for
everyone who has it until it expires. Somebody who is here already and whom an import names, or whose
confirmed address was invited, is asked on their home page. An invitation is its inviter's word: it works for
as long as they own the board. Only what comes of it is history; the invitation itself is not.
"""

from __future__ import annotations

import datetime as dt
import functools
import logging
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from activity.errors import Refused
from activity.log.record import By
from activity.log.transaction import change, persistently
from boards.actions.base import action
from boards.actions.claiming import take_over
from boards.actions.membership import enter, valid_role
from boards.models import Board, Invitation, Membership, Role
from boards.placeholders import boards_given_by, is_admin, is_placeholder
from boards.rendering.fragments import frames
from fluxboard.accounts.email_addresses import confirmed_addresses, person_with_address
from fluxboard.accounts.signup import JoinForm, join
from fluxboard.accounts.time_zones import city
from fluxboard.core.mail import Mail
from fluxboard.core.public_url import MISSING, public_url
from fluxboard.core.secret_tokens import new_token, token_digest

DAYS = (1, 7, 30)
ASKED_FOR = dt.timedelta(days=30)

log = logging.getLogger("fluxboard.mail")


class InvitationSpent(Exception):
    """An invitation that does not work any more; the message tells the person why."""


# ---- made -------------------------------------------------------------------------------------------------


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

    `claims` is a person of the board without sign-in whom the invited becomes, or whose things they take
    over. Raises `Refused` when that person can sign in already or is not on the board, or when `email`
    belongs to someone who is on the board.
    """
    if claims is not None and not is_placeholder(claims):
        raise Refused(f"{claims.name} can sign in already.", "claims")
    if claims is not None and not Membership.objects.filter(board=board, user=claims).exists():
        raise Refused(f"{claims.name} is not on this board.", "claims")
    known = person_with_address(email) if email and claims is None else None
    if known is not None and Membership.objects.filter(board=board, user=known).exists():
        raise Refused("Whoever has this address is on the board already.", "email")
    token = new_token()
    invitation = Invitation.objects.create(
        board=board,
        role=valid_role(role),
        email=email.lower(),
        claims=claims,
        token_hash=token_digest(token),
        invited_by=by,
        created_at=now,
        expires_at=now + dt.timedelta(days=days),
    )
    return invitation, token


def ask_to_join(board: Board, person: Any, *, claims: Any, by: Any, now: dt.datetime) -> Invitation | None:
    """Ask someone who is here already whether they are `claims`, a person of the board whom a file named.

    They answer on their home page, and get a mail. Until then nothing of the board is theirs. None where
    `claims` is not on the board, and so nobody is asked onto it.
    """
    given = Membership.objects.filter(board=board, user=claims).values_list("role", flat=True).first()
    if given is None:
        return None
    invitation = Invitation.objects.create(
        board=board,
        role=given,
        claims=claims,
        person=person,
        token_hash=token_digest(new_token()),
        invited_by=by,
        created_at=now,
        expires_at=now + ASKED_FOR,
    )
    transaction.on_commit(functools.partial(_tell_asked, invitation), robust=True)
    return invitation


def _tell_asked(invitation: Invitation) -> None:
    """The mail that says that a question waits; where none can be sent, the home page says so anyway."""
    person: Any = invitation.person
    address = public_url()
    context = {"invitation": invitation, "address": f"{address}/" if address else ""}
    subject = f"{invitation.invited_by.name} asks you to {invitation.board.name}"
    text = render_to_string("boards/mail/asked.txt", context)
    try:
        Mail(subject, text, [str(person.email)]).send()
    except OSError:  # smtplib's errors are some
        log.exception("a mail about an invitation could not be sent")


def address_of(token: str, base_url: str) -> str:
    """The whole address of an invitation under `base_url`; `FLUXBOARD_URL` wins over that."""
    return f"{settings.PUBLIC_URL or base_url.rstrip('/')}{reverse('boards:join', args=[token])}"


def address_in_mail(token: str) -> str:
    """The whole address of an invitation, for a mail. Raises `Refused` where nothing says what it is."""
    base_url = public_url()
    if base_url is None:
        raise Refused(MISSING, "email")
    return address_of(token, base_url)


def show_invitation(invitation: Invitation) -> None:
    """The inviter gets to see the token, and hands it on: coming by it is no proof of an address."""
    Invitation.objects.filter(pk=invitation.pk).update(was_shown=True)
    invitation.was_shown = True


def proves_address(invitation: Invitation) -> bool:
    """Whether who comes by its token has the invited address: it went to that mailbox alone, or an admin
    vouches for them."""
    return bool(invitation.email) and (not invitation.was_shown or is_admin(invitation.invited_by))


def send(invitation: Invitation, address: str) -> bool:
    """Mail the invitation, outside a transaction. False when the mail server may not have taken it.

    A mail server is asked for at most ten seconds each answer; see `fluxboard.server.environment.mailers`.
    """
    context = {"invitation": invitation, "address": address, "expires": _moment(invitation)}
    subject = f"{invitation.invited_by.name} invites you to {invitation.board.name}"
    text = render_to_string("boards/mail/invitation.txt", context)
    try:
        Mail(subject, text, [invitation.email]).send()
    except OSError:  # smtplib's errors are some
        log.exception("an invitation could not be mailed")
        return False
    return True


def _moment(invitation: Invitation) -> str:
    """When it expires, on the clock of whoever gets it; else on the inviter's and in UTC."""
    reader = get_user_model().objects.filter(email__iexact=invitation.email).first()
    zone = (reader or invitation.invited_by).time_zone
    local = invitation.expires_at.astimezone(ZoneInfo(zone))
    words = f"{local.day} {local:%B %Y, %H:%M}, {city(zone)} time"
    return words if reader or zone == "UTC" else f"{words} ({invitation.expires_at:%H:%M} UTC)"


# ---- found ------------------------------------------------------------------------------------------------


def find_invitation(token: str, now: dt.datetime) -> Invitation:
    """The invitation of this token. Raises `InvitationSpent` when there is none, or none that still works."""
    known = Invitation.objects.select_related("board", "invited_by", "claims")
    invitation = known.filter(token_hash=token_digest(token)).first()
    if invitation is None:
        raise InvitationSpent("This is not an invitation that we know. Check that the address is complete.")
    if reason := why_spent(invitation, now):
        raise InvitationSpent(reason)
    return invitation


def asking(reader: Any, now: dt.datetime) -> QuerySet[Invitation]:
    """The invitations that wait for an answer of `reader`, who is here already; the newest first."""
    to_me = Q(person=reader) | Q(person=None, email__in=confirmed_addresses(reader))
    owners = Membership.objects.filter(board=OuterRef("board"), role=Role.OWNER, user=OuterRef("invited_by"))
    on_it = Membership.objects.filter(board=OuterRef("board"), user=reader)
    admin = Q(invited_by__is_staff=True, invited_by__is_superuser=True)
    waiting = Invitation.objects.filter(
        to_me,
        Q(Exists(owners)) | admin,
        accepted_at=None,
        revoked_at=None,
        declined_at=None,
        expires_at__gt=now,
        board__archived_at=None,
        invited_by__is_active=True,
    )
    return (
        waiting.exclude(Q(Exists(on_it)), claims=None)
        .select_related("board", "invited_by", "claims")
        .order_by("-created_at")
    )


def is_meant_for(invitation: Invitation, person: Any) -> bool:
    """Whether this invitation names `person`, who is here already: by themselves, or a confirmed address."""
    if invitation.person_id is not None:
        return bool(invitation.person_id == person.pk)
    return bool(invitation.email) and invitation.email.lower() in confirmed_addresses(person)


def why_spent(invitation: Invitation, now: dt.datetime) -> str:
    """Why an invitation does not work any more; empty while it does."""
    if invitation.revoked_at is not None:
        return f"{invitation.invited_by.name} took this invitation back."
    if invitation.accepted_at is not None:
        return "This invitation has been used. Sign in to see the board."
    if invitation.declined_at is not None:
        return "This invitation was declined. Ask for a new one."
    if invitation.expires_at <= now:
        return "This invitation has expired. Ask for a new one."
    if invitation.board.is_archived:
        return "The board of this invitation has been archived."
    if not _may_invite(invitation):
        return f"{invitation.invited_by.name} does not own this board any more. Ask its owners for a new one."
    return _why_not_claimed(invitation) if invitation.claims is not None else ""


def _may_invite(invitation: Invitation) -> bool:
    inviter = invitation.invited_by
    if is_admin(inviter):
        return True
    owns = Membership.objects.filter(board=invitation.board_id, user=inviter, role=Role.OWNER)
    return inviter.is_active and owns.exists()


def _why_not_claimed(invitation: Invitation) -> str:
    claims: Any = invitation.claims
    if not is_placeholder(claims):
        return f"{claims.name} can sign in already."
    if not claims.is_active:
        return f"{claims.name} has been deactivated."
    if not Membership.objects.filter(board=invitation.board_id, user=claims).exists():
        return f"{claims.name} is not on this board any more."
    return ""


# ---- answered ---------------------------------------------------------------------------------------------


@action
def accept_invitation(invitation: Invitation, *, by: Any) -> Membership:
    """Put whoever accepts on the board, in the invited role; someone who is on it keeps theirs.

    Where it `claims` a person without a sign-in, what stands in that name becomes theirs, on every board
    that the inviter owns by now (an admin's: on every board). Raises `Refused` when the invitation was
    revoked, used or expired meanwhile, or is for somebody else.
    """
    return _accept(invitation, by, has_just_come=False)


def _accept(invitation: Invitation, by: Any, *, has_just_come: bool) -> Membership:
    """`has_just_come`: by the token of this very invitation, which is as good as being named by it."""
    claims = invitation.claims if invitation.claims_id != by.user.pk else None
    others = sorted(_boards_given(invitation) - {invitation.board_id}) if claims is not None else []
    with change(by, invitation.board_id, *others, render=frames) as (here, *there):
        invitation = _again(invitation)
        invitation.board = here.board
        claimed_now = invitation.claims_id == by.user.pk
        if claimed_now:
            invitation.claims = None
        if reason := why_spent(invitation, by.now):
            raise Refused(reason)
        if invitation.claims is not None:
            if not has_just_come and not is_meant_for(invitation, by.user):
                raise Refused("This invitation is for somebody else.")
            # What came to be elsewhere since is not among the locked boards, and stays where it is.
            given = _boards_given(invitation)
            for log in (here, *there):
                if log.board.pk in given:
                    take_over(log, invitation.claims, by.user)
        membership = enter(here, by.user, valid_role(invitation.role))
        if invitation.email or claimed_now or invitation.claims is not None:
            invitation.accepted_by, invitation.accepted_at = by.user, by.now
            invitation.save(update_fields=["accepted_by", "accepted_at"])
        return membership


def _boards_given(invitation: Invitation) -> set[int]:
    """Where accepting hands things over: who was asked by an import was asked about that board alone."""
    given, _ = boards_given_by(invitation.invited_by, invitation.claims)
    return given & {invitation.board_id} if invitation.person_id is not None else given


def _again(invitation: Invitation) -> Invitation:
    """The invitation as it is now, locked, and with it the person whom it lets somebody claim.

    Nobody puts them on another board meanwhile, so what is found of them then is all there is.
    """
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("board", "invited_by")
    fresh = rows.get(pk=invitation.pk)
    if fresh.claims_id is not None:
        fresh.claims = get_user_model()._default_manager.select_for_update().get(pk=fresh.claims_id)
    return fresh


@persistently
def join_by(invitation: Invitation, form: JoinForm) -> Any:
    """Make the account of a valid form, and accept the invitation with it. Comes back with the person.

    Whom the invitation claims becomes that account where the inviter may give
    away all that stands in that name, on every board; else a new account takes over what is on the
    inviter's boards, and the rest stays as it was. Raises what `join` and `accept_invitation` raise.
    """
    with transaction.atomic():
        form.person = None
        if invitation.claims is not None:
            given, _ = boards_given_by(invitation.invited_by, invitation.claims)
            # Boards first, then the person: the order of every other change.
            list(
                Board.objects.select_for_update()
                .filter(pk__in={*given, invitation.board_id})
                .order_by("pk")
                .values_list("pk", flat=True)
            )
            fresh = _again(invitation)
            if reason := why_spent(fresh, timezone.now()):
                raise Refused(reason)
            _, is_all = boards_given_by(fresh.invited_by, fresh.claims)
            form.person = fresh.claims if is_all else None
        person = join(form)
        _accept(invitation, By(person), has_just_come=True)
        return person


def decline(invitation: Invitation, now: dt.datetime) -> None:
    """Say no. Whom the file named stays a person without a sign-in. Nothing happens to one that is over."""
    open_ones = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    open_ones.filter(declined_at=None).update(declined_at=now)


def revoke(invitation: Invitation, now: dt.datetime) -> None:
    """Take an invitation back. Nothing happens to one that was used or taken back already."""
    Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(revoked_at=now)
