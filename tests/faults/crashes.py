"""What ends by force: workers, connections, the database; and the orderly ends (T1, T3, T4, T5, T9)."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.activity.sse import wait_for
from tests.faults.ground import Ground, Storm, assert_true

MOST = 180.0  # seconds for what takes a few where nobody else is at work


def everything_ends(
    ground: Ground, streams: int = 40, rounds: int = 1, writers: int = 2, boards: int = 2
) -> dict[str, float]:
    """Under open pages and without a pause of the writers: kill -9 of a worker; every database connection
    terminated; the connections that listen terminated; kill -9 of the database; a reload (SIGHUP).

    `rounds` of them; every fault must be over, and its news on every page. How long that takes is among the
    figures; it says more of the machine than of the faults, so that only MOST is asked for.
    """
    with Storm(ground, streams, writers, boards) as storm:
        for _ in range(rounds):
            storm.fault("worker_killed", lambda: kill_worker(ground), MOST)
            storm.fault("connections_ended", ground.end_connections, MOST)
            storm.fault("listener_cut", lambda: ground.end_connections("fluxboard-relay"), MOST)
            storm.fault("database_killed", ground.kill_database, MOST)
            storm.fault("reloaded", lambda: reload(ground), MOST)
    told = storm.figures()
    assert_true(told)
    return told


def kill_worker(ground: Ground) -> None:
    """kill -9 the older worker, once both are there."""
    wait_for(lambda: len(ground.app.procs) == 3, MOST, "two workers")
    ground.app.kill_worker()


def reload(ground: Ground) -> None:
    """SIGHUP: new workers come, the old ones go."""
    wait_for(lambda: len(ground.app.procs) == 3, MOST, "two workers")
    server, *old = ground.app.procs
    os.kill(server, signal.SIGHUP)
    wait_for(lambda: len(ground.app.procs) == 3 and not {*old} & {*ground.app.procs}, MOST, "new workers")


def stopped_and_started(
    ground: Ground, streams: int = 60, stop_within: float = 40, back_within: float = 40
) -> dict[str, float]:
    """SIGTERM with that many open pages: all are told `bye`, it ends in time and leaves no process; what was
    written meanwhile is on every page soon after the next start.

    The aims are 5 and 3 s on a machine that does nothing else; a test run does not depend on how busy it is.
    """
    with Storm(ground, streams, writers=1) as storm:
        for poster in storm.posters:
            poster.stop()
        storm.reach_head()
        processes = ground.app.procs
        assert ground.app.process is not None
        began = time.monotonic()
        ground.app.terminate()
        ground.app.process.wait(MOST)
        stop = time.monotonic() - began
        left = still_there(processes)
        byes = sum("bye" in watcher.names() for watcher in storm.watchers)
        write_without_server(storm)
        ground.app.start()
        began = time.monotonic()
        storm.reach_head()
        back = time.monotonic() - began
    told = storm.figures() | {"stop": stop, "back": back, "byes": byes}
    assert_true(told)
    assert not left, (left, told)
    assert byes == streams
    assert stop < stop_within, told
    assert back < back_within, told
    return told


def still_there(processes: list[int]) -> list[str]:
    """Which of them do not go, however long one waits."""
    until = time.monotonic() + MOST
    while (left := [pid for pid in processes if Path(f"/proc/{pid}").exists()]) and time.monotonic() < until:
        time.sleep(0.05)
    return [state_of(pid) for pid in left]


def state_of(pid: int) -> str:
    """What a process does that should be gone."""
    return " ".join(Path(f"/proc/{pid}/stat").read_text().split()[:4])


def write_without_server(storm: Storm) -> None:
    from boards.actions import retitle_card
    from boards.models import Card

    for board in storm.boards:
        retitle_card(Card.objects.select_related("board").get(board=board), "While away", by=storm.owner)
