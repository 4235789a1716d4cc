"""`import_trello FILE --owner EMAIL`: a Trello board export becomes a board."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from activity.errors import NotDone
from activity.models import Via
from activity.recording import By
from fluxboard.accounts.addresses import person_with_address
from fluxboard.integrations.trello.export import Export
from fluxboard.integrations.trello.parse import parse
from fluxboard.integrations.trello.people import known_here
from fluxboard.integrations.trello.reading import ImportProblem, read_file
from fluxboard.integrations.trello.report import lines
from fluxboard.integrations.trello.write import Outcome, import_board


class Command(BaseCommand):
    help = "Make a board out of a Trello board export (JSON)."

    known: list[str]

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

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            outcome = self._import(
                options["file"], options["owner"], options["owner_is"], accept=options["accept_people"]
            )
        except (ImportProblem, NotDone) as problem:
            words = str(problem) or getattr(problem, "message", "")
            place = "" if str(options["file"]) in words or words.startswith("--") else f"{options['file']}: "
            self.stderr.write(f"fluxboard: {place}{words}")
            sys.exit(2)
        if options["json"]:
            self.stdout.write(json.dumps(outcome.report, ensure_ascii=False, indent=2))
            return
        if not outcome.is_new:
            self.stdout.write(f"Imported already, on {outcome.at:%d %B %Y}; nothing was changed.")
        self.stdout.write("\n".join([*lines(outcome.report), *self.known]))

    def _import(self, file: Path, email: str, username: str, *, accept: bool) -> Outcome:
        owner = person_with_address(email)
        if owner is None:
            raise ImportProblem(
                f"--owner {email}: nobody here has this e-mail address, confirmed. See add_person."
            )
        data = read_file(file)
        export = parse(data, str(file))
        known = {} if accept else known_here(export.people, owner, sees_all=True)
        self.known = [
            f"{user} <{user.email}> may be {export.people[id_].name or export.people[id_].username} "
            "of the file, by an earlier import: invite them as this person."
            for id_, user in known.items()
        ]
        return import_board(
            export,
            hashlib.sha256(data).digest(),
            by=By(owner, via=Via.IMPORT),
            myself=_person_named(export, username) if username else "",
            sees_all=True,
            accept_people=accept,
        )


def _person_named(export: Export, username: str) -> str:
    wanted = username.lstrip("@").lower()
    for id_, person in export.people.items():
        if person.username.lower() == wanted:
            return id_
    known = ", ".join(sorted(person.username for person in export.people.values() if person.username))
    raise ImportProblem(f"--owner-is {username}: nobody in the file has this username (there are {known}).")
