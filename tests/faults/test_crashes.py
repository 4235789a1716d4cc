"""Workers, connections and the database end in the middle of writes; nothing is lost, nothing comes twice."""

from __future__ import annotations

import pytest

from tests.faults import crashes
from tests.faults.ground import Ground

pytestmark = pytest.mark.faults


def test_all_that_can_end_by_force_does_under_forty_open_pages(ground: Ground) -> None:
    """40 pages of 2 boards, 2 writers, each of the five faults once."""
    crashes.everything_ends(ground, streams=40, rounds=1)


def test_sixty_pages_are_told_of_a_stop_and_come_back(ground: Ground) -> None:
    crashes.stopped_and_started(ground, streams=60)
