"""What people ask in a standup, asked of the demo team's pages: the right answers come from tables and log.

Each question names the page on which it must be answered, in words that stand open there, and that page is
at most one view away from Now or the standup. Pages and words have a budget.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from tests.quiz.details import DETAILS
from tests.quiz.going_on import go_on
from tests.quiz.morning import MORNING
from tests.quiz.reader import Reader

QUESTIONS = [*MORNING, *DETAILS]
# Words that stand open in a page's main part.
BUDGET = {"/": 220, "/now/": 430, "/standup/": 600}
VIEWS = 15  # that answer all of it
MOMENTS = {"monday": "2026-11-23T09:10", "thursday": "2026-11-26T14:40"}


@pytest.fixture(params=MOMENTS.values(), ids=MOMENTS.keys())
def team(request: pytest.FixtureRequest, db: Any) -> Iterator[None]:
    """The demo team at a morning of London's, and at one of New York's in the middle of the week."""
    with time_machine.travel(dt.datetime.fromisoformat(request.param).replace(tzinfo=dt.UTC)):
        call_command("seed_demo", stdout=io.StringIO())
        yield


def test_each_question_is_answered_where_one_looks(team: None) -> None:
    """On few pages, each at most one view away from where a morning begins."""
    go_on()
    missed: list[str] = []
    asked = {question.__name__: 0 for question in QUESTIONS}
    for handle in ("ana", "kenji", "sam"):
        reader = Reader(handle)
        for question in QUESTIONS:
            for page, *wanted in question(reader):
                asked[question.__name__] += 1
                missed += [f"{handle}: {question.__name__}: {word}" for word in wanted if word not in page]
        assert [address for address in reader.pages if not reader.is_near(address)] == []
        others = {address for address in reader.pages if address.startswith("/now/?person=")}
        assert len(reader.pages) - len(others) + 1 <= VIEWS, sorted(reader.pages)
    assert missed == []
    assert [name for name, count in asked.items() if not count] == [], (
        "nothing in the story to ask this about"
    )
    assert len(QUESTIONS) >= 30


@pytest.mark.parametrize("handle", ["ana", "kenji", "sam"])
def test_the_pages_of_a_morning_keep_to_their_words(team: None, handle: str) -> None:
    reader = Reader(handle)
    words = {address: reader.words(address) for address in BUDGET}
    assert {address: count for address, count in words.items() if count > BUDGET[address]} == {}
