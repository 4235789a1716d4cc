"""Twenty processes open the same cards, and most of them are killed on the way."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter

import pytest
from django.utils import timezone

from activity.log.record import By
from activity.models import Activity
from boards import actions as act
from boards.models import Board, Schedule
from fluxboard.accounts.calendar import DAY
from fluxboard.accounts.models import User
from fluxboard.features.verification.verify import verify
from fluxboard.server.embedded_postgres.addresses import PROJECT
from tests.live import PATIENCE

PROCESSES, SCHEDULES, DAYS = 20, 4, 8

# Twenty processes of one start, each with its own database connection, all off at the same word.
RUNNERS = """
import os, sys
import django
django.setup()
from django.utils import timezone
from fluxboard.features.schedules.run import open_due
pids = []
for _ in range(int(sys.argv[1])):
    pid = os.fork()
    if pid == 0:
        os.read(0, 1)
        open_due(timezone.now)
        os._exit(0)
    pids.append(pid)
print(*pids, flush=True)
for pid in pids:
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
print(*(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids), flush=True)
"""


class Runners:
    """Some processes that open what is due at the same time."""

    def __init__(self, count: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUNNERS, str(count)],
            cwd=PROJECT,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "fluxboard.settings", "LOG_LEVEL": "ERROR"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdin and self.process.stdout
        self.pids = [int(word) for word in self.process.stdout.readline().split()]
        assert len(self.pids) == count
        self.process.stdin.write("." * count)
        self.process.stdin.close()

    def ended(self) -> list[int]:
        """How each of them ended: 0, or minus the signal."""
        assert self.process.stdout
        statuses = [int(word) for word in self.process.stdout.readline().split()]
        self.process.wait(4 * PATIENCE)
        return statuses


def opened() -> int:
    return Activity.objects.filter(verb="card.created").count()


def kill_most(runners: Runners, at_least: int, chance: random.Random) -> None:
    """kill -9 for most of them while cards open."""
    deadline = time.monotonic() + 4 * PATIENCE
    while opened() < at_least and runners.process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    for pid in chance.sample(runners.pids, len(runners.pids) * 4 // 5):
        time.sleep(chance.random() * 0.01)
        with contextlib.suppress(ProcessLookupError):  # they are reaped when the last one has ended
            os.kill(pid, signal.SIGKILL)


@pytest.mark.early
def test_killed_on_the_way_each_day_opens_one_card_for_whose_turn_it_is(
    transactional_db: None, board: Board, ana: User, kenji: User
) -> None:
    User.objects.update(work_days=[1, 2, 3, 4, 5, 6, 7])
    begun, column = timezone.now() - DAYS * DAY, board.columns.in_board_order().first()
    for number in range(SCHEDULES):
        by = By(ana, now=begun, request_id=uuid.uuid4())
        template = act.save_template(board, f"Report {number}", by=by)
        by = By(ana, now=begun, request_id=uuid.uuid4())
        values = {"column": column, "first": begun.date() + DAY, "zone": "UTC", "rota": [kenji, ana]}
        act.save_schedule(template, "FREQ=DAILY", by=by, **values)
    chance, killed = random.Random(20), 0
    for at_least in (2, 9):
        runners = Runners(PROCESSES)
        kill_most(runners, at_least, chance)
        killed += runners.ended().count(-signal.SIGKILL)
    assert killed, "none was killed half-way"
    for _ in range(2):
        assert Runners(1).ended() == [0]

    for schedule in Schedule.objects.all():
        told = Activity.objects.filter(verb="card.created", after__schedule__id=str(schedule.uid))
        facts = [one.after for one in told.order_by("seq")]
        days = [(begun + day * DAY).date() for day in range(1, len(facts) + 1)]
        assert [one["slot"] for one in facts] == [day.isoformat() for day in days]
        assert len(facts) >= DAYS - 1 and schedule.next_at is not None and schedule.next_at > timezone.now()
        turns = Counter(one["assignee"]["name"] for one in facts)
        assert max(turns.values()) - min(turns.values()) <= 1, "one after the other"
    assert verify(board) == []
