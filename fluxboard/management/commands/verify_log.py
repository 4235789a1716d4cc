"""Rebuild boards from their logs alone and compare with the tables."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from boards.models import Board
from fluxboard.verification import verify


class Command(BaseCommand):
    help = "Rebuild each board from its log alone and compare with the tables. Exit 1 where they differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("keys", nargs="*", metavar="KEY", help="boards (default: all)")

    def handle(self, *args: Any, **options: Any) -> None:
        keys = [key.upper() for key in options["keys"]]
        boards = Board.objects.filter(key__in=keys) if keys else Board.objects.all()
        missing = set(keys) - set(boards.values_list("key", flat=True))
        if missing:
            raise CommandError(f"no board has the key {', '.join(sorted(missing))}", returncode=2)
        faulty = [board for board in boards.order_by("key") if not self.show(board)]
        if faulty:
            sys.exit(1)

    def show(self, board: Board) -> bool:
        """One line for a true board; every fault of another."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            board.refresh_from_db()
            faults = verify(board)
        if faults:
            self.stdout.write(f"{board.key} differs from its log at seq {board.seq}:")
            self.stdout.writelines(f"  {fault}\n" for fault in faults)
        else:
            self.stdout.write(f"{board.key} verified at seq {board.seq}")
        return not faults
