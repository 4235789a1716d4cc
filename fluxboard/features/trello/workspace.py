"""A ZIP of a Trello workspace: the boards in it, each as Trello's export of a board has it.

Trello packs a folder for each board, with its JSON and, if asked, the files of its cards. The JSON files are
read one after another, each of a bounded size; nothing is unpacked to disk.
"""

from __future__ import annotations

import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fluxboard.core import archives, limits
from fluxboard.features.trello import values as v
from fluxboard.features.trello.read_json import MOST_JSON_BYTES, ImportProblem, check_size, read_json

LONGEST_NAME = 120
_NAMED = 12  # boards that a message names


@dataclass(frozen=True)
class PackedBoard:
    """A board in a ZIP: its place among them from 1 on, its file, its name, and how much is in it.

    `problem`: why it cannot be imported, else empty.
    """

    number: int
    file: str
    name: str
    columns: int = 0
    cards: int = 0
    problem: str = ""


@dataclass(frozen=True)
class Workspace:
    """What a ZIP holds: boards, and how many files that are none."""

    boards: list[PackedBoard] = field(default_factory=list)
    others: int = 0

    def as_object(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_object(cls, found: dict[str, Any]) -> Workspace:
        return cls([PackedBoard(**board) for board in found.get("boards", [])], found.get("others", 0))

    def named(self) -> str:
        """The boards in one line: number and name."""
        told = [f"{board.number} “{board.name}”" for board in self.boards[:_NAMED]]
        more = len(self.boards) - _NAMED
        return ", ".join(told) + (f" and {more:,} more" if more > 0 else "")

    def find(self, wanted: str) -> list[PackedBoard]:
        """The boards of this number or, where there is none, of this name; letters' case does not count."""
        by_number = [board for board in self.boards if str(board.number) == wanted.strip()]
        name = v.line(wanted).casefold()
        return by_number or [board for board in self.boards if board.name.casefold() == name]


def look_into(path: Path, name: str) -> Workspace:
    """The boards in the ZIP at `path`, by name; messages call the file `name`. Raises `ImportProblem`."""
    try:
        with archives.opened_zip(path) as archive:
            return _look(archive, name)
    except archives.BadArchive as problem:
        raise ImportProblem(f"{name}: {problem}") from None
    except OSError as problem:
        raise ImportProblem(f"{name}: cannot be read ({problem.strerror}).") from None


def board_data(path: Path, board: PackedBoard, name: str) -> bytes:
    """The JSON of `board` in the ZIP at `path`, which messages call `name`. Raises `ImportProblem`."""
    try:
        with archives.opened_zip(path) as archive:
            found = [entry for entry in archive.infolist() if archives.name_of(entry) == board.file]
            if not found:
                raise ImportProblem(f"{name}: {board.file[:LONGEST_NAME]} is not in it.")
            return _read(archive, found[0], name)
    except archives.BadArchive as problem:
        raise ImportProblem(f"{name}: {problem}") from None
    except OSError as problem:
        raise ImportProblem(f"{name}: cannot be read ({problem.strerror}).") from None


def _look(archive: zipfile.ZipFile, name: str) -> Workspace:
    entries = [
        entry
        for entry in archive.infolist()
        if not archives.is_folder(entry) and not archives.is_added(archives.name_of(entry))
    ]
    if len(entries) > limits.WORKSPACE_FILES:
        raise ImportProblem(
            f"{name}: it holds {len(entries):,} files; an import takes {limits.WORKSPACE_FILES:,} at most."
        )
    _refuse_ours(archive, entries, name)
    packed = [entry for entry in entries if archives.name_of(entry).lower().endswith(".json")]
    size = sum(entry.file_size for entry in packed)
    if size > limits.WORKSPACE_BYTES:
        raise ImportProblem(
            f"{name}: its JSON files would unpack to {size / 1e6:,.0f} MB; an import takes "
            f"{limits.WORKSPACE_BYTES / 1e6:,.0f} MB at most. Unpack it and import its boards one by one."
        )
    if len(packed) > limits.WORKSPACE_BOARDS:
        raise ImportProblem(
            f"{name}: it holds {len(packed):,} JSON files; an import takes {limits.WORKSPACE_BOARDS} "
            "at most. Unpack it and import its boards one by one."
        )
    seen: set[str] = set()
    boards = []
    for entry in packed:
        file = archives.name_of(entry)
        if file in seen:
            raise ImportProblem(f"{name}: it holds {file[:LONGEST_NAME]!r} twice.")
        seen.add(file)
        board = _board(archive, entry, name)
        if board is not None:
            boards.append(board)
    if not boards:
        raise ImportProblem(
            f"{name}: there is no Trello board in this ZIP, no JSON file with lists and cards."
        )
    boards.sort(key=lambda board: (board.name.casefold(), board.file))
    numbered = [PackedBoard(**asdict(board) | {"number": at}) for at, board in enumerate(boards, 1)]
    return Workspace(numbered, len(entries) - len(boards))


def _refuse_ours(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], name: str) -> None:
    names = {archives.name_of(entry).rpartition("/")[2] for entry in entries}
    if {"manifest.json", "log.jsonl"} <= names:
        raise ImportProblem(
            f"{name}: this is an export of Fluxboard, not of Trello. Choose “Import a board” for it, or "
            "import_board."
        )


def _board(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> PackedBoard | None:
    """The board in `entry`; None for JSON that is something else."""
    file = archives.name_of(entry)
    short = v.line(file.rpartition("/")[2])[:LONGEST_NAME] or "a file without a name"
    try:
        root = read_json(_read(archive, entry, name), short)
    except (ImportProblem, archives.BadArchive) as problem:
        return PackedBoard(0, file, short, problem=str(problem))
    if not isinstance(root, dict) or not ({"lists", "cards"} & root.keys()):
        return None
    lists, cards = v.sequence(root.get("lists")), v.sequence(root.get("cards"))
    board = v.line(root.get("name"))[:LONGEST_NAME]
    return PackedBoard(0, file, board or short, len(lists), len(cards))


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> bytes:
    file = v.line(archives.name_of(entry))[:LONGEST_NAME]
    if hindrance := archives.hindrance(entry):
        raise ImportProblem(f"{name}: it holds {file}, {hindrance}.")
    check_size(entry.file_size, file)
    with archives.entry_opened(archive, entry, file) as raw:
        return raw.read(MOST_JSON_BYTES + 1)
