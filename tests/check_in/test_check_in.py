"""Check-ins: prefilled from the log, one a person, board and day, on top of the standup."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from activity.errors import Forbidden, Refused
from activity.log.record import By
from activity.models import Activity
from boards import actions as act
from boards.models import Board, Card, CheckIn, Column, Membership
from boards.models.check_in import CHECK_INS, is_check_in_day
from boards.undo.engine import undo_change
from comments.decisions import record_decision
from fluxboard.accounts.calendar import DAY, works_on
from fluxboard.accounts.models import User
from fluxboard.core import limits
from fluxboard.features.check_in.due import due_check_ins
from fluxboard.features.check_in.facts import facts_for
from fluxboard.features.verification.verify import verify
from tests import cast

MONDAY = dt.datetime(2026, 11, 30, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def board(board: Board, ana: User) -> Board:
    act.configure_board(board, by=ana, check_ins="daily")
    board.refresh_from_db()
    return board


@pytest.fixture
def done(board: Board, ana: User) -> Column:
    column = board.columns.in_board_order().last()
    act.mark_done_column(column, True, by=ana)
    return column


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def send(person: User, address: str = "/b/FLX/check-in/", **typed: Any) -> Any:
    return client_of(person).post(address, {"request_id": str(uuid.uuid4()), "version": "0", **typed})


def page(person: User, address: str = "/b/FLX/check-in/") -> str:
    return client_of(person).get(address).content.decode()


@pytest.mark.django_db
def test_it_knows_what_one_finished_decided_and_is_held_up_by(
    board: Board, ana: User, kenji: User, ready: Column, done: Column
) -> None:
    one, two, three = act.create_cards(ready, "Pay\nShip\nLabel", by=ana)
    act.move_card(one, to=done, by=kenji)
    record_decision(two, "Blue.", by=kenji)
    act.assign_card(three, kenji, by=ana)
    act.block_card(three, "No paper", by=ana)
    facts, _ = facts_for(board, kenji, timezone.now())
    assert [(fact.heading, fact.card.title) for fact in facts] == [
        ("Finished", "Pay"),
        ("Decided", "Ship"),
        ("Held up", "Label"),
    ]
    assert facts_for(board, ana, timezone.now())[0][0].heading == "Assigned"


@pytest.mark.django_db
def test_it_stands_on_the_standup_with_what_was_let_stand(
    board: Board, ana: User, kenji: User, ready: Column, done: Column
) -> None:
    one, two = act.create_cards(ready, "Pay\nShip", by=ana)
    for card in (one, two):
        act.move_card(card, to=done, by=kenji)
    codes = [fact.code for fact in facts_for(board, kenji, timezone.now())[0]]
    assert send(kenji, text="Half the day in a workshop.", show=codes[:1]).status_code == 303
    given = CheckIn.objects.get()
    assert [fact["card"]["key"] for fact in given.shown] == [one.key]
    for address in ("/b/FLX/standup/", "/standup/"):
        shown = page(ana, address)
        assert "Half the day in a workshop." in shown
        assert shown.index("Half the day") < shown.index('data-outcome="finished"')
    assert "Half the day in a workshop." in page(ana, "/b/FLX/standup/?by=time")
    row = Activity.objects.get(verb="checkin.given")
    assert row.after["text"] == "Half the day in a workshop." and row.after["person"]["name"] == kenji.name
    assert verify(board) == []


@pytest.mark.django_db
def test_only_who_sees_the_board_reads_it(board: Board, kenji: User) -> None:
    send(kenji, text="Between us.")
    stranger = cast.person("june")
    assert "Between us." not in page(stranger, "/standup/")
    assert client_of(stranger).get("/b/FLX/check-in/").status_code == 404


@pytest.mark.django_db
def test_a_viewer_reads_and_gives_none(board: Board, kenji: User, priya: User) -> None:
    send(kenji, text="Hello.")
    assert "Hello." in page(priya, "/b/FLX/standup/")
    assert client_of(priya).get("/b/FLX/check-in/").status_code == 403
    assert send(priya, text="No").status_code == 403


@pytest.mark.django_db
def test_one_click_does_where_there_is_nothing_to_add(
    board: Board, ana: User, kenji: User, ready: Column, done: Column
) -> None:
    card = act.create_card(ready, "Pay", by=ana)
    act.move_card(card, to=done, by=kenji)
    answer = send(kenji, all="1", next="/now/")
    assert (answer.status_code, answer["Location"]) == (303, "/now/")
    assert [fact["kind"] for fact in CheckIn.objects.get().shown] == ["finished"]


@pytest.mark.django_db
def test_a_second_tab_is_told_and_loses_nothing(board: Board, kenji: User) -> None:
    send(kenji, text="First.")
    answer = send(kenji, text="Second.")
    words = answer.content.decode()
    assert (
        answer.status_code == 422
        and "has said “First.” meanwhile" in words
        and "\nSecond.</textarea>" in words
    )
    assert send(kenji, text="First.").status_code == 303
    version = CheckIn.objects.get().version
    assert send(kenji, text="Second.", version=str(version)).status_code == 303
    assert CheckIn.objects.get().text == "Second."
    assert verify(board) == []


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_give_one(board: Board, kenji: User) -> None:
    def give() -> None:
        act.give_check_in(board, "Same.", [], by=kenji, seen=0)
        connection.close()

    threads = [threading.Thread(target=give) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert CheckIn.objects.count() == 1
    assert Activity.objects.filter(verb__startswith="checkin.").count() == 1


@pytest.mark.django_db
def test_it_is_taken_back_and_given_again(board: Board, ana: User, kenji: User) -> None:
    send(kenji, text="Hello.")
    assert send(kenji, "/b/FLX/check-in/back/").status_code == 303
    assert "Hello." not in page(ana, "/b/FLX/standup/")
    undo_change(board, Activity.objects.get(verb="checkin.removed").seq, by=By(kenji))
    assert "Hello." in page(ana, "/b/FLX/standup/")
    undo_change(board, Activity.objects.get(verb="checkin.given").seq, by=By(ana))
    assert send(kenji, text="Again.").status_code == 303
    assert (CheckIn.objects.get().text, verify(board)) == ("Again.", [])


@pytest.mark.django_db
def test_nobody_corrects_what_another_said(board: Board, ana: User, kenji: User) -> None:
    made = act.give_check_in(board, "Mine.", [], by=kenji)
    with pytest.raises(Forbidden):
        act.change_check_in(made, by=ana, text="Yours.")


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["x" * 601, "a\0b", "\u202e" * 700])
def test_what_will_not_do_is_told_beside_the_field(board: Board, kenji: User, text: str) -> None:
    answer = send(kenji, text=text)
    assert answer.status_code == 422 and 'id="check-in-error"' in answer.content.decode()
    assert not CheckIn.objects.exists()


@pytest.mark.django_db
def test_codes_that_are_none_are_passed_over(board: Board, kenji: User) -> None:
    assert send(kenji, show=["finished-9" * 50, "\0", "x"]).status_code == 303
    assert CheckIn.objects.get().shown == []


@pytest.mark.django_db
def test_a_board_without_check_ins_takes_none(board: Board, ana: User, kenji: User) -> None:
    act.configure_board(board, by=ana, check_ins="")
    assert "This board has no check-ins" in page(kenji)
    assert send(kenji, text="Hello.").status_code == 422
    with pytest.raises(Refused):
        act.configure_board(board, by=ana, check_ins="hourly")


@pytest.mark.django_db
def test_it_comes_in_the_morning_of_those_who_want_it(board: Board, kenji: User) -> None:
    tokyo = MONDAY.replace(hour=0, minute=30)  # half past nine in Tokyo
    assert due_check_ins([board], kenji, tokyo) == []
    assert send(kenji, "/b/FLX/check-in/want/", wanted="1").status_code == 303
    assert due_check_ins([board], kenji, tokyo) == [board]
    assert due_check_ins([board], kenji, tokyo - dt.timedelta(hours=2)) == [], "before they begin"
    assert due_check_ins([board], kenji, tokyo - DAY) == [], "a Sunday"
    act.give_check_in(board, "", [], by=By(kenji, now=tokyo))
    assert due_check_ins([board], kenji, tokyo) == []
    act.say_away(kenji, tokyo.date() + DAY, tokyo.date() + DAY, by=By(kenji, now=tokyo))
    assert due_check_ins([board], User.objects.get(pk=kenji.pk), tokyo + DAY) == []
    assert due_check_ins([board], User.objects.get(pk=kenji.pk), tokyo + 2 * DAY) == [board]


@pytest.mark.django_db
def test_now_offers_it_with_one_click(board: Board, kenji: User) -> None:
    Membership.objects.filter(user=kenji).update(wants_check_in=True)
    User.objects.filter(pk=kenji.pk).update(work_days=[1, 2, 3, 4, 5, 6, 7], work_start=dt.time(0))
    for address in ("/now/", "/b/FLX/now/"):
        assert "Nothing to add" in page(kenji, address)
    send(kenji, all="1")
    assert "Nothing to add" not in page(kenji, "/now/")


@given(
    how_often=st.sampled_from([one for one in CHECK_INS if one]),
    work_days=st.sets(st.integers(1, 7), min_size=1),
    off=st.sets(st.integers(0, 20), max_size=8),
)
def test_once_a_day_or_week_and_never_on_a_day_off(
    how_often: str, work_days: set[int], off: set[int]
) -> None:
    start = dt.date(2026, 3, 2)  # a Monday
    person = User(work_days=sorted(work_days), days_off=[start + day * DAY for day in off], away=[])
    days = [start + day * DAY for day in range(21)]
    open_on = [day for day in days if is_check_in_day(how_often, person, day)]
    assert all(works_on(person, day) for day in open_on)
    if how_often == "daily":
        assert open_on == [day for day in days if works_on(person, day)]
    else:
        named = [*CHECK_INS].index(how_often) - 2
        weeks = [(day - start - named * DAY).days // 7 for day in open_on]
        assert len(weeks) == len(set(weeks)), "once from one such weekday to the next"


@pytest.mark.django_db
def test_the_page_asks_a_bounded_number_of_times(
    board: Board, ana: User, kenji: User, ready: Column, done: Column, django_assert_max_num_queries: Any
) -> None:
    for card in act.create_cards(ready, "\n".join(f"Card {n}" for n in range(20)), by=ana):
        act.move_card(card, to=done, by=kenji)
    client = client_of(kenji)
    client.get("/b/FLX/check-in/")
    with django_assert_max_num_queries(30):
        client.get("/b/FLX/check-in/")
    assert Card.objects.count() == 20 and limits.CHECK_IN == 600


@pytest.mark.django_db
def test_search_finds_it_by_words_by_whom_and_on_which_board(board: Board, ana: User, kenji: User) -> None:
    send(kenji, text="Half the day in a workshop.")
    for query in ("workshop", "workshop by:kenji", "worksh in:FLX", "orksho"):
        shown = page(ana, f"/search/?q={query}")
        assert "<h2" in shown and "Check-ins" in shown and f"person={kenji.pk}" in shown, query
    for query in ("workshop by:ana", "workshop label:bug", "workshop is:mine", "-workshop day"):
        assert "Check-ins" not in page(ana, f"/search/?q={query}"), query
    assert "workshop." not in page(cast.person("june"), "/search/?q=workshop")
    send(kenji, "/b/FLX/check-in/back/")
    assert "Check-ins" not in page(ana, "/search/?q=workshop")
