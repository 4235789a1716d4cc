"""Storms of requests on the real server, with two worker processes."""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest

from activity.models import Activity
from boards import actions as act
from boards.models import Board, Card, Role
from fluxboard.accounts.models import User
from tests import cast
from tests.contracts.markup import Form, change_forms, parse
from tests.live import PATIENCE


class Browser:
    """One person's connection to the server, without scripts."""

    def __init__(self, app: Any, person: User) -> None:
        self.port = app.port
        self.cookies = app.cookies_for(person)

    def ask(self, method: str, path: str, data: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, where it leads to, and the page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=4 * PATIENCE)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, urlencode(data) if data is not None else None, headers)
        response = connection.getresponse()
        for cookie in response.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        page = response.read().decode()
        connection.close()
        return response.status, response.headers.get("Location", ""), page

    def form(self, path: str, verb: str, index: int = 0) -> tuple[str, dict[str, str], Form]:
        """The first form of a verb on a page: where it goes, and what its hidden fields hold."""
        status, _, page = self.ask("GET", path)
        assert status == 200, (path, status)
        form = [form for form in change_forms(parse(page)) if form.verb == verb][index]
        return (
            form.action,
            {field.name: field.value for field in form.controls if field.kind == "hidden"},
            form,
        )


def together(deeds: list[Any]) -> list[Any]:
    start = threading.Barrier(len(deeds))

    def do(deed: Any) -> Any:
        start.wait(4 * PATIENCE)
        return deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))


@pytest.fixture
def storm(live_app):
    ana, kenji, priya = (cast.person(handle) for handle in ("ana", "kenji", "priya"))
    return live_app, cast.team_board(ana, kenji, priya), ana


def assert_no_gap(board: Board) -> None:
    board.refresh_from_db()
    assert list(Activity.objects.on(board).order_by("seq").values_list("seq", flat=True)) == list(
        range(1, board.seq + 1)
    )


def test_the_same_post_fifty_times_in_parallel_is_one_activity(storm):
    app, board, ana = storm
    browser = Browser(app, ana)
    action, hidden, _ = browser.form(f"/b/{board.key}/cards/new/", "card.created")
    data = hidden | {"title": "Once", "column": str(board.columns.in_board_order()[0].pk)}
    answers = together([lambda: browser.ask("POST", action, data)] * 50)
    assert {status for status, _, _ in answers} == {303}
    assert Card.objects.get().title == "Once"
    assert Activity.objects.filter(verb="card.created").count() == 1
    assert_no_gap(board)


def test_a_hundred_people_move_cards_in_one_column_by_their_forms(storm):
    app, board, ana = storm
    people = [User(email=f"p{n}@example.com", name=f"P {n}", handle=f"p{n}") for n in range(100)]
    User.objects.bulk_create(people)
    act.open_board(board, Role.MEMBER, by=ana)
    ready = board.columns.in_board_order()[0]
    cards = act.create_cards(ready, "\n".join(f"Card {number}" for number in range(100)), by=ana)
    deeds = []
    for number, (person, card) in enumerate(zip(people, cards, strict=True)):
        browser = Browser(app, person)
        action, hidden, _ = browser.form(f"/c/{card.key}/menu/", "card.moved")
        data = hidden | {"column": str(ready.pk), "before": cards[(number * 37 + 50) % 100].key}
        deeds.append(lambda browser=browser, action=action, data=data: browser.ask("POST", action, data))
    answers = together(deeds)
    assert Counter(status for status, _, _ in answers) == {303: 100}
    places = list(Card.objects.filter(column=ready).values_list("position", flat=True))
    assert len(set(places)) == 100
    assert_no_gap(board)
    order = [card.key for card in Card.objects.filter(column=ready).select_related("board").in_board_order()]
    for person in people[:3]:
        _, _, page = Browser(app, person).ask("GET", f"/b/{board.key}/")
        shown = [card.attrs["data-card"] for card in parse(page).all("li", data_card=None)]
        assert shown == order[: len(shown)]
        assert len(shown) >= 20
