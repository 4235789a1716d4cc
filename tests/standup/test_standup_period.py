"""The standup begins with the reader's last working day, in their own zone."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activity.feed.period import period_of
from fluxboard.accounts.calendar import DAY, last_working_day, midnight
from fluxboard.accounts.models import User

EVEN_WHEN_BUSY = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
ZONES = st.sampled_from(sorted(zone for zone in available_timezones() if "/" in zone))
MOMENTS = st.datetimes(dt.datetime(2015, 1, 1), dt.datetime(2030, 1, 1), timezones=st.just(dt.UTC))


def reader(zone: str = "Europe/Lisbon", **fields) -> User:
    return User(name="Ana", time_zone=zone, **fields)


def test_on_monday_it_begins_on_friday():
    now = dt.datetime(2026, 10, 19, 8, 14, tzinfo=dt.UTC)
    period = period_of(reader(), now)
    assert period.start == dt.datetime(2026, 10, 16, tzinfo=ZoneInfo("Europe/Lisbon"))
    assert (period.end, period.is_usual) == (now, True)


def test_days_off_are_not_worked():
    friday = dt.date(2026, 10, 16)
    ana = reader(days_off=[friday])
    assert last_working_day(ana, dt.date(2026, 10, 19)) == dt.date(2026, 10, 15)


def test_a_working_week_of_ones_own():
    sunday_to_thursday = reader(work_days=[7, 1, 2, 3, 4])
    assert last_working_day(sunday_to_thursday, dt.date(2026, 10, 18)) == dt.date(2026, 10, 15)


def test_somebody_without_working_days_gets_yesterday():
    assert last_working_day(reader(work_days=[]), dt.date(2026, 10, 19)) == dt.date(2026, 10, 18)


def test_the_address_gives_other_days():
    now = dt.datetime(2026, 10, 15, 8, 14, tzinfo=dt.UTC)
    period = period_of(reader(), now, "2026-10-12", "2026-10-13")
    lisbon = ZoneInfo("Europe/Lisbon")
    assert period.start == dt.datetime(2026, 10, 12, tzinfo=lisbon)
    assert period.end == dt.datetime(2026, 10, 14, tzinfo=lisbon)
    assert not period.is_open


def test_days_in_the_wrong_order_are_turned_round():
    now = dt.datetime(2026, 10, 15, 8, 14, tzinfo=dt.UTC)
    assert period_of(reader(), now, "2026-10-13", "2026-10-12") == period_of(
        reader(), now, "2026-10-12", "2026-10-13"
    )


@EVEN_WHEN_BUSY
@given(st.one_of(st.text(), st.dates().map(str)), st.one_of(st.text(), st.dates().map(str)), ZONES, MOMENTS)
def test_whatever_is_typed_gives_a_period_that_has_begun(first, last, zone, now):
    period = period_of(reader(zone), now, first, last)
    assert period.start < period.end
    assert period.start <= now
    assert period.first <= period.last


@EVEN_WHEN_BUSY
@given(ZONES, MOMENTS)
def test_the_default_holds_a_whole_working_day_in_every_zone(zone, now):
    ana = reader(zone)
    period = period_of(ana, now)
    assert period.first.isoweekday() in ana.work_days
    assert period.end - period.start >= dt.timedelta(hours=20)
    assert period.end - period.start <= dt.timedelta(days=5)


@EVEN_WHEN_BUSY
@given(ZONES, st.dates(dt.date(2015, 1, 1), dt.date(2030, 1, 1)))
def test_a_day_begins_where_the_one_before_ends(zone, day):
    here = ZoneInfo(zone)
    start, end = midnight(day, here), midnight(day + DAY, here)
    assert start < end or day + DAY == dt.date(2011, 12, 31)
    assert start.astimezone(here).date() >= day
    assert (start - dt.timedelta(seconds=1)).astimezone(here).date() < day
