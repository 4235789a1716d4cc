"""Somebody who is here already is asked on their home page whether a board, and a name on it, is theirs."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone

from activity.errors import Refused
from boards.invitations import accept_invitation
from boards.models import Board, Invitation, Membership
from fluxboard.accounts.models import User
from fluxboard.features.verification.verify import verify
from tests.boards.test_claiming import link_for
from tests.boards.test_pages import page, signed_in

pytestmark = pytest.mark.django_db


def test_an_invitation_by_mail_to_who_is_here_tells_nothing_and_waits_on_their_home_page(
    board: Board, ghost: User, ana: User, sam: User, django_capture_on_commit_callbacks: Any
):
    typed = {"role": "member", "days": "7", "claims": ghost.pk}
    said = []
    for email in (sam.email, "new@example.com"):
        with django_capture_on_commit_callbacks(execute=True):
            answer = signed_in(ana).post("/b/FLX/invitations/new/", {**typed, "email": email})
        assert answer.status_code == 303
        said.append(page(signed_in(ana), "/b/FLX/settings/members/").count(email))
    assert said[0] == said[1]
    html = page(signed_in(sam), "/")
    assert "You are asked" in html and "Noor from Trello" in html
    (address,) = re.findall(r'action="(/invitations/\d+/accept/)"', html)
    assert signed_in(ana).post(address).status_code == 404
    assert signed_in(sam).post(address).status_code == 303
    assert Membership.objects.get(board=board, user=sam).role == "member" and verify(board) == []
    assert "You are asked" not in page(signed_in(sam), "/")


def test_who_declines_is_asked_no_more_and_the_person_stays(board: Board, ghost: User, ana: User, sam: User):
    link_for(board, ana, ghost, email=sam.email)
    (address,) = re.findall(r'action="(/invitations/\d+/decline/)"', page(signed_in(sam), "/"))
    assert signed_in(sam).post(address).status_code == 303
    assert "You are asked" not in page(signed_in(sam), "/")
    assert signed_in(sam).post(address.replace("decline", "accept")).status_code == 404
    assert Membership.objects.filter(board=board, user=ghost).exists()
    assert not Membership.objects.filter(board=board, user=sam).exists()


def test_an_address_that_is_not_confirmed_is_asked_nothing(board: Board, ghost: User, ana: User, sam: User):
    sam.emailaddress_set.update(verified=False)
    invitation, _ = link_for(board, ana, ghost, email=sam.email)
    assert "You are asked" not in page(signed_in(sam), "/")
    with pytest.raises(Refused, match="for somebody else"):
        accept_invitation(invitation, by=sam)


def test_an_expired_or_revoked_question_is_not_shown(board: Board, ghost: User, ana: User, sam: User):
    now = timezone.now()
    for change in (
        {"expires_at": now - dt.timedelta(seconds=1)},
        {"revoked_at": now},
        {"accepted_at": now},
        {"declined_at": now},
    ):
        invitation, _ = link_for(board, ana, ghost, email=sam.email)
        Invitation.objects.filter(pk=invitation.pk).update(**change)
    assert "You are asked" not in page(signed_in(sam), "/")
