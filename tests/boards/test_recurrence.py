"""Rules by which days come again, held against the calendar day by day."""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxboard.core.recurrence import FIRST_WORKING_DAY, HORIZON, WEEKDAYS, NoRule, Rule

MONDAY = dt.date(2026, 11, 30)
CODES = list(WEEKDAYS)
FIRSTS = st.dates(dt.date(2020, 1, 1), dt.date(2035, 12, 31))


def days(rule: str, count: int, first: dt.date = MONDAY, after: dt.date | None = None) -> list[str]:
    return [str(day) for day in itertools.islice(Rule.read(rule).days(first, after), count)]


@pytest.mark.parametrize(
    ("rule", "words", "first_three"),
    [
        ("FREQ=DAILY", "Every day", "2026-11-30 2026-12-01 2026-12-02"),
        ("FREQ=WEEKLY;BYDAY=MO,TH", "Every Monday and Thursday", "2026-11-30 2026-12-03 2026-12-07"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "Every 2 weeks on Friday", "2026-12-04 2026-12-18 2027-01-01"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "Every month on day 31", "2026-12-31 2027-01-31 2027-03-31"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "Every month on the last day", "2026-11-30 2026-12-31 2027-01-31"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "Every month on the last Friday", "2026-12-25 2027-01-29 2027-02-26"),
        ("FREQ=MONTHLY;BYDAY=2TU", "Every month on the second Tuesday", "2026-12-08 2027-01-12 2027-02-09"),
        (FIRST_WORKING_DAY, "Every month on the first working day", "2026-12-01 2027-01-01 2027-02-01"),
        (
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
            "Every year on day 29 of February",
            "2028-02-29 2032-02-29 2036-02-29",
        ),
        ("RRULE:freq=daily;count=2", "Every day, 2 times", "2026-11-30 2026-12-01"),
        ("FREQ=DAILY;UNTIL=20261201", "Every day, until 1 December 2026", "2026-11-30 2026-12-01"),
        ("FREQ=DAILY;UNTIL=09991231", "Every day, until 31 December 999", ""),
    ],
)
def test_a_rule_names_its_days_and_says_so(rule: str, words: str, first_three: str) -> None:
    assert Rule.read(rule).words() == words
    assert days(rule, 3) == first_three.split()
    assert str(Rule.read(str(Rule.read(rule)))) == str(Rule.read(rule))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=4,6,9,11;BYMONTHDAY=31",
        "FREQ=MONTHLY;INTERVAL=24;BYMONTHDAY=31",  # every other November
        "FREQ=DAILY;UNTIL=20200101",
    ],
)
def test_a_rule_that_names_no_day_is_seen_at_once(rule: str) -> None:
    began = time.process_time()
    assert days(rule, 1) == []
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "every monday",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=3",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=5;UNTIL=20271231",
        "FREQ=DAILY;INTERVAL=²",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=1MO;COUNT=x",
        "FREQ=MONTHLY;BYDAY=5MO",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYSETPOS=1",
        "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=1",
        "FREQ=YEARLY;BYMONTH=13;BYMONTHDAY=1",
        "FREQ=YEARLY;BYMONTH=2",
        "FREQ=DAILY;UNTIL=20261399",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;" + "X" * 1000,
    ],
)
def test_what_is_no_rule_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(NoRule) as refusal:
        Rule.read(text)
    assert str(refusal.value).endswith((".", "MO.")) and len(str(refusal.value)) < 200


@given(first=FIRSTS, chosen=st.sets(st.sampled_from(CODES), min_size=1), every=st.integers(1, 4))
def test_weekly_is_what_counting_days_gives(first: dt.date, chosen: set[str], every: int) -> None:
    rule = f"FREQ=WEEKLY;INTERVAL={every};BYDAY={','.join(sorted(chosen))}"
    begin = first - dt.timedelta(days=first.weekday())
    counted = [
        day
        for day in (first + dt.timedelta(days=n) for n in range(120))
        if CODES[day.weekday()] in chosen and (day - begin).days // 7 % every == 0
    ]
    assert (
        list(itertools.takewhile(lambda day: day <= first + dt.timedelta(119), Rule.read(rule).days(first)))
        == counted
    )


@given(first=FIRSTS, number=st.integers(1, 31) | st.just(-1))
def test_monthly_is_what_counting_days_gives(first: dt.date, number: int) -> None:
    counted = []
    for day in (first + dt.timedelta(days=n) for n in range(400)):
        length = calendar.monthrange(day.year, day.month)[1]
        if day.day == (number if number > 0 else length):
            counted.append(day)
    rule = Rule.read(f"FREQ=MONTHLY;BYMONTHDAY={number}")
    assert (
        list(itertools.takewhile(lambda day: day <= first + dt.timedelta(399), rule.days(first))) == counted
    )


@given(first=FIRSTS, gone=st.integers(0, 30))
def test_after_a_day_come_the_same_days_as_without_it(first: dt.date, gone: int) -> None:
    rule = Rule.read("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1;COUNT=40")
    whole = list(rule.days(first))
    assert len(whole) == 40
    assert list(rule.days(first, whole[gone])) == whole[gone + 1 :]


def test_the_search_ends_within_its_horizon() -> None:
    assert all(day.year <= 2026 + HORIZON for day in Rule.read("FREQ=WEEKLY;BYDAY=MO").days(MONDAY))
