"""Exports as tests make, open and damage them."""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import transaction

from boards.models import Board
from fluxboard.features.board_export.exporter import export_board
from fluxboard.features.board_export.import_report import ImportedBoard
from fluxboard.features.board_export.importer import import_board
from fluxboard.features.board_export.zip_reader import opened_export

Files = dict[str, bytes]


class _Gone(Exception):
    """Ends what is taken back."""


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is made within never was: the database is another installation afterwards."""
    try:
        with transaction.atomic():
            yield
            raise _Gone
    except _Gone:
        pass


def exported(board: Board) -> bytes:
    packed = io.BytesIO()
    export_board(board, packed)
    return packed.getvalue()


def files_of(packed: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def lines_of(packed: bytes) -> Files:
    """The JSON Lines of an export: what is the same in every copy of a board."""
    return {name: data for name, data in files_of(packed).items() if name.endswith(".jsonl")}


def packed(files: Files, *, sealed: bool = True) -> bytes:
    """A ZIP of `files`; `sealed`: with a manifest whose sizes and checksums are right, as a forger would."""
    if sealed and "manifest.json" in files:
        manifest = json.loads(files["manifest.json"])
        manifest["files"] = {
            name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in files.items()
            if name != "manifest.json"
        }
        files = files | {"manifest.json": json.dumps(manifest).encode()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def rewritten(data: bytes, number: int, change: Callable[[dict[str, Any]], None]) -> bytes:
    """JSON Lines with one line changed, written as an export writes it."""
    lines = data.splitlines(keepends=True)
    row = json.loads(lines[number])
    change(row)
    lines[number] = (
        json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
    ).encode()
    return b"".join(lines)


def brought_in(data: bytes, by: Any, **more: Any) -> ImportedBoard:
    """Import these bytes as `by`. Raises what the import raises."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "board.zip"
        path.write_bytes(data)
        with opened_export(path) as archive:
            return import_board(archive, by=by, **more)
