"""`bin/manage seed_demo`: the demo team, on an installation that has nobody yet."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from fluxboard.accounts.models import User
from fluxboard.features.demo import play, team
from fluxboard.features.demo.stories.all import BOARDS

_LOCK = "fluxboard: demo"


def wait_for_others() -> None:
    """Until no other demo is being written here, however long that takes, and then keep others waiting."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [_LOCK])


class Command(BaseCommand):
    help = "Writes a demo team with four boards and six weeks of history. Only where there are no people."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="where there are people, say so and end well"
        )

    @transaction.atomic
    def handle(self, *, if_empty: bool = False, **_: Any) -> None:
        """All of it or nothing. Raises CommandError with exit status 2 where there are people."""
        wait_for_others()
        if User.objects.exists():
            if if_empty:
                self.stdout.write("There are people here already, so the demo was left out.")
                return
            raise CommandError(
                "There are people here already; the demo is only for an empty one.", returncode=2
            )
        boards = play.play(BOARDS, timezone.now())
        names = ", ".join(f"{board.name} ({board.key})" for board in boards)
        self.stdout.write(f"The demo is here: {names}. Sign in as one of these:\n\n{team.sign_ins()}\n")
