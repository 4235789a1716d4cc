"""A time zone is found by how people write a city; letters and names of several places are asked about."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from fluxboard.accounts.forms import ZoneField
from fluxboard.accounts.time_zones import folded, listed, meant, resolve

FOUND = {
    "Istanbul": "Europe/Istanbul",
    "İstanbul": "Europe/Istanbul",
    "Buenos Aires": "America/Argentina/Buenos_Aires",
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "Indianapolis": "America/Indiana/Indianapolis",
    "São Paulo": "America/Sao_Paulo",
    "SAO  PAULO": "America/Sao_Paulo",
    "sa\u0303o paulo": "America/Sao_Paulo",
    "Zürich": "Europe/Zurich",
    "Bogotá": "America/Bogota",
    "Nouméa": "Pacific/Noumea",
    "Ürümqi": "Asia/Urumqi",
    "Port au Prince": "America/Port-au-Prince",
    "St. John's": "America/St_Johns",
    "Calcutta": "Asia/Kolkata",
    "Asia/Calcutta": "Asia/Kolkata",
    "Kiev": "Europe/Kyiv",
    "Saigon": "Asia/Ho_Chi_Minh",
    "Rangoon": "Asia/Yangon",
    "Asia/Istanbul": "Europe/Istanbul",
    "US/Eastern": "America/New_York",
    "Japan": "Asia/Tokyo",
    "Hawaii": "Pacific/Honolulu",
    "zulu": "UTC",
    "Etc/UTC": "UTC",
}
LETTERS = ["EST", "est", "CST", "IST", "BST", "GMT", "CET", "MSK", "PST8PDT", "MST"]
SEVERAL = ["San Juan", "Córdoba", "eastern", "Central", "Victoria"]
NONE = [
    "Gotham",
    "Etc/GMT+5",
    "GMT0",
    "Factory",
    "localtime",
    "../UTC",
    "east",
    "\0",
    "٣",
    "²",
    "x" * 9_000,
    "é" * 60,
]


@pytest.mark.parametrize("typed", FOUND)
def test_a_city_is_found_as_people_write_it(typed: str):
    assert resolve(typed) == FOUND[typed]
    assert ZoneField().clean(typed) == FOUND[typed]


@pytest.mark.parametrize("typed", [*LETTERS, *SEVERAL])
def test_what_may_be_several_is_asked_about(typed: str):
    assert resolve(typed) is None and meant(typed)
    with pytest.raises(ValidationError, match="does not say which clock") as asked:
        ZoneField().clean(typed)
    assert all(name in str(asked.value) for name in meant(typed))


@pytest.mark.parametrize("typed", NONE)
def test_what_is_no_zone_is_none(typed: str):
    assert meant(typed) == () and resolve(typed) is None


def test_each_zone_on_offer_is_itself_and_named_but_once():
    assert [name for name in listed() if resolve(name) != name] == []
    assert len({folded(name) for name in listed()}) == len(listed())
    assert {"Asia/Calcutta", "Asia/Istanbul", "EST", "America/Buenos_Aires"}.isdisjoint(listed())


def test_what_is_asked_about_is_answered_by_what_is_proposed():
    for typed in (*LETTERS, *SEVERAL):
        assert [resolve(name) for name in meant(typed)] == list(meant(typed))
