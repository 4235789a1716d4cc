"""A board's week on one page: the facts of the standup, in few rows."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from boards import actions as act
from boards.models import Board
from fluxboard.accounts.models import User
from fluxboard.features.weekly.report import MOST_FINISHED, MOST_OF_A_KIND, Week
from tests.weekly.conftest import at, words

pytestmark = pytest.mark.django_db


def page(person: User, query: str = "", status: int = 200) -> str:
    client = Client()
    client.force_login(person)
    answer = client.get(f"/b/FLX/weekly/{query}")
    assert answer.status_code == status
    html = answer.content.decode()
    return html[html.index("<main") : html.index("</main>")]


def section(html: str, name: str) -> str:
    """The words of one part, empty where it is not there."""
    found = re.search(rf'<section[^>]*aria-labelledby="h-{name}".*?</section>', html, re.DOTALL)
    return words(found[0]) if found else ""


def test_the_last_whole_week_is_told_by_what_it_came_to(
    week: dict[str, Any], board: Board, ana: User, priya: User
) -> None:
    act.create_card(board.columns.in_board_order()[0], "Of this week", by=at(ana, 30))
    html = page(priya)
    assert "Mon 23 Nov to Sun 29 Nov in New York" in words(html) or "23 Nov" in words(html)
    finished = section(html, "finished")
    assert "Finished 1" in finished
    assert "Finished one Kenji" in finished
    assert "1 card taken back from done" in finished
    assert "Earlier" not in finished
    assert "Blue buttons." in section(html, "decided")
    outcomes = section(html, "outcomes")
    assert "Blocked 1" in outcomes
    still = section(html, "still")
    assert "Blocked 1" in still
    assert "The bank does not answer" in still
    assert re.search(r"Began 1 FLX-5 Begun", outcomes)
    assert "Of this week" not in outcomes
    assert "Stuck" in section(html, "still")
    assert "Under way 1 FLX-5 Begun" in section(html, "next")
    assert len(words(html).split()) < 250


def test_this_week_and_those_before_it(week: dict[str, Any], ana: User) -> None:
    assert "Later" not in words(page(ana, "?week=2026-W49"))
    before = page(ana, "?week=2026-W47")
    assert "Finished 1" in section(before, "finished")
    assert "Earlier" in section(before, "finished")
    assert section(before, "still") == "", "what stands still today is not told of a week long over"
    assert "/b/FLX/at/?time=2026-11-23T00%3A00" in before
    empty = page(ana, "?week=2026-W30")
    assert "Nothing was finished, decided or changed in this week." in words(empty)


@pytest.mark.parametrize(
    "typed",
    ["2026-W50", "2026-W54", "2026-W00", "2026-48", "48", "٢٠٢٦-W48", "9999-W52", "0000-W01", "x" * 999],
)
def test_what_is_no_week_is_told_and_the_last_one_shown(week: dict[str, Any], ana: User, typed: str) -> None:
    html = page(ana, f"?week={typed}", 422)
    assert "is no week that has begun. Write it like 2026-W48." in words(html)
    assert "Finished one" in html


def test_a_week_is_that_of_the_reader_s_calendar(board: Board, ana: User, kenji: User) -> None:
    """Sunday evening in UTC is Monday morning in Tokyo."""
    ready, _, done = board.columns.in_board_order()
    card = act.create_card(ready, "Late on Sunday", by=at(ana, 20))
    act.move_card(card, to=done, by=at(ana, 29, 20))
    assert "Late on Sunday" in section(page(ana), "finished")
    assert "Late on Sunday" not in section(page(kenji), "finished")


def test_much_of_it_is_counted_and_costs_no_more(week: dict[str, Any], board: Board, ana: User) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as statements:
            page(ana)
        return len(statements)

    asked()
    few = asked()
    ready, doing, done = board.columns.in_board_order()
    for n in range(MOST_FINISHED + 5):
        card = act.create_card(ready, f"Card {n}", by=at(ana, 27))
        act.move_card(card, to=done, by=at(ana, 27))
    for n in range(MOST_OF_A_KIND + 3):
        card = act.create_card(ready, f"Begun {n}", by=at(ana, 28))
        act.move_card(card, to=doing, by=at(ana, 28))
    html = page(ana)
    assert f"Finished {MOST_FINISHED + 6}" in section(html, "finished")
    assert "6 more" in section(html, "finished")
    assert "4 more" in section(html, "outcomes")
    assert asked() <= few


def test_names_of_weeks_run_through_the_turn_of_a_year() -> None:
    today = dt.date(2027, 1, 6)
    last = Week.last_whole(today)
    assert (last.name, last.monday) == ("2026-W53", dt.date(2026, 12, 28))
    assert last.moved(1).name == "2027-W01"
    assert Week.of("2026-W53", today) == last
    assert Week.of("2025-W53", today) is None  # that year has 52
    assert Week.of("2027-W02", today) is None


def test_it_is_in_the_board_s_menu_and_a_stranger_finds_nothing(board: Board, ana: User, sam: User) -> None:
    client = Client()
    client.force_login(ana)
    assert 'href="/b/FLX/weekly/"' in client.get("/b/FLX/").content.decode()
    client.force_login(sam)
    assert client.get("/b/FLX/weekly/").status_code == 404
