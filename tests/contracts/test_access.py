"""Every address of a board, times every role: what isn't theirs is a 404, what they may not change a 403.

The addresses come from the resolver and the verbs from the registry, so a new one is walked without being
listed here.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from activity.log.verbs import VERBS
from activity.models import Activity
from boards import actions
from boards.invitations import invite
from boards.models import Board, Card, Membership
from comments.actions import post_comment
from comments.decisions import record_decision
from fluxboard.accounts.models import User
from tests.meetings.course import planned

pytestmark = pytest.mark.django_db

SCRIPT = {"HX-Request": "true"}
# A new thing's address, and a part of the form of one field, have no verb of their own.
ADDED = {
    "card_do": ["posted", "asked", "recorded", "checklist-added"],
    "checklist_do": ["item-added"],
    "meeting_do": ["topic-added"],
    "comment_do": ["recorded", "closed", "handed-on", "settled"],
}
FORMS = ["title", "why", "due", "assign", "move"]


def addresses(board: Board, things: dict[str, int]) -> Iterator[str]:
    """Each address of `board` and what stands on it, its variables filled in with real things."""
    for route, name in _routes(get_resolver().url_patterns):
        if "<board:key>" not in route and "<card:key>" not in route:
            continue
        path = "/" + route.replace("<board:key>", board.key).replace("<card:key>", f"{board.key}-1")
        for noun, pk in things.items():
            path = path.replace(f"{noun}/<int:pk>", f"{noun}/{pk}")
        path = path.replace("<int:number>", "1").replace("<int:seq>", str(board.seq))
        path = path.replace("<uuid:id>", str(uuid.UUID(int=1)))  # nobody's: each has their own exports
        for word in _words(name, path):
            yield path.replace("<slug:part>", word).replace("<slug:form>", word)


def _routes(patterns: list[Any], before: str = "") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if not route.startswith("admin"):
                yield from _routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.name or ""


def _words(name: str, path: str) -> list[str]:
    if "<slug:part>" in path:
        noun = name.removesuffix("_do")
        return [verb.partition(".")[2] for verb in VERBS if verb.startswith(f"{noun}.")] + ADDED.get(name, [])
    return FORMS if "<slug:form>" in path else [""]


@pytest.fixture
def things(board: Board, card: Card, ana: User, kenji: User) -> dict[str, int]:
    """One of each thing on the board, by its noun in addresses."""
    checklist = actions.add_checklist(card, "Steps", by=ana)
    invitation, _ = invite(board, by=ana, role="viewer", days=7, now=timezone.now())
    template = actions.save_template(board, "Bug", by=ana)
    first = timezone.now().date()
    schedule = actions.save_schedule(template, "FREQ=DAILY", by=ana, column=card.column, first=first)
    meeting = planned(board, ana, "Prices", invited=[kenji])
    return {
        "trial": actions.start_trial(board, first, minutes=15, team=4, weekdays=["MO"], by=ana).pk,
        "links": actions.make_weekly_link(board, ["finished"], token="word", days=7, by=ana).pk,
        "topics": meeting.topics.get().pk,
        "columns": card.column_id,
        "schedules": schedule.pk,
        "searches": actions.save_search(board, "Bugs", "label:bug", by=ana).pk,
        "templates": template.pk,
        "labels": actions.create_label(board, "bug", 1, by=ana).pk,
        "members": Membership.objects.get(board=board, user=kenji).pk,
        "erase": kenji.pk,
        "invitations": invitation.pk,
        "checklists": checklist.pk,
        "items": actions.add_items(checklist, "One", by=ana)[0].pk,
        "comments": post_comment(card, "Hello", by=ana).pk,
        "decisions": record_decision(card, "Blue.", by=ana).pk,
    }


@pytest.fixture
def walked(board: Board, things: dict[str, int]) -> list[str]:
    found = list(addresses(board, things))
    assert len(found) > 60
    assert not [path for path in found if "<" in path], "a variable that this walk does not know"
    return found


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_stranger_meets_a_404_everywhere(walked: list[str], sam: User, board: Board) -> None:
    stranger, before = signed_in(sam), Activity.objects.count()
    for path in walked:
        for headers in ({}, SCRIPT):
            assert stranger.get(path, headers=headers).status_code == 404, f"GET {path}"
            assert stranger.post(path, {"title": "x"}, headers=headers).status_code == 404, f"POST {path}"
    assert Activity.objects.count() == before


def test_someone_who_was_taken_off_is_a_stranger(
    walked: list[str], ana: User, kenji: User, board: Board
) -> None:
    client = signed_in(kenji)
    assert client.get("/b/FLX/").status_code == 200
    actions.remove_member(board, kenji, by=ana)
    for path in walked:
        assert client.get(path).status_code == 404, path
        assert client.post(path).status_code == 404, path


def test_the_anonymous_are_asked_to_sign_in_everywhere(walked: list[str]) -> None:
    visitor = Client()
    for path in walked:
        for answer in (visitor.get(path), visitor.post(path, {"title": "x"})):
            assert answer.status_code == 302, path
            assert answer["Location"].startswith("/accounts/login/?next="), path


def test_someone_deactivated_is_anonymous(walked: list[str], kenji: User) -> None:
    client = signed_in(kenji)
    User.objects.filter(pk=kenji.pk).update(is_active=False)
    for path in walked:
        assert client.get(path).status_code == 302, path


def test_a_viewer_sees_every_page_and_changes_nothing(walked: list[str], priya: User, board: Board) -> None:
    viewer, before = signed_in(priya), Activity.objects.count()
    for path in walked:
        status = viewer.post(path, {"title": "x"}).status_code
        allowed = {403, 404} if "/do/" in path or path.endswith("/new/") else {403, 204, 303, 405}
        assert status in allowed, f"POST {path}: {status}"
        status = viewer.get(path).status_code
        assert status in {200, 403, 404, 405}, f"GET {path}: {status}"
    assert Activity.objects.count() == before
    board.refresh_from_db()
    assert board.seq == before


def test_a_member_cannot_do_what_is_the_owners(walked: list[str], kenji: User, board: Board) -> None:
    member = signed_in(kenji)
    owners = [
        path
        for path in walked
        if path.startswith(("/b/FLX/do/", "/b/FLX/columns/", "/b/FLX/members/", "/b/FLX/invitations/"))
        and not path.endswith(("/fold/", "/cards/renamed/"))
    ]
    mine = Membership.objects.get(board=board, user=kenji)
    before = Activity.objects.count()
    for path in owners:
        if f"/members/{mine.pk}/" in path:
            continue
        assert member.post(path, {"name": "x"}).status_code in {403, 404, 405}, path
    assert Activity.objects.count() == before


def test_no_address_fails_for_an_owner(walked: list[str], ana: User) -> None:
    owner = signed_in(ana)
    for path in walked:
        for answer in (owner.get(path), owner.get(path, headers=SCRIPT)):
            assert answer.status_code in {200, 404, 405}, f"GET {path}: {answer.status_code}"


def test_a_stranger_does_not_learn_that_a_board_exists(sam: User, board: Board, card: Card) -> None:
    """What is there but not theirs, and what is not there, answer alike."""
    stranger = signed_in(sam)
    for there, nowhere in (("/b/FLX/", "/b/NOPE/"), ("/c/FLX-1/", "/c/NOPE-1/")):
        answers = [stranger.get(path).content.replace(path.encode(), b"") for path in (there, nowhere)]
        bodies = [answer.partition(b"<main")[2].partition(b"</main>")[0] for answer in answers]
        assert bodies[0] == bodies[1]


def test_an_expired_invitation_is_no_way_in(board: Board, ana: User, sam: User) -> None:
    long_ago = timezone.now() - dt.timedelta(days=8)
    _, token = invite(board, by=ana, role="owner", days=7, now=long_ago)
    assert signed_in(sam).post(f"/join/{token}/").status_code == 410
    assert signed_in(sam).get("/b/FLX/").status_code == 404


def test_an_empty_form_is_told_what_it_lacks(walked: list[str], ana: User) -> None:
    owner = signed_in(ana)
    for path in walked:
        if "/do/" not in path and not path.endswith("/new/"):
            continue
        status = owner.post(path).status_code
        assert status in {303, 404, 422}, f"POST {path}: {status}"
