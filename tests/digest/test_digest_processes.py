"""Twenty processes send the same digests to a real SMTP server, and many of them are killed on the way."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from activity.feed.digest_schedule import LEASE
from activity.models import Digest
from boards import actions as act
from fluxboard.accounts.calendar import DAY
from fluxboard.accounts.models import User
from fluxboard.features.digest.content import letter_for
from fluxboard.server.embedded_postgres.addresses import PROJECT
from tests.digest.test_digest import waits_for_digest
from tests.live import PATIENCE, free_port

PEOPLE = 12
PROCESSES = 20

# Twenty processes of one start, each with its own database connection, all off at the same word.
SENDERS = """
import os, sys
import django
django.setup()
from django.core.management import call_command
from django.db import connections
pids = []
for _ in range(int(sys.argv[1])):
    pid = os.fork()
    if pid == 0:
        os.read(0, 1)
        call_command("send_digests", stdout=open(os.devnull, "w"))
        os._exit(0)
    pids.append(pid)
print(*pids, flush=True)
for pid in pids:
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
print(*(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids), flush=True)
"""


class Inbox:
    """Takes its time for each mail, so that there is something to be killed in."""

    def __init__(self, port):
        self.port, self.mails = port, []

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(0.05)
        self.mails.append((envelope.rcpt_tos[0], message_from_bytes(envelope.content)))
        return "250 OK"


@pytest.fixture
def inbox():
    port = free_port()
    box = Inbox(port)
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box
    controller.stop()


@pytest.fixture
def readers(transactional_db, ana, board, card):
    now, readers = timezone.now(), []
    for number in range(PEOPLE):
        reader = User.objects.create_user(f"reader{number}@example.com", "secret", name=f"Reader {number}")
        act.add_member(board, reader, "viewer", by=ana)
        waits_for_digest(reader, now)
        readers.append(reader)
    User.objects.exclude(pk__in=[reader.pk for reader in readers]).update(digest_on=False)
    act.create_card(board.columns.first(), "What everybody should hear of", by=ana)
    return readers


class Senders:
    """Some processes that send digests at the same time."""

    def __init__(self, inbox, count):
        self.process = subprocess.Popen(
            [sys.executable, "-c", SENDERS, str(count)],
            cwd=PROJECT,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "fluxboard.settings",
                "EMAIL_URL": f"smtp://127.0.0.1:{inbox.port}",
                "LOG_LEVEL": "ERROR",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.pids = [int(word) for word in self.process.stdout.readline().split()]
        assert len(self.pids) == count, self.process.stderr.read()
        self.process.stdin.write("." * count)
        self.process.stdin.close()

    def ended(self):
        """How each of them ended: 0, or minus the signal."""
        statuses = [int(word) for word in self.process.stdout.readline().split()]
        self.process.wait(4 * PATIENCE)
        return statuses


def let_claims_end():
    Digest.objects.filter(sent_at=None).update(claimed_at=timezone.now() - 2 * LEASE)


def kill_most(senders, inbox, mails, chance):
    """kill -9 for most of them while mails go out."""
    deadline = time.monotonic() + 4 * PATIENCE
    while len(inbox.mails) < mails and senders.process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    for pid in chance.sample(senders.pids, len(senders.pids) * 4 // 5):
        time.sleep(chance.random() * 0.01)
        with contextlib.suppress(ProcessLookupError):  # they are reaped when the last one has ended
            os.kill(pid, signal.SIGKILL)


@pytest.mark.early
def test_killed_on_the_way_nobody_gets_two_and_nobody_gets_none(readers, inbox):
    chance, killed = random.Random(20), 0
    for mails in (1, 3):
        senders = Senders(inbox, PROCESSES)
        kill_most(senders, inbox, mails, chance)
        killed += senders.ended().count(-signal.SIGKILL)
        let_claims_end()
    assert killed, "none was killed half-way"
    assert Senders(inbox, 1).ended() == [0]

    got = Counter(to for to, _ in inbox.mails)
    assert max(got.values()) == 1, "somebody got two"
    names = [mail["Message-ID"] for _, mail in inbox.mails]
    assert len(set(names)) == len(names)
    without = {reader.pk for reader in readers if got[reader.email] == 0}
    uncertain = {row.user_id for row in Digest.objects.filter(sent_at=None).exclude(sending_at=None)}
    assert without <= uncertain, "somebody's is lost"
    for pk in uncertain:  # killed between the server's yes and its note: the next one tells all of it
        letter = letter_for(User.objects.get(pk=pk), timezone.now() + DAY)
        assert letter.is_news
        assert "hear of" in str(letter.by_board)


@pytest.mark.early
def test_twenty_at_once_send_each_once(readers, inbox):
    assert Senders(inbox, PROCESSES).ended() == [0] * PROCESSES
    assert Counter(to for to, _ in inbox.mails) == {reader.email: 1 for reader in readers}
    assert Digest.objects.filter(sent_at=None).count() == 0
    _, mail = inbox.mails[0]
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.get_payload()] == ["text/plain", "text/html"]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
