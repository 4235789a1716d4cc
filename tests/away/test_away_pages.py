"""The pages on which one says when one is away, and where that shows."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from activity.models import Activity
from boards.actions import assign_card, say_away
from boards.models import Board, Card, Membership
from comments.models import Ask, Comment
from comments.questions import ask_question
from fluxboard.accounts.models import User
from fluxboard.accounts.times import day_words
from tests.contracts.markup import change_forms, parse

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def visit(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def today(person: User) -> dt.date:
    return timezone.now().astimezone(person.zone).date()


@pytest.fixture
def member(board: Board, kenji: User) -> str:
    return f"/b/{board.key}/members/{Membership.objects.get(board=board, user=kenji).pk}/away/"


def test_one_says_changes_and_takes_it_back_from_the_profile(board: Board, kenji: User, ana: User) -> None:
    client, first = visit(kenji), today(kenji) + 3 * DAY
    assert 'href="/me/away/"' in read(client, "/me/")
    typed = {"first": str(first), "last": str(first + DAY), "cover": str(ana.pk), "reason": "Wedding"}
    answer = client.post("/me/away/", typed)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/away/")
    page = read(client, "/me/away/")
    assert "Ana Duarte</bdi> covers" in page
    assert "Wedding" in page
    assert "Ana Duarte</bdi> covers" in read(client, "/me/")
    kenji.refresh_from_db()
    (stretch,) = kenji.away
    answer = client.post(f"/me/away/{stretch.id}/change/", typed | {"last": str(first + 2 * DAY)})
    assert answer.status_code == 303
    kenji.refresh_from_db()
    assert kenji.away[0].last == first + 2 * DAY
    assert client.post(f"/me/away/{stretch.id}/back/").status_code == 303
    kenji.refresh_from_db()
    assert kenji.away == []
    verbs = Activity.objects.filter(board=board, verb__startswith="member.").order_by("seq")
    assert [row.verb for row in verbs][-3:] == ["member.away", "member.away_changed", "member.back"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"first": ""}, "Say which day."),
        ({"last": "soon"}, "Enter a valid date."),
        ({"first": "0026-12-03"}, "Write the year with four digits."),
        ({"last": "2026-01-01"}, "The last day comes before the first."),
        ({"reason": "x" * 121}, "A reason can have 120 characters"),
        ({"cover": "999999"}, "Select a valid choice."),
    ],
)
def test_bad_input_gets_a_line_beside_its_field(
    board: Board, kenji: User, typed: dict[str, str], words: str
) -> None:
    client, first = visit(kenji), str(today(kenji) + DAY)
    answer = client.post("/me/away/", {"first": first, "last": first, "reason": "Kept"} | typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page.partition('class="field__error"')[2]
    kenji.refresh_from_db()
    assert kenji.away == []


def test_an_owner_says_it_on_the_boards_page(board: Board, member: str, ana: User, kenji: User) -> None:
    client, first = visit(ana), str(today(kenji) + DAY)
    assert member in read(client, f"/b/{board.key}/settings/members/")
    assert {form.verb for form in change_forms(parse(read(client, member)))} == {"member.away"}
    assert client.post(member, {"first": first, "last": first}).status_code == 303
    kenji.refresh_from_db()
    page = read(client, member)
    assert {form.verb for form in change_forms(parse(page))} == {
        "member.away",
        "member.away_changed",
        "member.back",
    }
    assert client.post(f"{member}{kenji.away[0].id}/back/").status_code == 303


def test_an_owner_does_not_learn_who_covers_elsewhere(
    board: Board, member: str, ana: User, kenji: User, sam: User
) -> None:
    from boards.actions import add_member, create_board

    other = create_board("Mobile", by=kenji, key="MOB", starter=False)
    add_member(other, sam, "member", by=kenji)
    first = today(kenji) + DAY
    say_away(kenji, first, first, by=kenji, cover=sam)
    page = read(visit(ana), member)
    assert "Sam" not in page
    answer = visit(ana).post(
        f"{member}{kenji.away[0].id}/change/", {"first": str(first), "last": str(first + DAY), "reason": ""}
    )
    assert answer.status_code == 303
    kenji.refresh_from_db()
    assert kenji.away[0].cover_name == "Sam Okafor", "who covers stays, though the owner does not see them"
    assert "Sam" not in read(visit(ana), f"/b/{board.key}/standup/")


def test_assigning_to_who_is_away_says_so_and_offers_the_cover(
    board: Board, card: Card, ana: User, kenji: User
) -> None:
    until = today(kenji) + 4 * DAY
    say_away(kenji, today(kenji), until, by=kenji, cover=ana)
    said = f"away until {day_words(until, today(kenji))} · Ana covers"
    assert said in read(visit(ana), f"/c/{card.key}/"), "in the form"
    assign_card(card, kenji, by=ana)
    page = read(visit(ana), f"/c/{card.key}/")
    assert f"<bdi>Kenji</bdi> is {said}." in page
    offered = [form for form in change_forms(parse(page)) if form.verb == "card.assigned"]
    assert any(
        ("assignee", str(ana.pk)) in [(one.name, one.value) for one in form.controls] for form in offered
    )


def test_a_question_to_who_is_away_says_so_and_goes_to_the_cover(
    board: Board, card: Card, ana: User, kenji: User, sam: User
) -> None:
    from boards.actions import add_member

    add_member(board, sam, "member", by=ana)
    until = today(kenji) + 4 * DAY
    question = ask_question(card, "Which?", [kenji], by=ana)
    client = visit(ana)
    to_cover = {"for": str(kenji.pk), "ask": str(sam.pk), "version": "", "text": ""}
    address = f"/c/{card.key}/comments/{question.pk}/do/handed-on/"
    assert client.post(address, to_cover).status_code == 422, "they can answer themselves"
    say_away(kenji, today(kenji), until, by=kenji, cover=sam)
    page = read(client, f"/c/{card.key}/")
    assert f"away until {day_words(until, today(kenji))} · Sam covers" in page
    assert "Ask <bdi>Sam</bdi> instead" in page
    assert "Sam covers" in read(client, "/waiting/") or "away until" in read(client, "/waiting/")
    assert client.post(address, to_cover).status_code == 303
    assert [ask.person for ask in Ask.objects.filter(comment=question, handed_to=None)] == [sam]
    assert Comment.objects.get(pk=question.pk).is_open_question


def test_the_standup_tells_who_was_away_and_who_covers(board: Board, ana: User, kenji: User) -> None:
    first, last = today(kenji), today(kenji) + 4 * DAY
    say_away(kenji, first, last, by=kenji, cover=ana)
    page = read(visit(ana), f"/b/{board.key}/standup/?from={first - DAY}")
    assert f"Is away from {day_words(first, first)} to {day_words(last, first)}, Ana Duarte covers" in page
    assert f"away until {day_words(last, first)} · Ana covers" in page
