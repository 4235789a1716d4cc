"""The embedded PostgreSQL: shared, healed, stopped by the last one out, under folders of every sort."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psycopg
import pytest

from fluxboard.server.embedded_postgres import addresses, cluster, processes
from fluxboard.server.embedded_postgres.addresses import DatabaseProblem


def count(url: str) -> int:
    with psycopg.connect(url) as connection:
        return int(connection.execute("SELECT count(*) FROM things").fetchone()[0])  # type: ignore[index]


def pids_of(var: Path) -> tuple[int, int]:
    """The keeper and PostgreSQL's first process."""
    home = var / "postgres"
    keeper, postmaster = processes.keeper_pid(home), processes.running_postmaster(home)
    assert keeper
    assert postmaster
    return keeper, postmaster


@pytest.mark.faults
@pytest.mark.parametrize("depth", [1, 12], ids=["socket", "path too long for a socket"])
def test_it_is_shared_and_survives_its_murder(tmp_path: Path, depth: int) -> None:
    var = tmp_path.joinpath(*["a rather long name"] * depth)
    first = cluster.ensure(var, durable=False)
    with psycopg.connect(first.addresses.owner) as connection:
        connection.execute("CREATE TABLE things AS SELECT 1 AS n")
    second = cluster.ensure(var)
    assert second.addresses == first.addresses == addresses.addresses(var)
    first.release()
    assert count(second.addresses.owner) == 1, "somebody still holds it"

    for pid in pids_of(var):
        os.kill(pid, signal.SIGKILL)
    third = cluster.ensure(var)
    assert count(third.addresses.owner) == 1
    second.release()
    third.release()
    assert processes.keeper_pid(var / "postgres") is None
    assert processes.running_postmaster(var / "postgres") is None


@pytest.mark.faults
def test_a_process_id_that_another_program_got_does_not_block_the_start(tmp_path: Path) -> None:
    with cluster.ensure(tmp_path, durable=False):
        _, postmaster = pids_of(tmp_path)
        left = next((tmp_path / "postgres").glob("data-*/postmaster.pid")).read_text()
    stale = next((tmp_path / "postgres").glob("data-*")) / "postmaster.pid"
    stale.write_text(left.replace(str(postmaster), str(os.getpid()), 1))
    with cluster.ensure(tmp_path, durable=False) as lease:
        psycopg.connect(lease.addresses.app).close()


def test_data_of_another_version_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "data-9").mkdir(parents=True)
    with pytest.raises(DatabaseProblem, match="another PostgreSQL version"):
        cluster.ensure(tmp_path)
    assert [path.name for path in (tmp_path / "postgres").glob("data-*")] == ["data-9"]
