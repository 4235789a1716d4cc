"""Settings, archive, home and new boards: each form without JavaScript, its refusals, and the log."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from django.test import Client

from activity.log.record import By
from activity.models import Activity
from boards import actions
from boards.models import Board, Card, Column, Membership
from fluxboard.accounts.models import User
from tests.boards.test_pages import form_fields, last, page, signed_in

pytestmark = pytest.mark.django_db


def send(client: Client, address: str, form_id: str, typed: dict[str, object], to: str = "") -> object:
    """Fill in the form `form_id` that stands on `address` and send it where it goes."""
    html = page(client, address)
    action = re.search(rf'<form[^>]* action="([^"]+)"[^>]* id="{form_id}"', html)
    assert action, f"no form {form_id} on {address}"
    return client.post(action.group(1), {**form_fields(html, form_id), **typed})


GENERAL = "/b/FLX/settings/"


SAID = [
    ("board-renamed", {"name": "Checkout"}, {"name": "Checkout rebuild"}, {"name": "Checkout"}),
    ("board-rekeyed", {"key": "chk"}, {"key": "FLX"}, {"key": "CHK"}),
    ("board-described", {"description": "Why\r\nnot"}, {"description": ""}, {"description": "Why\nnot"}),
    (
        "board-configured",
        {"wip_rule": "refuse", "stale_after": "9", "answer_days": "1"},
        {"wip_rule": "warn", "stale_after": 5},
        {"wip_rule": "refuse", "stale_after": 9},
    ),
    ("board-opened", {"open_to": "member"}, {"open_to": ""}, {"open_to": "member"}),
    ("board-archived", {}, {"archived": False}, {"archived": True}),
]


@pytest.mark.parametrize(("form", "typed", "before", "after"), SAID)
def test_a_form_of_the_board_lands_in_the_log(
    board: Board, ana: User, form: str, typed: dict[str, str], before: object, after: object
) -> None:
    client = signed_in(ana)
    answer = send(client, GENERAL, f"{form}-{board.pk}", typed)
    assert answer.status_code == 303
    activity = last(board)
    assert activity.verb == form.replace("-", ".")
    assert (activity.before, activity.after) == (before, after)
    assert (activity.actor, activity.via) == (ana, "web")
    said = page(client, answer["Location"])
    assert 'class="note note--success"' in said


def test_an_archived_board_is_read_only_until_it_is_restored(board: Board, ready: Column, ana: User) -> None:
    actions.archive_board(board, by=ana)
    client = signed_in(ana)
    html = page(client, "/b/FLX/")
    assert "This board is archived." in html
    assert "data-verb=" not in html
    assert client.post("/b/FLX/cards/new/", {"title": "x", "column": ready.pk}).status_code == 422
    assert send(client, GENERAL, f"board-restored-{board.pk}", {}).status_code == 303
    assert last(board).verb == "board.restored"


def test_two_who_rename_the_board_at_once_choose(board: Board, ana: User) -> None:
    client = signed_in(ana)
    html = page(client, GENERAL)
    mine = form_fields(html, f"board-renamed-{board.pk}")
    actions.rename_board(board, "Theirs", by=ana)
    answer = client.post("/b/FLX/do/renamed/", {**mine, "name": "Yours"})
    conflict = answer.content.decode()
    assert answer.status_code == 409
    assert '<span dir="auto" data-base>Checkout rebuild</span>' in conflict
    assert "<ins>Theirs</ins>" in conflict
    assert "<ins>Yours</ins>" in conflict
    assert mine["request_id"] not in conflict
    fields = form_fields(conflict, "conflict-form")
    for pick, name in (("theirs", "Theirs"), ("yours", "Yours")):
        fresh = {**fields, "pick-name": pick, "mix-name": "Both", "request_id": str(uuid.uuid4())}
        assert client.post("/b/FLX/do/renamed/", fresh).status_code == 303
        board.refresh_from_db()
        assert board.name == name


def test_a_mix_of_two_names_is_kept(board: Board, ana: User) -> None:
    client = signed_in(ana)
    mine = form_fields(page(client, GENERAL), f"board-renamed-{board.pk}")
    actions.rename_board(board, "Theirs", by=ana)
    conflict = client.post("/b/FLX/do/renamed/", {**mine, "name": "Yours"}).content.decode()
    typed = {**form_fields(conflict, "conflict-form"), "pick-name": "mix", "mix-name": "Both"}
    assert client.post("/b/FLX/do/renamed/", typed).status_code == 303
    board.refresh_from_db()
    assert board.name == "Both"


@pytest.mark.parametrize(
    ("address", "typed", "message"),
    [
        ("/b/FLX/do/renamed/", {"name": " "}, "empty"),
        ("/b/FLX/do/rekeyed/", {"key": "1"}, "2 to 8 letters"),
        ("/b/FLX/do/configured/", {"wip_rule": "warn", "stale_after": "0", "answer_days": "1"}, "1 to 365"),
        ("/b/FLX/do/configured/", {"wip_rule": "odd", "stale_after": "3"}, "not one of the available"),
        ("/b/FLX/do/opened/", {"open_to": "owner"}, "not one of the available"),
        ("/b/FLX/columns/new/", {"name": ""}, "empty"),
        ("/b/FLX/labels/new/", {"name": "x", "hue": "9"}, "not one of the available"),
        ("/b/FLX/members/new/", {"person": "nobody", "role": "member"}, "Nobody here has that"),
    ],
)
def test_what_will_not_do_says_why_and_leaves_nothing(
    board: Board, ana: User, address: str, typed: dict[str, str], message: str
) -> None:
    before = board.activities.count()
    answer = signed_in(ana).post(address, typed)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert board.activities.count() == before


def test_columns_are_added_renamed_moved_limited_marked_and_archived(board: Board, ana: User) -> None:
    client = signed_in(ana)
    address = "/b/FLX/settings/columns/"
    first, second, _ = board.columns.in_board_order()
    send(client, address, f"column-added-{board.pk}", {"name": "Review"})
    assert last(board).verb == "column.added"
    send(client, address, f"column-renamed-{first.pk}", {"name": "Soon"})
    send(client, address, f"column-limited-{first.pk}", {"wip_limit": "3"})
    send(client, address, f"column-marked_done-{first.pk}", {"is_done": "on"})
    send(client, address, f"column-moved-down-{first.pk}", {})
    first.refresh_from_db()
    assert (first.name, first.wip_limit, first.is_done) == ("Soon", 3, True)
    assert [column.name for column in board.columns.in_board_order()][:2] == [second.name, "Soon"]
    send(client, address, f"column-moved-up-{first.pk}", {})
    assert board.columns.in_board_order()[0] == first
    send(client, address, f"column-limited-{first.pk}", {"wip_limit": ""})
    first.refresh_from_db()
    assert first.wip_limit is None
    send(client, address, f"column-archived-{first.pk}", {})
    assert last(board).verb == "column.archived"
    send(client, address, f"column-restored-{first.pk}", {})
    assert last(board).verb == "column.restored"
    verbs = set(Activity.objects.filter(board=board).values_list("verb", flat=True))
    assert {"column.renamed", "column.limited", "column.marked_done", "column.moved"} <= verbs


def test_labels_are_made_renamed_recoloured_and_removed(board: Board, kenji: User, card: Card) -> None:
    client = signed_in(kenji)
    address = "/b/FLX/settings/labels/"
    send(client, address, f"label-created-{board.pk}", {"name": "bug", "hue": "1"})
    label = board.labels.get()
    actions.label_card(card, label, by=kenji)
    send(client, address, f"label-renamed-{label.pk}", {"name": "defect"})
    send(client, address, f"label-recoloured-{label.pk}", {"hue": "4"})
    assert '<span dir="auto" class="label l4">defect</span>' in page(client, "/b/FLX/")
    send(client, address, f"label-removed-{label.pk}", {})
    assert last(board).verb == "label.removed"
    assert "defect" not in page(client, address)


def test_members_come_change_roles_and_go(board: Board, ana: User, kenji: User, sam: User) -> None:
    client = signed_in(ana)
    address = "/b/FLX/settings/members/"
    send(client, address, f"member-added-{board.pk}", {"person": "@sam", "role": "viewer"})
    member = Membership.objects.get(user=sam)
    assert member.role == "viewer"
    send(client, address, f"member-role_changed-{member.pk}", {"role": "owner"})
    assert last(board).verb == "member.role_changed"
    send(client, address, f"member-removed-{member.pk}", {})
    assert last(board).verb == "member.removed"
    assert signed_in(sam).get("/b/FLX/").status_code == 404


def test_each_member_stands_there_with_since_when(ana: User, sam: User) -> None:
    def on(day: int) -> By:
        return By(ana, now=dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC))

    old = actions.create_board("Old", by=on(9), key="OLD")
    actions.add_member(old, sam, "viewer", by=on(10))
    actions.remove_member(old, sam, by=on(11))
    actions.add_member(old, sam, "viewer", by=on(12))
    text = re.sub(r"<[^>]+>", "", page(signed_in(ana), "/b/OLD/settings/members/"))
    assert re.search(r"@sam .* · member since Thu 12 Mar", " ".join(text.split()))
    assert re.search(r"@ana .* · member since Mon 9 Mar", " ".join(text.split()))


def test_the_last_owner_stays(board: Board, ana: User) -> None:
    me = Membership.objects.get(board=board, user=ana)
    answer = send(signed_in(ana), "/b/FLX/settings/members/", f"member-removed-{me.pk}", {})
    assert answer.status_code == 422
    assert "A board needs an owner" in answer.content.decode()


def test_a_member_may_leave_but_not_send_others_away(board: Board, kenji: User, priya: User) -> None:
    client = signed_in(kenji)
    theirs = Membership.objects.get(board=board, user=priya)
    assert client.post(f"/b/FLX/members/{theirs.pk}/do/removed/").status_code == 403
    mine = Membership.objects.get(board=board, user=kenji)
    answer = send(client, "/b/FLX/settings/members/", f"member-removed-{mine.pk}", {})
    assert (answer.status_code, answer["Location"]) == (303, "/")
    assert client.get("/b/FLX/").status_code == 404
    assert page(client, "/")


def test_cards_of_someone_who_left_are_handed_over(board: Board, card: Card, ana: User, kenji: User) -> None:
    actions.assign_card(card, kenji, by=ana)
    client = signed_in(ana)
    address = "/b/FLX/settings/members/"
    assert "To hand over" not in page(client, address)
    kenji.is_active = False
    kenji.save()
    assert "To hand over" in page(client, address)
    answer = send(client, address, f"handover-{card.pk}", {"assignee": str(ana.pk)})
    assert answer.status_code == 303
    card.refresh_from_db()
    assert card.assignee == ana
    assert last(board).verb == "card.assigned"
    assert "To hand over" not in page(client, address)


def test_the_archive_lists_who_put_what_away_and_brings_it_back(
    board: Board, card: Card, ana: User, kenji: User
) -> None:
    actions.archive_card(card, by=kenji)
    client = signed_in(ana)
    html = page(client, "/b/FLX/archive/")
    assert card.title in html
    assert "Kenji Mori" in html
    assert send(client, "/b/FLX/archive/", f"restore-card-{card.pk}", {}).status_code == 303
    assert last(board).verb == "card.restored"
    html = page(client, "/b/FLX/archive/")
    assert card.title not in html
    assert "FLX-1 is back in Ready." in html


def test_the_archive_pages_back(board: Board, ready: Column, ana: User) -> None:
    for card in actions.create_cards(ready, "\n".join(f"Card {number}" for number in range(55)), by=ana):
        actions.archive_card(card, by=ana)
    client = signed_in(ana)
    first = page(client, "/b/FLX/archive/")
    earlier = re.search(r'href="(\?before=\d+-card-\d+)"', first)
    assert earlier
    second = page(client, f"/b/FLX/archive/{earlier.group(1)}")
    titles = [re.findall(r"</span> <bdi>(Card \d+)</bdi></a>", html) for html in (first, second)]
    assert [len(found) for found in titles] == [50, 5]
    assert len({*titles[0], *titles[1]}) == 55


def test_a_new_board_has_columns_an_example_and_its_owner(ana: User) -> None:
    client = signed_in(ana)
    answer = send(client, "/b/new/", "board-created-new", {"name": "Mobile app"})
    assert (answer.status_code, answer["Location"]) == (303, "/b/MA/")
    html = page(client, "/b/MA/")
    for words in ("Ready", "In progress", "Done", "Read me: what a card looks like here"):
        assert words in html
    taken = client.post("/b/new/", {"name": "Another", "key": "MA"})
    assert taken.status_code == 422
    assert "Another board has the key MA" in taken.content.decode()


def test_home_lists_my_boards_with_what_is_mine_and_blocked(
    board: Board, ready: Column, ana: User, kenji: User, sam: User
) -> None:
    mine = actions.create_card(ready, "Mine", by=ana, assignee=ana)
    actions.block_card(mine, "Needs an answer", by=ana)
    old = actions.create_board("Old board", by=ana)
    actions.archive_board(old, by=ana)
    html = page(signed_in(ana), "/")
    assert "Checkout rebuild" in html
    assert "<span>1 mine</span>" in html
    assert "1 blocked" in html
    assert "Needs an answer" in html
    assert html.index("Archived boards") < html.index("Old board")
    assert "Checkout rebuild" not in page(signed_in(sam), "/")
    actions.open_board(board, "viewer", by=ana)
    assert "Open to everyone" in page(signed_in(sam), "/")


@pytest.mark.parametrize(
    "address", ["/", "/b/new/", "/b/FLX/", "/b/FLX/settings/", "/b/FLX/settings/members/"]
)
def test_pages_are_never_stored_and_say_nothing_inline(
    board: Board, card: Card, ana: User, address: str
) -> None:
    answer = signed_in(ana).get(address)
    html = answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert " style=" not in html
    assert not re.search(r"<script(?![^>]* src=)", html)
    assert not re.search(r"\son[a-z]+=", html)
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert sorted(ids) == sorted(set(ids))
