"""Rebuild boards from their logs alone and compare with the tables."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from boards.models import Board
from fluxboard.features.verification.verify import as_of_one_moment, verdict, without_collecting


class Command(BaseCommand):
    help = "Rebuild each board from its log alone and compare with the tables. Exit 1 where they differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("keys", nargs="*", metavar="KEY", help="boards (default: all)")
        parser.add_argument(
            "--quick", action="store_true", help="begin at each board's newest snapshot, and say so"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        keys = [key.upper() for key in options["keys"]]
        boards = Board.objects.filter(key__in=keys) if keys else Board.objects.all()
        missing = set(keys) - set(boards.values_list("key", flat=True))
        if missing:
            raise CommandError(f"no board has the key {', '.join(sorted(missing))}", returncode=2)
        with without_collecting():
            faulty = [board for board in boards.order_by("key") if not self.show(board, options["quick"])]
        if faulty:
            sys.exit(1)

    def show(self, board: Board, quick: bool) -> bool:
        """One line for a true board; every fault of another."""
        with as_of_one_moment():
            found = verdict(board, quick=quick)
        if found.is_true:
            since = f", from the snapshot at {found.began} on" if found.began else ""
            self.stdout.write(f"{board.key} verified at seq {found.seq}, head {found.head.hex()[:12]}{since}")
        else:
            self.stdout.write(f"{board.key} differs from its log at seq {found.seq}:")
            self.stdout.writelines(f"  {fault}\n" for fault in found.faults)
        return found.is_true
