"""By when an answer is expected: in the working hours of who is asked, whatever the calendar does."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fluxboard.accounts.answer_deadlines import after_work, answer_by, day_of_work, next_morning
from fluxboard.accounts.working_hours import is_at_work

QUARTER = dt.timedelta(minutes=15)
ZONES = [
    "Europe/Lisbon",
    "America/New_York",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Pacific/Auckland",
    "Asia/Kathmandu",
]


@dataclass
class Worker:
    time_zone: str = "Europe/Lisbon"
    work_days: list[int] = field(default_factory=lambda: [1, 2, 3, 4, 5])
    work_start: dt.time = dt.time(9)
    work_end: dt.time = dt.time(17, 30)
    days_off: list[dt.date] = field(default_factory=list)


def moment(zone: str, *when: int) -> dt.datetime:
    return dt.datetime(*when, tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


quarters = st.builds(dt.time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
# Around both changes of the clock in both hemispheres, and any other day of the year.
moments = st.builds(
    lambda day, quarter: dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=day) + quarter * QUARTER,
    st.one_of(st.integers(0, 364), st.sampled_from([66, 87, 94, 269, 297, 304])),
    st.integers(0, 95),
)


@st.composite
def workers(draw: st.DrawFn) -> Worker:
    start = draw(quarters)
    end = draw(quarters.filter(lambda time: time != start))
    days = draw(st.lists(st.integers(1, 7), min_size=1, max_size=7, unique=True))
    return Worker(draw(st.sampled_from(ZONES)), days, start, end)


@settings(max_examples=60, deadline=None)
@given(workers(), moments, st.integers(1, 40))
def test_the_answer_is_due_after_just_that_much_work(worker: Worker, now: dt.datetime, amount: int) -> None:
    due = after_work(worker, now, amount * QUARTER)
    assert due is not None
    worked, at = 0, now
    while at < due:
        worked += is_at_work(worker, at)
        at += QUARTER
    assert (at, worked) == (due, amount)


@settings(max_examples=60, deadline=None)
@given(workers(), moments)
def test_the_next_morning_is_a_start_that_has_not_been(worker: Worker, now: dt.datetime) -> None:
    morning = next_morning(worker, now)
    assert morning is not None
    assert morning > now or not is_at_work(worker, now)
    assert is_at_work(worker, morning)


def test_friday_afternoon_means_monday_afternoon() -> None:
    asked = moment("Europe/Lisbon", 2026, 10, 16, 16, 0)
    assert answer_by(Worker(), asked, 1) == moment("Europe/Lisbon", 2026, 10, 19, 16, 0)


def test_a_question_at_night_counts_from_the_morning() -> None:
    asked = moment("Asia/Tokyo", 2026, 10, 15, 2, 0)
    worker = Worker(time_zone="Asia/Tokyo")
    assert answer_by(worker, asked, 1) == moment("Asia/Tokyo", 2026, 10, 15, 17, 30)


def test_a_weekend_in_which_the_clock_goes_back_changes_nothing() -> None:
    asked = moment("Europe/Lisbon", 2026, 10, 23, 12, 0)
    assert answer_by(Worker(), asked, 1) == moment("Europe/Lisbon", 2026, 10, 26, 12, 0)


def test_days_off_do_not_count() -> None:
    worker = Worker(days_off=[dt.date(2026, 10, 19), dt.date(2026, 10, 20)])
    asked = moment("Europe/Lisbon", 2026, 10, 16, 16, 0)
    assert answer_by(worker, asked, 1) == moment("Europe/Lisbon", 2026, 10, 21, 16, 0)


def test_nobody_expects_an_answer_of_somebody_who_never_works() -> None:
    assert answer_by(Worker(work_days=[]), moment("UTC", 2026, 10, 16, 16, 0), 1) is None


@pytest.mark.parametrize(
    ("start", "end", "hours"), [(dt.time(9), dt.time(17), 8), (dt.time(22), dt.time(6), 8)]
)
def test_a_day_of_work_may_run_over_midnight(start: dt.time, end: dt.time, hours: int) -> None:
    assert day_of_work(Worker(work_start=start, work_end=end)) == dt.timedelta(hours=hours)
