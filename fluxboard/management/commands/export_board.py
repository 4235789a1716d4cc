"""`export_board KEY [--output FILE]`: a board with its whole record as one ZIP."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser

from boards.models import Board
from fluxboard.features.board_export.exporter import export_board


class Command(BaseCommand):
    help = "Write a board, with its whole record, into one ZIP that import_board reads. See docs/export.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", metavar="KEY", help="the board")
        parser.add_argument("--output", type=Path, metavar="FILE", help="default: KEY-SEQ.zip, here")
        parser.add_argument("--json", action="store_true", help="print the manifest as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        board = Board.objects.filter(key=options["key"].upper()).first()
        if board is None:
            self._fail(f"no board has the key {options['key']}")
        output = options["output"] or Path(f"{board.key}-{board.seq}.zip")
        try:
            manifest = _write(board, output)
        except OSError as problem:
            self._fail(f"{output}: {problem.strerror or problem}")
        if options["json"]:
            self.stdout.write(json.dumps(manifest, ensure_ascii=False, indent=2))
            return
        head = manifest["head"]
        self.stdout.write(f"{board.key} is in {output}, up to seq {head['seq']}, head {head['hash']}")

    def _fail(self, words: str) -> NoReturn:
        self.stderr.write(f"fluxboard: {words}")
        sys.exit(2)


def _write(board: Board, output: Path) -> dict[str, Any]:
    """The whole file or none of it: it gets its name when it is complete."""
    handle, name = tempfile.mkstemp(prefix=f".{output.name}.", dir=output.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            manifest = export_board(board, file)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(output)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return manifest
