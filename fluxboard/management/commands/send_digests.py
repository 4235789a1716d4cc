"""`bin/manage send_digests [--every SECONDS]`."""

from __future__ import annotations

import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, close_old_connections
from django.utils import timezone

from fluxboard.core.counting import counted
from fluxboard.features.digest.send import Round, send_due
from fluxboard.management.rounds import Stopped, rounds, stop_by_signal

log = logging.getLogger("fluxboard.mail")


class Command(BaseCommand):
    help = (
        "Sends the daily digests that are due now, each once, and the nudges that people asked for. "
        "Safe to run every minute, and several at once. Exit status 1 when a mail server refused one."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--every", type=int, metavar="SECONDS", help="stay, and do it every so many seconds"
        )

    def handle(self, *, every: int | None, **_: Any) -> None:
        """One round, or rounds until SIGTERM; the mail that is under way is finished first."""
        if every is None:
            self._say(done := send_due(timezone.now, stop_by_signal().is_set))
            if done.failed:
                raise SystemExit(1)
            return
        rounds(every, self._round)

    def _round(self, stopped: Stopped) -> None:
        try:
            done = send_due(timezone.now, stopped)
            if done.sent or done.failed or done.nudged:
                log.info("digests", extra=vars(done))
        except Error:
            log.warning("the database did not answer; the digests wait", exc_info=True)
        finally:
            close_old_connections()

    def _say(self, done: Round) -> None:
        self.stdout.write(
            f"{done.sent} sent, {done.empty} with nothing new, {done.failed} failed, "
            f"{counted(done.nudged, 'nudge')}"
        )
