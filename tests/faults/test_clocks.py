"""Clocks that are wrong change nothing: order is that of the commits."""

from __future__ import annotations

import pytest

from tests.faults import clocks
from tests.faults.ground import Ground

pytestmark = pytest.mark.faults


def test_two_servers_two_hours_apart_keep_one_order(ground: Ground) -> None:
    """30 changes by turns, six pages."""
    clocks.an_hour_apart(ground, writes=30)
