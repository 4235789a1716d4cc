"""Large imports by `bin/manage`, on the embedded PostgreSQL and on an outside one: each ends, none waits.

The long form is `bin/bench --faults imports --times 50`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.databases import Server
from tests.faults import imports

pytestmark = pytest.mark.faults


def test_two_in_a_row_on_the_embedded_database(postgres_server: Server) -> None:
    imports.in_a_row(postgres_server, 2, 1, within=600)


def test_one_on_an_outside_database(postgres_server: Server, tmp_path: Path) -> None:
    with imports.outside(tmp_path / "outside", postgres_server) as server:
        imports.in_a_row(server, 1, 1, within=600)
