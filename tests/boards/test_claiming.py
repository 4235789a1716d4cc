"""Who may become whom: a person without a sign-in belongs to the owners of the boards that they are on."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from activity.errors import Refused
from activity.models import Activity
from boards import actions as act
from boards.actions.erase import erase_person
from boards.invitations import accept_invitation, invite
from boards.models import Board, Card, Column, Invitation, Membership, Role
from boards.placeholders import boards_of
from boards.undo.engine import undo_change
from comments.actions import post_comment
from comments.decisions import record_decision
from comments.models import Ask
from comments.questions import ask_question, hand_on
from fluxboard.accounts.models import User
from fluxboard.features.verification.verify import verify
from tests import cast
from tests.boards.test_invitations import JOIN
from tests.boards.test_invitations import invite as invited
from tests.boards.test_pages import page, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(sam: User) -> Board:
    """A board of Sam's, of which Ana knows nothing."""
    return act.create_board("Payroll", by=sam, key="PAY", starter=False)


def claim(invitation: str) -> User:
    """Open a claiming invitation as somebody new; the account that comes of it."""
    answer = Client().post(invitation, JOIN)
    assert answer.status_code in (302, 303), answer.content.decode()
    return User.objects.get(email="noor@example.com")


def link_for(board: Board, inviter: User, person: User, **more: Any) -> tuple[Invitation, str]:
    now = more.pop("now", timezone.now())
    invitation, token = invite(board, by=inviter, role="member", days=7, now=now, claims=person, **more)
    return invitation, f"/join/{token}/"


@pytest.mark.parametrize("words", ["noor", "@noor", "NOOR"])
def test_nobody_finds_a_person_without_a_sign_in_by_their_handle(
    words: str, ghost: User, other: Board, sam: User
):
    client = signed_in(sam)
    answers = [
        client.post("/b/PAY/members/new/", {"person": asked, "role": "member"}) for asked in (words, "nobody")
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    for answer in answers:
        assert "Nobody here has that handle or e-mail" in answer.content.decode()
    assert not Membership.objects.filter(board=other, user=ghost).exists()


def test_an_address_that_nobody_has_confirmed_finds_nobody(other: Board, sam: User, kenji: User):
    kenji.emailaddress_set.update(verified=False)
    answer = signed_in(sam).post("/b/PAY/members/new/", {"person": kenji.email, "role": "member"})
    assert answer.status_code == 422 and not Membership.objects.filter(board=other, user=kenji).exists()


def test_whoever_owns_one_of_two_boards_gives_away_what_is_on_that_one(
    board: Board, ghost: User, other: Board, sam: User, card: Card, ana: User
):
    """However the person came onto both: here as by the import of an earlier release."""
    act.assign_card(card, ghost, by=ana)
    act.add_member(other, ghost, "member", by=sam)
    theirs = act.create_card(act.add_column(other, "Who", by=sam), "Wages", by=sam)
    act.assign_card(theirs, ghost, by=sam)
    account = claim(link_for(other, sam, ghost)[1])
    assert account != ghost
    ghost.refresh_from_db()
    assert (ghost.email, ghost.is_claimed) == (None, False)
    assert set(account.memberships.values_list("board", flat=True)) == {other.pk}
    assert Client().get("/b/FLX/").status_code == 302 and signed_in(account).get("/b/FLX/").status_code == 404
    card.refresh_from_db()
    theirs.refresh_from_db()
    assert (card.assignee, theirs.assignee) == (ghost, account)
    assert set(ghost.memberships.values_list("board", flat=True)) == {board.pk}
    assert verify(board) == verify(other) == []


def test_an_owner_of_every_board_gives_all_of_them(
    board: Board, ghost: User, other: Board, sam: User, ana: User
):
    act.add_member(other, ghost, "viewer", by=sam)
    act.add_member(other, ana, "owner", by=sam)
    account = claim(link_for(board, ana, ghost)[1])
    assert account == ghost
    assert set(account.memberships.values_list("board", flat=True)) == {board.pk, other.pk}


def test_an_admin_gives_all_of_them(board: Board, ghost: User, other: Board, sam: User, ana: User):
    act.add_member(other, ghost, "viewer", by=sam)
    User.objects.filter(pk=ana.pk).update(is_staff=True, is_superuser=True)
    assert claim(link_for(board, ana, ghost)[1]) == ghost


@pytest.mark.parametrize("what", ["membership", "comment", "ask", "card", "was there", "did something"])
def test_what_came_to_be_elsewhere_since_the_link_was_made_stays_there(
    what: str, board: Board, ghost: User, other: Board, sam: User, ana: User
):
    _, link = link_for(board, ana, ghost)
    column = act.add_column(other, "Who", by=sam)
    wages = act.create_card(column, "Wages", by=sam)
    act.add_member(other, ghost, "member", by=sam)
    match what:
        case "comment":
            post_comment(wages, "Hello", by=ghost)
        case "ask":
            ask_question(wages, "How much?", [ghost], by=sam)
        case "card":
            act.assign_card(wages, ghost, by=sam)
        case "did something":
            act.create_card(column, "More", by=ghost)
    if what != "membership":
        act.remove_member(other, ghost, by=sam)
    assert boards_of([ghost])[ghost.pk] == {board.pk, other.pk}
    account = claim(link)
    assert account != ghost and not Membership.objects.filter(board=other, user=account).exists()
    assert verify(board) == verify(other) == []


def test_a_link_dies_with_the_ownership_of_whoever_made_it(board: Board, ghost: User, ana: User, kenji: User):
    act.change_role(board, kenji, "owner", by=ana)
    links = [link_for(board, kenji, ghost)[1]]
    _, token = invite(board, by=kenji, role="owner", days=7, now=timezone.now())
    links.append(f"/join/{token}/")
    act.change_role(board, kenji, "member", by=ana)
    for link in links:
        assert Client().post(link, JOIN).status_code == 410
        assert "does not own this board any more" in Client().get(link).content.decode()
    assert not User.objects.filter(email="noor@example.com").exists()


def test_a_link_dies_when_the_person_is_taken_off_or_gets_an_address(board: Board, ghost: User, ana: User):
    _, first = link_for(board, ana, ghost)
    act.remove_member(board, ghost, by=ana)
    assert Client().post(first, JOIN).status_code == 410
    act.add_member(board, ghost, "member", by=ana)
    User.objects.filter(pk=ghost.pk).update(email="noor.haddad@example.com")
    assert Client().post(first, JOIN).status_code == 410
    assert not User.objects.filter(email="noor@example.com").exists()


def test_a_link_is_not_for_whoever_is_signed_in(board: Board, ghost: User, ana: User, sam: User):
    invitation, link = link_for(board, ana, ghost)
    assert "For <bdi>Noor from Trello</bdi>" in signed_in(sam).post(link).content.decode()
    with pytest.raises(Refused, match="for somebody else"):
        accept_invitation(invitation, by=sam)
    assert not Membership.objects.filter(board=board, user=sam).exists()


def test_two_open_links_make_one_account(board: Board, ghost: User, ana: User):
    links = [link_for(board, ana, ghost)[1] for _ in range(2)]
    claim(links[0])
    assert Client().post(links[1], JOIN | {"email": "eve@example.com"}).status_code == 410


# ---- all that stands on a board ---------------------------------------------------------------------------


def everything(board: Board, ana: User, ghost: User) -> Card:
    """The person is named wherever one can be named."""
    ready: Column = board.columns.in_board_order()[0]
    one, two = act.create_cards(ready, "One\nTwo", by=ana)
    act.assign_card(one, ghost, by=ana)
    act.join_card(two, ghost, by=ana)
    act.block_card(two, "Waits", by=ana, person=ghost)
    (item,) = act.add_items(act.add_checklist(one, "Steps", by=ana), "step", by=ana)
    act.check_item(item, by=ghost)
    post_comment(one, "Mine @noor", by=ghost)
    ask_question(one, "Which?", [ghost], by=ana)
    ask_question(one, "And how?", [ana], by=ghost)
    record_decision(one, "Blue.", by=ghost)
    return one


def test_all_that_stands_on_the_board_goes_along_and_the_log_says_so(board: Board, ghost: User, ana: User):
    one = everything(board, ana, ghost)
    noor = cast.person("noor.h")
    invitation, _ = link_for(board, ana, ghost, email=noor.email)
    before = {row.seq: bytes(row.hash) for row in board.activities.all()}
    accept_invitation(invitation, by=noor)
    board.refresh_from_db()
    assert verify(board) == []
    assert {row.seq: bytes(row.hash) for row in board.activities.filter(seq__in=before)} == before
    told = board.activities.get(verb="member.claimed")
    assert (told.actor, told.subject) == (noor, ghost.uid)
    assert (told.before["person"]["id"], told.after["person"]["id"]) == (str(ghost.uid), str(noor.uid))
    one.refresh_from_db()
    assert one.assignee == noor
    assert not ghost.comments.exists() and noor.comments.filter(text="Mine @noor").exists()
    assert not Ask.objects.filter(person=ghost).exists()
    assert Membership.objects.get(board=board, user=noor).role == Role.MEMBER
    assert not Membership.objects.filter(board=board, user=ghost).exists()
    for address in (
        "/b/FLX/",
        f"/c/{one.key}/",
        f"/c/{one.key}/history/",
        "/b/FLX/standup/",
        "/",
        "/waiting/",
    ):
        assert page(signed_in(noor), address)
    seq = told.seq - 3
    assert page(signed_in(ana), f"/b/FLX/at/?seq={seq}") and page(
        signed_in(ana), f"/b/FLX/at/?seq={told.seq}"
    )


def test_what_both_were_named_for_they_are_named_for_once(board: Board, ghost: User, ana: User, kenji: User):
    one = everything(board, ana, ghost)
    two = Card.objects.get(title="Two")
    act.join_card(two, kenji, by=ana)
    question = ask_question(one, "Both?", [ghost, kenji], by=ana)
    act.add_member(board, cast.person("lena"), "member", by=ana)
    hand_on(question, User.objects.get(handle="lena"), by=kenji)
    invitation, _ = link_for(board, ana, ghost, email=kenji.email)
    act.change_role(board, ghost, "owner", by=ana)
    accept_invitation(invitation, by=kenji)
    assert verify(board) == []
    assert list(two.participants.all()) == [kenji]
    assert Ask.objects.get(comment=question, person=kenji).handed_to is None
    assert Membership.objects.get(board=board, user=kenji).role == Role.MEMBER, (
        "who is on it keeps their role"
    )


def test_an_undo_names_whoever_the_person_has_become(board: Board, ghost: User, ana: User, kenji: User):
    one = everything(board, ana, ghost)
    act.assign_card(one, None, by=ana)
    taken_off = Activity.objects.filter(board=board, verb="card.assigned").latest("seq")
    act.remove_member(board, ghost, by=ana)
    removed = Activity.objects.filter(board=board, verb="member.removed").latest("seq")
    undo_change(board, removed.seq, by=ana)
    noor = cast.person("noor.h")
    invitation, _ = link_for(board, ana, ghost, email=noor.email)
    accept_invitation(invitation, by=noor)
    undo_change(board, taken_off.seq, by=ana)
    one.refresh_from_db()
    assert one.assignee == noor and verify(board) == []
    again = Activity.objects.filter(board=board, verb="change.undone", after__effect="member.added").latest(
        "seq"
    )
    with pytest.raises(Refused):
        undo_change(board, again.seq, by=ana)
    claimed = Activity.objects.get(board=board, verb="member.claimed")
    with pytest.raises(Refused, match="keeps what stands under it"):
        undo_change(board, claimed.seq, by=ana)


def test_the_removal_of_someone_who_was_taken_over_is_not_undone(board: Board, ghost: User, ana: User):
    act.remove_member(board, ghost, by=ana)
    removed = Activity.objects.filter(board=board, verb="member.removed").latest("seq")
    act.add_member(board, ghost, "member", by=ana)
    noor = cast.person("noor.h")
    invitation, _ = link_for(board, ana, ghost, email=noor.email)
    accept_invitation(invitation, by=noor)
    with pytest.raises(Refused, match="taken over"):
        undo_change(board, removed.seq, by=ana)
    assert not Membership.objects.filter(board=board, user=ghost).exists()


def test_the_texts_of_a_name_that_was_taken_over_are_erased_with_its_owners(
    board: Board, ghost: User, ana: User
):
    everything(board, ana, ghost)
    noor = cast.person("noor.h")
    invitation, _ = link_for(board, ana, ghost, email=noor.email)
    accept_invitation(invitation, by=noor)
    erase_person(board, noor, "Asked for", by=ana)
    assert not noor.comments.exclude(text="[erased]").exists() and verify(board) == []


def test_invited_means_the_form_too(board: Board, ana: User, ghost: User):
    """The members' page offers only people of the board who can't sign in."""
    waiting = User.objects.create_user("waits@example.com", None, name="Has a link")
    act.add_member(board, waiting, "member", by=ana)
    html = page(signed_in(ana), "/b/FLX/settings/members/")
    assert f"?claims={ghost.pk}" in html and f"?claims={waiting.pk}" not in html
    typed = {"role": "member", "days": "7"}
    assert signed_in(ana).post("/b/FLX/invitations/new/", typed | {"claims": waiting.pk}).status_code == 422
    assert invited(board, ana, claims=ghost.pk)


def test_an_open_board_is_not_open_to_people_of_other_boards(
    ghost: User, other: Board, sam: User, board: Board, ana: User
):
    """Assigned by their number, they would be named on a board of somebody else."""
    act.open_board(other, Role.MEMBER, by=sam)
    wages = act.create_card(act.add_column(other, "Who", by=sam), "Wages", by=sam)
    answer = signed_in(sam).post(
        f"/c/{wages.key}/do/assigned/", {"assignee": ghost.pk, "version": wages.version}
    )
    assert answer.status_code == 422 and ghost.name not in answer.content.decode()
    with pytest.raises(Refused):
        act.join_card(wages, ghost, by=sam)
    mine = act.create_card(board.columns.in_board_order()[0], "Mine", by=ana)
    act.assign_card(mine, ghost, by=ana)
    act.add_member(board, sam, "member", by=ana)
    act.transfer_card(mine, to=other.columns.last(), by=sam)
    mine.refresh_from_db()
    assert mine.assignee is None and verify(board) == verify(other) == []
    assert claim(link_for(board, ana, ghost)[1]) == ghost


@pytest.mark.django_db(transaction=True)
def test_whoever_is_being_named_elsewhere_at_that_moment_is_not_given_away_there(
    board: Board, ghost: User, other: Board, sam: User, ana: User
):
    """Opening the link waits for the other board's change, and then sees it."""
    _, link = link_for(board, ana, ghost)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            act.add_member(other, ghost, "member", by=sam)
            opening = pool.submit(_claim_apart, link)
            _wait_until_somebody_waits()
        account = opening.result(30)
    assert account != ghost.pk
    assert not Membership.objects.filter(board=other, user=account).exists()
    assert Membership.objects.filter(board=board, user=account).exists()


def _claim_apart(link: str) -> int:
    try:
        return claim(link).pk
    finally:
        connection.close()


def _wait_until_somebody_waits() -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.datname = current_database()"
                " JOIN pg_stat_activity a ON a.pid = l.pid AND a.datid = d.oid WHERE NOT l.granted"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")
