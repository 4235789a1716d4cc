"""What an import of a board's file did, in numbers and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from boards.models import Board
from fluxboard.features.board_export.zip_reader import Archive

_COUNTED = ("columns", "cards", "labels", "checklists", "items", "comments", "decisions", "members")


@dataclass(frozen=True)
class ImportedBoard:
    """The board, what came in, and whether it was made just now (else it was here, just like that)."""

    board: Board
    report: dict[str, Any]
    is_new: bool


def report_of(board: Board, archive: Archive) -> dict[str, Any]:
    """What came in, by kind, and where the board stands."""
    counts = archive.manifest.counts
    return {
        "board": board.key,
        "name": board.name,
        "seq": archive.manifest.seq,
        "head": archive.manifest.hash.hex(),
        "activities": counts["log"],
        **{name: counts[name] for name in _COUNTED},
        "people": counts["people"],
        "notes": [],
    }
