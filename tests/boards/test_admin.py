"""The Django admin: what it shows of boards and the log, and that its changes are logged `via admin`."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from activity.models import Activity
from boards import actions
from boards.models import Board, Card, Membership
from fluxboard.accounts.deactivation import deactivate
from fluxboard.accounts.models import User
from tests import cast
from tests.boards.test_pages import last, page, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db: Any) -> Client:
    """An admin's browser that has just been asked for the password."""
    client = signed_in(cast.person("lena", is_staff=True, is_superuser=True))
    assert client.post("/accounts/reauthenticate/", {"password": "lena"}).status_code == 302
    return client


def choose(admin: Client, address: str, action: str, *rows: Any) -> str:
    chosen = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    answer = admin.post(address, chosen, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_log_is_found_by_card_place_word_board_person_and_verb(
    admin: Client, board: Board, card: Card, ana: User, kenji: User
) -> None:
    actions.retitle_card(card, "Zebra crossing", by=kenji)
    activity = last(board)
    address = "/admin/activity/activity/"
    row = f"{board.key}:{activity.seq}"
    queries = (
        "?q=FLX-1",
        f"?q=flx:{activity.seq}",
        "?q=zebra",
        "?q=Kenji",
        f"?board__id__exact={board.pk}",
        f"?actor__id__exact={kenji.pk}",
        "?verb=card.retitled",
        f"?at__year={activity.at.year}",
        "?via=web",
    )
    for query in queries:
        assert row in page(admin, address + query), query
    for query in ("?q=FLX-99", "?q=elephant", f"?actor__id__exact={ana.pk}", "?verb=card.moved"):
        assert row not in page(admin, address + query), query
    detail = page(admin, f"{address}{activity.pk}/change/")
    assert "Zebra crossing" in detail
    assert "Order history returns no rows" in detail


def test_the_log_is_read_only(admin: Client, board: Board) -> None:
    activity = last(board)
    for address in ("add/", f"{activity.pk}/delete/"):
        assert admin.get(f"/admin/activity/activity/{address}").status_code == 403
    assert admin.post(f"/admin/activity/activity/{activity.pk}/change/", {"verb": "x"}).status_code == 403


def test_what_an_admin_changes_about_a_board_is_logged_via_admin(
    admin: Client, board: Board, kenji: User, sam: User
) -> None:
    lena = User.objects.get(handle="lena")
    choose(admin, "/admin/boards/board/", "archive", board)
    assert (last(board).verb, last(board).via, last(board).actor) == ("board.archived", "admin", lena)
    choose(admin, "/admin/boards/board/", "restore", board)
    choose(admin, "/admin/boards/board/", "become_owner", board)
    assert Membership.objects.get(user=lena).role == "owner"
    answer = admin.post(
        "/admin/boards/membership/add/", {"board": board.pk, "user": sam.pk, "role": "viewer"}
    )
    assert answer.status_code == 302
    member = Membership.objects.get(user=sam)
    assert (last(board).verb, last(board).via) == ("member.added", "admin")
    choose(admin, "/admin/boards/membership/", "make_member", member)
    assert (last(board).verb, last(board).via) == ("member.role_changed", "admin")
    choose(admin, "/admin/boards/membership/", "remove", member)
    assert (last(board).verb, last(board).via) == ("member.removed", "admin")
    assert not Membership.objects.filter(user=sam).exists()


def test_what_an_action_refuses_is_said_and_leaves_nothing(admin: Client, board: Board, ana: User) -> None:
    before = Activity.objects.count()
    owner = Membership.objects.get(board=board, user=ana)
    html = choose(admin, "/admin/boards/membership/", "remove", owner)
    assert "A board needs an owner" in html
    assert Activity.objects.count() == before


def test_boards_and_members_cannot_be_written_past_the_log(admin: Client, board: Board, ana: User) -> None:
    member = Membership.objects.get(board=board, user=ana)
    for address in (
        "board/add/",
        f"board/{board.pk}/delete/",
        f"membership/{member.pk}/delete/",
        "invitation/add/",
    ):
        assert admin.get(f"/admin/boards/{address}").status_code == 403
    for address in (f"board/{board.pk}/change/", f"membership/{member.pk}/change/"):
        assert page(admin, f"/admin/boards/{address}")
        assert admin.post(f"/admin/boards/{address}", {"name": "x", "role": "viewer"}).status_code == 403


def test_each_list_opens_and_is_searched(admin: Client, board: Board, card: Card) -> None:
    for address in ("board", "membership", "invitation"):
        assert page(admin, f"/admin/boards/{address}/?q=check")


def test_there_is_no_admin_for_others(board: Board, ana: User) -> None:
    assert signed_in(ana).get("/admin/boards/board/", follow=True).status_code == 404
    assert Client().get("/admin/boards/board/").status_code == 302


def heard(monkeypatch: pytest.MonkeyPatch, capture: Any, change: Any) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr("boards.person_changes.notify", said.append)
    with capture(execute=True):
        change()
    return said


def test_a_new_colour_reaches_the_boards_that_show_the_person(
    board: Board, kenji: User, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    from fluxboard.accounts.signals import person_changed

    def recolour() -> None:
        person_changed.send(User, person=kenji, kind="looks")

    assert heard(monkeypatch, django_capture_on_commit_callbacks, recolour) == [f"look:{board.pk}"]


def test_a_deactivated_persons_streams_are_looked_at_again(
    board: Board, ana: User, kenji: User, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    said = heard(monkeypatch, django_capture_on_commit_callbacks, lambda: deactivate(kenji, by=ana))
    assert f"user:{kenji.pk}" in said
