"""kill -9 inside the write path, at each statement: before the commit nothing is left, after it all is."""

from __future__ import annotations

import pytest

from tests.faults import cuts
from tests.faults.ground import Ground

pytestmark = pytest.mark.faults


def test_a_write_that_is_killed_at_any_statement_is_done_once_or_not_at_all(ground: Ground) -> None:
    """Three cards at once, and a transfer to another board: at every statement of each."""
    told = cuts.at_every_statement(ground, ["created", "transferred"])
    assert told["cuts"] > 30
    assert told["saved_before_the_cut"] >= 2


def test_a_worker_that_dies_in_the_middle_of_a_write_costs_an_answer_and_no_change(ground: Ground) -> None:
    """In the middle and after the commit, once each, on a server of two workers with six pages open."""
    told = cuts.in_a_worker(ground, times=1, points=("4", "notify"))
    assert told["kills"] == 2
