"""`import_trello FILE --owner EMAIL`: a Trello board export becomes a board, or each that a ZIP holds."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from activity.errors import NotDone
from activity.log.record import By
from activity.models import Via
from fluxboard.accounts.email_addresses import person_with_address
from fluxboard.features.trello.importer import import_trello_board
from fluxboard.features.trello.model import Export
from fluxboard.features.trello.parse import parse_export
from fluxboard.features.trello.people import known_here
from fluxboard.features.trello.read_json import ImportProblem, check_file, is_zip, read_file
from fluxboard.features.trello.report import lines
from fluxboard.features.trello.workspace import board_data, look_into


class Command(BaseCommand):
    help = "Make a board out of a Trello board export (JSON), or of one in the ZIP of a workspace."

    options: dict[str, Any]
    reports: list[dict[str, Any]]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the export, as Trello wrote it")
        parser.add_argument("--owner", required=True, metavar="EMAIL", help="who will own the board")
        parser.add_argument(
            "--owner-is", default="", metavar="USERNAME", help="the Trello username of the owner"
        )
        parser.add_argument(
            "--accept-people",
            action="store_true",
            help="put people who can sign in, and were these people of Trello before, on the board at once",
        )
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--board", default="", metavar="NAME_OR_NUMBER", help="which board of the ZIP of a workspace"
        )
        which.add_argument("--all", action="store_true", help="all boards of the ZIP of a workspace")

    def handle(self, *args: Any, **options: Any) -> None:
        file, self.options = options["file"], options
        self.reports: list[dict[str, Any]] = []
        try:
            owner = _owner(options["owner"])
            for data, name in _boards(file, options["board"], every=options["all"]):
                self._import(data, name, owner)
        except (ImportProblem, NotDone) as problem:
            words = str(problem) or getattr(problem, "message", "")
            place = "" if str(file) in words or words.startswith("--") else f"{file}: "
            self.stderr.write(f"fluxboard: {place}{words}")
            if not options["all"] or not self.reports:
                sys.exit(2)
            self._print_json()
            sys.exit(2)
        self._print_json()

    def _print_json(self) -> None:
        if self.options["json"]:
            told = self.reports if self.options["all"] else self.reports[0]
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))

    def _import(self, data: bytes, name: str, owner: Any) -> None:
        """Import one board and tell of it. Raises `ImportProblem` and `NotDone`."""
        accept, username = self.options["accept_people"], self.options["owner_is"]
        export = parse_export(data, name)
        known = {} if accept else known_here(export.people, owner, sees_all=True)
        outcome = import_trello_board(
            export,
            hashlib.sha256(data).digest(),
            by=By(owner, via=Via.IMPORT),
            myself=_person_named(export, username) if username else "",
            sees_all=True,
            accept_people=accept,
        )
        self.reports.append(outcome.report)
        if self.options["json"]:
            return
        if not outcome.is_new:
            self.stdout.write(f"Imported already, on {outcome.at:%d %B %Y}; nothing was changed.")
        told = [
            f"{user} <{user.email}> may be {export.people[id_].name or export.people[id_].username} "
            "of the file, by an earlier import: invite them as this person."
            for id_, user in known.items()
        ]
        self.stdout.write("\n".join([*lines(outcome.report), *told]))


def _owner(email: str) -> Any:
    owner = person_with_address(email)
    if owner is None:
        raise ImportProblem(
            f"--owner {email}: nobody here has this e-mail address, confirmed. See add_person."
        )
    return owner


def _boards(file: Path, wanted: str, *, every: bool) -> Iterator[tuple[bytes, str]]:
    """The JSON of the board in `file`, or of those wanted where it is a ZIP, and what messages call each.

    Raises `ImportProblem`, also for a ZIP of several boards of which none was asked for.
    """
    check_file(file)
    if not is_zip(file):
        if wanted or every:
            raise ImportProblem(
                f"{file}: --board and --all are for the ZIP of a workspace; this is one board."
            )
        yield read_file(file), str(file)
        return
    workspace = look_into(file, str(file))
    boards = workspace.boards if every or not wanted else workspace.find(wanted)
    if not boards:
        raise ImportProblem(f"--board {wanted}: {file} has no such board; it has {workspace.named()}.")
    if len(boards) > 1 and wanted:
        numbers = ", ".join(str(board.number) for board in boards[:20])
        raise ImportProblem(
            f"--board {wanted}: {len(boards)} boards of {file} have this name; choose by number: {numbers}."
        )
    if len(boards) > 1 and not every:
        raise ImportProblem(
            f"{file}: it holds {len(boards)} boards, {workspace.named()}; choose one with --board "
            "NAME_OR_NUMBER, or take them --all."
        )
    for board in boards:
        if board.problem:
            raise ImportProblem(f"{file}: {board.problem}")
    for board in boards:
        yield board_data(file, board, str(file)), f"{file}, {board.file}"


def _person_named(export: Export, username: str) -> str:
    wanted = username.lstrip("@").lower()
    for id_, person in export.people.items():
        if person.username.lower() == wanted:
            return id_
    known = ", ".join(sorted(person.username for person in export.people.values() if person.username))
    raise ImportProblem(f"--owner-is {username}: nobody in the file has this username (there are {known}).")
