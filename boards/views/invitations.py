"""Inviting to a board, taking an invitation back, and the page where one is accepted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.forms import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from activity.errors import Busy, NotDone, Refused
from activity.log.record import By
from boards import page_frame
from boards.forms import with_choices
from boards.forms.invitations import InviteForm
from boards.http.changes import later
from boards.http.doors import on_board, require, signed_in
from boards.http.responses import only, show
from boards.invitations import (
    InvitationSpent,
    accept_invitation,
    address_in_mail,
    address_of,
    asking,
    decline,
    find_invitation,
    invite,
    is_meant_for,
    join_by,
    proves_address,
    send,
)
from boards.invitations import revoke as take_back
from boards.invitations import show_invitation as set_shown
from boards.models import Board, Invitation
from fluxboard.accounts.rate_limits import limited
from fluxboard.accounts.signup import JoinForm, sign_in
from fluxboard.accounts.time_zones import choices
from fluxboard.core.mail import has_mail_server

_FRESH = "fresh_invitation"


@on_board
@limited("invite", "POST")
def new(request: Any, board: Board) -> HttpResponse:
    """GET: the form, `?claims=ID` chosen. POST: an e-mail sent, or a link that is shown once: one to hand on,
    one for an address where there is no mail server, and one whose mail could not be sent.
    """
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    require(request, "owner")
    form = InviteForm(
        board, request.POST if request.method == "POST" else None, claims=request.GET.get("claims")
    )
    status = 200
    if request.method == "POST":
        if form.is_valid() and _invited(request, board, form):
            return _see(reverse("boards:settings_members", args=[board.key]) + "#invitations")
        status = 422
    context = page_frame.frame(request.user, board, request.role, "settings") | {
        "form": with_choices(form),
        "tab": "members",
    }
    return show(request, "boards/invite.html", context, status)


def _invited(request: Any, board: Board, form: InviteForm) -> bool:
    typed = form.cleaned_data
    try:
        with transaction.atomic():
            invitation, token = invite(
                board,
                by=request.user,
                role=typed["role"],
                days=typed["days"],
                now=timezone.now(),
                email=typed["email"],
                claims=typed.get("claims"),
            )
            mailed = address_in_mail(token) if invitation.email and has_mail_server() else ""
    except Refused as refusal:
        form.add_error(refusal.field or None, refusal.message)
        return False
    if mailed and send(invitation, mailed):
        messages.success(request, f"Invited {invitation.email}.")
        return True
    set_shown(invitation)
    request.session[_FRESH] = {
        "board": board.pk,
        "address": address_of(token, request.build_absolute_uri("/")),
        "email": invitation.email,
        "has_failed": bool(mailed),
        "works_once": bool(invitation.email or invitation.claims_id),
    }
    return True


def fresh_link(request: Any, board: Board) -> dict[str, Any] | None:
    """A link that was just made on this board, once; the database keeps only its hash.

    `address`; `email` of whom it is for, empty for a link to hand on; `has_failed` when a mail to them could
    not be sent; `works_once`.
    """
    made = request.session.get(_FRESH)
    if not made or made["board"] != board.pk:
        return None
    del request.session[_FRESH]
    return dict(made)


@on_board
def revoke(request: Any, board: Board, pk: int) -> HttpResponse:
    if refused := only(request, "POST"):
        return refused
    require(request, "owner")
    take_back(get_object_or_404(Invitation, board=board, pk=pk), timezone.now())
    messages.success(request, "The invitation does not work any more.")
    return _see(reverse("boards:settings_members", args=[board.key]) + "#invitations")


@login_not_required
def accept(request: Any, token: str) -> HttpResponse:
    """Who is signed in joins with one click; who is new makes an account on the way; 410 for a spent one."""
    if refused := only(request, "GET", "HEAD", "POST"):
        return refused
    try:
        invitation = find_invitation(token, timezone.now())
        if request.user.is_authenticated:
            return _accept_as_me(request, invitation)
        return _accept_as_new(request, invitation)
    except (InvitationSpent, Refused) as reason:
        return show(request, "boards/invitation_spent.html", {"reason": str(reason)}, status=410)


def _accept_as_me(request: Any, invitation: Invitation) -> HttpResponse:
    context = {"invitation": invitation}
    if invitation.claims_id and not is_meant_for(invitation, request.user):
        return show(request, "boards/invitation_claim.html", context)
    if request.method != "POST":
        return show(request, "boards/invitation.html", context)
    return _accepted(request, invitation)


def _accept_as_new(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = JoinForm(
        request.POST if request.method == "POST" else None,
        email=invitation.email,
        person=invitation.claims,
        is_proof=proves_address(invitation),
    )
    if request.method == "POST" and form.is_valid():
        try:
            person = join_by(invitation, form)
        except ValidationError:
            pass
        except Busy as busy:
            return later(request, busy)
        except NotDone as problem:
            raise InvitationSpent(str(problem)) from problem
        else:
            return sign_in(request, person, to=reverse("boards:board", args=[invitation.board.key]))
    context = {
        "invitation": invitation,
        "form": form,
        "login": reverse("account_login"),
        "zones": choices(timezone.now()),
    }
    status = 422 if form.errors else 200
    return show(request, "boards/invitation_join.html", context, status)


@signed_in
def answer(request: Any, pk: int, part: str) -> HttpResponse:
    """POST from the home page: `accept` or `decline` what one was asked there. 404 for what isn't mine."""
    if refused := only(request, "POST"):
        return refused
    invitation = get_object_or_404(asking(request.user, timezone.now()), pk=pk)
    if part == "decline":
        decline(invitation, timezone.now())
        messages.success(request, "Declined. Nothing of that board is yours.")
        return _see("/")
    try:
        return _accepted(request, invitation)
    except Refused as reason:
        return show(request, "boards/invitation_spent.html", {"reason": str(reason)}, status=410)


def _accepted(request: Any, invitation: Invitation) -> HttpResponse:
    """On the board from here on; a 503 while others keep it locked."""
    try:
        accept_invitation(invitation, by=By(request.user))
    except Busy as busy:
        return later(request, busy)
    return _see(reverse("boards:board", args=[invitation.board.key]))


def _see(address: str) -> HttpResponse:
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response
