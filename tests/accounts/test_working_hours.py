"""When somebody is at work, on their own clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fluxboard.accounts.working_hours import (
    at_work_words,
    is_at_work,
    local,
    next_at_work,
    span_words,
    works_until,
)

NOW = dt.datetime(2026, 10, 15, 8, 14, tzinfo=dt.UTC)  # Thursday, 09:14 in Lisbon


@dataclass
class Person:
    time_zone: str = "Europe/Lisbon"
    work_days: list[int] = field(default_factory=lambda: [1, 2, 3, 4, 5])
    work_start: dt.time = dt.time(9)
    work_end: dt.time = dt.time(17, 30)


KENJI = Person("Asia/Tokyo", work_end=dt.time(18))
SAM = Person("America/New_York", work_end=dt.time(17))


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[arg-type, misc]


def test_kenji_in_tokyo_has_46_more_minutes() -> None:
    assert at_work_words(KENJI, NOW) == "at work for another 46 min"


def test_sam_in_new_york_starts_in_four_hours_and_46_minutes() -> None:
    assert at_work_words(SAM, NOW) == "starts in 4 h 46 min"


def test_the_first_minute_is_work_and_the_last_is_not() -> None:
    assert is_at_work(Person(), utc(2026, 10, 15, 8, 0))
    assert not is_at_work(Person(), utc(2026, 10, 15, 16, 30))


def test_on_friday_evening_the_next_start_is_monday() -> None:
    assert next_at_work(Person(), utc(2026, 10, 16, 20, 0)) == utc(2026, 10, 19, 8, 0)


def test_a_night_shift_belongs_to_the_day_on_which_it_starts() -> None:
    night = Person("Europe/Berlin", work_days=[5], work_start=dt.time(22), work_end=dt.time(6))
    assert is_at_work(night, utc(2026, 10, 17, 3, 0))  # Saturday, 05:00 in Berlin
    assert not is_at_work(night, utc(2026, 10, 16, 3, 0))  # Friday, 05:00


def test_nine_in_the_morning_stays_nine_when_summer_time_ends() -> None:
    lisbon = Person()
    assert next_at_work(lisbon, utc(2026, 10, 23, 20, 0)) == utc(2026, 10, 26, 9, 0)
    assert next_at_work(lisbon, utc(2026, 10, 16, 20, 0)) == utc(2026, 10, 19, 8, 0)


def test_a_start_in_the_skipped_hour_comes_after_the_jump() -> None:
    early = Person("Europe/Berlin", work_days=[7], work_start=dt.time(2, 30), work_end=dt.time(9))
    assert next_at_work(early, utc(2026, 3, 28, 12, 0)) == utc(2026, 3, 29, 1, 30)  # 03:30 in summer time


def test_an_end_in_the_doubled_hour_is_the_second_one() -> None:
    late = Person("Europe/Berlin", work_days=[6], work_start=dt.time(20), work_end=dt.time(2, 30))
    assert works_until(late, utc(2026, 10, 24, 20, 0)) == utc(2026, 10, 25, 1, 30)


def test_somebody_without_working_days_is_never_at_work_and_says_nothing() -> None:
    free = Person(work_days=[])
    assert next_at_work(free, NOW) is None
    assert at_work_words(free, NOW) == ""


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (dt.timedelta(seconds=5), "1 min"),
        (dt.timedelta(minutes=60), "1 h"),
        (dt.timedelta(hours=4, minutes=45, seconds=1), "4 h 46 min"),
        (dt.timedelta(days=2, hours=3, minutes=20), "2 d 3 h"),
        (dt.timedelta(days=1), "1 d"),
    ],
)
def test_spans_are_said_to_the_minute(span: dt.timedelta, words: str) -> None:
    assert span_words(span) == words


ZONES = st.sampled_from(
    [
        *("Europe/Lisbon", "Asia/Tokyo", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"),
        *("America/Sao_Paulo", "Pacific/Chatham", "Africa/Casablanca", "UTC", "Europe/Berlin"),
    ]
)
PEOPLE = st.builds(
    Person,
    time_zone=ZONES,
    work_days=st.lists(st.integers(1, 7), unique=True, max_size=7),
    work_start=st.times().map(lambda time: time.replace(second=0, microsecond=0)),
    work_end=st.times().map(lambda time: time.replace(second=0, microsecond=0)),
).filter(lambda person: person.work_start != person.work_end)
MOMENTS = st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2035, 1, 1), timezones=st.just(dt.UTC))


@settings(max_examples=300, deadline=None)
@given(PEOPLE, MOMENTS)
def test_the_next_start_is_work_and_nothing_before_it_is(person: Person, now: dt.datetime) -> None:
    start = next_at_work(person, now)
    if start is None:
        assert not person.work_days
        return
    assert start >= now
    assert is_at_work(person, start)
    if start > now:
        assert not is_at_work(person, now)
        for part in (0.1, 0.5, 0.99):
            assert not is_at_work(person, now + (start - now) * part)


@settings(max_examples=300, deadline=None)
@given(PEOPLE, MOMENTS)
def test_the_end_of_work_ends_it_unless_the_next_shift_follows(person: Person, now: dt.datetime) -> None:
    end = works_until(person, now)
    if end is None:
        return
    assert end > now
    assert is_at_work(person, end - dt.timedelta(seconds=1))


@settings(max_examples=300, deadline=None)
@given(PEOPLE, MOMENTS)
def test_away_from_clock_changes_work_is_what_the_wall_clock_says(person: Person, now: dt.datetime) -> None:
    zone = ZoneInfo(person.time_zone)
    here = local(now, zone)
    offsets = {local(now + dt.timedelta(hours=h), zone).utcoffset() for h in range(-49, 49, 3)}
    if len(offsets) > 1:
        return
    time, day, before = here.time(), here.isoweekday(), (here - dt.timedelta(days=1)).isoweekday()
    if person.work_start < person.work_end:
        expected = day in person.work_days and person.work_start <= time < person.work_end
    else:
        expected = (day in person.work_days and time >= person.work_start) or (
            before in person.work_days and time < person.work_end
        )
    assert is_at_work(person, now) == expected
