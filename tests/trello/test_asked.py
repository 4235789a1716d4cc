"""A file says who its people are. Nobody becomes a member by it: who is here already is asked, by name."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client

from boards import actions as act
from boards.models import Board, ImportedPerson, Invitation, Membership
from fluxboard.accounts.models import User
from fluxboard.features.trello import job
from fluxboard.features.trello.importer import import_trello_board
from fluxboard.features.trello.parse import parse_export
from fluxboard.features.verification.verify import verify
from tests.boards.test_claiming import claim, link_for
from tests.boards.test_pages import page, signed_in
from tests.trello.files import bakery, encoded
from tests.trello.test_import import BAKERY, brought_in
from tests.trello.test_import_page import uploaded

pytestmark = pytest.mark.django_db
AGAIN = encoded(bakery(id="5" * 24, name="Second bakery"))


@pytest.fixture(autouse=True)
def var(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr("fluxboard.features.trello.views.begin_import", job.run_import)
    return tmp_path


@pytest.fixture
def mika(ana: User) -> User:
    """Somebody who has claimed their name on Ana's first bakery."""
    board = brought_in(BAKERY.read_bytes(), ana).board
    return claim(link_for(board, ana, User.objects.get(name="Mika Saari"))[1])


def second() -> Board:
    return Board.objects.get(name="Second bakery")


def imported(client: Client, **typed: Any) -> str:
    address = uploaded(client, AGAIN)
    html = page(client, address)
    assert client.post(f"{address}start/", typed).status_code == 303
    return html


def test_somebody_elses_import_makes_nobody_a_member(mika: User, sam: User):
    """Sam shares no board with Mika: the preview names them not, and nothing that Sam sends asks them."""
    forged = [f"{row.source_id} {row.user_id}" for row in ImportedPerson.objects.all()]
    html = imported(signed_in(sam), ask=forged)
    assert mika.name not in html and "Whom to ask" not in html
    assert set(mika.memberships.values_list("board__name", flat=True)) == {"Bakery"}
    assert not Invitation.objects.filter(board=second()).exists()
    assert set(second().members.all()) & set(Board.objects.get(name="Bakery").members.all()) == set()
    assert second().members.filter(name="Mika Saari").count() == 1 and verify(second()) == []


def test_who_is_not_confirmed_by_name_comes_as_everyone_does(mika: User, ana: User):
    html = imported(signed_in(ana))
    assert f"Ask {mika.name}" in html
    assert not Invitation.objects.filter(board=second()).exists()
    assert not Membership.objects.filter(board=second(), user=mika).exists()


def test_who_is_confirmed_is_asked_and_takes_over_when_they_accept(
    mika: User, ana: User, django_capture_on_commit_callbacks: Any
):
    client = signed_in(ana)
    address = uploaded(client, AGAIN)
    (typed,) = re.findall(r'name="ask" value="([^"]+)"', page(client, address))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{address}start/", {"ask": typed})
    board = second()
    (letter,) = mail.outbox
    assert letter.to == [mika.email] and "Second bakery" in letter.body
    assert signed_in(mika).get(f"/b/{board.key}/").status_code == 404
    assert not mika.cards.filter(board=board).exists(), "nothing waits on them"
    assert "on their home page" in page(signed_in(ana), f"/b/{board.key}/settings/members/")
    (accept,) = re.findall(r'action="(/invitations/\d+/accept/)"', page(signed_in(mika), "/"))
    assert signed_in(mika).post(accept).status_code == 303
    assert Membership.objects.get(board=board, user=mika).role == "member"
    assert board.cards.get(title__startswith="Second").assignee == mika
    assert board.members.filter(name="Mika Saari").count() == 0 and verify(board) == []


def test_a_confirmation_of_another_name_asks_nobody(mika: User, ana: User, sam: User):
    client = signed_in(ana)
    address = uploaded(client, AGAIN)
    (typed,) = re.findall(r'name="ask" value="([^"]+)"', page(client, address))
    id_ = typed.split()[0]
    other = next(key for key in parse_export(AGAIN, "f").people if key != id_)
    odd = ["", "x", f"{id_} {sam.pk}", f"{other} {mika.pk}", f"{id_} {mika.pk} ", f"{id_}²"]
    client.post(f"{address}start/", {"ask": odd})
    assert not Invitation.objects.filter(board=second()).exists()


def test_two_imports_by_two_people_share_nobody(ana: User, sam: User):
    brought_in(BAKERY.read_bytes(), ana)
    brought_in(AGAIN, sam)
    names = Board.objects.get(name="Bakery").members.exclude(pk=ana.pk)
    assert names.exists() and not set(names) & set(second().members.all())


def test_an_owner_of_only_one_of_the_boards_starts_a_person_of_their_own(ana: User, sam: User):
    """Ana let Sam take part in her second board, as an owner; it is on no other of his."""
    brought_in(BAKERY.read_bytes(), ana)
    act.add_member(brought_in(AGAIN, ana).board, sam, "owner", by=ana)
    third = brought_in(encoded(bakery(id="6" * 24, name="Third bakery")), sam).board
    assert not set(third.members.exclude(pk=sam.pk)) & set(second().members.all())


@pytest.mark.parametrize("accept", [False, True])
def test_the_command_takes_people_in_only_when_it_is_told_to(
    accept: bool, mika: User, sam: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "second.json"
    file.write_bytes(AGAIN)
    call_command("import_trello", str(file), "--owner", sam.email, *["--accept-people"] * accept)
    assert Membership.objects.filter(board=second(), user=mika).exists() == accept
    assert (mika.email in capsys.readouterr().out) != accept
    assert verify(second()) == []


def test_what_somebody_made_up_before_stands_in_nobodys_way(ana: User, sam: User):
    """Sam uploads a file that says it is of Ana's Trello board; hers comes in all the same, beside it."""
    brought_in(encoded(bakery(name="Not hers")), sam)
    outcome = brought_in(BAKERY.read_bytes(), ana)
    assert outcome.is_new and outcome.board.role_of(sam) is None
    again = import_trello_board(
        parse_export(BAKERY.read_bytes(), "f"), hashlib.sha256(BAKERY.read_bytes()).digest(), by=ana
    )
    assert again.board == outcome.board and not again.is_new
