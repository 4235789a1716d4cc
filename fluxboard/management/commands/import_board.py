"""`import_board FILE --owner EMAIL`: a board that export_board wrote, made here as it was there."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser

from activity.errors import NotDone
from activity.log.record import By
from activity.models import Via
from fluxboard.accounts.email_addresses import person_with_address
from fluxboard.features.board_export.import_report import ImportedBoard
from fluxboard.features.board_export.importer import import_board
from fluxboard.features.board_export.report import lines
from fluxboard.features.board_export.zip_reader import Damaged, opened_export


class Command(BaseCommand):
    help = "Make the board of an export here: same key, order, history and hashes. See docs/export.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what export_board wrote")
        parser.add_argument("--owner", required=True, metavar="EMAIL", help="who will own the board")
        people = parser.add_mutually_exclusive_group()
        people.add_argument(
            "--ask-people",
            action="store_true",
            help="ask those here whom the file names by a confirmed address or a uid; they accept or decline",
        )
        people.add_argument(
            "--accept-people",
            action="store_true",
            help="take them for who the file says without asking: only for a file that you trust",
        )
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            outcome = self._import(
                options["file"],
                options["owner"],
                ask_all=options["ask_people"],
                accept_people=options["accept_people"],
            )
        except (Damaged, NotDone) as problem:
            self._fail(f"{options['file']}: {getattr(problem, 'message', '') or problem}")
        except OSError as problem:
            self._fail(f"{options['file']}: {problem.strerror or problem}")
        if options["json"]:
            report = outcome.report | {"is_new": outcome.is_new}
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
            return
        self.stdout.write("\n".join(lines(outcome.report, is_new=outcome.is_new)))

    def _import(self, file: Path, email: str, *, ask_all: bool, accept_people: bool) -> ImportedBoard:
        owner = person_with_address(email)
        if owner is None:
            self._fail(f"--owner {email}: nobody here has this e-mail address, confirmed. See add_person.")
        with opened_export(file) as archive:
            return import_board(
                archive,
                by=By(owner, via=Via.IMPORT),
                sees_all=True,
                ask_all=ask_all,
                accept_people=accept_people,
            )

    def _fail(self, words: str) -> NoReturn:
        self.stderr.write(f"fluxboard: {words}")
        sys.exit(2)
