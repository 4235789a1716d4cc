"""`bin/manage work [--every SECONDS]`: all that happens by the clock."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, close_old_connections
from django.utils import timezone

from activity.feed.read_marker import forget_old_days
from fluxboard.core.counting import counted
from fluxboard.features.digest.send import Round, send_due
from fluxboard.features.meetings.run import MeetingMails, call_off_unneeded, send_entries
from fluxboard.features.schedules.run import open_due
from fluxboard.management.rounds import Stopped, rounds, stop_by_signal

log = logging.getLogger("fluxboard.work")


class Command(BaseCommand):
    help = (
        "Opens the cards whose time has come, each once, calls off the meetings that are not needed, and "
        "sends the mails that are due. Safe to run every "
        "minute, and several at once. Exit status 1 when a mail server refused a mail."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--every", type=int, metavar="SECONDS", help="stay, and do it every so many seconds (bin/serve)"
        )

        parser.add_argument("--no-mail", action="store_true", help="leave the mails to `send_digests`")

    def handle(self, *, every: int | None, no_mail: bool, **_: Any) -> None:
        """One round, or rounds until SIGTERM; what is under way is finished first."""
        if every is None:
            stopped = stop_by_signal().is_set
            cards = open_due(timezone.now, stopped)
            forget_old_days(timezone.now())
            off = call_off_unneeded(timezone.now, stopped)
            entries = MeetingMails() if no_mail else send_entries(timezone.now, stopped)
            mails = Round() if no_mail else send_due(timezone.now, stopped)
            said = [f"{counted(cards, 'card')} opened", f"{counted(mails.sent, 'digest')} sent"]
            if off:
                said.append(f"{counted(off, 'meeting')} called off")
            if entries.sent:
                said.append(f"{counted(entries.sent, 'calendar entry', 'calendar entries')} sent")
            self.stdout.write(", ".join(said))
            if mails.failed or entries.failed:
                raise SystemExit(1)
            return

        def do(stopped: Stopped) -> None:
            self._part("cards", lambda: open_due(timezone.now, stopped))
            self._part("days of reading forgotten", lambda: forget_old_days(timezone.now()))
            self._part("meetings", lambda: call_off_unneeded(timezone.now, stopped))
            if not no_mail:
                self._part("calendar entries", lambda: send_entries(timezone.now, stopped))
                self._part("mails", lambda: send_due(timezone.now, stopped))

        rounds(every, do)

    def _part(self, name: str, do: Callable[[], Any]) -> None:
        """One part of a round; a database that does not answer keeps no other part from being tried."""
        try:
            done = do()
            if isinstance(done, int):
                said: dict[str, Any] = {"done": done}
            else:
                said = {key: value for key, value in vars(done).items() if key != "empty"}
            if any(said.values()):
                log.info(name, extra=said)
        except Error:
            log.warning("the database did not answer; the %s wait", name, exc_info=True)
        finally:
            close_old_connections()
