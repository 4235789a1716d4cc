"""Inviting people to a board, by e-mail or by a link, and what becomes of an invitation."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from boards import actions
from boards.models import Board, Invitation, Membership
from fluxboard.accounts.models import User
from tests.boards.test_pages import last, page, signed_in

pytestmark = pytest.mark.django_db

NEW = "/b/FLX/invitations/new/"
JOIN = {
    "name": "Noor Haddad",
    "email": "noor@example.com",
    "password": "three quiet lanterns",
    "time_zone": "Europe/Paris",
    "work_days": ["1", "2", "3"],
    "work_start": "09:00",
    "work_end": "17:00",
}


def invite(board: Board, ana: User, django_capture_on_commit_callbacks: Any = None, **typed: Any) -> str:
    """Invite through the form; the path of the invitation's address."""
    client = signed_in(ana)
    answer = client.post(NEW, {"role": "member", "days": "7", **typed})
    assert answer.status_code == 303, answer.content.decode()
    html = page(client, "/b/FLX/settings/members/")
    found = re.search(r'value="http://testserver(/join/[^"]+)"', html)
    assert found
    assert found.group(1) not in page(client, "/b/FLX/settings/members/"), "shown once"
    return found.group(1)


def test_a_link_lets_several_new_people_join(board: Board, ana: User) -> None:
    address = invite(board, ana, role="viewer")
    for name in ("noor", "omar"):
        visitor = Client()
        assert "Join Checkout rebuild" in page(visitor, address)
        answer = visitor.post(address, {**JOIN, "email": f"{name}@example.com"})
        assert answer.status_code in (302, 303), answer.content.decode()
        assert answer["Location"] == "/b/FLX/"
        assert page(visitor, "/b/FLX/")
        person = User.objects.get(email=f"{name}@example.com")
        assert Membership.objects.get(board=board, user=person).role == "viewer"
        activity = last(board)
        assert (activity.verb, activity.actor) == ("member.added", person)


def test_someone_signed_in_joins_with_one_click(board: Board, ana: User, sam: User) -> None:
    address = invite(board, ana)
    client = signed_in(sam)
    assert "You are signed in as" in page(client, address)
    assert not Membership.objects.filter(user=sam).exists(), "looking is not joining"
    answer = client.post(address)
    assert (answer.status_code, answer["Location"]) == (303, "/b/FLX/")
    assert Membership.objects.get(user=sam).role == "member"
    before = board.activities.count()
    client.post(address)
    assert board.activities.count() == before


def test_an_invitation_by_mail_works_once(
    board: Board, ana: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in(ana).post(NEW, {"role": "member", "days": "7", "email": "Noor@example.com"})
    assert answer.status_code == 303
    (message,) = mail.outbox
    assert message.to == ["noor@example.com"]
    assert message.subject == "Ana Duarte invites you to Checkout rebuild"
    address = re.search(r"http://localhost:8000(/join/\S+)", message.body)
    assert address
    answer = Client().post(address.group(1), JOIN)
    assert answer["Location"] == "/b/FLX/"
    assert User.objects.get(email="noor@example.com").memberships.get().board == board
    again = Client().get(address.group(1))
    assert again.status_code == 410
    assert "has been used" in again.content.decode()


def test_a_person_from_an_import_is_claimed(board: Board, ana: User) -> None:
    ghost = User.objects.create_user(None, None, name="Noor from Trello")
    actions.add_member(board, ghost, "member", by=ana)
    assert f"?claims={ghost.pk}" in page(signed_in(ana), "/b/FLX/settings/members/")
    address = invite(board, ana, claims=ghost.pk)
    assert "For <bdi>Noor from Trello</bdi>" in page(signed_in(ana), address)
    answer = Client().post(address, JOIN)
    assert answer["Location"] == "/b/FLX/"
    ghost.refresh_from_db()
    assert (ghost.email, ghost.name, ghost.is_claimed) == ("noor@example.com", "Noor Haddad", True)
    assert Client().get(address).status_code == 410


def test_a_spent_invitation_says_why(board: Board, ana: User) -> None:
    now = timezone.now()
    for change, words in (
        ({"expires_at": now - dt.timedelta(seconds=1)}, "expired"),
        ({"revoked_at": now}, "took this invitation back"),
    ):
        address = invite(board, ana)
        Invitation.objects.filter(accepted_at=None).update(**change)
        answer = Client().get(address)
        assert answer.status_code == 410
        assert words in answer.content.decode()
        assert Client().post(address, JOIN).status_code == 410
    assert Client().get("/join/nonsense/").status_code == 410
    assert not User.objects.filter(email="noor@example.com").exists()


def test_an_owner_takes_an_invitation_back(board: Board, ana: User, kenji: User) -> None:
    address = invite(board, ana)
    invitation = Invitation.objects.get()
    assert signed_in(kenji).post(f"/b/FLX/invitations/{invitation.pk}/revoke/").status_code == 403
    assert signed_in(ana).post(f"/b/FLX/invitations/{invitation.pk}/revoke/").status_code == 303
    assert Client().get(address).status_code == 410


def test_only_owners_invite(board: Board, kenji: User, priya: User, sam: User) -> None:
    typed = {"role": "member", "days": "7"}
    assert signed_in(kenji).post(NEW, typed).status_code == 403
    assert signed_in(priya).get(NEW).status_code == 403
    assert signed_in(sam).post(NEW, typed).status_code == 404
    assert "invitations" not in page(signed_in(kenji), "/b/FLX/settings/members/")


def test_a_bad_invitation_keeps_what_was_typed(board: Board, ana: User, kenji: User) -> None:
    for email, words in (("nonsense", "valid email"), ("kenji@example.com", "on the board already")):
        answer = signed_in(ana).post(NEW, {"role": "viewer", "days": "7", "email": email})
        html = answer.content.decode()
        assert answer.status_code == 422
        assert f'value="{email}"' in html
        assert words in html
    assert not Invitation.objects.exists()
    assert not mail.outbox
