"""An installation that is older than this: which of its addresses count as proved once it has migrated."""

from __future__ import annotations

import datetime as dt
import importlib
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.test import Client
from django.utils import timezone

from boards import migrations
from boards.actions import add_member, create_board
from boards.invitations import accept_invitation, invite
from boards.models import Board, Invitation, Role
from fluxboard.accounts.email_addresses import is_proved
from fluxboard.accounts.models import User
from fluxboard.core.secret_tokens import token_digest
from tests.accounts.test_one_time_links import JOIN
from tests.cast import person

(MODULE,) = Path(migrations.__file__).parent.glob("*_typed_addresses.py")
migration = importlib.import_module(f"boards.migrations.{MODULE.stem}")


@pytest.fixture
def board(ana: User) -> Board:
    return create_board("Checkout rebuild", by=ana, key="FLX", starter=False)


def join(board: Board, email: str, *, mailed: bool = False, claims: User | None = None) -> User:
    to = email if mailed else ""
    by = board.memberships.get(role=Role.OWNER).user
    _, token = invite(board, by=by, role="viewer", days=7, now=timezone.now(), email=to, claims=claims)
    assert Client().post(f"/join/{token}/", JOIN | {"email": email, "name": "Eve"}).status_code == 302
    return User.objects.get(email=email)


def test_only_those_who_typed_theirs_have_to_confirm_it(board: Board, ana: User) -> None:
    placeholder = User.objects.create_user(name="Lena of Trello")
    add_member(board, placeholder, Role.MEMBER, by=ana)
    typed = [join(board, "plain@example.com"), join(board, "claim@example.com", claims=placeholder)]
    mailed = join(board, "mailed@example.com", mailed=True)
    added = person("kenji", joined_at=timezone.now() - dt.timedelta(days=9))
    _, token = invite(board, by=ana, role="viewer", days=7, now=timezone.now())
    invitation = Invitation.objects.get(token_hash=token_digest(token))
    accept_invitation(invitation, by=added)  # by a plain link, long after an admin had made the account
    boss = join(board, "boss@example.com")
    User.objects.filter(pk=boss.pk).update(is_staff=True)
    EmailAddress.objects.update(verified=True)  # as they all were
    migration.mark_typed(apps, None)
    assert [is_proved(one) for one in typed] == [False, False]
    assert [is_proved(one) for one in (ana, mailed, added, boss)] == [True] * 4
    assert Client().login(email="plain@example.com", password=JOIN["password"]), "nobody is shut out"


def test_a_change_that_waited_for_the_new_mailbox_alone_is_forgotten(ana: User) -> None:
    EmailAddress.objects.create(user=ana, email="thief@example.com", primary=False, verified=False)
    migration.forget_waiting(apps, None)
    assert [row.email for row in EmailAddress.objects.filter(user=ana)] == ["ana@example.com"]
