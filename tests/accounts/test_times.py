"""Times in words, on the reader's clock."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from fluxboard.accounts.time_zones import listed, resolve
from fluxboard.accounts.times import age, ago, due_words, when

NOW = dt.datetime(2026, 10, 15, 8, 14, tzinfo=dt.UTC)
ANA = SimpleNamespace(time_zone="Europe/Lisbon")
KENJI = SimpleNamespace(time_zone="Asia/Tokyo")


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-10-15T00:52:00Z", "01:52"),
        ("2026-10-14T17:05:00Z", "yesterday 18:05"),
        ("2026-10-16T08:00:00Z", "tomorrow 09:00"),
        ("2026-10-13T13:02:00Z", "Tue 14:02"),
        ("2026-10-08T23:30:00Z", "Fri 00:30"),
        ("2026-10-08T22:30:00Z", "Thu 8 Oct"),
        ("2025-10-12T12:00:00Z", "Sun 12 Oct 2025"),
    ],
)
def test_ana_in_lisbon_reads(at: str, words: str) -> None:
    assert when(dt.datetime.fromisoformat(at), ANA, NOW) == words


def test_the_same_moment_is_another_hour_for_kenji() -> None:
    assert when(dt.datetime(2026, 10, 15, 0, 52, tzinfo=dt.UTC), KENJI, NOW) == "09:52"


@pytest.mark.parametrize(
    ("past", "words"),
    [({"seconds": 20}, "now"), ({"minutes": 59}, "59 min"), ({"hours": 23}, "23 h"), ({"days": 2}, "2 d")],
)
def test_ages_are_short(past: dict[str, int], words: str) -> None:
    assert age(NOW - dt.timedelta(**past), NOW) == words


def test_an_age_in_a_sentence() -> None:
    assert ago(NOW, NOW) == "just now"
    assert ago(NOW - dt.timedelta(days=2), NOW) == "2 d ago"


@pytest.mark.parametrize(
    ("date", "said"),
    [
        (dt.date(2026, 10, 14), ("Overdue 1 d", "late")),
        (dt.date(2026, 10, 15), ("Today", "due")),
        (dt.date(2026, 10, 16), ("Tomorrow", "due")),
        (dt.date(2026, 10, 23), ("Fri 23 Oct", "")),
        (dt.date(2027, 1, 1), ("Fri 1 Jan 2027", "")),
    ],
)
def test_due_dates(date: dt.date, said: tuple[str, str]) -> None:
    assert due_words(date, dt.date(2026, 10, 15)) == said


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Europe/Lisbon", "Europe/Lisbon"),
        (" lisbon ", "Europe/Lisbon"),
        ("new york", "America/New_York"),
        ("america/new york", "America/New_York"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("utc", "UTC"),
        ("Gotham", None),
        ("", None),
    ],
)
def test_a_zone_is_found_by_its_name_or_its_city(typed: str, name: str | None) -> None:
    assert resolve(typed) == name


def test_the_list_of_zones_offers_places() -> None:
    assert "Asia/Tokyo" in listed()
    assert not any(name.startswith(("Etc/", "posix/")) for name in listed())
