"""A question to someone who left is somebody's to hand on; a reply elsewhere can be named as its answer."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from activity.errors import Forbidden, Refused
from boards import actions as act
from boards.models import Board, Card, Role
from comments.actions import post_comment
from comments.models import Ask, Comment
from comments.questions import answer_question, ask_question, hand_on
from comments.waiting import waiting_count, waiting_on
from fluxboard.accounts.models import User
from fluxboard.features.verification.verify import verify
from tests.cast import person

pytestmark = pytest.mark.django_db


def page(reader: User, address: str) -> str:
    client = Client()
    client.force_login(reader)
    return client.get(address).content.decode()


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"</?bdi>", "", html)).split())


@pytest.fixture
def lena(board: Board, ana: User) -> User:
    lena = person("lena")
    act.add_member(board, lena, Role.MEMBER, by=ana)
    return lena


@pytest.fixture
def question(card: Card, lena: User, kenji: User) -> Comment:
    """Lena, a member, asked Kenji."""
    return ask_question(card, "Which **oven**?", [kenji], by=lena)


def leave_board(board: Board, kenji: User, ana: User) -> None:
    act.remove_member(board, kenji, by=ana)


def leave_company(board: Board, kenji: User, ana: User) -> None:
    User.objects.filter(pk=kenji.pk).update(is_active=False)


def become_viewer(board: Board, kenji: User, ana: User) -> None:
    act.change_role(board, kenji, Role.VIEWER, by=ana)


WAYS = [leave_board, leave_company, become_viewer]


@pytest.mark.parametrize("leave", WAYS)
def test_it_waits_for_the_asker_and_the_owners_at_once(
    leave: Callable[[Board, User, User], None],
    board: Board,
    question: Comment,
    ana: User,
    kenji: User,
    lena: User,
    priya: User,
) -> None:
    now = timezone.now()
    before = {reader.pk: waiting_count(reader, now) for reader in (ana, lena, priya)}
    leave(board, kenji, ana)
    for reader in (ana, lena):
        assert [wait.kind for wait in waiting_on(reader, now)] == ["stranded"]
        assert waiting_count(reader, now) == before[reader.pk] + 1
        shown = page(reader, "/waiting/")
        assert "Kenji Mori can no longer answer on" in text_of(shown)
        assert 'data-verb="question.handed_on"' in shown
    assert waiting_count(priya, now) == before[priya.pk], "a viewer has nothing to hand on"
    assert "Kenji can no longer answer" in text_of(page(lena, "/waiting/"))
    assert "Kenji Mori, who can no longer answer" in text_of(page(lena, question.card.get_absolute_url()))


@pytest.mark.parametrize("leave", WAYS)
def test_the_asker_hands_it_on(
    leave: Callable[[Board, User, User], None],
    board: Board,
    question: Comment,
    ana: User,
    kenji: User,
    lena: User,
) -> None:
    leave(board, kenji, ana)
    client = Client()
    client.force_login(lena)
    typed = {"ask": str(ana.pk), "for": str(kenji.pk), "next": "/waiting/"}
    address = f"{question.card.get_absolute_url()}comments/{question.pk}/do/handed-on/"
    assert client.post(address, typed).status_code == 303
    assert list(Ask.objects.open().values_list("person", flat=True)) == [ana.pk]
    assert waiting_on(lena, timezone.now()) == []
    assert [wait.kind for wait in waiting_on(ana, timezone.now())] == ["question"]
    assert verify(board) == []


def test_while_they_can_answer_it_is_theirs(
    board: Board, question: Comment, ana: User, kenji: User, lena: User, priya: User
) -> None:
    with pytest.raises(Refused, match="can still answer"):
        hand_on(question, ana, by=lena, instead_of=kenji)
    leave_board(board, kenji, ana)
    act.change_role(board, priya, Role.MEMBER, by=ana)
    with pytest.raises(Forbidden):
        hand_on(question, ana, by=priya, instead_of=kenji)
    act.add_member(board, kenji, Role.MEMBER, by=ana)
    assert waiting_on(lena, timezone.now()) == []


# ---- a reply elsewhere ------------------------------------------------------------------------------------


def test_a_reply_elsewhere_offers_to_be_the_answer(question: Comment, card: Card, kenji: User) -> None:
    assert 'data-verb="question.answered"' not in page(kenji, card.get_absolute_url())
    reply = post_comment(card, "The left one", by=kenji)
    shown = page(kenji, card.get_absolute_url())
    form = re.search(r'<form[^>]*data-verb="question.answered".*?</form>', shown, re.DOTALL)
    assert form is not None
    assert f'name="answer" value="{reply.pk}"' in form[0]
    client = Client()
    client.force_login(kenji)
    address = re.search(r'action="([^"]+)"', form[0])
    assert address is not None
    assert client.post(address[1], {"answer": str(reply.pk)}).status_code == 303
    question.refresh_from_db()
    assert question.state == "answered"
    assert verify(card.board) == []


def test_only_a_later_comment_of_ones_own_answers(
    question: Comment, card: Card, ana: User, kenji: User
) -> None:
    other = post_comment(card, "Mine", by=ana)
    with pytest.raises(Refused):
        answer_question(question, other, by=kenji)
    with pytest.raises(Forbidden):
        answer_question(question, other, by=ana)
    with pytest.raises(Refused):
        answer_question(question, question, by=kenji)


# ---- in feeds ---------------------------------------------------------------------------------------------


def test_feeds_name_the_question_and_its_people(
    board: Board, card: Card, question: Comment, ana: User, kenji: User, lena: User, priya: User
) -> None:
    hand_on(question, ana, by=kenji)
    post_comment(card, "The left one", by=ana, parent=question)
    for address in ("/standup/", f"/b/{board.key}/standup/"):
        told = text_of(page(priya, address))
        assert "Handed Lena’s question on to Ana: Which oven?" in told
        assert "Answered Lena’s question: Which oven?" in told
    mine = text_of(page(lena, "/standup/"))
    assert "Answered your question: Which oven?" in mine
    assert "Handed Lena’s question on to you: Which oven?" in text_of(page(ana, "/standup/"))
    history = text_of(page(priya, f"{card.get_absolute_url()}history/"))
    assert "handed Lena’s question on to Ana Duarte" in history
    assert "answered Lena’s question" in history
