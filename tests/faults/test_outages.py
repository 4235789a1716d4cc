"""The database is full, away, read-only, slow, or without space: a clear answer soon, and nothing lost."""

from __future__ import annotations

import pytest

from tests.faults import outages, silence
from tests.faults.conftest import PAGE_SECONDS
from tests.faults.ground import Ground, may_mount

pytestmark = pytest.mark.faults


def test_sixteen_who_ask_while_no_connection_is_left_are_told_so(ground: Ground) -> None:
    outages.no_connection_is_left(ground)


def test_five_seconds_without_a_database(ground: Ground) -> None:
    outages.the_database_is_away(ground, seconds=5)


def test_what_can_only_be_read_can_be_read(ground: Ground) -> None:
    outages.only_reading_is_possible(ground)


def test_a_slow_way_and_a_dead_one(ground: Ground) -> None:
    """Pages are given up after 5 s here."""
    outages.the_way_is_slow(ground, PAGE_SECONDS)


def test_a_line_that_falls_silent_inside_a_write(ground: Ground) -> None:
    """The board is free again after 5 s here."""
    silence.inside_a_write(ground, PAGE_SECONDS)


if may_mount():

    def test_a_full_disk(ground: Ground) -> None:
        """A file system of 600 MB."""
        outages.nothing_can_be_written(ground)
