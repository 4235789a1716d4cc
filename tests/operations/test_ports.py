"""Ports that tests take: nobody else gets one between its choice and its use."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from fluxboard.server.embedded_postgres.addresses import PROJECT
from tests.live import free_port


def test_a_port_is_given_once_and_by_no_other_test_process() -> None:
    ours = [free_port() for _ in range(20)]
    words = "from tests.live import free_port; print(*(free_port() for _ in range(20)))"
    said = subprocess.run(
        [sys.executable, "-c", words], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    theirs = [int(word) for word in said.stdout.split()]
    assert len({*ours, *theirs}) == 40


def test_a_port_is_none_that_the_system_gives_to_whoever_asks_for_any() -> None:
    lowest, highest = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    port = free_port()
    assert not lowest <= port <= highest
    with socket.create_server(("127.0.0.1", port)):
        assert free_port() != port
