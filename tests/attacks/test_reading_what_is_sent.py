"""Numbers, keys, days, moments and ids from forms and addresses: read exactly, or not at all."""

from __future__ import annotations

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxboard.core import parsing

UTC = dt.UTC
NO_NUMBERS = ["", "²", "٣", "１２", "-1", "+1", " 1", "1 ", "1\n", "1.0", "1e3", "0x1", "1_000", "5" * 5_000]
NO_NUMBERS += ["\0", "1\0", "\ud800", "NaN", "Infinity", "9223372036854775808", "½", "Ⅷ", "〇"]


@pytest.mark.parametrize("typed", NO_NUMBERS)
def test_what_is_no_whole_number_of_ascii_digits_is_none(typed: str):
    assert parsing.whole_number(typed) is None


def test_a_whole_number_fits_its_column():
    assert parsing.whole_number("9223372036854775807") == 2**63 - 1
    assert parsing.whole_number("0007") == 7
    assert parsing.whole_number("2147483647", parsing.LARGEST_INTEGER) == 2**31 - 1
    assert parsing.whole_number("2147483648", parsing.LARGEST_INTEGER) is None
    assert parsing.card_number("1000000000") is None and parsing.card_number("0") is None


def test_a_card_s_key_is_a_board_and_a_number():
    assert parsing.card_key("FLX-12") == ("FLX", 12)
    for typed in (
        "FLX-²",
        "FLX-٣",
        "FLX",
        "-12",
        "flx-12",
        "FLX-12\n",
        "FLX--1",
        "FLX-1.5",
        "ＦＬＸ-1",
        "F-1",
    ):
        assert parsing.card_key(typed) is None, typed


def test_a_day_is_one_of_the_calendar_in_the_one_form_that_is_asked_for():
    assert parsing.day("2028-02-29") == dt.date(2028, 2, 29)
    assert parsing.day("0001-12-31") is None and parsing.day("9999-01-01") is None
    assert parsing.day("0002-01-01") and parsing.day("9998-12-31")
    odd = ["2026-02-29", "0000-00-00", "10000-01-01", "20261031", "2026-W44-6", "26-10-31", "2026-1-1"]
    odd += ["٢٠٢٦-10-31", "2026-10-31T00:00", "2026-10-31 ", "2026-13-01", "−2026-10-15", ""]
    for typed in odd:
        assert parsing.day(typed) is None, typed


def test_a_moment_is_in_utc_and_without_a_zone_on_the_reader_s_clock():
    tokyo, lisbon = ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/Lisbon")
    assert parsing.moment("2026-10-12T16:00", tokyo) == dt.datetime(2026, 10, 12, 7, tzinfo=UTC)
    assert parsing.moment("2026-10-12", tokyo) == dt.datetime(2026, 10, 11, 15, tzinfo=UTC)
    assert parsing.moment("2026-10-12T16:00Z", tokyo) == dt.datetime(2026, 10, 12, 16, tzinfo=UTC)
    for plus in "+ ":  # an address makes a blank of a plus
        at = parsing.moment(f"2026-10-12T16:00:30.5{plus}02:00", tokyo)
        assert at == dt.datetime(2026, 10, 12, 14, 0, 30, 500_000, tzinfo=UTC)
    for skipped_or_doubled in ("2026-03-29T01:30", "2026-10-25T01:30"):
        assert parsing.moment(skipped_or_doubled, lisbon) is not None
    odd = ["0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "2026-10-12T24:30", "2026-10-12T16:00+24:00"]
    odd += [
        "2026-10-12T16",
        "2026-10-12T16:00:61",
        "10000-01-01",
        "now",
        "٢٠٢٦-10-12",
        "2026-10-12T16:00+99:99",
    ]
    for typed in odd:
        assert parsing.moment(typed, tokyo) is None, typed
    assert parsing.moment("0001-01-01", tokyo) is None and parsing.moment("9999-12-31T23:59", UTC) is not None


def test_an_identifier_is_a_uuid_in_its_usual_form():
    known = uuid.uuid4()
    assert parsing.identifier(str(known)) == parsing.identifier(str(known).upper()) == known
    odd = [known.hex, f"{{{known}}}", f"urn:uuid:{known}", f"{known} ", f"{known}\n", "٣" * 32, ""]
    odd += [str(known)[:-1], str(known).replace("-", "_")]
    for typed in odd:
        assert parsing.identifier(typed) is None, typed


@given(st.text(max_size=40))
def test_no_text_is_an_error(typed: str):
    for read in (
        parsing.whole_number,
        parsing.card_number,
        parsing.card_key,
        parsing.day,
        parsing.identifier,
    ):
        read(typed)
    parsing.moment(typed, ZoneInfo("Asia/Tokyo"))
