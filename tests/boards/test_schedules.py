"""Cards that open by themselves: once each, at their hour, late where they were missed."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activity.errors import Clash, Refused
from activity.log.record import By
from activity.models import Activity, Via
from boards import actions as act
from boards.actions.scheduled_cards import open_card
from boards.models import Board, Card, Column, Schedule, Template
from boards.undo.engine import undo_change
from fluxboard.accounts.models import User
from fluxboard.accounts.signals import person_changed
from fluxboard.core import limits
from fluxboard.features.schedules import run
from fluxboard.features.schedules.run import open_due
from fluxboard.features.verification.verify import verify

NOW = dt.datetime(2026, 11, 30, 8, tzinfo=dt.UTC)  # a Monday
DAY = dt.timedelta(days=1)


@pytest.fixture
def template(board: Board, ana: User) -> Template:
    return act.save_template(board, "Report", by=ana, title="Report {week}", steps="Figures\nWords")


def at(hour: int, day: int = 30, month: int = 11) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, tzinfo=dt.UTC)


def save(template: Template, person: User, rule: str = "FREQ=WEEKLY;BYDAY=MO,TH", **more: Any) -> Schedule:
    column = template.board.columns.in_board_order().first()
    values = {"column": column, "first": NOW.date(), "zone": "UTC", **more}
    return act.save_schedule(template, rule, by=By(person, now=NOW, request_id=uuid.uuid4()), **values)


def titles() -> list[str]:
    return list(Card.objects.order_by("number").values_list("title", flat=True))


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def send(person: User, address: str, **typed: Any) -> Any:
    return client_of(person).post(address, {"request_id": str(uuid.uuid4()), **typed})


@pytest.mark.django_db
def test_a_card_opens_at_its_hour_and_once(board: Board, ana: User, template: Template) -> None:
    schedule = save(template, ana)
    assert schedule.next_at == at(9)
    assert open_due(lambda: at(8)) == 0
    assert open_due(lambda: at(9)) == 1
    assert open_due(lambda: at(10)) == 0
    (card,) = Card.objects.all()
    assert (card.title, card.items_total) == ("Report 2026-W49", 2)
    created = Activity.objects.get(verb="card.created")
    assert (created.via, created.actor, created.after["slot"]) == (Via.SCHEDULE, ana, "2026-11-30")
    assert "late" not in created.after
    schedule.refresh_from_db()
    assert schedule.next_at == at(9, 3, 12)
    assert verify(board) == []


@pytest.mark.django_db
def test_what_was_missed_opens_late_and_says_so(board: Board, ana: User, template: Template) -> None:
    save(template, ana)
    assert open_due(lambda: at(12, 8, 12)) == 3
    assert titles() == ["Report 2026-W49", "Report 2026-W49", "Report 2026-W50"]
    created = list(Activity.objects.filter(verb="card.created").order_by("seq"))
    assert [one.after["slot"] for one in created] == ["2026-11-30", "2026-12-03", "2026-12-07"]
    assert all(one.after["late"] for one in created)
    page = client_of(ana).get(f"/c/{Card.objects.latest('number').key}/history/").content.decode()
    assert "on the calendar for Mon 7 Dec, which was missed then" in page
    assert verify(board) == []


@pytest.mark.django_db
def test_a_server_that_was_down_for_long_catches_up_in_rounds(
    ana: User, template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As far as 14 days back; a round opens so many cards of each."""
    save(template, ana, "FREQ=DAILY")
    monkeypatch.setattr(run, "EACH", 10)
    assert [open_due(lambda: at(12) + 300 * DAY) for _ in range(3)] == [10, 4, 0]
    first, *_, last = Activity.objects.filter(verb="card.created").order_by("seq")
    assert (first.after["slot"], last.after["slot"]) == ("2027-09-13", "2027-09-26")


@pytest.mark.django_db
def test_a_round_opens_so_many_cards_in_all(
    ana: User, template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        save(template, ana, "FREQ=DAILY")
    monkeypatch.setattr(run, "IN_ALL", 2)
    assert [open_due(lambda: at(9)) for _ in range(3)] == [2, 1, 0]


@pytest.mark.django_db
def test_days_that_are_over_open_nothing_when_one_begins(ana: User, template: Template) -> None:
    schedule = save(template, ana, "FREQ=DAILY", first=dt.date(2026, 1, 1), time=dt.time(7))
    assert schedule.next_at == at(7, 1, 12)
    assert open_due(lambda: at(8)) == 0


@pytest.mark.django_db
def test_it_goes_by_the_assignee_s_clock_where_no_zone_is_chosen(
    ana: User, kenji: User, template: Template
) -> None:
    schedule = save(template, ana, "FREQ=DAILY", zone="")
    assert schedule.next_at == at(9)  # whoever made it: Ana, in Lisbon
    act.change_template(template, by=By(ana, now=NOW), assignee=kenji)
    schedule.refresh_from_db()
    assert schedule.next_at == at(0)  # Tokyo, this very morning
    kenji.time_zone = "America/New_York"
    kenji.save()
    person_changed.send(User, person=kenji, kind="clock")
    schedule.refresh_from_db()
    assert schedule.next_at == at(14)


@pytest.mark.django_db
def test_a_moment_that_was_set_too_early_opens_nothing(ana: User, template: Template) -> None:
    schedule = save(template, ana, "FREQ=DAILY")
    assert open_due(lambda: at(9)) == 1
    Schedule.objects.filter(pk=schedule.pk).update(next_at=at(9))
    assert open_due(lambda: at(10)) == 0
    schedule.refresh_from_db()
    assert schedule.next_at == at(9) + DAY


@pytest.mark.django_db
def test_an_hour_that_the_clock_skips_or_shows_twice_is_one_moment(ana: User, template: Template) -> None:
    spring = save(
        template, ana, "FREQ=DAILY", zone="Europe/Lisbon", time=dt.time(1, 30), first=dt.date(2027, 3, 27)
    )
    moments = [spring.moment_of(day) for day in spring.next_days(3)]
    assert [moment.hour for moment in moments] == [1, 1, 0]
    autumn = save(
        template, ana, "FREQ=DAILY", zone="Europe/Lisbon", time=dt.time(1, 30), first=dt.date(2027, 10, 30)
    )
    moments = [autumn.moment_of(day) for day in autumn.next_days(3)]
    assert [moment.hour for moment in moments] == [0, 0, 1]
    assert moments == sorted(set(moments))


@pytest.mark.django_db
def test_pausing_skips_what_would_have_opened_meanwhile(board: Board, ana: User, template: Template) -> None:
    schedule = save(template, ana, "FREQ=DAILY")
    act.pause_schedule(schedule, by=By(ana, now=NOW))
    assert open_due(lambda: at(12)) == 0
    act.resume_schedule(schedule, by=By(ana, now=at(12) + DAY))
    assert open_due(lambda: at(12) + DAY) == 0
    schedule.refresh_from_db()
    assert schedule.next_at == at(9) + 2 * DAY
    assert verify(board) == []


@pytest.mark.django_db
def test_skipping_is_for_the_next_card_alone_and_undone_like_anything(
    board: Board, ana: User, template: Template
) -> None:
    schedule = save(template, ana)
    by = By(ana, now=NOW, request_id=uuid.uuid4())
    act.skip_card(schedule, dt.date(2026, 11, 30), by=by)
    schedule.refresh_from_db()
    assert schedule.next_at == at(9, 3, 12)
    with pytest.raises(Refused, match="not the next card"):
        act.skip_card(schedule, dt.date(2026, 12, 10), by=By(ana, now=NOW))
    seq = Activity.objects.get(verb="schedule.skipped").seq
    undo_change(board, seq, by=By(ana, now=NOW, request_id=uuid.uuid4()))
    schedule.refresh_from_db()
    assert schedule.next_at == at(9)
    assert verify(board) == []


@pytest.mark.django_db
def test_it_ends_with_its_rule(ana: User, template: Template) -> None:
    schedule = save(template, ana, "FREQ=DAILY;COUNT=2")
    assert open_due(lambda: at(12) + 9 * DAY) == 2
    schedule.refresh_from_db()
    assert schedule.next_at is None
    assert open_due(lambda: at(12) + 20 * DAY) == 0


@pytest.mark.django_db
def test_a_removed_template_is_off_the_calendar_and_comes_back_with_it(
    board: Board, ana: User, template: Template
) -> None:
    schedule = save(template, ana, "FREQ=DAILY")
    act.remove_template(template, by=By(ana, now=NOW, request_id=uuid.uuid4()))
    assert open_due(lambda: at(12)) == 0
    with pytest.raises(Refused, match="That template is not on this board any more"):
        act.restore_schedule(schedule, by=By(ana, now=NOW))
    undo_change(board, Activity.objects.get(verb="template.removed").seq, by=By(ana, now=NOW))
    schedule.refresh_from_db()
    assert schedule.removed_at is None and schedule.next_at == at(9)
    assert verify(board) == []


@pytest.mark.django_db
def test_an_archived_board_opens_nothing_and_an_archived_column_is_the_first(
    board: Board, ana: User, template: Template
) -> None:
    ready, doing, _ = board.columns.in_board_order()
    save(template, ana, "FREQ=DAILY", column=doing)
    act.archive_column(doing, by=ana)
    assert open_due(lambda: at(9)) == 1
    assert Card.objects.get().column == ready
    act.archive_board(board, by=ana)
    assert open_due(lambda: at(9) + DAY) == 0


@pytest.mark.django_db
def test_a_full_column_takes_it_all_the_same(
    board: Board, ana: User, template: Template, ready: Column
) -> None:
    act.configure_board(board, by=ana, wip_rule="refuse")
    act.create_card(ready, "There", by=ana)
    act.limit_column(ready, 1, by=ana)
    save(template, ana, "FREQ=DAILY")
    assert open_due(lambda: at(9)) == 1


@pytest.mark.django_db
def test_one_that_fails_keeps_no_other_from_opening(
    ana: User, template: Template, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(template, ana, "FREQ=DAILY")
    other = act.save_template(board, "Other", by=ana)
    save(other, ana, "FREQ=DAILY", time=dt.time(9, 1))
    from boards.actions import scheduled_cards as schedules

    real = schedules.write_steps

    def failing(log: Any, card: Card, *rest: Any) -> None:
        if card.title.startswith("Report"):
            raise RuntimeError("broken")
        real(log, card, *rest)

    monkeypatch.setattr(schedules, "write_steps", failing)
    assert open_due(lambda: at(10)) == 1
    assert titles() == ["Other"]
    monkeypatch.undo()
    assert open_due(lambda: at(10)) == 0, "not at once"
    assert open_due(lambda: at(11)) == 1


@pytest.mark.django_db
def test_what_was_missed_too_long_ago_is_not_due_any_more(ana: User, template: Template) -> None:
    schedule = save(template, ana, "FREQ=YEARLY")
    assert open_due(lambda: at(12) + 60 * DAY) == 0
    schedule.refresh_from_db()
    assert schedule.next_at == at(9).replace(year=2027)


@pytest.mark.django_db
def test_a_board_that_comes_back_opens_nothing_of_the_time_between(
    board: Board, ana: User, template: Template
) -> None:
    schedule = save(template, ana, "FREQ=DAILY")
    act.archive_board(board, by=By(ana, now=NOW))
    act.restore_board(board, by=By(ana, now=at(8) + 60 * DAY))
    schedule.refresh_from_db()
    assert schedule.next_at == at(9) + 60 * DAY
    assert open_due(lambda: at(8) + 60 * DAY) == 0
    assert verify(board) == []


@pytest.mark.django_db
def test_a_title_that_grows_too_long_is_cut(ana: User, template: Template, board: Board) -> None:
    long = act.save_template(board, "Long", by=ana, title="{month}" * 70)
    save(long, ana, "FREQ=DAILY")
    assert open_due(lambda: at(9)) == 1
    assert len(Card.objects.get().title) <= limits.TITLE


@pytest.mark.django_db
def test_the_template_s_name_stands_where_nobody_types_a_title(
    ana: User, template: Template, board: Board
) -> None:
    save(act.save_template(board, "Backup", by=ana, title="Check: {title}"), ana, "FREQ=DAILY")
    open_due(lambda: at(9))
    assert titles() == ["Check: Backup"]


@pytest.mark.django_db
def test_a_skip_is_undone_only_while_it_is_the_last_thing(
    board: Board, ana: User, template: Template
) -> None:
    schedule = save(template, ana, "FREQ=DAILY")
    for day in (30, 31):
        date = dt.date(2026, 11, 29) + (day - 29) * DAY
        act.skip_card(schedule, date, by=By(ana, now=NOW, request_id=uuid.uuid4()))
    first = Activity.objects.filter(verb="schedule.skipped").earliest("seq")
    with pytest.raises(Refused, match="has opened or was skipped"):
        undo_change(board, first.seq, by=By(ana, now=NOW, request_id=uuid.uuid4()))


@pytest.mark.django_db
def test_another_rule_opens_what_the_old_one_had_skipped_ahead(ana: User, template: Template) -> None:
    schedule = save(template, ana, "FREQ=YEARLY", first=dt.date(2027, 5, 1))
    act.skip_card(schedule, dt.date(2027, 5, 1), by=By(ana, now=NOW))
    schedule = act.change_schedule(schedule, by=By(ana, now=NOW), rule="FREQ=DAILY", first=NOW.date())
    assert schedule.next_at == at(9, 1, 12)


@pytest.mark.django_db
def test_a_field_that_a_stale_form_only_carries_along_stays_as_somebody_set_it(
    ana: User, kenji: User, template: Template, board: Board
) -> None:
    schedule = save(template, ana)
    seen, doing = schedule.version, board.columns.in_board_order()[1]
    act.change_schedule(schedule, by=By(ana, now=NOW), rule="FREQ=DAILY", time=dt.time(8))
    values = {"rule": "FREQ=WEEKLY;BYDAY=MO,TH", "time": dt.time(9), "column": doing}
    act.change_schedule(schedule, by=By(kenji, now=NOW), seen=seen, **values)
    schedule.refresh_from_db()
    assert (schedule.rule, schedule.time, schedule.column) == ("FREQ=DAILY", dt.time(8), doing)
    with pytest.raises(Clash) as clash:
        values = {"rule": "FREQ=YEARLY", "time": dt.time(7)}
        act.change_schedule(schedule, by=By(kenji, now=NOW), seen=seen, **values)
    assert [one.field for one in clash.value.differences] == ["rule", "time"]


@pytest.mark.django_db
@pytest.mark.parametrize("rule", ["FREQ=MONTHLY;BYDAY=MO,TU", "FREQ=YEARLY", "FREQ=MONTHLY;BYMONTHDAY=1,15"])
def test_every_rule_can_be_edited(kenji: User, template: Template, rule: str) -> None:
    schedule = save(template, kenji, rule)
    page = client_of(kenji).get(f"/b/FLX/schedules/{schedule.pk}/do/changed/")
    assert page.status_code == 200 and f'value="{rule}"' in page.content.decode()


@pytest.mark.django_db
def test_whoever_asked_for_it_may_have_left(ana: User, kenji: User, template: Template, board: Board) -> None:
    save(template, kenji, "FREQ=DAILY")
    act.remove_member(board, kenji, by=ana)
    User.objects.filter(pk=kenji.pk).update(is_active=False)
    assert open_due(lambda: at(9)) == 1


@pytest.mark.django_db
def test_two_people_who_change_it_are_asked(ana: User, kenji: User, template: Template) -> None:
    schedule = save(template, ana)
    seen = schedule.version
    act.change_schedule(schedule, by=By(ana, now=NOW), rule="FREQ=DAILY")
    with pytest.raises(Clash):
        act.change_schedule(schedule, by=By(kenji, now=NOW), seen=seen, rule="FREQ=YEARLY")
    act.change_schedule(schedule, by=By(kenji, now=NOW), seen=seen, time=dt.time(7, 15))
    schedule.refresh_from_db()
    assert (schedule.rule, schedule.time) == ("FREQ=DAILY", dt.time(7, 15))


FORM = {"repeats": "weekly", "weekdays": ["MO"], "weeks": "1", "time": "09:00", "zone": "UTC", "ends": ""}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        ({}, "FREQ=WEEKLY;BYDAY=MO"),
        ({"weekdays": ["MO", "TH"], "weeks": "2"}, "FREQ=WEEKLY;BYDAY=MO,TH;INTERVAL=2"),
        ({"repeats": "date", "date": "-1"}, "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ({"repeats": "weekday", "place": "-1", "weekday": "FR"}, "FREQ=MONTHLY;BYDAY=-1FR"),
        ({"repeats": "working"}, "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1"),
        ({"repeats": "rule", "rule": "freq=yearly"}, "FREQ=YEARLY"),
        ({"ends": "count", "count": "3"}, "FREQ=WEEKLY;BYDAY=MO;COUNT=3"),
        ({"ends": "until", "until": "2099-12-31"}, "FREQ=WEEKLY;BYDAY=MO;UNTIL=20991231"),
    ],
)
def test_the_form_says_rules_and_shows_them_again(
    kenji: User, template: Template, ready: Column, typed: dict[str, Any], rule: str
) -> None:
    today = dt.datetime.now(dt.UTC).date().isoformat()
    form = {"template": template.pk, "first": today, "column": ready.pk, **FORM, **typed}
    assert send(kenji, "/b/FLX/schedules/new/", **form).status_code == 303
    schedule = Schedule.objects.get()
    assert schedule.rule == rule
    assert client_of(kenji).get("/b/FLX/settings/templates/").content.decode().count("Next for you") == 1
    page = client_of(kenji).get(f"/b/FLX/schedules/{schedule.pk}/do/changed/").content.decode()
    assert f'value="{FORM["repeats"] if "repeats" not in typed else typed["repeats"]}" ' in page
    form.pop("template")
    assert send(kenji, f"/b/FLX/schedules/{schedule.pk}/do/changed/", **form).status_code == 303
    schedule.refresh_from_db()
    assert schedule.rule == rule
    assert Activity.objects.filter(verb="schedule.changed").count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"weekdays": []}, "Choose at least one day of the week."),
        ({"repeats": "rule", "rule": ""}, "Write a rule."),
        ({"repeats": "rule", "rule": "FREQ=HOURLY"}, "FREQ has to be one of"),
        ({"repeats": "rule", "rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "This never opens a card"),
        ({"ends": "until", "until": "2020-01-01"}, "This never opens a card"),
        ({"ends": "until"}, "Choose the last day."),
        ({"ends": "count"}, "Say how many cards."),
        ({"first": "1970-01-01"}, "Choose a day within five years."),
        ({"zone": "Mars/Olympus"}, "Select a valid choice."),
        ({"column": "999999"}, "That column is not on this board."),
        ({"template": "999999"}, "That template is not on this board any more."),
    ],
)
def test_bad_input_is_told_beside_its_field(
    kenji: User, template: Template, ready: Column, typed: dict[str, Any], words: str
) -> None:
    today = dt.datetime.now(dt.UTC).date().isoformat()
    form = {"template": template.pk, "first": today, "column": ready.pk, **FORM, **typed}
    answer = send(kenji, "/b/FLX/schedules/new/", **form)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not Schedule.objects.exists()


@pytest.mark.django_db
def test_a_board_has_so_many_and_no_more(
    ana: User, template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SCHEDULES", 1)
    save(template, ana)
    with pytest.raises(Refused, match="A board can have 1 schedules"):
        save(template, ana)


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_open_one_card(ana: User, template: Template) -> None:
    schedule = save(template, ana, "FREQ=DAILY")

    def open_it() -> None:
        open_card(Schedule.objects.select_related("board", "made_by").get(pk=schedule.pk), at(9))
        connection.close()

    threads = [threading.Thread(target=open_it) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert titles() == ["Report 2026-W49"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rounds=st.lists(st.integers(1, 30 * 60), min_size=1, max_size=20),
    zone=st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Europe/Lisbon"]),
    hour=st.times(),
)
def test_each_day_opens_one_card_whenever_the_rounds_are(
    db: None, rounds: list[int], zone: str, hour: dt.time
) -> None:
    """`rounds`: minutes from one round to the next, over the days on which clocks change."""
    from django.db import transaction

    from tests import cast

    with transaction.atomic():
        person = cast.person(f"p{uuid.uuid4().hex[:8]}")
        board = act.create_board("Clock", by=person, key="CLK", starter=False)
        template = act.save_template(board, "Report", by=person)
        begun = dt.datetime(2026, 10, 24, tzinfo=dt.UTC)
        schedule = act.save_schedule(
            template,
            "FREQ=DAILY",
            by=By(person, now=begun),
            column=board.columns.first(),
            first=begun.date(),
            time=hour,
            zone=zone,
        )
        first = schedule.next_days(1)[0]
        now = begun
        for minutes in rounds:
            now += dt.timedelta(minutes=minutes)
            open_due(lambda: now)  # noqa: B023
        wanted, day = [], first
        while schedule.moment_of(day) <= now:
            wanted.append(day.isoformat())
            day += DAY
        told = Activity.objects.filter(board=board, verb="card.created").order_by("seq")
        assert [one.after["slot"] for one in told] == wanted
        assert schedule.moment_of(first).astimezone(ZoneInfo(zone)).date() == first
        transaction.set_rollback(True)
