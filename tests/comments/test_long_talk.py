"""A page of comments shows a bounded part of them at first, and lays out a bounded part of those."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from boards.models import Role
from boards.rendering import markdown
from comments import pages
from comments.actions import post_comment
from comments.models import Comment
from comments.pages import thread_of
from fluxboard.core import limits


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that the Markdown parser is given from now on."""
    texts: list[str] = []
    real = markdown._drawn

    def draw(text: str, *more: Any) -> str:
        texts.append(text)
        return real(text, *more)

    monkeypatch.setattr(markdown, "_drawn", draw)
    return texts


def say(card: Any, author: Any, texts: list[str], parent: Comment | None = None) -> None:
    now = timezone.now()
    Comment.objects.bulk_create(
        Comment(card=card, author=author, text=text, at=now, parent=parent) for text in texts
    )


@pytest.mark.parametrize("address", ["/c/FLX-1/", "/c/FLX-1/?comments=all", "/c/FLX-1/parts/?names=comments"])
def test_a_page_of_the_longest_and_slowest_comments_lays_out_the_newest(address, card, ana, drawn):
    say(card, ana, [f"{number}![" + "![" * (limits.TEXT // 2 - 5) for number in range(200)])
    client = Client()
    client.force_login(ana)
    html = client.get(address).content.decode()
    assert sum(map(len, drawn)) <= limits.PAGE_TEXT
    assert html.count("![![![!") >= 100, "each is shown, also those that are not laid out"


def test_newer_comments_are_laid_out_before_older_ones(card, ana, drawn):
    texts = [f"{number} " + "x" * (limits.TEXT - 10) for number in range(10)]
    say(card, ana, texts)
    thread = thread_of(card, ana, Role.OWNER, timezone.now())
    html = [str(comment.html()) for comment in thread.shown]
    assert html[0].startswith("<pre>0 x") and html[-1].startswith("<p ")
    assert drawn == texts[-(limits.PAGE_TEXT // limits.TEXT) :]


def test_threads_of_many_replies_are_fewer_at_first(card, ana):
    top = post_comment(card, "Old", by=ana)
    long = post_comment(card, "Long", by=ana)
    say(card, ana, ["Reply"] * pages.MOST_AT_FIRST, parent=long)
    say(card, ana, ["New"])
    thread = thread_of(card, ana, Role.OWNER, timezone.now())
    assert [one.text for one in thread.shown] == ["New"] and thread.earlier == 2
    assert top.pk in [
        one.pk for one in thread_of(card, ana, Role.OWNER, timezone.now(), everything=True).shown
    ]


def test_one_long_thread_is_shown_all_the_same(card, ana):
    long = post_comment(card, "Long", by=ana)
    say(card, ana, ["Reply"] * (pages.MOST_AT_FIRST + 5), parent=long)
    thread = thread_of(card, ana, Role.OWNER, timezone.now())
    assert len(thread.shown[0].shown_replies) == pages.MOST_AT_FIRST + 5 and thread.earlier == 0
