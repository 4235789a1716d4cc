"""What an export says of people is a claim: its addresses, uids and origins make nobody a member."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from boards import actions as act
from boards.models import Board, CarriedPerson, Invitation, Membership
from fluxboard.accounts.models import User
from fluxboard.features.verification.verify import verify
from tests import cast
from tests.board_export.files import brought_in, exported, files_of, lines_of, packed, taken_back
from tests.board_export.test_damaged import line
from tests.board_export.test_pages import uploaded, var  # noqa: F401 — files go to the test's own folder
from tests.boards.test_pages import page, signed_in

pytestmark = pytest.mark.django_db


def naming(out: bytes, **changes: Any) -> bytes:
    """The export with its line about Kenji changed."""
    files = files_of(out)
    lines = files["people.jsonl"].splitlines()
    place = next(number for number, one in enumerate(lines) if b'"handle":"kenji"' in one)
    return packed(line("people.jsonl", place, **changes)(files))


def uid_of_kenji(out: bytes) -> str:
    people = [json.loads(one) for one in files_of(out)["people.jsonl"].splitlines()]
    return next(one["uid"] for one in people if one["handle"] == "kenji")


def together(*people: User) -> None:
    """They work with each other."""
    board = act.create_board("Shared", by=people[0], key="SHA", starter=False)
    for person in people[1:]:
        act.add_member(board, person, "viewer", by=people[0])


def test_who_is_named_by_address_sees_nothing_before_they_accept(out: bytes):
    ana, kenji = cast.person("ana"), cast.person("kenji")
    together(ana, kenji)
    client = signed_in(ana)
    address = uploaded(client, out)["Location"]
    html = page(client, address)
    assert "Ask Kenji Mori" in html and "may be Kenji Mori, by the address" in html
    (typed,) = re.findall(r'name="ask" value="([^"]+)"', html)
    client.post(f"{address}start/", {"ask": typed})
    board = Board.objects.get(key="FLY")
    assert board.role_of(kenji) is None and signed_in(kenji).get("/b/FLY/").status_code == 404
    assert not kenji.cards.exists() and not kenji.asks.exists()
    (accept,) = re.findall(r'action="(/invitations/\d+/accept/)"', page(signed_in(kenji), "/"))
    assert signed_in(kenji).post(accept).status_code == 303
    assert board.role_of(kenji) == "member" and kenji.cards.filter(board=board).exists()
    assert verify(board) == []
    further = exported(Board.objects.get(pk=board.pk))
    log = lines_of(further)["log.jsonl"]
    assert log.startswith(lines_of(out)["log.jsonl"]) and b"member.claimed" in log
    for path in ("/b/FLY/", "/c/FLY-1/", "/c/FLY-1/history/", "/b/FLY/standup/", "/b/FLY/at/?seq=9"):
        assert signed_in(kenji).get(path).status_code == 200, path


def test_a_board_on_which_a_name_was_claimed_goes_out_and_comes_back(out: bytes):
    with taken_back():
        ana, kenji = cast.person("ana"), cast.person("kenji")
        board = brought_in(out, ana, ask_all=True).board
        signed_in(kenji).post(f"/invitations/{Invitation.objects.get().pk}/accept/")
        assert board.role_of(kenji) == "member"
        further = exported(Board.objects.get(pk=board.pk))
    board = brought_in(further, cast.person("ana")).board
    assert verify(board) == [] and lines_of(exported(board)) == lines_of(further)


def test_nobody_is_named_or_asked_whom_one_shares_no_board_with(out: bytes):
    ana, kenji = cast.person("ana"), cast.person("kenji")
    client = signed_in(ana)
    address = uploaded(client, out)["Location"]
    assert "Ask Kenji" not in page(client, address)
    client.post(f"{address}start/", {"ask": [f"{uid_of_kenji(out)} {kenji.pk}"]})
    assert Board.objects.get(key="FLY").role_of(kenji) is None
    assert not Invitation.objects.exists()


def test_an_address_that_nobody_has_confirmed_names_nobody(out: bytes):
    ana, kenji = cast.person("ana"), cast.person("kenji")
    kenji.emailaddress_set.update(verified=False)
    board = brought_in(out, ana, accept_people=True).board
    assert board.role_of(kenji) is None and verify(board) == []


def test_a_uid_of_somebody_here_neither_links_nor_overwrites_nor_blocks(out: bytes):
    """The forger knows Sam's uid, and gives him an address of their own making."""
    ana, sam = cast.person("ana"), cast.person("sam")
    User.objects.filter(pk=sam.pk).update(uid=uid_of_kenji(out))
    before = User.objects.filter(pk=sam.pk).values().get()
    forged = naming(
        out, name="Sam Okafor", email="evil@example.com", handle="sam", origins=[["trello", "5f"]]
    )
    board = brought_in(forged, ana).board
    assert User.objects.filter(pk=sam.pk).values().get() == before
    assert board.role_of(sam) is None and not sam.cards.exists() and not sam.activities.exists()
    forger = CarriedPerson.objects.get(board=board, uid=uid_of_kenji(out)).user
    assert forger != sam and (forger.handle, forger.email) != ("sam", "evil@example.com")
    assert verify(board) == []
    assert lines_of(exported(board))["log.jsonl"] == lines_of(forged)["log.jsonl"]


def test_a_person_of_somebody_elses_import_is_not_shared(out: bytes):
    """Sam has brought in a file that names Kenji's uid; Ana's own import makes a person of its own."""
    ana, sam = cast.person("ana"), cast.person("sam")
    first = User.objects.create_user(None, None, uid=uid_of_kenji(out), name="Kenji of Sam's", handle="k.sam")
    theirs = act.create_board("Sam's", by=sam, key="SAM", starter=False)
    act.add_member(theirs, first, "member", by=sam)
    board = brought_in(out, ana).board
    assert not Membership.objects.filter(board=board, user=first).exists() and verify(board) == []
    assert board.members.filter(name="Kenji Mori").exists()


@pytest.mark.parametrize("option", ["", "--ask-people", "--accept-people"])
def test_the_command_does_with_people_what_it_is_told(option: str, out: bytes, tmp_path: Path):
    ana, kenji = cast.person("ana"), cast.person("kenji")
    file = tmp_path / "fly.zip"
    file.write_bytes(out)
    call_command("import_board", str(file), "--owner", ana.email, *filter(None, [option]))
    board = Board.objects.get(key="FLY")
    assert board.role_of(kenji) == ("member" if option == "--accept-people" else None)
    assert Invitation.objects.filter(board=board, person=kenji).exists() == (option == "--ask-people")
    assert verify(board) == []


def test_who_names_two_people_of_the_file_is_one_of_them(out: bytes):
    """One has their address, another their uid: neither name is told, and nothing is refused."""
    ana, kenji = cast.person("ana"), cast.person("kenji")
    User.objects.filter(pk=ana.pk).update(uid=uid_of_kenji(out))
    outcome = brought_in(out, ana)
    assert outcome.board.role_of(ana) == "owner" and outcome.board.role_of(kenji) is None
    assert verify(outcome.board) == []


def test_an_address_stands_in_an_export_once_whoever_has_it(out: bytes):
    """Kenji was not asked, and added by hand: his address is his, and no longer that of the file's person."""
    with taken_back():
        ana, kenji = cast.person("ana"), cast.person("kenji")
        board = brought_in(out, ana).board
        act.add_member(board, kenji, "member", by=ana)
        further = exported(Board.objects.get(pk=board.pk))
    assert verify(brought_in(further, cast.person("ana")).board) == []
