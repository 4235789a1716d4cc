"""`bin/bench --faults`: the fault tests of `tests/faults` in their long form, with their figures.

    bin/bench --faults                              all of it, an hour and a half on two cores
    bin/bench --faults crashes cuts --times 3       these, and of what is repeated so many rounds
    bin/bench --faults soak --minutes 20

Each case proves its own promises; where one is broken, its trace is printed, the others go on, and the exit
status is 1. What it counts on the way are its figures. `T1` to `T22` are those of `docs/reliability.md`; they
choose cases as well.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import traceback
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.figures import Figure
from fluxboard.server.embedded_postgres import addresses
from fluxboard.server.embedded_postgres.addresses import PROJECT
from tests import live
from tests.faults import clocks, crashes, cuts, imports, outages, pages, silence
from tests.faults.ground import Ground, may_mount

Told = dict[str, float]
PAGE_SECONDS = 5.0


@dataclass(frozen=True)
class Sizes:
    """`times`: rounds of what is repeated; `minutes`: of the soak; `streams`: pages in the crashes."""

    times: int = 10
    minutes: float = 20
    streams: int = 200


@dataclass(frozen=True)
class Case:
    """One run on a ground of its own; `shows` are the rows of the table that it belongs to."""

    shows: str
    run: Callable[[Ground, Sizes], Told]
    on_small_disk: bool = False
    page_seconds: float = PAGE_SECONDS


def tests(*words: str) -> Callable[[Ground, Sizes], Told]:
    """What needs a browser, or has its sizes in itself: tests, in their long form."""

    def run(ground: Ground, sizes: Sizes) -> Told:
        environment = os.environ | {"FLUXBOARD_LONG": "1"}
        for name in ("DATABASE_URL", "FLUXBOARD_VAR"):
            environment.pop(name, None)
        words_all = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", *words]
        done = subprocess.run(words_all, cwd=PROJECT, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-3000:]
        return {"tests": float(done.stdout.split(" passed")[0].split()[-1])}

    return run


RACES = "tests/contracts/test_races.py"
CASES = {
    "crashes": Case(
        "T1 T3 T4 T9",
        lambda g, s: crashes.everything_ends(g, s.streams, rounds=s.times, writers=4, boards=4),
    ),
    "stop": Case("T5", lambda g, s: crashes.stopped_and_started(g, 1000, stop_within=10, back_within=30)),
    "cuts": Case("T2 T11", lambda g, s: cuts.at_every_statement(g, rounds=max(1, s.times // 5))),
    "worker_cuts": Case("T2 T11", lambda g, s: cuts.in_a_worker(g, times=s.times)),
    "crowded": Case("T20", lambda g, s: outages.no_connection_is_left(g, askers=50, each=6)),
    "away": Case("T20", lambda g, s: outages.the_database_is_away(g, seconds=60, askers=50)),
    "read_only": Case("T20", lambda g, s: outages.only_reading_is_possible(g)),
    "slow_way": Case("T17 T20", lambda g, s: outages.the_way_is_slow(g, PAGE_SECONDS)),
    "silence": Case("T17 T20", lambda g, s: silence.inside_a_write(g, 20), page_seconds=20),
    "slow_page": Case("T6", lambda g, s: pages.one_reads_nothing(g, events=5000, seconds=60)),
    "many": Case("T7", lambda g, s: pages.many_are_open(g, streams=2000)),
    "subscribe": Case("T8", lambda g, s: pages.write_and_subscribe(g, rounds=10_000, at_once=16)),
    "interleavings": Case("T8", tests("tests/activity/test_stream_races.py")),
    "clocks": Case("T15", lambda g, s: clocks.an_hour_apart(g, writes=1000)),
    "stream_tests": Case("T9 T10 T19", tests("tests/faults/test_stream_faults.py")),
    "editors": Case("T12", tests(RACES, "-k", "editors")),
    "movers": Case("T13", tests(RACES, "tests/contracts/test_storm.py", "-k", "hundred or transferred")),
    "repeats": Case("T11", tests(RACES, "tests/contracts/test_storm.py", "-k", "fifty")),
    "typing": Case("T14", tests("tests/browser/test_live.py", "-k", "typed")),
    "revoked": Case("T16", tests("tests/activity/test_stream_live.py", "-k", "removed or guest or loses")),
    "browser": Case("T17", tests("tests/faults/test_browser_faults.py", "tests/browser/test_connection.py")),
    "verbs": Case("T18", tests("tests/contracts/test_frames.py")),
    "waits": Case("T22", tests("tests/faults/test_bounded_waits.py", "tests/boards/test_pipelines.py")),
    "imports": Case("T22", lambda g, s: imports.on_both(g.server, g.folder / "outside", s.times)),
    "soak": Case(
        "T21",
        lambda g, s: pages.soak(g, s.minutes * 60, streams=200, per_second=5, fault_every=300),
    ),
}
if may_mount():
    CASES["full_disk"] = Case("T20", lambda g, s: outages.nothing_can_be_written(g), on_small_disk=True)


def run(chosen: Iterable[str], sizes: Sizes) -> Iterator[Figure]:
    """The figures of the chosen cases (none: of all), as soon as they are there."""
    wanted = set(chosen)
    known = {*CASES, *(row for case in CASES.values() for row in case.shows.split())}
    if wanted - known:
        raise SystemExit(f"fluxboard: there is no {', '.join(sorted(wanted - known))}; {', '.join(CASES)}")
    for name, case in CASES.items():
        if not wanted or name in wanted or wanted & set(case.shows.split()):
            began = time.monotonic()
            try:
                with ground(case) as here:
                    told = case.run(here, sizes)
            except Exception:
                traceback.print_exc()
                yield Figure(f"faults_{name}_failed", 1, "")
                continue
            told["took"] = time.monotonic() - began
            for key, value in told.items():
                yield Figure(f"faults_{name}_{key}", value, unit_of(key))


def unit_of(key: str) -> str:
    if "kib" in key:
        return "KiB"
    told_in_seconds = ("recovery", "slow", "stop", "back", "took", "seconds", "given_up", "free")
    return "s" if key.startswith(told_in_seconds) else ""


@contextmanager
def ground(case: Case) -> Iterator[Ground]:
    """A database and a server of their own, on the disk."""
    folder = addresses.var_folder() / f"faults-{uuid.uuid4().hex[:6]}"
    static = live.collect_static()
    patience = {"FLUXBOARD_PAGE_SECONDS": str(case.page_seconds)}
    here = Ground(folder, str(static), megabytes=600 * case.on_small_disk, **patience)
    try:
        here.enter()
        yield here
    finally:
        here.leave()
        here.close()
        shutil.rmtree(folder, ignore_errors=True)
