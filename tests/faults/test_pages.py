"""Open pages in number, slow ones, and those that come in the middle of a write."""

from __future__ import annotations

import pytest

from tests.faults import pages
from tests.faults.ground import Ground

pytestmark = pytest.mark.faults


def test_a_hundred_and_fifty_pages_need_a_handful_of_threads_and_connections(ground: Ground) -> None:
    pages.many_are_open(ground, streams=150)


def test_a_page_that_reads_nothing_during_three_hundred_changes(ground: Ground) -> None:
    pages.one_reads_nothing(ground, events=300)


def test_two_hundred_pages_that_subscribe_in_the_middle_of_writes(ground: Ground) -> None:
    pages.write_and_subscribe(ground, rounds=200)


def test_a_steady_load_leaves_the_memory_flat(ground: Ground) -> None:
    """15 seconds, 30 pages, 5 changes a second: the workers grow by less than 6 MB."""
    pages.soak(ground, seconds=15)
