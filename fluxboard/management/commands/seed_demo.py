"""`bin/manage seed_demo`: the demo team, on an installation that has nobody yet."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from fluxboard.accounts.models import User
from fluxboard.demo import playing, team
from fluxboard.demo.script import BOARDS


class Command(BaseCommand):
    help = "Writes a demo team with three boards and two weeks of history. Only where there are no people."

    def handle(self, **_: Any) -> None:
        """Raises CommandError with exit status 2, and writes nothing, where there are people."""
        if User.objects.exists():
            raise CommandError(
                "There are people here already; the demo is only for an empty one.", returncode=2
            )
        boards = playing.play(BOARDS, timezone.now())
        names = ", ".join(f"{board.name} ({board.key})" for board in boards)
        self.stdout.write(f"The demo is here: {names}. Sign in as one of these:\n\n{team.sign_ins()}\n")
