"""Outside of the card, a Markdown text is told by what it says: no page, list or mail shows its marks."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone

from boards import actions as act
from boards.models import Board, Card
from comments.actions import edit_comment, post_comment, remove_comment
from comments.decisions import record_decision
from comments.questions import ask_question
from fluxboard.accounts.models import User
from fluxboard.core.plain_text import cut, plain, plain_lines
from fluxboard.features.digest.content import letter_for
from fluxboard.features.digest.mail import digest_mail

MARKED = "**Ovens** need `heat`, see [the *plan*](https://bread.example/plan)\n\n- [x] ~~cold~~\n- warm"
SAYS = "Ovens need heat, see the plan ☑ cold • warm"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (MARKED, SAYS),
        ("# Head\n\n> said\n\n1. one\n2. two", "Head said 1. one 2. two"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a | b 1 | 2"),
        ("```py\nx = 1\n```", "x = 1"),
        ("![oven](https://bread.example/oven.png) ![](https://bread.example/o.png)", "oven image"),
        ("snake_case_name, 3 < 4 & 5 > 2, a - b", "snake_case_name, 3 < 4 & 5 > 2, a - b"),
        (
            "https://bread.example/a_b <https://bread.example/>",
            "https://bread.example/a_b https://bread.example/",
        ),
        ("<b>bold</b>", "<b>bold</b>"),
        ("one\ntwo", "one two"),
    ],
)
def test_what_a_text_says(text: str, says: str) -> None:
    assert plain(text) == says


def test_an_excerpt_reads_no_more_than_it_needs() -> None:
    assert len(plain("word " * 100_000)) < 4_001
    assert len(plain_lines("word " * 1_000)) == 5_000


@pytest.fixture
def told(board: Board, card: Card, ana: User, kenji: User) -> Card:
    """Each kind of Markdown text, on cards that wait on Ana and have changed since she read."""
    act.specify_card(card, "why", "Plain", by=kenji, seen=None)
    act.specify_card(card, "why", MARKED, by=kenji, seen=None)
    act.block_card(card, MARKED.partition("\n")[0], person=ana, by=kenji)
    ask_question(card, MARKED, [ana], by=kenji)
    comment = post_comment(card, MARKED.replace("heat", "gas"), by=kenji)
    edit_comment(comment, MARKED.replace("heat", "steam"), by=kenji, seen=None)
    remove_comment(post_comment(card, MARKED, by=kenji), by=kenji)
    record_decision(card, MARKED, by=kenji)
    return card


MARKS = re.compile(r"\*\*|`|~~|\[the|\]\(|\[x\]")


def shown(html: str) -> str:
    """What a page shows: without forms' typed values, which are Markdown as they were typed."""
    html = re.sub(r"<(script|style|textarea|template)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", "", html)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/waiting/",
        "/standup/",
        "/standup/?unfold=1",
        "/b/FLX/standup/",
        "/b/FLX/catch-up/",
        "/b/FLX/",
        "/b/FLX/archive/",
        "/decisions/",
        "/search/?q=ovens",
        "/search/?q=warm",
        "/c/FLX-1/",
        "/c/FLX-1/history/",
    ],
)
def test_no_page_shows_its_marks(told: Card, ana: User, address: str) -> None:
    client = Client()
    client.force_login(ana)
    answer = client.get(address, follow=True)
    assert answer.status_code == 200, address
    page = shown(answer.content.decode())
    assert MARKS.findall(page) == []


@pytest.mark.django_db
def test_the_texts_are_there(told: Card, ana: User) -> None:
    client = Client()
    client.force_login(ana)
    for address in ("/waiting/", "/standup/", "/b/FLX/", "/search/?q=ovens"):
        page = re.sub(r"</?mark>", "", client.get(address).content.decode())
        assert "need heat, see the plan" in page, address


@pytest.mark.django_db
def test_undo_shows_what_a_text_says(told: Card, ana: User, kenji: User) -> None:
    client = Client()
    client.force_login(ana)
    for activity in told.board.activities.order_by("seq"):
        page = client.get(f"/b/FLX/undo/{activity.seq}/")
        assert not MARKS.search(shown(page.content.decode())), activity.verb


@pytest.mark.django_db
def test_a_change_of_marks_alone_says_so(card: Card, ana: User) -> None:
    act.specify_card(card, "why", "The oven is *hot*", by=ana, seen=None)
    act.specify_card(card, "why", "The oven is **hot**", by=ana, seen=None)
    client = Client()
    client.force_login(ana)
    assert "Only the formatting changed" in client.get(f"{card.get_absolute_url()}history/").content.decode()


@pytest.mark.django_db
def test_the_digest_shows_no_marks(told: Card, ana: User) -> None:
    now = timezone.now() + dt.timedelta(minutes=1)
    mail = digest_mail(letter_for(ana, now), now.date())
    assert "need heat, see the plan" in mail.body
    assert not MARKS.search(mail.body)
    assert not MARKS.search(shown(str(mail.alternatives[0].content)))


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("one two three", "one two three"),
        ("one two three four", "one two …"),
        ("one two … three four", "one two …"),
        ("短い 長い長い長い長い長い長い", "短い 長い長い長い長い長い …"),
    ],
)
def test_a_long_text_is_cut_at_a_word_or_where_there_are_none_anywhere(text, beginning):
    assert cut(text, 13) == beginning
