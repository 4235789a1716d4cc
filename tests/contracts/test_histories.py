"""Random histories through the real forms: whatever four people send, the log stays true.

`FLUXBOARD_LONG=1` makes it ten thousand sent forms; otherwise as many as fit into a minute.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from activity.log.snapshots import state_at
from activity.models import Activity, ActivityContent
from boards.models import Board, Card, Role
from fluxboard.accounts.models import User
from fluxboard.features.time_travel.board_at import CardsAt
from fluxboard.features.verification.tables import state_of_tables
from fluxboard.features.verification.verify import verify
from tests import cast
from tests.contracts import state
from tests.contracts.markup import Form, change_forms, parse
from tests.contracts.open_page import OpenPage, assert_like_a_fresh_page

LONG = os.environ.get("FLUXBOARD_LONG") == "1"
HISTORIES, VISITS, FORMS_A_VISIT = (100, 50, 2) if LONG else (8, 30, 2)

BOARD_PAGES = (
    "/b/{board}/",
    "/b/{board}/settings/",
    "/b/{board}/settings/members/",
    "/b/{board}/settings/columns/",
    "/b/{board}/settings/labels/",
    "/b/{board}/archive/",
    "/b/{board}/cards/new/",
    "/b/{board}/columns/new/",
    "/b/{board}/labels/new/",
    "/b/{board}/members/new/",
    "/b/new/",
)
CARD_PAGES = ("/c/{card}/", "/c/{card}/", "/c/{card}/", "/c/{card}/", "/c/{card}/menu/")
TEXTS = (
    "Pay by card",
    "One\nTwo\nThree",
    "- [ ] a\n- [x] b",
    "",
    "   ",
    "@kenji see FLX-1",
    "Zahlungen — 支払い 💳",
    "<script>alert(1)</script>",
    "a\x00b\u202ec",
    "l\u0065\u0301",
    "x" * 600,
    "y" * 20_001,
    "bug",
    "FLX",
    "Q2",
)


@dataclass
class World:
    """Two boards, four people who use them, and somebody who just watches."""

    ana: User
    kenji: User
    priya: User
    sam: User
    watcher: User
    first_board: int
    sent: list[str] = field(default_factory=list)

    @property
    def boards(self) -> Any:
        return Board.objects.filter(pk__gte=self.first_board)

    @property
    def activities(self) -> Any:
        return Activity.objects.filter(board__in=self.boards)


def person(handle: str) -> User:
    name, zone, hue = cast.PEOPLE.get(handle, (handle.title(), "UTC", 1))
    return User.objects.create_user(
        f"{handle}@example.com", None, name=name, handle=handle, time_zone=zone, hue=hue
    )


def world() -> World:
    """New people and boards for one history; `sam` is on neither board."""
    from boards import actions as act

    ana, kenji, priya, sam, lena = (person(handle) for handle in ("ana", "kenji", "priya", "sam", "lena"))
    board = cast.team_board(ana, kenji, priya, key="AAA")
    act.add_member(board, lena, Role.VIEWER, by=ana)
    other = act.create_board("Mobile app", by=kenji, key="BBB", starter=True)
    act.add_member(other, ana, Role.OWNER, by=kenji)
    ready, doing, _ = board.columns.in_board_order()
    one, two, _ = act.create_cards(ready, "First\nSecond\nThird", by=ana)
    act.label_card(one, act.create_label(board, "bug", 1, by=ana), by=ana)
    act.add_items(act.add_checklist(one, "Steps", by=ana), "one\ntwo", by=kenji)
    act.move_card(two, to=doing, by=kenji)
    return World(ana, kenji, priya, sam, lena, board.pk)


def page_address(draw: Any, here: World) -> str:
    """A page of one of the boards, or of any card on them, or the undo of anything that was done."""
    board = draw(st.sampled_from(list(here.boards.order_by("pk"))))
    cards = list(Card.objects.filter(board__in=here.boards).select_related("board").order_by("pk"))
    if cards and draw(st.integers(0, 9)) < 6:
        card = draw(st.sampled_from(cards))
        return draw(st.sampled_from(CARD_PAGES)).format(card=card.key)
    if draw(st.integers(0, 3)) == 0:
        back = draw(st.integers(0, min(board.seq - 1, 12)))
        return f"/b/{board.key}/undo/{board.seq - back}/"
    return draw(st.sampled_from(BOARD_PAGES)).format(board=board.key)


def filled(draw: Any, form: Form) -> dict[str, Any]:
    """What somebody sends with a form: mostly sensible, at times not."""
    data: dict[str, Any] = {}
    for control in form.controls:
        wild = draw(st.integers(0, 11)) == 0
        match control.kind:
            case "hidden":
                data[control.name] = control.value
                if wild and control.name == "version":
                    data[control.name] = draw(st.sampled_from(["0", "", "x", "9" * 30]))
            case "select":
                values = [*control.choices, "999999", "x"] if wild else control.choices
                data[control.name] = draw(st.sampled_from(values)) if values else ""
            case "radio":
                if control.name not in data or draw(st.booleans()):
                    data[control.name] = control.value
            case "checkbox":
                if draw(st.booleans()):
                    data.setdefault(control.name, []).append(control.value or "on")
            case "date":
                data[control.name] = draw(
                    st.sampled_from(["", "2026-10-16", "0001-01-01", "soon", "2026-02-30"])
                )
            case "number":
                data[control.name] = draw(st.sampled_from(["", "1", "2", "4", "0", "-1", "366", "1e9", "x"]))
            case _:
                data[control.name] = (
                    draw(st.sampled_from(TEXTS[:3])) if not wild else draw(st.sampled_from(TEXTS))
                )
    if form.buttons:
        name, value = draw(st.sampled_from(form.buttons))
        data[name] = value
    return data


def post(client: Client, address: str, data: dict[str, Any]) -> Any:
    """Send it as a browser does, which follows what has another key now and keeps the method."""
    response = client.post(address, data)
    return client.post(response["Location"], data) if response.status_code == 307 else response


def send(here: World, client: Client, form: Form, data: dict[str, Any]) -> bool:
    """POST it and check that the log says exactly what the tables did; whether it was done."""
    before, newest = (
        state.held(here.boards),
        here.activities.order_by("-id").values_list("id", flat=True).first(),
    )
    response = post(client, form.action, data)
    here.sent.append(f"{form.verb} {response.status_code}")
    assert response.status_code in {200, 303, 403, 404, 409, 422}, (form, data, response.status_code)
    told = list(here.activities.filter(id__gt=newest).order_by("id"))
    after = state.held(here.boards)
    if response.status_code != 303:
        assert not told, (form, data, response.status_code)
        assert after == before
    state.assert_told_once(state.changed(before, after), told)
    if told:
        assert form.verb in {activity.verb for activity in told}, (form.verb, told)
        assert {activity.request_id and str(activity.request_id) for activity in told} == {data["request_id"]}
    return bool(told)


def assert_the_log_is_whole(here: World) -> None:
    for board in here.boards:
        rows = list(Activity.objects.on(board).order_by("seq"))
        assert [row.seq for row in rows] == list(range(1, board.seq + 1))
        for earlier, later in itertools.pairwise(rows):
            assert bytes(later.previous_hash) == bytes(earlier.hash)
        assert verify(board) == []


@dataclass
class Album:
    """The boards as they once stood, to be held beside what their logs say of that moment."""

    kept: dict[tuple[int, int], tuple[Any, dict[str, str]]] = field(default_factory=dict)
    changes: int = 0

    def keep(self, here: World) -> None:
        """Called after each change; keeps every third state."""
        self.changes += 1
        if self.changes % 3 == 0:
            for board in here.boards:
                self.kept[board.pk, board.seq] = state_of_tables(board).tables(), texts_now()

    def assert_the_past_is_as_it_was(self, here: World, client: Client) -> None:
        """Each kept state is the log's at that seq; some of them are looked at by time travel too."""
        for number, ((pk, seq), (tables, texts)) in enumerate(self.kept.items()):
            board = Board.objects.get(pk=pk)
            then = state_at(board, seq)
            assert then.told_in_full(texts).tables() == tables, f"{board.key}:{seq}"
            if number % 4 == 0 and board.role_of(here.watcher) is not None:
                html = client.get(f"/b/{board.key}/at/", {"seq": seq, "all": 1}).content.decode()
                assert html.count('<li class="card') == len(CardsAt(then).cards), f"{board.key}:{seq}"


def texts_now() -> dict[str, str]:
    """All texts there are: a card that came from another board brought its own along."""
    return dict(ActivityContent.objects.values_list("digest", "text"))


@pytest.mark.early
@pytest.mark.django_db
@settings(
    max_examples=HISTORIES,
    deadline=None,
    database=None,
    derandomize=not LONG,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # a history is read as it is; a shorter one would take minutes to find
)
@given(data=st.data())
def test_any_history_leaves_a_true_log_and_a_true_page(data):
    with rolled_back():  # what one history made must not decide what another may make
        live(data)


@contextlib.contextmanager
def rolled_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def live(data):
    here = world()
    clients = {}
    for who in (here.ana, here.kenji, here.priya, here.sam, here.watcher):
        clients[who.pk] = Client()
        clients[who.pk].force_login(who)
    album = Album()
    page: OpenPage | None = OpenPage(clients[here.watcher.pk], Board.objects.get(pk=here.first_board))
    for _ in range(VISITS):
        who = data.draw(st.sampled_from([here.ana, here.ana, here.kenji, here.kenji, here.priya, here.sam]))
        client = clients[who.pk]
        response = client.get(page_address(data.draw, here))
        assert response.status_code in {200, 301, 403, 404}, response.status_code
        forms = change_forms(parse(response.content.decode())) if response.status_code == 200 else []
        for _ in range(FORMS_A_VISIT if forms else 0):
            form = data.draw(st.sampled_from(forms), label="form")
            sent = filled(data.draw, form)
            if send(here, client, form, sent):
                album.keep(here)
                if data.draw(st.integers(0, 9)) == 0:
                    send_again(here, client, form, sent)
    assert_the_log_is_whole(here)
    album.assert_the_past_is_as_it_was(here, clients[here.watcher.pk])
    still = Board.objects.get(pk=here.first_board).role_of(here.watcher)
    if still is not None:
        assert_like_a_fresh_page(page)


def send_again(here: World, client: Client, form: Form, data: dict[str, Any]) -> None:
    """The same request a second time is answered as before and changes nothing."""
    newest = here.activities.order_by("-id").values_list("id", flat=True).first()
    response = post(client, form.action, data)
    about_people = form.verb.startswith("member.") or form.verb == "change.undone"
    locked_out = about_people and response.status_code in {403, 404}  # by one's own hand
    assert response.status_code == 303 or locked_out, (form, data, response.status_code)
    assert not here.activities.filter(id__gt=newest).exists()
