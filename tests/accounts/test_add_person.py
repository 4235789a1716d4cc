"""`bin/manage add_person` and `createsuperuser`."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from activity.models import Activity
from boards.actions import create_board
from boards.models import Board
from fluxboard.accounts.models import User


def add(*words: str) -> str:
    out = StringIO()
    call_command("add_person", *words, stdout=out, stderr=out)
    return out.getvalue()


@pytest.fixture
def board(ana: User) -> Board:
    return create_board("Checkout rebuild", by=ana, key="FLX", starter=False)


def test_a_new_person_gets_a_link_that_lets_them_in(db: None, client: Client) -> None:
    said = add("Lena@example.com", "--name", "Lena  Vogt", "--zone", "berlin")
    lena = User.objects.get(email="lena@example.com")
    assert (lena.name, lena.time_zone) == ("Lena Vogt", "Europe/Berlin")
    link = said.split()[-1]
    assert client.get(link.partition(":8000")[2]).status_code == 200


def test_with_a_password_in_the_environment_no_link_is_made(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLUXBOARD_PASSWORD", "correct horse battery")
    assert "welcome" not in add("lena@example.com", "--name", "Lena")
    assert client.login(email="lena@example.com", password="correct horse battery")


def test_boards_are_added_and_logged_as_a_command(board: Board) -> None:
    add("kenji@example.com", "--name", "Kenji", "--board", "flx:viewer")
    add("kenji@example.com", "--board", "FLX:member")
    assert board.memberships.get(user__email="kenji@example.com").role == "member"
    logged = list(
        Activity.objects.filter(board=board, via="command").order_by("seq").values_list("verb", flat=True)
    )
    assert logged == ["member.added", "member.role_changed"]


def test_a_second_time_adds_only_what_is_missing(board: Board, ana: User) -> None:
    seq = Board.objects.get().seq
    said = add("ANA@example.com", "--name", "Somebody Else", "--board", "FLX:owner")
    ana.refresh_from_db()
    assert ana.name == "Ana Duarte"
    assert ana.check_password("ana")
    assert "is here already" in said
    assert Board.objects.get().seq == seq


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nobody", "--name", "N"], "“nobody” is no email address"),
        (["lena@example.com"], "give a name"),
        (["lena@example.com", "--name", "L", "--zone", "Gotham"], "no such time zone"),
        (["lena@example.com", "--name", "L", "--board", "NOPE:member"], "no board NOPE"),
        (["lena@example.com", "--name", "L", "--board", "FLX:king"], "FLX:owner, FLX:member or FLX:viewer"),
    ],
)
def test_bad_input_is_one_line_and_adds_nobody(board: Board, words: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said) as error:
        add(*words)
    assert error.value.returncode == 2
    assert "\n" not in str(error.value)
    assert User.objects.count() == 1


def test_an_admin_comes_from_the_environment(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "root@example.com")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "root-root-root")
    call_command("createsuperuser", interactive=False, verbosity=0)
    client.post("/accounts/login/", {"login": "root@example.com", "password": "root-root-root"})
    assert client.get("/admin/").status_code == 200
