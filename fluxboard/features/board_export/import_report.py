"""What an import of a board's file did, in numbers and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from boards.models import Board
from fluxboard.features.board_export.report import COUNTED
from fluxboard.features.board_export.zip_reader import Archive


@dataclass(frozen=True)
class ImportedBoard:
    """The board, what came in, and whether it was made just now (else it was here, just like that)."""

    board: Board
    report: dict[str, Any]
    is_new: bool


def report_of(board: Board, archive: Archive) -> dict[str, Any]:
    """What came in, by kind, and where the board stands. A file of before there was a kind has none of it."""
    counts = archive.manifest.counts
    return {
        "board": board.key,
        "name": board.name,
        "seq": archive.manifest.seq,
        "head": archive.manifest.hash.hex(),
        **{name: counts.get(name, 0) for name in (*COUNTED, "members")},
        "activities": counts["log"],
        "notes": [],
    }
